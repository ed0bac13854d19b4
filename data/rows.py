"""Reading the rows of a table: typed cells, problems at the row's line, and the names a table declares."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from data.files import Row
from data.numbers import number
from data.problems import Problems, nearest


@dataclass(frozen=True, slots=True)
class Cells:
    """One row of a file; each reader reports what is wrong at the row's line and gives None."""

    file: str
    row: Row
    problems: Problems

    def __getitem__(self, column: str) -> str:
        return self.row.cells[column]

    @property
    def line(self) -> int:
        return self.row.line

    def report(self, message: str) -> None:
        """Add a problem at this row."""
        self.problems.add(self.file, self.row.line, message)

    def required(self, column: str) -> str | None:
        """A cell that must not be blank."""
        if not self[column]:
            self.report(f"{column} is blank. Fill it in.")
        return self[column] or None

    def number(self, column: str, allowed: str) -> float | None:
        """A finite number."""
        found = number(self[column])
        if found is None:
            self.report(f"{column} is '{self[column]}'; it must be {allowed}. Correct it.")
        return found

    def known(self, column: str, names: "Names", add_to: str) -> bool:
        """Whether a cell is one of the names that may stand there; true as well when the list of them is incomplete."""
        if self[column] in names:
            return True
        hint = nearest(self[column], names) or f" Add it to {add_to} or correct the name."
        self.report(f"the {column} '{self[column]}' is unknown.{hint}")
        return False


@dataclass(frozen=True, slots=True)
class Names:
    """Names declared somewhere.

    complete : False when the declaring file could not be read in full, so that no name can be called unknown
    """

    names: frozenset[str] = field(default_factory=frozenset)
    complete: bool = True

    def __contains__(self, name: str) -> bool:
        return not self.complete or name in self.names

    def __iter__(self) -> Iterator[str]:
        return iter(sorted(self.names))


ANY = Names(complete=False)
"""Names that are not to be checked."""


def declared(rows: Sequence[Cells], column: str, complete: bool) -> Names:
    """The names in a column; incomplete as well when there are no rows or one has no name."""
    names = frozenset(cells[column] for cells in rows)
    return Names(names - {""}, complete and bool(rows) and "" not in names)


def report_repeated(column: str, rows: Iterable[Cells]) -> None:
    """Report each row whose id stands on an earlier line as well."""
    first: dict[str, int] = {}
    for cells in rows:
        name = cells[column]
        if name and first.setdefault(name, cells.line) != cells.line:
            cells.report(f"the {column} '{name}' is already on line {first[name]}. Give each row an id of its own.")
