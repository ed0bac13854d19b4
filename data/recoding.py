"""Other readings of the same sources: what another careful coder might have written, as edits of rows.

An edit names the rows that change and what each becomes; None leaves the row out. Ratings move along their verbal scale, yes/no
answers turn; counts, shares and measurements are figures that nobody judged and stay.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Literal

from data.cases import Observation
from data.codebook import Codebook

if TYPE_CHECKING:
    import numpy as np

type Edit = Mapping[str, Observation | None]
type End = Literal["low", "high"]

LEAST_CONFIDENCE = 0.05


def judged(rows: Iterable[Observation], codebook: Codebook) -> list[Observation]:
    """The rows that are evidence and somebody's judgement: ratings and yes/no answers."""
    return [r for r in rows if r.is_evidence and codebook.indicators[r.indicator].family in ("ordinal", "binary")]


def levels_of(row: Observation, codebook: Codebook) -> int:
    """How many answers a judged row could have given."""
    scale = codebook.indicators[row.indicator].scale
    return len(codebook.scales[scale].levels) if scale else 2


def moved(row: Observation, step: int, codebook: Codebook) -> Observation | None:
    """A judged row so many levels up (or down), as far as its scale goes; None when it cannot move."""
    top = levels_of(row, codebook) - 1
    if codebook.indicators[row.indicator].family == "binary":
        value = min(max(int(row.value or 0) + step, 0), top)
        return None if value == row.value else replace(row, value=float(value))
    levels = tuple(sorted({min(max(level + step, 0), top) for level in row.levels}))
    return None if levels == row.levels else replace(row, levels=levels)


def all_moved(rows: Iterable[Observation], step: int, codebook: Codebook) -> Edit:
    """Every judged row a level up or down."""
    found = {row.name: moved(row, step, codebook) for row in judged(rows, codebook)}
    return {name: row for name, row in found.items() if row is not None}


def doubted(rows: Iterable[Observation], factor: float) -> Edit:
    """Every row's chance of being misread multiplied by ``factor``."""
    found = {}
    for row in rows:
        confidence = max(1.0 - factor * (1.0 - row.confidence), LEAST_CONFIDENCE)
        if row.is_evidence and confidence != row.confidence:
            found[row.name] = replace(row, confidence=confidence)
    return found


def collapsed(rows: Iterable[Observation], end: End) -> Edit:
    """Every range read as its low or its high end."""
    pick = min if end == "low" else max
    return {r.name: replace(r, levels=(pick(r.levels),)) for r in rows if r.is_evidence and len(r.levels) > 1}


def coders(rows: Iterable[Observation]) -> tuple[str, ...]:
    """Coders with evidence of their own, in file order."""
    return tuple(dict.fromkeys(row.coder for row in rows if row.is_evidence and row.coder))


def coder_alone(rows: Iterable[Observation], coder: str) -> Edit:
    """The rows of other coders left out."""
    return {row.name: None for row in rows if row.is_evidence and row.coder not in ("", coder)}


def cells(rows: Iterable[Observation]) -> dict[tuple[str, str], list[Observation]]:
    """Rows that are evidence by (unit, indicator)."""
    found: dict[tuple[str, str], list[Observation]] = {}
    for row in rows:
        if row.is_evidence:
            found.setdefault((row.unit, row.indicator), []).append(row)
    return found


def disputed(rows: Iterable[Observation], codebook: Codebook) -> dict[tuple[str, str], list[Observation]]:
    """Cells whose judged rows do not all say the same."""
    found = cells(judged(rows, codebook))
    return {key: cell for key, cell in found.items() if len({(row.levels, row.value) for row in cell}) > 1}


def settled(rows: Iterable[Observation], end: End, codebook: Codebook) -> Edit:
    """Every disputed cell settled by its lowest or its highest reading: all its rows say what that one says."""
    sign = 1 if end == "low" else -1
    found: dict[str, Observation] = {}
    for cell in disputed(rows, codebook).values():
        winner = min(cell, key=lambda row: sign * _place(row))
        found |= {r.name: replace(r, levels=winner.levels, value=winner.value) for r in cell if r is not winner}
    return found


def _place(row: Observation) -> float:
    return sum(row.levels) / len(row.levels) if row.levels else float(row.value or 0)


def only_indicators(rows: Iterable[Observation], construct: str, kept: Sequence[str], codebook: Codebook) -> Edit:
    """A construct measured by some of its indicators alone."""
    return {
        row.name: None
        for row in rows
        if row.is_evidence and codebook.indicators[row.indicator].measures == construct and row.indicator not in kept
    }


def without_build(rows: Iterable[Observation]) -> Edit:
    """The rows left out that also shaped the hypotheses."""
    return {row.name: None for row in rows if row.is_evidence and row.role == "build"}


def plausible(rows: Iterable[Observation], codebook: Codebook, rng: np.random.Generator) -> Edit:
    """A coding that another careful reader might have handed in.

    Every range becomes one of its levels, each as likely as another, and every row is moved to a neighbouring level with
    the chance that it is misread, one minus its confidence. Confidence stays, so that the recoding is doubted as the coding was.
    """
    found: dict[str, Observation] = {}
    for row in judged(rows, codebook):
        new = replace(row, levels=(int(rng.choice(row.levels)),)) if len(row.levels) > 1 else row
        misread, step = rng.random() < 1.0 - row.confidence, int(rng.choice((-1, 1)))
        if misread:
            new = moved(new, step, codebook) or moved(new, -step, codebook) or new
        if new is not row:
            found[row.name] = new
    return found


def applied(rows: Iterable[Observation], *edits: Edit) -> list[Observation]:
    """The rows after edits, one after another; a row that one edit leaves out stays out."""
    return list(_applied(rows, edits))


def _applied(rows: Iterable[Observation], edits: Sequence[Edit]) -> Iterator[Observation]:
    for row in rows:
        now: Observation | None = row
        for edit in edits:
            now = edit.get(row.name, now) if now is not None else None
        if now is not None:
            yield now


def between(before: Iterable[Observation], after: Iterable[Observation]) -> Edit:
    """The edit that leads from some rows to others of the same names."""
    now = {row.name: row for row in after}
    return {row.name: now.get(row.name) for row in before if now.get(row.name) is not row}
