"""What a chapter of the report is: sentences, figures and the tables behind them, made from the files of a results folder."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from analyses.results import Row


@dataclass(frozen=True, slots=True)
class Table:
    """Rows as they stand in a file, its columns as heads.

    folded : shown only when the reader opens it
    """

    title: str
    rows: Sequence[Row]
    folded: bool = False


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
    """

    anchor: str
    title: str
    lead: str
    findings: Sequence[str] = ()
    drawings: Sequence[Drawing] = ()
    tables: Sequence[Table] = ()
