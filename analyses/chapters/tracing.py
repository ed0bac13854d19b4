"""The chapter on causal types: what caused what in each case, what of it is prior, and what would tell more."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence

from analyses.chapters.chapter import Chapter, Drawing, Table
from analyses.figures import Mark, arising, inline_svg, sheet
from analyses.results import Results, Row
from analyses.wording import LITTLE, count, human, narrowed, number, opened, probability, signed, unsigned

TITLE = "What caused what in each case"
LEAD = (
    "The same theory over causal types: every way in which a construct may respond to its causes has a share of the population, "
    "and a case is evidence on these shares. To say that a cause did it is to say that it was there, that the effect was there, "
    "and that the effect would not have been without it."
)
CAPTION = (
    "Ring: the probability before other cases were seen. Disc: after. The larger the disc, the more probable that the question "
    "arises in the unit at all, its condition being true; questions that hardly arise are left out."
)
ARISES = 0.1
"""A question is drawn for units in which its condition is at least so probable."""
MOST_MARKS = 24
TELLING = 0.05
"""A share of the variance that is worth the work of looking."""
TOLD_APART_DB = 10.0


def chapter(results: Results) -> Chapter | None:
    """Sentences, the figure and the tables of ``casewise trace``; None before it has run."""
    population, cases = results.later.get("trace_population"), results.later.get("trace")
    if not population or not cases:
        return None
    labels = {unit["name"]: (unit["label"] or unit["name"]).split(":")[0] for unit in results.theory.get("units", ())}
    settings = {row["assumption"]: row["value"] for row in results.later.get("trace_assumptions", [])}
    clues, plans = results.later.get("trace_clues", []), results.later.get("trace_plans", [])
    rivals = results.later.get("trace_rivals", [])
    findings = [
        *_doubts(settings),
        *_coded(settings),
        *(_answer(row, cases, labels) for row in population),
        *_little(population, settings),
        *_flat(population),
        *_first_clue(clues, population[0], labels),
        *_wide_or_deep(plans, population[0], labels),
        *_rivals(rivals),
    ]
    shown = Table(
        "The questions, case by case: probability after the cases, and in brackets that the question arises",
        _wide(cases, labels),
    )
    folded = {
        "Every question and unit": cases,
        "The population, prior beside posterior": population,
        "How each construct was coded by its rows": results.later.get("trace_coding", []),
        "Clues not yet certain": clues,
        "Deeper in a case, or one more": plans,
        "Graphs and restrictions compared": rivals,
        "Each unit foreseen from the others": results.later.get("trace_held_out", []),
        "What this rests on": results.later.get("trace_assumptions", []),
    }
    tables = [shown, *(Table(title, rows, folded=True) for title, rows in folded.items() if rows)]
    return Chapter("tracing", TITLE, LEAD, findings, _drawings(cases, labels), tables)


def _doubts(settings: dict[str, str]) -> Iterator[str]:
    """What a reader should know before believing any of it."""
    if settings.get("chains", "").startswith("disagree"):
        yield f"Chains {settings['chains']}: do not use these numbers; sample more with --draws."
    if settings.get("beware", "nothing") != "nothing":
        yield f"Beware: {settings['beware']}"


def _coded(settings: dict[str, str]) -> Iterator[str]:
    if settings:
        ruled = settings["restrictions"]
        limits = (
            f"types that break these were ruled out: {ruled}"
            if ruled != "none"
            else "no way of responding was ruled out"
        )
        yield (
            f"Each construct is {_levels(settings['cut'])} of its range (standard error of "
            f"that cut {settings['standard error of the cut']}), and how far rows leave that open is carried along; {limits}. "
            f"Found by {settings['method']}."
        )


def _levels(cut: str) -> str:
    if "and" in cut or "," in cut:
        return f"at a higher level in a unit for every cut that its rows put it above, at {cut}"
    return f"high in a unit when its rows put it above {cut}"


def _said(row: Row, value: str) -> str:
    """A probability of a statement, or a difference or ratio, which may be negative."""
    return (
        unsigned(number(row[value]))
        if " - " in row["question"] or " / " in row["question"]
        else probability(number(row[value]))
    )


def _answer(row: Row, cases: Sequence[Row], labels: dict[str, str]) -> str:
    before, after, low, high = (_said(row, name) for name in ("prior_mean", "mean", "low", "high"))
    learnt = narrowed(number(row["prior_sd"]), number(row["sd"]))
    whole = f"{opened(row['name'])}: in the population {before} before the cases, {after} after (95 % {low} to {high}); {learnt}."
    own = [case for case in cases if case["name"] == row["name"]]
    if not row["given"] or not own:
        return whole
    best = max(own, key=lambda case: number(case["prob_given"]))
    return (
        f"{whole} It most probably arises in {labels.get(best['unit'], best['unit'])} (with probability "
        f"{probability(number(best['prob_given']))}), where it is so with probability {probability(number(best['posterior']))}."
    )


def _little(population: Sequence[Row], settings: dict[str, str]) -> Iterator[str]:
    """What to do where cases alone say little."""
    nothing_assumed = settings.get("restrictions") == "none" and "noisy-or" not in settings.get("prior over types", "")
    if nothing_assumed and all(number(row["sd"]) >= LITTLE * number(row["prior_sd"]) for row in population):
        yield (
            "So few units, with nothing assumed of which way causes work, say little about what happened in one of them. "
            "The option --signs asks the same with the theory's directions imposed."
        )


def _flat(population: Sequence[Row]) -> Iterator[str]:
    """How sure a flat prior over types would have been, where it differs most."""
    told = [r for r in population if r["flat_prior_sd"]]
    if not told:
        return
    row = min(told, key=lambda r: number(r["flat_prior_sd"]) / number(r["prior_sd"]))
    flat, here = number(row["flat_prior_sd"]), number(row["prior_sd"])
    if flat < here / 2:
        yield (
            "A flat prior over types is not weak: the more causes an effect has, the surer it is beforehand that no single one "
            f"matters. For “{row['name']}” its standard deviation is {flat:.3f} before any case, beside {here:.3f} of the prior "
            "used here."
        )


def _first_clue(clues: Sequence[Row], first: Row, labels: dict[str, str]) -> Iterator[str]:
    own = [clue for clue in clues if clue["name"] == first["name"]]
    if own:
        best = own[0]
        levels = [name for name in best if name.startswith("if_") and best[name]]
        then = ", ".join(f"{probability(number(best[name]))} if at {name.removeprefix('if_')}" for name in levels)
        little = "" if number(best["share_learnt"]) >= TELLING else " No clue that is still open would settle it."
        yield (
            f"The clue to settle first for “{first['name']}” is {human(best['clue'])} in "
            f"{labels.get(best['unit'], best['unit'])}: from {probability(number(best['now']))} now to {then}. It is expected "
            f"to take {number(best['share_learnt']):.1%} of the variance.{little}"
        )


def _wide_or_deep(plans: Sequence[Row], first: Row, labels: dict[str, str]) -> Iterator[str]:
    own = [plan for plan in plans if plan["name"] == first["name"]]
    wide = [plan for plan in own if plan["wide"] == "True"]
    deep = [plan for plan in own if plan["wide"] != "True"]
    if wide and deep:
        more, look = number(wide[0]["share_learnt"]), number(deep[0]["share_learnt"])
        verdict = "go wide" if more > look else "go deep"
        verdict = verdict if max(more, look) >= TELLING else "neither tells much"
        yield (
            f"Wide or deep, for the population's “{first['name']}”: {verdict}. A further case is expected to take {more:.1%} of "
            f"the variance, being certain of {human(deep[0]['looking_at'])} in "
            f"{labels.get(deep[0]['plan'], deep[0]['plan'])} {look:.1%}."
        )


def _rivals(rivals: Sequence[Row]) -> Iterator[str]:
    if len(rivals) < 2:
        return
    best, second = rivals[:2]
    asked = next((row for row in rivals if number(row["for_it_db"]) == 0), best)
    yield (
        f"Among the graphs compared, “{human(best['model'])}” foresees the coded units best, "
        f"{unsigned(number(second['behind_best_db']), 1)} dB ahead of “{human(second['model'])}”."
    )
    near = sum(number(row["behind_best_db"]) < TOLD_APART_DB for row in rivals[1:])
    if near:
        others = count(len(rivals) - 1, "other")
        all_of_them = f"any of the {others}" if near > 1 else f"the {others}"
        whom = all_of_them if near == len(rivals) - 1 else f"{count(near)} of the {others}"
        yield f"These units do not tell it apart, by ten to one, from {whom}."
    if asked is not best:
        low, high = (signed(number(best[f"{end}_over_cuts_db"]), 1) for end in ("least", "most"))
        yield f"Against the theory as asked it is {signed(number(best['for_it_db']), 1)} dB, {low} to {high} over the cuts tried."
    yield _foreseen(*sorted(rivals, key=lambda row: -number(row["held_out_score"]))[:2])


def _foreseen(best: Row, second: Row) -> str:
    """Which graph foresees each unit from the others, where that is beyond twice the error of the two estimates."""
    ahead = number(best["held_out_score"]) - number(second["held_out_score"])
    if ahead > 2 * math.hypot(number(best["held_out_mcse"]), number(second["held_out_mcse"])):
        return f"Each unit is best foreseen from the others by “{human(best['model'])}”."
    return (
        f"Foreseeing each unit from the others, “{human(best['model'])}” and “{human(second['model'])}” lead, and are not told "
        "apart beyond the error of the estimates."
    )


def _wide(cases: Sequence[Row], labels: dict[str, str]) -> list[Row]:
    """A row per unit, a column per question."""
    rows: dict[str, Row] = {}
    for case in cases:
        arises = f" ({probability(number(case['prob_given']))})" if case["given"] else ""
        row = rows.setdefault(case["unit"], {"unit": labels.get(case["unit"], case["unit"])})
        row[case["name"]] = f"{_said(case, 'posterior')}{arises}"
    return list(rows.values())


def _drawings(cases: Sequence[Row], labels: dict[str, str]) -> list[Drawing]:
    drawn = [case for case in cases if case["given"] and number(case["prob_given"]) >= ARISES][:MOST_MARKS]
    if not drawn:
        return []
    marks = [
        Mark(
            f"{labels.get(case['unit'], case['unit'])}: {case['name']}",
            number(case["prior"]),
            number(case["posterior"]),
            number(case["prob_given"]),
        )
        for name in dict.fromkeys(case["name"] for case in cases)
        for case in drawn
        if case["name"] == name
    ]
    with sheet(len(marks)) as (figure, ax):
        arising(ax, marks)
        return [
            Drawing(
                inline_svg(figure, "tracing-chart", TITLE, "The same numbers are in the table that follows."), CAPTION
            )
        ]
