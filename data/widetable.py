"""An ordinary wide table as rows of a study: units from its rows, observations from its cells."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path

from data.column_families import ColumnChoices, ColumnFamily, family_of
from data.files import Problems, Row, read_any_csv
from data.numbers import is_whole, number

KIND, SOURCE = "row", "table"


@dataclass(frozen=True, slots=True)
class TableChoices:
    """What the options say of a table.

    unit, case, period : columns that name each row's unit, its case and its period; blank: a row is a unit and a case of its own
    missing : texts that stand for a missing value, besides a blank
    """

    columns: ColumnChoices = field(default_factory=ColumnChoices)
    unit: str = ""
    case: str = ""
    period: str = ""
    missing: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class WideTable:
    """A table read: how each column is read, and the rows of units.csv and observations.csv."""

    families: dict[str, ColumnFamily]
    units: list[dict[str, str]]
    observations: list[dict[str, str]]
    unused: tuple[str, ...]

    @property
    def singles(self) -> bool:
        """Whether every case has one unit."""
        return len({unit["case"] for unit in self.units}) == len(self.units)


def table_rows(path: Path, problems: Problems) -> list[Row]:
    """The rows of a table; a problem where there are none."""
    before = problems.count
    rows = read_any_csv(path, path.parent, problems)
    if not rows and problems.count == before:
        problems.add(path.name, None, "the table has no rows. Add a row for each unit.")
    return rows


def read_wide_table(
    read: Sequence[Row], file: str, wanted: Sequence[str], choices: TableChoices, problems: Problems
) -> WideTable:
    """The rows of a table that has every column wanted or named by an option.

    Everything wrong is in ``problems``, at the table's own lines.
    """
    named = (choices.unit, choices.case, choices.period, *choices.columns.trials.values())
    rows = [_blanked(row, choices.missing) for row in read]
    families: dict[str, ColumnFamily] = {}
    for name in wanted:
        found = family_of(name, [row.cells[name] for row in rows if row.cells[name]], choices.columns)
        if isinstance(found, str):
            problems.add(file, None, found)
        else:
            families[name] = found
    units = _units(rows, file, choices, problems)
    observations = [
        cell
        for row, unit in zip(rows, units, strict=True)
        for name, family in families.items()
        if (cell := _cell(row, unit["unit"], name, family, file, problems))
    ]
    numbered = [{"observation": f"o{i}"} | cell for i, cell in enumerate(observations, 1)]
    return WideTable(families, units, numbered, tuple(c for c in rows[0].cells if c not in (*wanted, *named)))


def _blanked(row: Row, missing: Sequence[str]) -> Row:
    return Row(row.line, {name: "" if cell in missing else cell for name, cell in row.cells.items()})


def _units(rows: Sequence[Row], file: str, choices: TableChoices, problems: Problems) -> list[dict[str, str]]:
    units = []
    for i, row in enumerate(rows, 1):
        cells = row.cells
        case = cells[choices.case] if choices.case else ""
        period = cells[choices.period] if choices.period else "1"
        for column, value in ((choices.case, case), (choices.unit, cells.get(choices.unit, "x"))):
            if column and not value:
                problems.add(file, row.line, f"{column} is blank. Fill it in.")
        if number(period) is None:
            problems.add(
                file, row.line, f"{choices.period} is '{period}'; a period is a number that orders a case's rows."
            )
        name = cells[choices.unit] if choices.unit else f"{case} {period}".strip() if choices.period else case
        units.append({"unit": name or f"row {i}", "case": case or name or f"row {i}", "period": period, "kind": KIND})
    _report_repeated(rows, units, file, choices, problems)
    return _with_previous(units)


def _report_repeated(
    rows: Sequence[Row], units: Sequence[Mapping[str, str]], file: str, choices: TableChoices, problems: Problems
) -> None:
    first: dict[str, int] = {}
    for row, unit in zip(rows, units, strict=True):
        line = first.setdefault(unit["unit"], row.line)
        if line != row.line:
            remedy = "Name a column that tells them apart: --unit COLUMN, or --period COLUMN for the periods of a case."
            problems.add(file, row.line, f"the unit '{unit['unit']}' is already on line {line}. {remedy}")
    timed: dict[tuple[str, str], int] = {}
    for row, unit in zip(rows, units, strict=True) if choices.period else ():
        line = timed.setdefault((unit["case"], unit["period"]), row.line)
        if line != row.line:
            problems.add(
                file,
                row.line,
                f"case '{unit['case']}' has period {unit['period']} on line {line} already. Correct one.",
            )


def _with_previous(units: Sequence[dict[str, str]]) -> list[dict[str, str]]:
    """Each unit with its case's unit of the nearest earlier period."""
    first: dict[str, dict[float, str]] = {}  # of each case, the first unit of each period
    for unit in units:
        first.setdefault(unit["case"], {}).setdefault(_period(unit), unit["unit"])
    before = {(case, t): named[s] for case, named in first.items() for s, t in pairwise(sorted(named))}
    return [unit | {"previous": before.get((unit["case"], _period(unit)), "")} for unit in units]


def _period(unit: Mapping[str, str]) -> float:
    return number(unit["period"]) or 0.0


def _cell(row: Row, unit: str, name: str, family: ColumnFamily, file: str, problems: Problems) -> dict[str, str] | None:
    """The observation of a cell; None, and a problem, when its value is outside the column's family."""
    text = row.cells[name]
    value = family.recoded.get(text, text)
    n = row.cells[family.trials] if family.trials and value else ""
    wrong = _wrong(name, value, n, family) if value else ""
    if wrong:
        problems.add(
            file, row.line, f"{name} is '{text}'; {wrong} Correct the cell, or blank it where nothing is known."
        )
        return None
    if family.family == "ordinal" and value and number(value) is not None and value not in family.levels:
        value = f"{number(value):g}"
    return {"unit": unit, "indicator": name, "value": value, "n": n, "source": SOURCE, "locator": f"line {row.line}"}


def _wrong(name: str, value: str, n: str, family: ColumnFamily) -> str:
    found = number(value)
    match family.family:
        case "binary" if value not in ("0", "1"):
            return "it is binary and allows 0 or 1 (or yes and no throughout)."
        case "count" if not is_whole(value):
            return "it is a count and allows whole numbers from 0."
        case "continuous" if found is None:
            return "it is continuous and allows numbers with a decimal point."
        case "ordinal" if value not in family.levels and (found is None or f"{found:g}" not in family.levels):
            return f"its levels are {', '.join(family.levels)}."
        case "binomial" if not is_whole(value) or not is_whole(n, least=1) or float(value) > float(n):
            return f"it is a number of successes, at most the n of '{family.trials}', which is '{n}'."
    return ""
