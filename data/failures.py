"""Failures that nobody reported: a case's twin that is coded as the case is, except that the outcome failed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from data.cases import Observation, Unit
from data.codebook import Codebook, Indicator


@dataclass(frozen=True)
class Twin:
    """A made-up case: its units and its rows, which rest on no source of their own."""

    case: str
    units: Mapping[str, Unit]
    rows: tuple[Observation, ...]


def failed_twin(
    case: str, outcome: str, units: Mapping[str, Unit], rows: Iterable[Observation], codebook: Codebook
) -> Twin:
    """The twin of a case in which every row about the outcome says the worst it can say.

    Ratings take the worst level, shares and counts 0, measurements the worst that any unit of the study has.
    """
    rows = tuple(rows)
    own = {name: unit for name, unit in units.items() if unit.case == case}
    name = f"unreported {case}"
    renamed = {old: f"unreported {old}" for old in own}
    twins = {
        renamed[old]: replace(
            unit,
            name=renamed[old],
            case=name,
            within=renamed[unit.within] if unit.within else None,
            previous=renamed[unit.previous] if unit.previous else None,
        )
        for old, unit in own.items()
    }
    copied = [
        replace(
            _failed(row, codebook.indicators[row.indicator], codebook, rows)
            if codebook.indicators[row.indicator].measures == outcome
            else row,
            name=f"unreported {row.name}",
            unit=renamed[row.unit],
            evidence_group=f"unreported {row.evidence_group}",
        )
        for row in rows
        if row.unit in own and row.is_evidence
    ]
    return Twin(name, twins, tuple(copied))


def _failed(row: Observation, indicator: Indicator, codebook: Codebook, rows: Sequence[Observation]) -> Observation:
    worst = max if indicator.reversed else min
    match indicator.family:
        case "ordinal":
            levels = codebook.scales[str(indicator.scale)].levels
            return replace(row, levels=(worst(range(len(levels))),))
        case "binary":
            return replace(row, value=float(indicator.reversed))
        case "binomial":
            return replace(row, value=float(row.n or 0) if indicator.reversed else 0.0)
        case "count" if not indicator.reversed:
            return replace(row, value=0.0)
        case _:
            read = [r.value for r in rows if r.indicator == indicator.name and r.is_evidence and r.value is not None]
            return replace(row, value=worst(read))
