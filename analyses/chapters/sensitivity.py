"""The chapters on sensitivity: what the answer becomes when an assumption changes, and what it depends on most."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

import numpy as np

from analyses.chapters.chapter import Chapter, Drawing, Table
from analyses.figures import Span, inline_svg, sheet
from analyses.results import Results, Row
from analyses.sensitivity_figures import bars, contours, curve, heap, intervals, movements
from analyses.wording import human, number, probability
from causal.judgement import Thresholds

type Tables = dict[str, list[Row]]

MOST_ROWS = 24
"""Variants in a figure; the table has all."""
LEADS = {
    "priors": "What the answer becomes under other priors, and how much each part of the prior carries it.",
    "coding": "What the answer becomes when the same sources are read otherwise.",
    "confounding": "What an unmeasured common cause would have to be like to overturn the answer.",
    "selection": "What choosing cases by their success, and failures that nobody reported, would do to the answer.",
    "theory": "What the answer becomes without an edge, with an edge turned round, and in the rival theories.",
    "multiverse": "The answer under combinations of defensible choices, and which of the choices matter most.",
}
TITLES = {
    "priors": "Sensitivity to priors",
    "coding": "Sensitivity to coding",
    "confounding": "Sensitivity to an unmeasured common cause",
    "selection": "Sensitivity to selection and reporting",
    "theory": "Sensitivity to the theory",
    "multiverse": "All choices together",
}
TABLES = {
    "priors": ("priors", "powerscaling"),
    "coding": ("recodings_share", "coding", "coding_moves", "recodings"),
    "confounding": ("robustness", "confounding", "benchmarks", "contour"),
    "selection": ("failures", "selection", "chosen"),
    "theory": ("theory", "theory_assumed"),
    "multiverse": ("multiverse_shares", "multiverse"),
}
SHOWN = ("recodings_share", "robustness", "failures", "multiverse_shares")
"""Short tables, which are not folded."""


def verdict(results: Results) -> Chapter | None:
    """The one-page verdict; with it the tables of ``sensitivity/`` that no other chapter shows."""
    if not results.sensitivity:
        return None
    rows = results.sensitivity.get("verdict", [])
    known = {name for names in TABLES.values() for name in names} | {"verdict"}
    others = [Table(human(n).capitalize(), r) for n, r in results.sensitivity.items() if n not in known]
    return Chapter(
        "sensitivity",
        "What the conclusion depends on",
        "Each family of assumptions by what its most telling variant does to the claim, those that change the verdict first.",
        findings=_verdict_sentences(_of_first(rows)),
        drawings=[_verdict_figure(_of_first(rows))] if rows else [],
        tables=[*([Table("Every family of assumptions", rows, folded=True)] if rows else []), *others],
    )


def _part(name: str) -> Callable[[Results], Chapter | None]:
    """The chapter of one worry, when its tables are there."""

    def chapter(results: Results) -> Chapter | None:
        tables = {n: rows for n in TABLES[name] if (rows := results.sensitivity.get(n))}
        if not tables:
            return None
        shown = [Table(human(n).capitalize(), rows, folded=n not in SHOWN) for n, rows in tables.items()]
        drawn = list(_drawings(name, tables, results))
        return Chapter(f"sensitivity-{name}", TITLES[name], LEADS[name], _findings(tables), drawn, shown)

    return chapter


CHAPTERS: tuple[Callable[[Results], Chapter | None], ...] = (verdict, *map(_part, TABLES))


def _verdict_sentences(rows: Sequence[Row]) -> list[str]:
    """A sentence for each family that matters, in order, and one for all that do not."""
    idle = [row for row in rows if (row["stands"], row["felt"]) == ("True", "False")]
    told = [f"{row['worry'].capitalize()}: {row['sentence']}." for row in rows if row not in idle]
    if idle:
        names = "; ".join(row["worry"] for row in idle)
        told.append(f"No difference beyond simulation error, however these are assumed: {names}.")
    return told


def _of_first(rows: Sequence[Row]) -> list[Row]:
    """The rows of the first claim that a table speaks of."""
    return [row for row in rows if row["hypothesis"] == rows[0]["hypothesis"]]


def _own(results: Results, hypothesis: str) -> float:
    """The study's own probability of a claim."""
    rows = results.sensitivity.get("verdict", [])
    return next((number(row["own_probability"]) for row in rows if row["hypothesis"] == hypothesis), float("nan"))


