"""Units: what was observed, in which case and period, and how units contain and follow one another."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from data.files import read_csv
from data.problems import Problems
from data.rows import Cells, Names, declared, report_repeated

UNITS = "units.csv"
REQUIRED = ("unit", "case", "period", "kind")
OPTIONAL = ("within", "previous", "start", "end", "label", "count")


@dataclass(frozen=True, slots=True)
class Unit:
    """One observed thing.

    period : a number by which the units of a case are ordered in time
    kind : what was observed, such as cluster_period or association
    within : the unit that contains it; previous : the same case's earlier unit of the same kind
    start, end : as written, for readers; label : the name for readers, the unit's own where the file gives none
    count : for how many rows of a table it stands (``models.aggregation``)
    """

    name: str
    case: str
    period: float
    kind: str
    within: str | None = None
    previous: str | None = None
    start: str = ""
    end: str = ""
    label: str = ""
    line: int | None = None
    count: float = 1.0


@dataclass(frozen=True, slots=True)
class UnitTable:
    """What units.csv says.

    units : those that are well formed, in file order
    names, cases : every unit and case the file names, well formed or not
    """

    units: dict[str, Unit]
    names: Names
    cases: Names


def load_units(study: Path, problems: Problems) -> UnitTable:
    """The units of a study. Units that are not well formed are reported and left out, but their names count as known."""
    before = problems.count
    found = read_csv(study / UNITS, study, REQUIRED, OPTIONAL, problems)
    complete = problems.count == before
    if complete and not found:
        problems.add(UNITS, None, "there are no units. Add a row for each thing observed.")
    rows = [Cells(UNITS, row, problems) for row in found]
    report_repeated("unit", rows)
    names, cases = (declared(rows, column, complete) for column in ("unit", "case"))
    units: dict[str, Unit] = {}
    for cells in rows:
        unit = _unit(cells, names)
        if unit is not None:
            units.setdefault(unit.name, unit)
    _check_relations(units, problems)
    return UnitTable(units, names, cases)


def _unit(cells: Cells, names: Names) -> Unit | None:
    name, case, kind = cells.required("unit"), cells.required("case"), cells.required("kind")
    within, previous = cells["within"] or None, cells["previous"] or None
    related = [cells.known(column, names, UNITS) for column in ("within", "previous") if cells[column]]
    period = cells.number("period", "a number that orders the units of a case in time, such as 1, 2, 3 or a year")
    if name is None or case is None or kind is None or period is None or not all(related):
        return None
    label, count = cells["label"] or name, _count(cells)
    return Unit(name, case, period, kind, within, previous, cells["start"], cells["end"], label, cells.line, count)


def _count(cells: Cells) -> float:
    """How many rows a unit stands for: one where nothing is said."""
    if not cells["count"]:
        return 1.0
    allowed = "a number above 0: for how many equal rows of a table the unit stands"
    found = cells.number("count", allowed)
    if found is not None and found <= 0:
        cells.report(f"count is {found:g}; it must be {allowed}. Correct it.")
    return found or 1.0


def counts_of(units: Mapping[str, Unit]) -> dict[str, float]:
    """For how many rows each unit stands, of those that stand for more or fewer than one."""
    return {unit.name: unit.count for unit in units.values() if unit.count != 1.0}


def containers(unit: Unit, units: Mapping[str, Unit]) -> Iterator[Unit]:
    """The units that contain a unit, nearest first; stops where they would repeat."""
    seen = {unit.name}
    while unit.within is not None and unit.within in units and unit.within not in seen:
        unit = units[unit.within]
        seen.add(unit.name)
        yield unit


def outermost_kinds(units: Iterable[Unit]) -> tuple[str, ...]:
    """The kinds of unit of which some are contained in nothing, in file order."""
    return tuple(dict.fromkeys(unit.kind for unit in units if unit.within is None))


def _check_relations(units: Mapping[str, Unit], problems: Problems) -> None:
    """Check `within` and `previous` of every unit; units left out for other reasons are not followed."""

    def report(unit: Unit, message: str) -> None:
        problems.add(UNITS, unit.line, message)

    for unit in units.values():
        if unit.previous and unit.previous in units:
            _check_previous(unit, units[unit.previous], report)
        if unit.within and unit.within in units:
            _check_within(unit, units[unit.within], report)
    for loop in _loops(units):
        path = " within ".join(f"'{name}'" for name in (*loop, loop[0]))
        report(units[loop[0]], f"{path}: units cannot contain themselves. Drop one of these.")


def _check_within(unit: Unit, container: Unit, report: Callable[[Unit, str], None]) -> None:
    if unit.case != container.case:
        said = f"'{unit.name}' of case '{unit.case}' is within '{container.name}' of case '{container.case}'"
        report(unit, f"{said}; a unit and what contains it are of one case. Correct either.")


def _check_previous(unit: Unit, earlier: Unit, report: Callable[[Unit, str], None]) -> None:
    said = f"previous of '{unit.name}' is '{earlier.name}'"
    allowed = "it must be the same case's unit of the same kind in an earlier period"
    if unit.name == earlier.name:
        report(unit, f"{said}, the unit itself; {allowed}. Correct or remove it.")
        return
    if unit.case != earlier.case:
        report(unit, f"{said} of case '{earlier.case}', not '{unit.case}'; {allowed}. Correct it.")
    if unit.kind != earlier.kind:
        report(unit, f"{said} of kind '{earlier.kind}', not '{unit.kind}'; {allowed}. Correct it.")
    if unit.case == earlier.case and earlier.period >= unit.period:
        report(unit, f"{said} of period {earlier.period:g}, not before {unit.period:g}; {allowed}. Correct it.")


def _loops(units: Mapping[str, Unit]) -> Iterator[tuple[str, ...]]:
    """Each loop of `within` once, from its first unit in file order."""
    done: set[str] = set()
    for start in units:
        path: list[str] = []
        name: str | None = start
        while name and name in units and name not in done and name not in path:
            path.append(name)
            name = units[name].within
        if name in path:
            loop = path[path.index(name) :]
            first = loop.index(next(unit for unit in units if unit in loop))
            yield (*loop[first:], *loop[:first])
        done.update(path)
