"""Chapters that show one table as it is: comparisons whose numbers need no further words."""

from __future__ import annotations

from collections.abc import Callable

from analyses.chapters.chapter import Chapter, Table
from analyses.results import Results


def plain(name: str, title: str, lead: str) -> Callable[[Results], Chapter | None]:
    """A chapter that is the table ``name``.csv, when the folder has one."""

    def chapter(results: Results) -> Chapter | None:
        rows = results.later.get(name)
        return None if rows is None else Chapter(name, title, lead, tables=[Table(title, rows)])

    return chapter


baseline = plain(
    "baseline",
    "A baseline without latent variables",
    "Plain counts and rank associations of the ratings, to hold beside the model's answers.",
)
reliability = plain("reliability", "Agreement between coders", "Over the cells that two or more coders judged.")
