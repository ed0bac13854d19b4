"""What a chapter of the report is: sentences, figures and the tables behind them, made from the files of a results folder."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from analyses.results import Row

LONGEST, WIDEST, FEWEST = 30, 9, 3
"""Rows and columns of a table that paper can hold, and the number of rows from which a column that never varies is said once."""


@dataclass(frozen=True)
class Table:
    """Rows as they stand in a file, its columns as heads.

    folded : shown only when the reader opens it
    """

    title: str
    rows: Sequence[Row]
    folded: bool = False

    @cached_property
    def same(self) -> dict[str, str]:
        """What every row says alike, by column; nothing where there are too few rows for that to be worth saying."""
        if len(self.rows) < FEWEST:
            return {}
        return {name: text for name, text in self.rows[0].items() if all(row.get(name) == text for row in self.rows)}

    @cached_property
    def columns(self) -> list[str]:
        """The columns in which rows differ; the first of them names the row."""
        same = self.same
        return [name for name in self.rows[0] if name not in same] or list(self.rows[0])

    @property
    def lengthy(self) -> bool:
        """Whether its rows are too many to be shown one below the other on a phone, a line for each column."""
        return len(self.rows) > LONGEST

    @property
    def broad(self) -> bool:
        """Whether its columns are too many for the width of a page: it scrolls, its first column standing still."""
        return len(self.columns) > WIDEST

    @property
    def large(self) -> bool:
        """Whether it is too long or too wide for paper."""
        return self.lengthy or self.broad


@dataclass(frozen=True, slots=True)
class Drawing:
    """A figure as inline SVG (``figures.inline_svg``), and the caption that says how to read it."""

    svg: str
    caption: str


@dataclass(frozen=True, slots=True)
class Chapter:
    """One question of the report.

    anchor : its id in the page
    lead : what the chapter is about, one or two sentences
    findings : what was found, a sentence with numbers each
    warning : why it should not be read with the rest; empty as a rule
    """

    anchor: str
    title: str
    lead: str
    findings: Sequence[str] = ()
    drawings: Sequence[Drawing] = ()
    tables: Sequence[Table] = ()
    warning: str = ""