def _findings(tables: Tables) -> list[str]:
    return [sentence for name, say in SENTENCES.items() for row in tables.get(name, ()) if (sentence := say(row))]


def _share_sentence(row: Row) -> str:
    share, low, high = (f"{number(row[k]):.0%}" for k in ("share", "low", "high"))
    return (
        f"{human(row['hypothesis'])}: the verdict ({row['verdict']}) stands under {share} of {row['recodings']} plausible "
        f"recodings (90 % interval {low} to {high}); its probability runs from {probability(number(row['least_probability']))} "
        f"to {probability(number(row['most_probability']))}."
    )


def _robustness_sentence(row: Row) -> str:
    pair = f"{human(row['cause'])} to {human(row['effect'])}"
    value = f"{number(row['robustness_value']):.0%}"
    found = f"{pair}: a common cause that explains {value} of what is left of each would take the whole effect away"
    claim, peer = human(row["hypothesis"]), human(row["benchmark"])
    if not row["bar"]:
        return f"{found}; {claim} is less likely than not without any."
    tips, times = number(row["tips_at"]), number(row["tips_at_times_benchmark"])
    found += f"; {f'one that explains {tips:.0%}' if tips == tips else 'none tried'} would unsettle {claim}"
    if not peer:
        return f"{found}; the theory has no observed cause to compare it with."
    return f"{found}, {f'{times:.1f} times' if times == times else 'not even ten times'} as strong as {peer}."


def _failures_sentence(row: Row) -> str:
    claim, few = human(row["hypothesis"]), number(row["fewest_that_change_it"])
    if few != few:
        return f"{claim}: no number of unreported failures up to {row['most_tried']} changes the verdict ({row['verdict']})."
    return f"{claim}: {few:.0f} unreported failures beside {row['cases']} cases would change the verdict ({row['verdict']})."


def _choice_sentence(row: Row) -> str:
    share = number(row["share_of_log_odds"])
    return f"{human(row['choice']).capitalize()}: {share:.0%} of the variance of the log odds." if share >= 0.05 else ""


SENTENCES: dict[str, Callable[[Row], str]] = {
    "recodings_share": _share_sentence,
    "robustness": _robustness_sentence,
    "failures": _failures_sentence,
    "multiverse_shares": _choice_sentence,
}


def _verdict_figure(rows: Sequence[Row]) -> Drawing:
    labels = [row["worry"] for row in rows]
    then = [number(row["probability"]) for row in rows]
    with sheet(len(rows)) as (figure, ax):
        movements(ax, labels, number(rows[0]["own_probability"]), then, _stands(rows), Thresholds().probability)
        title = f"What {human(rows[0]['hypothesis'])} depends on"
        svg = inline_svg(figure, "sensitivity-verdict", title, "The same numbers are in the table that follows.")
    return Drawing(svg, "Dashed: the study's own. Dotted: the probabilities at which a verdict is possible.")


def _stands(rows: Sequence[Row]) -> list[bool]:
    return [row["stands"] == "True" for row in rows]


def _drawings(name: str, tables: Tables, results: Results) -> Iterator[Drawing]:
    if name in tables and name != "multiverse":
        yield _intervals_figure(name, _of_first(tables[name]), results)
    if "recodings" in tables:
        yield _heap_figure(_of_first(tables["recodings"]), results)
    if "contour" in tables:
        yield from _contour_figures(_of_first(tables["contour"]), tables.get("benchmarks", []))
    if name == "multiverse" and name in tables:
        yield _curve_figure(_of_first(tables[name]), results)
        if "multiverse_shares" in tables:
            yield _shares_figure(_of_first(tables["multiverse_shares"]))


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
    caption = "Dashed: the study's own. Dotted: the smallest effect of interest. A ring: the verdict changes."
    return Drawing(svg, caption if len(kept) == len(rows) else f"{caption} The {len(kept)} that move the claim most.")


def _heap_figure(rows: Sequence[Row], results: Results) -> Drawing:
    claim = rows[0]["hypothesis"]
    with sheet(4) as (figure, ax):
        heap(ax, [number(row["probability"]) for row in rows], _own(results, claim), Thresholds().probability)
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
            (number(b["r2_cause"]), number(b["r2_effect"]), f"{number(b['times']):g} x {human(b['benchmark'])}")
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
