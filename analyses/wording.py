"""How the report says numbers: probabilities, decibans, verdicts and diagnostics in words."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from analyses.results import Row
from causal.digits import apart
from causal.judgement import Thresholds, words

NONE = "–"
VERDICTS = ("supported", "contradicted", "undecided", "cannot speak")
LITTLE = 0.9
"""A standard deviation that stays above so much of what it was has hardly been narrowed."""
MOST_NAMED = 24
"""Cases that are named where a study is summed up."""
STRONG = 10.0
"""Decibans from which a weight is strong, so that a verdict of undecided needs a word."""
ABBREVIATIONS = {"hdi": "90 %", "db": "(dB)", "mcse": "MC error", "prob": "probability", "r2": "R²", "gap": "margin"}
"""Words of the names of columns, as a reader would write them."""
SMALL_NUMBERS = (
    "no",
    "one",
    "two",
    "three",
    "four",
    "five",
    "six",
    "seven",
    "eight",
    "nine",
    "ten",
    "eleven",
    "twelve",
)


def number(text: str) -> float:
    """The number that a cell holds; nan when it holds none."""
    try:
        return float(text)
    except ValueError:
        return math.nan


def probability(value: float) -> str:
    """Two decimals, or as many as show that a verdict's threshold is not met, and never 0 or 1 for a share of draws."""
    if math.isnan(value):
        return NONE
    if value < 0.005:
        return "< 0.01"
    bar = Thresholds().probability
    return "> 0.99" if value > 0.995 else apart(value, bar if value > 0.5 else 1 - bar, 2)


def signed(value: float, digits: int = 2) -> str:
    """With its sign, a true minus and no minus zero."""
    if math.isnan(value):
        return NONE
    rounded = round(value, digits)
    return f"{rounded + 0.0:+.{digits}f}".replace("-", "−") if rounded else f"{0:.{digits}f}"


def unsigned(value: float, digits: int = 2) -> str:
    """With a true minus where it is negative."""
    return signed(value, digits).removeprefix("+")


def opened(text: str) -> str:
    """A text with a capital at its start, names inside left as they are."""
    return text[:1].upper() + text[1:]


def sentence(text: str) -> str:
    """A statement ended by one full stop."""
    return text.strip().rstrip(".") + "."


def human(name: str) -> str:
    """A name of a file as a reader would write it."""
    return name.replace("_", " ")


def heading(name: str) -> str:
    """A column of a file as the head of a table."""
    return opened(" ".join(ABBREVIATIONS.get(word, word) for word in human(name).split(" ")))


def cell(text: str) -> str:
    """A cell of a table that other commands wrote: numbers shortened to what can be read, anything else as it is."""
    value = number(text)
    if not math.isfinite(value) or text.strip().lstrip("+-").isdigit():
        return text or NONE
    return f"{value:.3g}".replace("-", "−")


def decibans(row: Row) -> str:
    """A weight of evidence with its bound word and Monte Carlo error."""
    weight, error, bound = number(row["weight_db"]), number(row["weight_mcse"]), row.get("weight_bound", "exact")
    if math.isnan(weight):
        return "no number"
    limit = "" if bound in ("exact", "") else f"{bound} "
    spread = "" if math.isnan(error) else f" ± {error:.1f}" if error >= 0.05 else " ± < 0.1"
    return f"{limit}{signed(weight, 1)} dB{spread}"


def grade(row: Row) -> str:
    """The weight in words, on Jeffreys' scale; a limit that points to nothing is said to be one."""
    weight = number(row["weight_db"])
    if math.isnan(weight):
        return "its weight cannot be told"
    if decides_nothing(row):
        return "a limit that decides nothing"
    return words(round(weight, 1)).replace(" for", " evidence for it").replace(" against", " evidence against it")


def decides_nothing(row: Row) -> bool:
    """Whether all that is known of a weight is a limit on the side where it does not matter."""
    weight, bound = number(row["weight_db"]), row.get("weight_bound", "exact")
    return (bound == "at most" and weight > 0) or (bound == "at least" and weight < 0)


def is_judged(row: Row) -> bool:
    """Whether a row of hypotheses.csv has probabilities; one that the theory cannot be asked has none."""
    return not math.isnan(number(row["posterior_probability"]))


