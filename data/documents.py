"""TOML files that can say on which line each of their keys stands."""

import re
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from functools import cached_property
from pathlib import Path
from typing import Any

from data.problems import Problems
from data.text import read_text, relative_name

type Keys = tuple[str | int, ...]


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
