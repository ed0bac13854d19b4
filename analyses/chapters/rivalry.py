"""The chapter on rival theories: who predicts the rows best, by how much, and who cannot be told apart and why."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence

from analyses.chapters.chapter import Chapter, Drawing, Table
from analyses.chapters.verdict import versus
from analyses.figures import inline_svg, sheet
from analyses.results import Results, Row
from analyses.sensitivity_figures import bars
from analyses.wording import count, human, number, opened, probability, unsigned

TITLE = "Rival theories"
CAPTION = "Ten decibans are odds of ten to one between two theories. The best has no bar."
LEAD = (
    "Every theory of the study on the same rows. The marginal likelihood says how well a theory and its priors foresaw all "
    "rows, the held-out score how well it foresees a case from the others; theories are equally probable before the data."
)


def chapter(results: Results) -> Chapter | None:
    """Sentences and the tables of ``casewise support``; None before it has run."""
    rivals = results.later.get("rivals")
    if not rivals:
        return None
    odds, scales = results.later.get("theory_odds", []), results.later.get("rivals_by_scale", [])
    findings = [*_best(rivals), *_pairs(odds, rivals), *_apart(odds), *_by_scale(scales), *_held_out(rivals)]
    tables = [
        Table("Rival theories", rivals),
        Table("Every pair of theories", odds, folded=True),
        Table("Under other prior scales", scales, folded=True),
        Table("Each case foreseen from the others", results.later.get("held_out", []), folded=True),
    ]
    drawings = [Drawing(_figure(rivals), CAPTION)] if len(rivals) > 1 else []
    return Chapter("rivals", TITLE, LEAD, findings, drawings, [table for table in tables if table.rows])


def _figure(rivals: Sequence[Row]) -> str:
    with sheet(len(rivals)) as (figure, ax):
        behind = [abs(number(row["behind_best_db"])) for row in rivals]
        bars(ax, list(map(title, rivals)), behind, "decibans behind the theory that foresaw the rows best")
        return inline_svg(figure, "rivals-chart", TITLE, "The same numbers are in the table that follows.")


def title(row: Row) -> str:
    """A theory as a reader would call it."""
    return row.get("title") or human(row["theory"])


def _best(rivals: Sequence[Row]) -> Iterator[str]:
    best = rivals[0]
    yield f"“{title(best)}” foresaw the rows best, with a probability of {probability(number(best['posterior_probability']))}."
    if len(rivals) > 1:
        second = rivals[1]
        behind = unsigned(abs(number(second["behind_best_db"])), 1)
        last = f"; “{title(rivals[-1])}” is last" if len(rivals) > 2 else ""
        yield f"“{title(second)}” follows {behind} dB behind{last}."


def _pairs(odds: Sequence[Row], rivals: Sequence[Row]) -> Iterator[str]:
    titles = {row["theory"]: title(row) for row in rivals}
    best = rivals[0]["theory"]
    for row in odds:
        if row["theory"] == best:
            yield versus(row, best, titles)


def _apart(odds: Sequence[Row]) -> Iterator[str]:
    """How many pairs cannot be told apart, by reason."""
    if not odds:
        return
    told = sum(row["told_apart"] == "yes" for row in odds)
    yield f"Of {count(len(odds), 'pair')} of theories the rows tell {count(told)} apart."
    for why, n in Counter(row["why"] for row in odds if row["told_apart"] != "yes").most_common():
        names = "; ".join(f"{human(r['theory'])} and {human(r['rival'])}" for r in odds if r["why"] == why)
        yield f"Not told apart, because {why}: {count(n, 'pair')} ({names})."


def _by_scale(scales: Sequence[Row]) -> Iterator[str]:
    """Whether the best theory stays the best."""
    best: dict[str, Row] = {}
    for row in scales:
        known = best.get(row["factor"])
        if known is None or number(row["log_marginal_likelihood"]) > number(known["log_marginal_likelihood"]):
            best[row["factor"]] = row
    names = list(dict.fromkeys(row["theory"] for row in best.values()))
    ends = f"from {min(map(float, best)):g} to {max(map(float, best)):g} times the declared prior scale" if best else ""
    if len(names) == 1:
        yield f"{opened(human(names[0]))} stays the best {ends}."
    elif names:
        parts = ", ".join(f"{human(row['theory'])} at {factor}" for factor, row in best.items())
        yield f"Which theory is best depends on the prior scale, {ends}: {parts}."


def _held_out(rivals: Sequence[Row]) -> Iterator[str]:
    ranked = sorted(rivals, key=lambda row: -number(row["held_out_score"]))
    score, error = number(ranked[0]["held_out_score"]), number(ranked[0]["held_out_mcse"])
    same = "also" if ranked[0] is rivals[0] else "instead"
    yield (
        f"Foreseeing each case from the others, “{title(ranked[0])}” is {same} the best (log score {unsigned(score, 1)} ± "
        f"{error:.1f}), “{title(ranked[-1])}” the worst ({unsigned(number(ranked[-1]['held_out_score']), 1)})."
    )