def is_answered(row: Row) -> bool:
    """Whether the verdict on a row of hypotheses.csv is a finding."""
    return is_judged(row) and row["verdict"] not in ("cannot speak", "not asked")


def answer(row: Row) -> str:
    """What the data did to a hypothesis, and why that is the verdict."""
    if row["verdict"] == "cannot speak":
        return (
            f"The study cannot speak to it: {sentence(row.get('reason') or 'no reason is recorded')}{_unfounded(row)}"
        )
    if not is_judged(row):
        return f"Not asked: {sentence(row['reason'] or 'this theory says nothing of what the claim names')}"
    return f"{_moved(row)} {_odds(row)} {_why(row, Thresholds())}"


def _unfounded(row: Row) -> str:
    """The numbers of a claim that the study cannot speak to, where there are any."""
    return f" {_moved(row)} Do not read this as a finding." if is_judged(row) else ""


def _moved(row: Row) -> str:
    before, after = (probability(number(row[f"{when}_probability"])) for when in ("prior", "posterior"))
    return f"Its probability was {before} before the data and is {after} after them."


def _odds(row: Row) -> str:
    """What the data did to the odds of a hypothesis."""
    weight, bound = number(row["weight_db"]), row.get("weight_bound", "exact")
    if math.isnan(weight) or decides_nothing(row):
        return f"How far the data moved its odds is known only as {decibans(row)}: {grade(row)}."
    factor = 10 ** (abs(weight) / 10)
    said = f"{float(f'{factor:.2g}'):,.0f}" if factor >= 10 else f"{factor:.1f}"
    limit = "" if bound in ("exact", "") else "at least "
    return (
        f"The data {'multiply' if weight >= 0 else 'divide'} its odds by {limit}{said} ({decibans(row)}): {grade(row)}."
    )


def _why(row: Row, t: Thresholds) -> str:
    """How the verdict follows from the numbers."""
    after, weight = number(row["posterior_probability"]), number(row["weight_db"])
    ends = {"supported": (t.probability, t.weight_db), "contradicted": (1 - t.probability, -t.weight_db)}
    if row["verdict"] in ends:
        bar, least = ends[row["verdict"]]
        return f"“{opened(row['verdict'])}” takes {bar:.2f} and {signed(least, 0)} dB: both are reached."
    if 1 - t.probability < after < t.probability:
        still = "Even so it is" if abs(weight) >= STRONG else "It is"
        return f"{still} undecided: “supported” takes {t.probability:.2f}, “contradicted” {1 - t.probability:.2f}."
    return (
        f"It is undecided all the same: the data themselves must add {t.weight_db:.0f} dB; the rest was so before them."
    )


def tally(hypotheses: Sequence[Row]) -> str:
    """How many hypotheses met each verdict."""
    met = Counter(row["verdict"] for row in hypotheses)
    parts = [f"{count(met[verdict])} {verdict}" for verdict in dict.fromkeys([*VERDICTS, *met]) if met[verdict]]
    return f"Of {count(len(hypotheses), 'hypothesis', 'hypotheses')}: {', '.join(parts)}."


def scale_of_verdicts(thresholds: Thresholds | None = None) -> str:
    """The thresholds behind the verdicts and the words for a weight."""
    t = thresholds or Thresholds()
    return (
        f"Supported: a probability of at least {t.probability:.2f} after the data, of which the data added at least "
        f"{t.weight_db:.0f} dB. Contradicted: at most {1 - t.probability:.2f} and at most −{t.weight_db:.0f} dB. Undecided: "
        "anything between. Cannot speak: the claim goes through a construct that nothing measures, or the prior already decides "
        "it. Weights are in decibans (dB): 10 dB multiply the odds by ten, 3 dB double them, and a minus sign divides. In words "
        "(Jeffreys): below 5 dB barely worth a mention, from 5 substantial, from 10 strong, from 15 very strong, 20 decisive. "
        "± is one Monte Carlo standard error."
    )


