"""Typed reading of one TOML table: every wrong key or type becomes a problem with its line, none stops the rest."""

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from data.documents import Document, read_toml
from data.problems import Problems, nearest


@dataclass(frozen=True, slots=True)
class Table:
    """One table of a parsed TOML file and where it stands in it.

    Each reader returns the default and reports a problem when the value found is of the wrong type or out of range,
    so that a file's problems are found together.
    """

    document: Document
    where: tuple[str | int, ...]
    data: Mapping[str, Any]
    problems: Problems

    def report(self, message: str, *within: str | int) -> None:
        """Add a problem at the line of what `within` leads to from here; without it, at the table's own line."""
        keys = (*self.where, *within)
        self.problems.add(self.document.file, self.document.line(*keys) if keys else None, message)

    def only(self, allowed: Iterable[str], called: str) -> None:
        """Report every key outside `allowed`; `called` is how the message names the table, such as '[[edges]]'."""
        names = tuple(allowed)
        for key in self.data:
            if key not in names:
                hint = nearest(key, names) or " Correct or remove it."
                self.report(f"unknown key '{key}' in {called}; allowed are {', '.join(names)}.{hint}", key)

    def text(self, key: str, default: str = "") -> str:
        """A string, stripped."""
        value = self.data.get(key, default)
        if isinstance(value, str):
            return value.strip()
        self._wrong(key, value, "a text in quotation marks")
        return default

    def required(self, key: str, called: str) -> str | None:
        """A string that must be there and must not be blank; None when it is not."""
        if key not in self.data:
            self.report(f"{called} has no '{key}'. Add one.")
            return None
        value = self.data[key]
        if isinstance(value, str) and value.strip():
            return value.strip()
        self._wrong(key, value, "a text that is not blank, in quotation marks")
        return None

    def choice[T: str](self, key: str, allowed: tuple[T, ...], default: T) -> T:
        """One of a few words."""
        value = self.data.get(key, default)
        for word in allowed:
            if value == word:
                return word
        listed = ", ".join(f'"{word}"' for word in allowed)
        self.report(f"{key} is {shown(value)}; allowed are {listed}.{nearest(str(value), allowed)}", key)
        return default

    def number(self, key: str, default: float, *, least: float = 0.0, above: bool = False) -> float:
        """A finite number of at least `least`, or strictly above it; a boolean is no number."""
        return default if (found := self.optional_number(key, least=least, above=above)) is None else found

    def optional_number(self, key: str, *, least: float = 0.0, above: bool = False) -> float | None:
        """As `number`, None where the file says nothing (or something wrong, which is reported)."""
        value = self.data.get(key)
        if value is None:
            return None
        finite = isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)
        if finite and (value > least or (value == least and not above)):
            return float(value)
        self._wrong(key, value, f"a number {'above' if above else 'of at least'} {least:g}")
        return None

    def integer(self, key: str, default: int = 0) -> int:
        """A whole number of at least 0."""
        value = self.data.get(key, default)
        if isinstance(value, int) and not isinstance(value, bool) and value >= 0:
            return value
        self._wrong(key, value, "a whole number of at least 0")
        return default

    def flag(self, key: str) -> bool:
        """true or false, false by default."""
        value = self.data.get(key, False)
        if isinstance(value, bool):
            return value
        self._wrong(key, value, "true or false")
        return False

    def texts(self, key: str) -> tuple[str, ...]:
        """A list of distinct, non-blank strings, empty by default."""
        value = self.data.get(key, [])
        if not isinstance(value, list) or not all(isinstance(item, str) and item.strip() for item in value):
            self._wrong(key, value, 'a list of texts, such as ["one", "two"]')
            return ()
        items = tuple(item.strip() for item in value)
        for item in sorted({item for item in items if items.count(item) > 1}):
            self.report(f"{key} names '{item}' twice. Name it once.", key)
        return tuple(dict.fromkeys(items))

    def pair(self, key: str, called: str) -> tuple[str, str] | None:
        """A list of exactly two non-blank strings, None (and reported) when it is not there or something else."""
        match self.data.get(key):
            case [str(one), str(other)] if one.strip() and other.strip():
                return one.strip(), other.strip()
            case None:
                self.report(f'there is no \'{key}\'. Add {key} = ["one", "other"], {called}.')
            case value:
                self._wrong(key, value, f'{called}, such as ["one", "other"]')
        return None

    def table(self, key: str) -> "Table":
        """The table under `key`, empty when absent."""
        value = self.data.get(key, {})
        if not isinstance(value, dict):
            self._wrong(key, value, f"a table, [{'.'.join((*map(str, self.where), key))}]")
            value = {}
        return Table(self.document, (*self.where, key), value, self.problems)

    def tables(self, key: str) -> tuple["Table", ...]:
        """The tables of a list [[key]], in file order, each knowing its own position."""
        value = self.data.get(key, [])
        if not isinstance(value, list) or not all(isinstance(item, dict) for item in value):
            self._wrong(key, value, f"a list of tables, each headed [[{key}]]")
            return ()
        return tuple(Table(self.document, (*self.where, key, i), item, self.problems) for i, item in enumerate(value))

    def _wrong(self, key: str, value: object, allowed: str) -> None:
        self.report(f"{key} is {shown(value)}; it must be {allowed}. Correct it.", key)


def shown(value: object) -> str:
    """A TOML value as the person who wrote it would recognise it, cut to a line."""
    match value:
        case bool():
            text = "true" if value else "false"
        case str():
            text = f'"{value}"'
        case dict():
            text = "a table"
        case _:
            text = str(value)
    return text if len(text) <= 60 else text[:57] + "..."


def optional_tables(root: Path, name: str, key: str, problems: Problems) -> tuple[Table, ...]:
    """The [[key]] tables of a file that a study may have and that holds nothing else; none when there is no such file.

    What is wrong is added to ``problems``.
    """
    path = root / name
    document = read_toml(path, root, problems) if path.exists() else None
    if document is None:
        return ()
    table = Table(document, (), document.data, problems)
    table.only((key,), name)
    return tuple(table.tables(key))
