"""Cases as coded: units, and observations with one judgement per row."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from data.codebook import DEFAULT_CONFIDENCE, Codebook, Indicator
from data.files import read_csv
from data.problems import Problems, nearest
from data.rows import ANY, Cells, Names, report_repeated
from data.units import Unit, containers, load_units, outermost_kinds
from data.values import read_value

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["Cases", "Observation", "Role", "Unit", "load_cases"]

type Role = Literal["test", "build", "summary"]

OBSERVATIONS = "observations.csv"
REQUIRED = ("observation", "unit", "indicator", "value", "source", "locator")
OPTIONAL = ("n", "coder", "confidence", "evidence_group", "role", "note")
ROLES: tuple[Role, ...] = ("test", "build", "summary")


@dataclass(frozen=True, slots=True)
class Observation:
    """One judgement.

    levels : ordinal only, positions on the scale that the row allows, in order
    value : the number of any other family (the successes of a binomial); n : binomial only
    missing : the source was read and does not say; then there are neither levels nor value
    text : the value as written
    confidence : in (0, 1]
    evidence_group : what the row rests on; its own name where the file gives none
    """

    name: str
    unit: str
    indicator: str
    levels: tuple[int, ...]
    value: float | None
    n: int | None
    missing: bool
    text: str
    coder: str
    confidence: float
    source: str
    locator: str
    evidence_group: str
    role: Role
    note: str
    line: int | None = None

    @property
    def is_evidence(self) -> bool:
        """Whether the row enters the likelihood: it says something, and does not only summarise other rows."""
        return not self.missing and self.role != "summary"


@dataclass(frozen=True, slots=True)
class Cases:
    """Units and observations, both in file order.

    named : every case and unit that units.csv names, well formed or not
    """

    units: dict[str, Unit]
    observations: tuple[Observation, ...]
    named: Names = ANY

    @property
    def cases(self) -> tuple[str, ...]:
        """Names of the cases, in the order of their first unit."""
        return tuple(dict.fromkeys(unit.case for unit in self.units.values()))

    @property
    def kinds(self) -> tuple[str, ...]:
        """Kinds of unit, in the order of their first unit."""
        return tuple(dict.fromkeys(unit.kind for unit in self.units.values()))

    @property
    def outermost_kinds(self) -> tuple[str, ...]:
        """Kinds of unit that nothing contains."""
        return outermost_kinds(self.units.values())

    def ancestors(self, unit: str) -> tuple[str, ...]:
        """Names of the units that contain a unit, nearest first."""
        return tuple(container.name for container in containers(self.units[unit], self.units))

    @property
    def cells(self) -> dict[tuple[str, str], tuple[Observation, ...]]:
        """The rows that enter the likelihood by (unit, indicator)."""
        return by_cell(row for row in self.observations if row.is_evidence)

    @property
    def frame(self) -> pd.DataFrame:
        """One row per observation, with the case, period and kind of its unit; what is missing stays missing."""
        import pandas as pd

        columns = [name for name in Observation.__slots__ if name != "name"]
        records = [
            {"observation": row.name} | {name: getattr(row, name) for name in columns} for row in self.observations
        ]
        frame = pd.DataFrame.from_records(records, columns=["observation", *columns])
        for position, name in enumerate(("case", "period", "kind"), start=2):
            frame.insert(position, name, [getattr(self.units[row.unit], name) for row in self.observations])
        return frame.astype({"value": "Float64", "n": "Int64", "line": "Int64"})


def by_cell(observations: Iterable[Observation]) -> dict[tuple[str, str], tuple[Observation, ...]]:
    """Observations by (unit, indicator), in the order of the first row of each."""
    cells: dict[tuple[str, str], list[Observation]] = {}
    for row in observations:
        cells.setdefault((row.unit, row.indicator), []).append(row)
    return {cell: tuple(rows) for cell, rows in cells.items()}


def load_cases(study: Path, codebook: Codebook | None, problems: Problems, sources: Names = ANY) -> Cases:
    """Read units.csv and observations.csv of a study folder.

    What is not well formed is reported and left out, so that other files can be held against the rest.

    codebook : None when it could not be read; values are then left unchecked, and there are no observations
    sources : the keys that rows may cite; by default any
    """
    table = load_units(study, problems)
    rows = _rows(study, problems)
    report_repeated("observation", rows)
    read: dict[str, Observation] = {}
    for cells in rows:
        if row := _observation(cells, table.names, codebook, sources):
            read.setdefault(row.name, row)
    observations = tuple(read.values())
    if codebook:
        for row, message in _contradictions(observations, codebook):
            problems.add(OBSERVATIONS, row.line, message)
    named = Names(table.names.names | table.cases.names, table.names.complete and table.cases.complete)
    return Cases(table.units, observations, named)


def _rows(study: Path, problems: Problems) -> list[Cells]:
    before = problems.count
    rows = read_csv(study / OBSERVATIONS, study, REQUIRED, OPTIONAL, problems)
    if not rows and problems.count == before:
        problems.add(OBSERVATIONS, None, "there are no observations. Add a row for each judgement.")
    return [Cells(OBSERVATIONS, row, problems) for row in rows]


def _observation(cells: Cells, units: Names, codebook: Codebook | None, sources: Names) -> Observation | None:
    """The observation; None when anything in its row is wrong or its indicator could not be read."""
    before = cells.problems.count
    name, unit = cells.required("observation"), cells.required("unit")
    if unit:
        cells.known("unit", units, "units.csv")
    indicator = _indicator(cells, codebook)
    value = read_value(indicator, codebook, cells) if indicator and codebook else None
    confidence = _confidence(cells, codebook.default_confidence if codebook else DEFAULT_CONFIDENCE)
    role = _role(cells)
    _check_source(cells, sources)
    if not (name and unit and indicator and value and role) or cells.problems.count > before:
        return None
    return Observation(
        name=name,
        unit=unit,
        indicator=indicator.name,
        levels=value.levels,
        value=value.value,
        n=value.n,
        missing=not cells["value"],
        text=cells["value"],
        coder=cells["coder"],
        confidence=confidence,
        source=cells["source"],
        locator=cells["locator"],
        evidence_group=cells["evidence_group"] or name,
        role=role,
        note=cells["note"],
        line=cells.line,
    )


def _indicator(cells: Cells, codebook: Codebook | None) -> Indicator | None:
    name = cells.required("indicator")
    if name is None or codebook is None or not cells.known("indicator", codebook.names, "codebook.toml"):
        return None
    return codebook.indicators.get(name)


def _confidence(cells: Cells, default: float) -> float:
    if not cells["confidence"]:
        return default
    allowed = "a number above 0 and at most 1, such as 0.8, or blank for the codebook's default"
    found = cells.number("confidence", allowed)
    if found is not None and not 0 < found <= 1:
        cells.report(f"confidence is '{cells['confidence']}'; it must be {allowed}. Correct it.")
    return default if found is None else found


def _role(cells: Cells) -> Role | None:
    if not cells["role"]:
        return "test"
    for role in ROLES:
        if cells["role"] == role:
            return role
    hint = nearest(cells["role"], ROLES) or " Correct it."
    cells.report(f"role is '{cells['role']}'; allowed are {', '.join(ROLES)}, or blank for test.{hint}")
    return None


def _check_source(cells: Cells, sources: Names) -> None:
    source, locator = cells["source"], cells["locator"]
    if source:
        cells.known("source", sources, "sources.bib")
    if source and not locator:
        cells.report(f"the source '{source}' has no locator. Say where in it, such as 'p. 84' or 's2.4'.")
    if locator and not source:
        cells.report(f"the locator '{locator}' has no source. Name the source by its key in sources.bib.")


def _contradictions(observations: Iterable[Observation], codebook: Codebook) -> Iterator[tuple[Observation, str]]:
    """Rows that, held for certain, leave no level of their cell possible given the certain rows before them."""
    certain = (row for row in observations if row.is_evidence and row.confidence == 1)
    for (unit, indicator), rows in by_cell(certain).items():
        if codebook.indicators[indicator].family not in ("ordinal", "binary"):
            continue
        possible = _allowed(rows[0])
        for position, row in enumerate(rows[1:], start=1):
            possible &= _allowed(row)
            if not possible:
                others = ", ".join(f"'{other.text}' on line {other.line}" for other in rows[:position])
                said = f"'{row.text}' for {indicator} of {unit} contradicts {others}, all with confidence 1"
                yield row, f"{said}, so that no level is possible. Lower a confidence or correct a value."
                break


def _allowed(row: Observation) -> set[float]:
    """The levels that an ordinal or binary row allows."""
    return {float(level) for level in row.levels} if row.value is None else {row.value}