def diagnosis(d: Mapping[str, Any]) -> list[str]:
    """The sampler's diagnostics, a sentence each, beside the limit each is held to."""
    limits = d.get("limits") or {}

    def said(value: object, digits: int, name: str = "") -> str:
        return apart(value, limits.get(name, math.nan), digits) if isinstance(value, int | float) else "unknown"

    def limit(name: str, digits: int) -> str:
        return f" (limit {limits[name]:.{digits}f})" if name in limits else ""

    return [
        f"Chains agree: the worst R-hat is {said(d['worst_r_hat'], 3, 'r_hat')}{limit('r_hat', 2)}, at {d['worst_r_hat_at']}.",
        f"Effective draws: at least {said(d['least_ess_bulk'], 0, 'ess')} in the bulk ({d['least_ess_bulk_at']}) and "
        f"{said(d['least_ess_tail'], 0, 'ess')} in the tails ({d['least_ess_tail_at']}){limit('ess', 0)}.",
        f"Divergences: {d['divergences']} of {d['draws']} draws{limit('divergent_share', 3)}.",
        f"Energy: the least E-BFMI is {said(d['least_e_bfmi'], 2, 'e_bfmi')}{limit('e_bfmi', 1)}.",
        f"Sampled at a target acceptance of {said(d['target_accept'], 2)}, in attempt {d['attempts']}"
        f"{', as the chains of the first had not converged' if d['attempts'] > 1 else ''}.",
        *(
            f"The indicators of {name} hold its sign only weakly: it was sampled together with its mirror image."
            for name in d.get("turned", ())
        ),
    ]


def narrowed(prior_sd: float, sd: float) -> str:
    """What the cases did to a belief, by its standard deviations before and after."""
    if sd >= LITTLE * prior_sd:
        return "the cases hardly narrow it, so that it is mostly prior"
    return f"the cases took {1 - (sd / prior_sd) ** 2:.0%} of its variance"


def count(n: int, noun: str = "", plural: str = "") -> str:
    """A number of things, in words up to twelve."""
    said = SMALL_NUMBERS[n] if n < len(SMALL_NUMBERS) else str(n)
    return f"{said} {noun if n == 1 else plural or f'{noun}s'}" if noun else said


def extent(cases: Sequence[str], units: Sequence[Mapping[str, Any]], coded: int) -> str:
    """How much a study has, in a sentence or two: its cases by name where a reader would read them."""
    if _counted(units):
        rows = sum(float(unit.get("count", 1.0)) for unit in units)
        return f"A table of {rows:,.0f} rows, taken together as {len(units)} that stand for all of them."
    named = f": {', '.join(opened(human(case)) for case in cases)}" if len(cases) <= MOST_NAMED else ""
    return f"{opened(count(len(cases), 'case'))}{named}. {len(units)} units, {coded} coded rows."


def unsettled(cases: Sequence[str], units: Sequence[Mapping[str, Any]]) -> str:
    """What it is that cannot settle everything."""
    return "a table" if _counted(units) else count(len(cases), "case")


def _counted(units: Sequence[Mapping[str, Any]]) -> bool:
    """Whether units stand for several rows of a table; results written before there were counts have none."""
    return any(unit.get("count", 1.0) != 1.0 for unit in units)


def limits(cases: Sequence[str], coders: Sequence[str]) -> list[tuple[str, str]]:
    """What so few cases cannot settle: a heading and its explanation each."""
    n = count(len(cases), "case")
    if len(coders) > 1:
        read = (
            f"{opened(count(len(coders), 'coder'))} read the rows; their agreement bounds validity from above, no more."
        )
    elif coders:
        read = "One coder read every row, so that leniency cannot be told from the cases at all."
    else:
        read = "No row names its coder, so that leniency cannot be told from the cases at all."
    return [
        (
            "How much cases differ",
            f"A standard deviation between cases rests on {n}, and one between groups of cases on fewer. "
            "Before reading anything into one, see in the table below how little it has moved from its prior.",
        ),
        ("Coder or case", f"{read} A coder who is harsh on one case and a case that is low give the same rows."),
        (
            "Theories that imply the same independences",
            "Theories that imply the same independences (Markov-equivalent ones) can be made to fit any data equally well, here "
            "as with a thousand cases. Where their numbers differ, their priors make the difference. What tells them apart is "
            "the argument of each edge and the order in time.",
        ),
        (
            "Selection on success",
            f"If the {n} were chosen because their outcome was known, what they share may be what brought them into the study. "
            "No row of the study can show the cases that were not chosen.",
        ),
        (
            "Coefficients that the prior decides",
            "Where a coefficient has about the standard deviation that it had before the data, the data said next to nothing on "
            "it, and what it shows is its prior. The table below puts both side by side.",
        ),
    ]
