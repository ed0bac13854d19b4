"""What a valid study leaves unsaid: nothing here stops a run, and a reviewer will ask for each."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence

from models.study import Study

NAMED = 10
"""Names in a line, at most."""


def unsaid(study: Study) -> list[str]:
    """A line for each thing that a study could say and does not; one line when it says all of it."""
    return [*_argument(study), *_measurement(study), *_cases(study), *_claims(study), *_spellings(study)] or ["nothing"]


def _argument(study: Study) -> Iterator[str]:
    edges = study.theory.edges
    yield from _line("edges without a mechanism (because)", [edge.name for edge in edges if not edge.because])
    yield from _line("edges without a source", [edge.name for edge in edges if not edge.source])
    yield from _line("constructs without a definition", [c.name for c in study.theory.constructs if not c.definition])
    if len(study.theories) == 1:
        yield "no rival in rivals/: a hypothesis is supported against something"


def _measurement(study: Study) -> Iterator[str]:
    indicators = study.codebook.indicators.values()
    read = Counter(indicator.measures for indicator in indicators)
    latent = [c.name for c in study.theory.constructs if c.kind == "latent" and read[c.name] == 1]
    yield from _line("constructs that are as good as their one indicator", latent)
    yield from _line(
        "indicators without a rule for when to give which value", [i.name for i in indicators if not i.rule]
    )


def _cases(study: Study) -> Iterator[str]:
    if not any(row.coder for row in study.cases.observations):
        yield "who coded: the column coder is blank"
    followed = [
        unit.name
        for unit in study.cases.units.values()
        if not (unit.previous or unit.within)
        and any(
            o.case == unit.case and o.kind == unit.kind and o.period < unit.period for o in study.cases.units.values()
        )
    ]
    yield from _line("units that follow others of their case without saying so (previous)", followed)


def _claims(study: Study) -> Iterator[str]:
    loose = [h.id for h in study.hypotheses if not h.smallest_effect]
    yield from _line("hypotheses that any effect would satisfy, however small (smallest_effect)", loose)


def _spellings(study: Study) -> Iterator[str]:
    units, rows = study.cases.units.values(), study.cases.observations
    for what, names in (
        ("cases", [unit.case for unit in units]),
        ("kinds", [unit.kind for unit in units]),
        ("coders", [row.coder for row in rows]),
        ("evidence groups", [row.evidence_group for row in rows]),
    ):
        yield from _line(f"{what} that may be one, spelt with other capitals or blanks", list(_twins(names)))


def _twins(names: Iterable[str]) -> Iterator[str]:
    """Names that differ only by case or blanks, those of one word together."""
    alike: dict[str, dict[str, None]] = {}
    for name in names:
        alike.setdefault("".join(name.split()).casefold(), {})[name] = None
    return (" / ".join(spelt) for spelt in alike.values() if len(spelt) > 1)


def _line(what: str, names: Sequence[str]) -> Iterator[str]:
    if names:
        more = f" and {len(names) - NAMED} more" if len(names) > NAMED else ""
        yield f"{what}: {', '.join(names[:NAMED])}{more}"
