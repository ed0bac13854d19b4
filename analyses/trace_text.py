"""What ``casewise trace`` found, as lines for a terminal: every question with its population and its cases."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator
from typing import Any

import pandas as pd

from analyses.trace import Traced, assumptions
from analyses.trace_rivals import Compared
from analyses.wording import narrowed, opened, probability, unsigned


def told(traced: Traced) -> Iterator[str]:
    """The lines, question by question, then what they rest on."""
    for place, (row, named) in enumerate(
        zip(traced.population.to_dict("records"), traced.ask.questions, strict=True), start=1
    ):
        say = probability if named.question.is_probability else unsigned
        yield f"{place}. {opened(named.name)}"
        if str(named.question) != named.name:
            yield f"   {named.question}"
        after = f"{say(row['mean'])} after (95 %: {say(row['low'])} to {say(row['high'])})"
        yield f"   in the population {say(row['prior_mean'])} before the cases, {after}; {narrowed(row['prior_sd'], row['sd'])}"
        yield f"   {_flat(row, say)}"
        yield ""
        yield from _cases(traced.cases[traced.cases["name"] == named.name], say, len(traced.places) > 1)
        yield ""
    yield "What this rests on"
    yield from (f"   {name}: {value}" for name, value in assumptions(traced).items())
    yield from ("", *READING)


def _flat(row: dict[Hashable, Any], say: Callable[[float], str]) -> str:
    """What a flat prior over types would have believed."""
    here = f"{say(row['prior_mean'])} ± {row['prior_sd']:.2f} here"
    if row["flat_prior_sd"] != row["flat_prior_sd"]:
        return f"a flat prior over types has too many of them to be told; before any case it is {here}"
    flat = f"{say(row['flat_prior_mean'])} ± {row['flat_prior_sd']:.2f}"
    sure = _sure(row["flat_prior_sd"], row["prior_sd"])
    return f"a flat prior over types would have been {sure} before any case: {flat}, beside {here}"


def _sure(flat_sd: float, sd: float) -> str:
    return "far surer" if flat_sd < sd / 2 else "about as sure" if flat_sd < 2 * sd else "less sure"


def _cases(rows: pd.DataFrame, say: Callable[[float], str], several_cuts: bool) -> Iterator[str]:
    conditional = bool((rows["given"] != "").any())
    wide = max(len(unit) for unit in rows["unit"])
    head, tail = (f"{'holds':>8}", f"{'in all':>8}") if conditional else ("", "")
    yield f"   {'unit':{wide}}{head}{'before':>8}{'after':>8}{tail}{'   over cuts' if several_cuts else ''}"
    for row in rows.to_dict("records"):
        holds = f"{probability(row['prob_given']):>8}" if conditional else ""
        spread = f"   {say(row['least_over_cuts'])} to {say(row['most_over_cuts'])}" if several_cuts else ""
        in_all = f"{probability(row['prob_in_all']):>8}" if conditional else ""
        yield f"   {row['unit']:{wide}}{holds}{say(row['prior']):>8}{say(row['posterior']):>8}{in_all}{spread}"


READING = (
    "A construct is at level 1 in a unit when its rows put it above the cut, at 0 when below; more cuts make more levels. How",
    "probable each level is by the rows alone is in trace_coding.csv. `holds` is how probable it is that the condition after",
    "`given` is true of the unit: where it is small, the answer is about something that probably was not so. `before` knows what",
    "was seen of this unit and nothing of others; `in all` is how probable it is that the condition holds and the answer is yes;",
    "`over cuts` is how far `after` depends on where constructs were cut.",
)


def compared_lines(compared: Compared) -> Iterator[str]:
    """Rivals from best to worst."""
    yield from ("", "How well each rival foresees the coded units (for: decibans for it against the theory as asked)")
    wide = min(60, max(len(name) for name in compared.rivals["model"]))
    yield f"   {'':{wide}}   log p              for        over cuts          each unit from the others"
    for row in compared.rivals.to_dict("records"):
        over = f"{unsigned(row['least_over_cuts_db'], 1)} to {unsigned(row['most_over_cuts_db'], 1)}"
        error = "exact" if row["exact"] else f"± {row['mcse']:.2f}"
        log_p, alone = unsigned(row["log_marginal_likelihood"]), unsigned(row["held_out_score"])
        yield (
            f"   {row['model']:{wide}} {log_p:>8} {error:7}{unsigned(row['for_it_db'], 1):>6} "
            f"± {row['for_it_mcse_db']:.1f} dB {over:18} {alone} ± {row['held_out_mcse']:.2f}"
        )
    yield from (f"   {name}: not scored. {why}" for name, why in compared.refused.items())
