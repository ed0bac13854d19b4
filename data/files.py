"""How a study's files are read, and how what is wrong with them is said.

Every loader takes a `Problems` collector, adds what it finds and goes on, so that one run reports all problems of all
files. Text is UTF-8 with or without a byte-order mark, with any line ends, and is brought to Unicode form NFC: a name
typed on one system must equal the same name typed on another.
"""

import csv
import io
import re
import tomllib
import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cached_property
from pathlib import Path
from typing import Any, NamedTuple

from data.problems import Problem, Problems, StudyError, nearest

__all__ = ["Document", "Problem", "Problems", "Row", "StudyError", "nearest", "read_csv", "read_text", "read_toml"]

type Keys = tuple[str | int, ...]


def relative_name(path: Path, root: Path) -> str:
    """The name by which messages call a file: its path inside the study folder, with forward slashes."""
    return path.relative_to(root).as_posix() if path.is_relative_to(root) else path.name


def read_text(path: Path, root: Path, problems: Problems) -> str | None:
    """The text of a file with line ends as found; None, and a problem, when it is missing, empty or not UTF-8."""
    file = relative_name(path, root)
    try:
        content = path.read_bytes()
    except FileNotFoundError:
        problems.add(file, None, "the file is missing. Create it.")
        return None
    except OSError as error:
        problems.add(file, None, f"the file cannot be read ({error.strerror}).")
        return None
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        found = (
            "UTF-16" if content[:2] in (b"\xff\xfe", b"\xfe\xff") else f"not UTF-8 (byte 0x{content[error.start]:02x})"
        )
        problems.add(file, line, f"the text is {found}; only UTF-8 is read. Save the file as UTF-8.")
        return None
    if not text.strip():
        problems.add(file, None, "the file is empty.")
        return None
    return unicodedata.normalize("NFC", text)


class Document:
    """A parsed TOML file that can say on which line each of its keys stands.

    file : the name by which messages call it
    data : the parsed tables
    """

    def __init__(self, file: str, data: dict[str, Any], text: str) -> None:
        self.file = file
        self.data = data
        self._text = text

    def line(self, *keys: str | int) -> int | None:
        """The line of a key or table header, such as `line("edges", 3, "cause")`.

        A key that is not there gives the line of the closest table around it; None when there is none. A key inside an
        inline table or array gives the line on which its statement starts.
        """
        for length in range(len(keys), 0, -1):
            if (found := self._lines.get(keys[:length])) is not None:
                return found
        return None

    @cached_property
    def _lines(self) -> dict[Keys, int]:
        """The first line of every key path; worked out only when a message needs it."""
        lines: dict[Keys, int] = {}
        lengths: dict[Keys, int] = {}  # of each array of tables so far
        table: Keys = ()
        for number, statement, parsed in _statements(self._text):
            if statement.startswith("["):
                table = _opened(tuple(_names(parsed)), statement.startswith("[["), lengths)
                for length in range(1, len(table) + 1):
                    lines.setdefault(table[:length], number)
            else:
                for keys in _paths(parsed):
                    lines.setdefault((*table, *keys), number)
        return lines


def _statements(text: str) -> Iterator[tuple[int, str, dict[str, Any]]]:
    """Each header or assignment of a valid TOML text: its first line, its text, and what it alone parses to.

    Lines are gathered until they parse: inside a string, array or inline table that is still open they never do.
    """
    gathered, start = "", 1
    for number, line in enumerate(text.split("\n"), 1):
        gathered += line + "\n"
        try:
            parsed = tomllib.loads(gathered)
        except tomllib.TOMLDecodeError:
            continue
        if parsed:
            yield start, gathered.strip(), parsed
        gathered, start = "", number + 1


def _names(parsed: Mapping[str, Any]) -> Iterator[str]:
    """The dotted names of a header, from what the header alone parses to."""
    while parsed:
        name, inner = next(iter(parsed.items()))
        yield name
        parsed = inner[0] if isinstance(inner, list) else inner


def _opened(names: tuple[str, ...], in_array: bool, lengths: dict[Keys, int]) -> Keys:
    """The key path of the table that a header opens; counts the elements of arrays of tables in `lengths`."""
    path: Keys = ()
    for depth, name in enumerate(names, 1):
        path = (*path, name)
        if in_array and depth == len(names):
            lengths[path] = lengths.get(path, 0) + 1
        if path in lengths:
            path = (*path, lengths[path] - 1)
    return path


def _paths(value: object) -> Iterator[Keys]:
    """Every key path inside a value."""
    inside: Iterable[tuple[str | int, object]] = ()
    if isinstance(value, dict):
        inside = value.items()
    elif isinstance(value, list):
        inside = enumerate(value)
    for key, inner in inside:
        yield (key,)
        for rest in _paths(inner):
            yield (key, *rest)


def read_toml(path: Path, root: Path, problems: Problems) -> Document | None:
    """A TOML file; None, and a problem, when it cannot be read."""
    text = read_text(path, root, problems)
    if text is None:
        return None
    file, text = relative_name(path, root), text.replace("\r\n", "\n")
    try:
        return Document(file, tomllib.loads(text), text)
    except tomllib.TOMLDecodeError as error:
        said = str(error)
        place = re.search(r" \(at (?:line (\d+), column \d+|end of document)\)$", said)
        line = int(place[1]) if place and place[1] else text.rstrip().count("\n") + 1
        what = said[: place.start()] if place else said
        problems.add(file, line, f"this is not valid TOML: {what}. Texts need quotation marks; a key may occur once.")
        return None


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
    usable = _check_header(header, required, optional, file, start, problems)
    rows = [Row(line, cells) for line, record in records if (cells := _cells(record, header, file, line, problems))]
    if not usable:
        return []
    blank = dict.fromkeys((*required, *optional), "")
    return [Row(row.line, {name: row.cells.get(name, "") for name in blank}) for row in rows]


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
    if len(header) == 1 and re.search(r"[;\t]", header[0]):
        problems.add(
            file, line, "columns are separated by semicolons or tabs; only commas are read. Save as CSV with commas."
        )
        return False
    missing = [name for name in required if name not in header]
    repeated = sorted({name for name in header if header.count(name) > 1 and name})
    for name in missing:
        problems.add(file, line, f"the column '{name}' is missing; columns are {', '.join(known)}. Add it.")
    for name in repeated:
        problems.add(file, line, f"the column '{name}' occurs {header.count(name)} times. Keep one.")
    for name in dict.fromkeys(header):
        if name not in known:
            what = f"the column '{name}' is unknown" if name else "a column has no name"
            free = [column for column in known if column not in header]
            problems.add(file, line, f"{what}; columns are {', '.join(known)}.{nearest(name, free) or ' Remove it.'}")
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
