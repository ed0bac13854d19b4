"""The figures of the chapters on sensitivity, from the tables of ``sensitivity/``."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from analyses.chapters.chapter import Drawing
from analyses.figures import Span, inline_svg, sheet
from analyses.results import Results, Row
from analyses.sensitivity_figures import bars, contours, curve, heap, intervals, movements
from analyses.wording import human, number
from causal.judgement import Thresholds

type Tables = dict[str, list[Row]]

MOST_ROWS = 24
"""Variants in a figure; the table has all."""
TITLES = {
    "priors": "Sensitivity to priors",
    "coding": "Sensitivity to coding",
    "confounding": "Sensitivity to an unmeasured common cause",
    "selection": "Sensitivity to selection and reporting",
    "theory": "Sensitivity to the theory",
    "multiverse": "All choices together",
}


def of_first(rows: Sequence[Row]) -> list[Row]:
    """The rows of the first claim that a table speaks of."""
    return [row for row in rows if row["hypothesis"] == rows[0]["hypothesis"]]


def own_probability(results: Results, hypothesis: str) -> float:
    """The study's own probability of a claim."""
    rows = results.sensitivity.get("verdict", [])
    return next((number(row["own_probability"]) for row in rows if row["hypothesis"] == hypothesis), float("nan"))


def verdict_figure(rows: Sequence[Row]) -> Drawing:
    """How far each family of assumptions moves one claim."""
    labels = [row["worry"] for row in rows]
    then = [number(row["probability"]) for row in rows]
    with sheet(len(rows)) as (figure, ax):
        movements(ax, labels, number(rows[0]["own_probability"]), then, _stands(rows), Thresholds().probability)
        title = f"What {human(rows[0]['hypothesis'])} depends on"
        svg = inline_svg(figure, "sensitivity-verdict", title, "The same numbers are in the table that follows.")
    return Drawing(svg, "Dashed: as run. Dotted: the probabilities at which a verdict is possible.")


def _stands(rows: Sequence[Row]) -> list[bool]:
    return [row["stands"] == "True" for row in rows]


def drawings(name: str, tables: Tables, results: Results) -> Iterator[Drawing]:
    """The figures of one worry, for the first claim that its tables speak of."""
    if name in tables and name != "multiverse":
        yield _intervals_figure(name, of_first(tables[name]), results)
    if "recodings" in tables:
        yield _heap_figure(of_first(tables["recodings"]), results)
    if "contour" in tables:
        yield from _contour_figures(of_first(tables["contour"]), tables.get("benchmarks", []))
    if name == "multiverse" and name in tables:
        yield _curve_figure(of_first(tables[name]), results)
        if "multiverse_shares" in tables:
            yield _shares_figure(of_first(tables["multiverse_shares"]))


def _spans(rows: Sequence[Row]) -> list[Span]:
    return [Span(*(number(row[f"gap_{k}"]) for k in ("low", "mean", "high"))) for row in rows]


def _smallest(results: Results, hypothesis: str) -> float:
    found = (number(row["smallest_effect"]) for row in results.hypotheses if row["id"] == hypothesis)
    return next(found, 0.0)


def _own_gap(results: Results, hypothesis: str) -> float:
    """Mean gap of a claim in the study's own fit."""
    rows = results.sensitivity.get("verdict", [])
    return next((number(row["own_gap"]) for row in rows if row["hypothesis"] == hypothesis), float("nan"))


def _intervals_figure(name: str, rows: Sequence[Row], results: Results) -> Drawing:
    leading = sorted(rows, key=lambda row: -abs(number(row["moved_db"])))[:MOST_ROWS]
    kept = [row for row in rows if row in leading]
    claim = rows[0]["hypothesis"]
    with sheet(len(kept)) as (figure, ax):
        labels = [f"{row['worry']}: {row['change']}" if name == "coding" else row["change"] for row in kept]
        intervals(ax, labels, _spans(kept), _stands(kept), _own_gap(results, claim), _smallest(results, claim))
        svg = inline_svg(
            figure, f"sensitivity-{name}-figure", f"{human(claim)}: {TITLES[name].lower()}", "As in the table."
        )
    caption = (
        "By how much the claim holds (right of 0) or fails, in standard deviations. Dashed: as run. Dotted: the smallest "
        "effect of interest. A ring: the verdict changes."
    )
    return Drawing(svg, caption if len(kept) == len(rows) else f"{caption} The {len(kept)} that move the claim most.")


def _heap_figure(rows: Sequence[Row], results: Results) -> Drawing:
    claim = rows[0]["hypothesis"]
    with sheet(4) as (figure, ax):
        heap(
            ax, [number(row["probability"]) for row in rows], own_probability(results, claim), Thresholds().probability
        )
        svg = inline_svg(
            figure, "sensitivity-recodings", f"{human(claim)} under random recodings", "One for each recoding."
        )
    return Drawing(svg, "Dotted: the probabilities at which a verdict is possible.")


def _contour_figures(rows: Sequence[Row], benchmarks: Sequence[Row]) -> Iterator[Drawing]:
    for i, (cause, effect) in enumerate(dict.fromkeys((row["cause"], row["effect"]) for row in rows)):
        own = [row for row in rows if (row["cause"], row["effect"]) == (cause, effect)]
        x, y = (sorted({number(row[k]) for row in own}) for k in ("r2_cause", "r2_effect"))
        grid = np.full((len(y), len(x)), np.nan)
        for row in own:
            grid[y.index(number(row["r2_effect"])), x.index(number(row["r2_cause"]))] = number(row["probability"])
        marks = [
            (number(b["r2_cause"]), number(b["r2_effect"]), f"{number(b['times']):g} × {human(b['benchmark'])}")
            for b in benchmarks
            if (b["hypothesis"], b["cause"], b["effect"]) == (rows[0]["hypothesis"], cause, effect)
            and number(b["r2_cause"]) <= x[-1]
            and number(b["r2_effect"]) <= y[-1]
        ]
        with sheet(7) as (figure, ax):
            contours(ax, x, y, grid, marks)
            title = f"A common cause of {human(cause)} and {human(effect)}"
            svg = inline_svg(figure, f"sensitivity-contour-{i}", title, "Probability of the claim by its strength.")
        yield Drawing(svg, f"{title}: probability that the claim still holds. Dots: as strong as observed causes.")


def _curve_figure(rows: Sequence[Row], results: Results) -> Drawing:
    claim = rows[0]["hypothesis"]
    ordered = sorted(rows, key=lambda row: number(row["gap_mean"]))
    with sheet(6) as (figure, ax):
        curve(ax, _spans(ordered), _stands(ordered), _own_gap(results, claim), _smallest(results, claim))
        svg = inline_svg(figure, "sensitivity-curve", f"{human(claim)}: specification curve", "As in the table.")
    stands = sum(_stands(rows))
    return Drawing(
        svg, f"The verdict stands in {stands} of {len(rows)} combinations; rings are those in which it changes."
    )


def _shares_figure(rows: Sequence[Row]) -> Drawing:
    labels, values = [human(row["choice"]) for row in rows], [number(row["share_of_log_odds"]) for row in rows]
    with sheet(len(rows)) as (figure, ax):
        bars(ax, labels, values, "share of the variance of the log odds")
        svg = inline_svg(figure, "sensitivity-shares", "Which choices matter", "As in the table.")
    return Drawing(svg, "First-order shares: what each choice does on average over the others.")
