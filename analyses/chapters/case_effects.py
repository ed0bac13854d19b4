"""The chapter on named cases: what would have happened, had a cause been otherwise."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from analyses.chapters.chapter import Chapter, Drawing, Table
from analyses.figures import forest, inline_svg, sheet
from analyses.results import Results, Row
from analyses.sections import places, spans
from analyses.wording import human, number, opened, probability, unsigned

SENTENCES, LINES = 6, 16
"""Counterfactuals put into words, and lines of the figure, the declared ones first; all of them are in the table."""

TITLE = "In the named cases"
LEAD = (
    "Each case keeps its own disturbances, and each rating the error it was read with, while one cause is set otherwise. The "
    "chance of necessity is that the rating would then have stood lower, given that it stood where it did; that of "
    "sufficiency that it would have reached the next level, had the cause been high. They are no better than the theory."
)

CAPTION = (
    "How far the outcome stands above where it would have stood. Disc and solid bar: mean and 90 % interval after the data; "
    "ring and dashes: before them."
)


type Places = Mapping[str, str]
"""Labels of units by name."""


def chapter(results: Results) -> Chapter | None:
    """A sentence and a line of the figure for each of the first counterfactuals, and the table of all."""
    rows = results.later.get("case_effects")
    if not rows:
        return None
    drawn = rows[:LINES]
    caption = CAPTION if len(drawn) == len(rows) else f"{CAPTION} The first {len(drawn)} of {len(rows)}."
    called = places(results)
    drawings = [Drawing(_figure(drawn, called), caption)]
    return Chapter(
        "case-effects",
        TITLE,
        LEAD,
        [_finding(row, called) for row in rows[:SENTENCES]],
        drawings,
        [Table("Case by case", rows, True)],
    )


def _figure(rows: Sequence[Row], called: Places) -> str:
    with sheet(len(rows)) as (figure, ax):
        labels = [_label(row, called) for row in rows]
        forest(ax, labels, *spans(rows), scale="sds of the outcome lost without the cause")
        return inline_svg(figure, "case-chart", TITLE, "The same numbers are in the table that follows.")


def _place(row: Row, called: Places) -> str:
    """The unit of a counterfactual as the study labels it."""
    return called.get(row["unit"]) or opened(human(row["unit"] or row["case"]))


def _label(row: Row, called: Places) -> str:
    return f"{_place(row, called)}: {human(row['effect'])}, had {human(row['cause'])} been {row['instead']}"


def _finding(row: Row, called: Places) -> str:
    instead = "stayed as it was before" if row["instead"] == "as before" else f"been {row['instead']}"
    mean, low, high = (number(row[name]) for name in ("mean", "hdi_low", "hdi_high"))
    moved = (
        f"{_place(row, called)}: had {human(row['cause'])} {instead}, {human(row['effect'])} would have stood "
        f"{unsigned(abs(mean))} standard deviations {'below' if mean > 0 else 'above'} where it did "
        f"(difference {unsigned(mean)}, 90 % {unsigned(low)} to {unsigned(high)})."
    )
    return " ".join([moved, *filter(None, (_necessity(row), _sufficiency(row)))])


def _necessity(row: Row) -> str:
    if not row["necessity"]:
        return ""
    return (
        f"{opened(human(row['indicator']))}, read as {row['read']}, would have been below {row['necessity_level']} with "
        f"probability {probability(number(row['necessity']))} (necessity)."
    )


def _sufficiency(row: Row) -> str:
    if not row["sufficiency"]:
        return ""
    return (
        f"A high {human(row['cause'])} would have raised a lower rating to {row['sufficiency_level']} with probability "
        f"{probability(number(row['sufficiency']))} (sufficiency)."
    )
