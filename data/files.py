"""How a study's files are read, and how what is wrong with them is said.

Every loader takes a `Problems` collector, adds what it finds and goes on, so that one run reports all problems of all
files. Text is UTF-8 with or without a byte-order mark, with any line ends, and is brought to Unicode form NFC: a name
typed on one system must equal the same name typed on another.
"""

import csv
import difflib
import io
import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from data.documents import Document, read_toml
from data.problems import Problem, Problems, StudyError, nearest
from data.tables import Table, optional_tables, shown
from data.text import read_text, relative_name

__all__ = [
    "Document",
    "Problem",
    "Problems",
    "Row",
    "StudyError",
    "Table",
    "nearest",
    "optional_tables",
    "read_any_csv",
    "read_csv",
    "read_text",
    "read_toml",
    "relative_name",
    "shown",
]


class Row(NamedTuple):
    """One row of a table: the line on which it starts, and its cells by column, stripped of outer blanks."""

    line: int
    cells: dict[str, str]


def read_csv(path: Path, root: Path, required: Sequence[str], optional: Sequence[str], problems: Problems) -> list[Row]:
    """The rows of a comma-separated table with a header; an absent optional column reads as blank cells.

    Empty lines are skipped. Rows that do not fit the header are reported and left out; without a usable header there
    are no rows.
    """
    text = read_text(path, root, problems)
    if text is None:
        return []
    file = relative_name(path, root)
    records = _records(text, file, problems)
    start, header = next(records, (1, []))
    if len(header) == 1 and re.search(r"[;\t]", header[0]):
        separated = "columns are separated by semicolons or tabs; only commas are read"
        problems.add(file, start, f"{separated}. Save as CSV with commas.")
        return []
    usable = _check_header(header, required, optional, file, start, problems)
    rows = [Row(line, cells) for line, record in records if (cells := _cells(record, header, file, line, problems))]
    if not usable:
        return []
    blank = dict.fromkeys((*required, *optional), "")
    return [Row(row.line, {name: row.cells.get(name, "") for name in blank}) for row in rows]


def read_any_csv(path: Path, root: Path, problems: Problems) -> list[Row]:
    """The rows of a comma-separated table that may have any columns."""
    text = read_text(path, root, problems)
    if text is None:
        return []
    _, header = next(_records(text, relative_name(path, root), Problems()), (1, []))
    return read_csv(path, root, (), [name for name in dict.fromkeys(header) if name], problems)


def _records(text: str, file: str, problems: Problems) -> Iterator[tuple[int, list[str]]]:
    """Each record that is not an empty line, with the line on which it starts; stops at a broken quotation."""
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    start = 1
    try:
        for record in reader:
            if record:
                yield start, [cell.strip() for cell in record]
            start = reader.line_num + 1
    except csv.Error as error:
        hint = 'Close every quotation mark; inside a quoted text write "" for one.'
        problems.add(file, start, f"this row is not valid CSV: {error}. {hint}")


def _check_header(
    header: list[str], required: Sequence[str], optional: Sequence[str], file: str, line: int, problems: Problems
) -> bool:
    """Report what is wrong with a header; whether the rows below it can be read."""
    known = (*required, *optional)
    missing = [name for name in required if name not in header]
    unknown = [name for name in dict.fromkeys(header) if name not in known]
    repeated = sorted({name for name in header if header.count(name) > 1 and name})
    columns = f"columns are {', '.join(known)}"
    for name in missing:
        close = difflib.get_close_matches(name, unknown, n=1)
        unknown = [other for other in unknown if other not in close]
        hint = f"Rename the column '{close[0]}'." if close else "Add it."
        problems.add(file, line, f"the column '{name}' is missing; {columns}. {hint}")
    for name in repeated:
        problems.add(file, line, f"the column '{name}' occurs {header.count(name)} times. Keep one.")
    free = [name for name in known if name not in header and name not in missing]
    for name in unknown:
        what = f"the column '{name}' is unknown" if name else "a column has no name"
        problems.add(file, line, f"{what}; {columns}.{nearest(name, free) or ' Remove it.'}")
    return not missing and not repeated


def _cells(record: list[str], header: list[str], file: str, line: int, problems: Problems) -> dict[str, str]:
    """A record by column; empty, and a problem, when it does not fit the header or says nothing."""
    if len(record) != len(header):
        found = f"this row has {len(record)} cells; the header has {len(header)} columns"
        problems.add(file, line, f"{found}. Put a text that contains a comma in quotation marks; keep empty cells.")
        return {}
    if not any(record):
        problems.add(file, line, "every cell of this row is blank. Fill it in or delete the row.")
        return {}
    return dict(zip(header, record, strict=True))
