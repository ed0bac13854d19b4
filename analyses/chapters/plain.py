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
    "Each pair of constructs that a hypothesis speaks of, by the first verbal indicator of each, without latent variables or "
    "priors, to hold beside the model's answers. Two units are concordant when both ratings differ in the same direction, "
    "discordant when in opposite ones, and undetermined when coders, ranges or ties leave the order open. Gamma is the balance "
    "of the determined, from −1 to 1. “Within” counts the same over the steps of a case from one period to the next.",
)
reliability = plain(
    "reliability",
    "Agreement between coders",
    "Over the cells that two or more coders judged. Agreeing: the share of pairs of codes that allow one and the same level; "
    "identical: that allow exactly the same. Alpha is Krippendorff's, 1 for perfect agreement and 0 for that of chance, with "
    "ranges read so as to bring coders together (near) and apart (far); “nominal” counts every difference as equally bad.",
)
