"""The chapters on sensitivity: what the answer becomes when an assumption changes, and what it depends on most."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from analyses.chapters.chapter import Chapter, Table
from analyses.chapters.sensitivity_drawings import TITLES, Tables, drawings, of_first, own_probability, verdict_figure
from analyses.results import Results, Row
from analyses.wording import count, human, number, opened, probability

LEADS = {
    "priors": "What the answer becomes under other priors, and how much each part of the prior carries it.",
    "coding": "What the answer becomes when the same sources are read otherwise.",
    "confounding": "What an unmeasured common cause would have to be like to overturn the answer.",
    "selection": "What choosing cases by their success, and failures that nobody reported, would do to the answer.",
    "theory": "What the answer becomes without an edge, with an edge turned round, and in the rival theories.",
    "multiverse": "The answer under combinations of defensible choices, and which of the choices matter most.",
}
TABLES = {
    "priors": ("priors", "powerscaling"),
    "coding": ("recodings_share", "coding", "coding_moves", "recodings"),
    "confounding": ("robustness", "confounding", "benchmarks", "contour"),
    "selection": ("failures", "selection", "chosen"),
    "theory": ("theory", "theory_assumed"),
    "multiverse": ("multiverse_shares", "multiverse"),
}
TABLE_TITLES = {
    "priors": "Every prior tried",
    "powerscaling": "How much each part of the prior carries (power-scaling)",
    "recodings_share": "Random recodings in short",
    "coding": "Every other reading tried",
    "coding_moves": "Single ratings a level off",
    "recodings": "Every random recoding",
    "robustness": "How strong a common cause would have to be",
    "confounding": "Every common cause tried",
    "benchmarks": "How strong observed causes are",
    "contour": "Probability by the strength of a common cause",
    "failures": "How many unreported failures it takes",
    "selection": "Every set of unreported failures tried",
    "chosen": "Cases chosen for their success",
    "theory": "Every other theory tried",
    "theory_assumed": "Theories that assume the answer",
    "multiverse_shares": "How much each choice matters",
    "multiverse": "Every combination tried",
}
UNDECIDED = (
    "Nothing is concluded that could be overturned: what counts here is how far an assumption moves the probability, and "
    "whether it would decide. "
)
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
        f"{_of_whom(rows)}Each family of assumptions by what its most telling variant does to the claim, those that change the "
        "verdict first.",
        findings=_verdict_sentences(of_first(rows)),
        drawings=[verdict_figure(of_first(rows))] if rows else [],
        tables=[*([Table("Every family of assumptions", rows, folded=True)] if rows else []), *others],
    )


def _part(name: str) -> Callable[[Results], Chapter | None]:
    """The chapter of one worry, when its tables are there."""

    def chapter(results: Results) -> Chapter | None:
        tables = {n: rows for n in TABLES[name] if (rows := results.sensitivity.get(n))}
        if not tables:
            return None
        shown = [Table(TABLE_TITLES[n], rows, folded=n not in SHOWN) for n, rows in tables.items()]
        drawn = list(drawings(name, tables, results))
        said = [*_ranges(tables.get(name, ()), results), *_findings(tables)]
        return Chapter(f"sensitivity-{name}", TITLES[name], LEADS[name], said, drawn, shown)

    return chapter


CHAPTERS: tuple[Callable[[Results], Chapter | None], ...] = (verdict, *map(_part, TABLES))


def _of_whom(rows: Sequence[Row]) -> str:
    """The claim that the verdict and the figures speak of."""
    if not rows:
        return ""
    claim, standing = human(rows[0]["hypothesis"]), rows[0]["own_verdict"]
    own = probability(number(rows[0]["own_probability"]))
    said = f"What follows is said of “{claim}”, which as run is {standing} with a probability of {own}. "
    return f"{said}{UNDECIDED if standing == 'undecided' else ''}"


def _ranges(rows: Sequence[Row], results: Results) -> Iterator[str]:
    """How far the variants of a family move each claim, and how many of them change its verdict."""
    for claim in dict.fromkeys(row["hypothesis"] for row in rows):
        ranked = sorted((row for row in rows if row["hypothesis"] == claim), key=lambda row: number(row["probability"]))
        low, high = (f"{probability(number(row['probability']))} ({row['change']})" for row in (ranked[0], ranked[-1]))
        turned = sum(row["stands"] != "True" for row in ranked)
        own = own_probability(results, claim)
        as_run = f"{probability(own)} as run; " if own == own else ""
        yield (
            f"“{human(claim)}”: probability {as_run}from {low} to {high} over {count(len(ranked), 'variant')}. "
            + (f"The verdict changes under {count(turned)} of them." if turned else "None changes the verdict.")
        )


def _verdict_sentences(rows: Sequence[Row]) -> list[str]:
    """A sentence for each family that matters, in order, and one for all that do not."""
    idle = [row for row in rows if (row["stands"], row["felt"]) == ("True", "False")]
    told = [f"{row['worry'].capitalize()}: {row['sentence']}." for row in rows if row not in idle]
    if idle:
        names = "; ".join(row["worry"] for row in idle)
        told.append(f"No difference beyond simulation error, however these are assumed: {names}.")
    return told


def _findings(tables: Tables) -> list[str]:
    return [sentence for name, say in SENTENCES.items() for row in tables.get(name, ()) if (sentence := say(row))]


def _share_sentence(row: Row) -> str:
    share, low, high = (f"{number(row[k]):.0%}" for k in ("share", "low", "high"))
    return (
        f"“{human(row['hypothesis'])}”: the verdict ({row['verdict']}) stands under {share} of {row['recodings']} plausible "
        f"recodings (90 % interval {low} to {high}); its probability runs from {probability(number(row['least_probability']))} "
        f"to {probability(number(row['most_probability']))}."
    )


def _robustness_sentence(row: Row) -> str:
    pair = opened(f"{human(row['cause'])} to {human(row['effect'])}")
    value = _percent(number(row["robustness_value"]))
    found = f"{pair}: a common cause that explains {value} of what is left of each would take the whole effect away"
    claim, peer = f"“{human(row['hypothesis'])}”", human(row["benchmark"])
    if not row["bar"]:
        return f"{found}; {claim} is less likely than not without any."
    tips, times = number(row["tips_at"]), number(row["tips_at_times_benchmark"])
    found += f"; {f'one that explains {_percent(tips)}' if tips == tips else 'none tried'} would unsettle {claim}"
    if not peer:
        return f"{found}; the theory has no observed cause to compare it with."
    return f"{found}, {f'{times:.1f} times' if times == times else 'not even ten times'} as strong as {peer}."


def _percent(share: float) -> str:
    return "less than 1%" if 0 < share < 0.005 else f"{share:.0%}"


def _failures_sentence(row: Row) -> str:
    claim, few = f"“{human(row['hypothesis'])}”", number(row["fewest_that_change_it"])
    if few != few:
        return f"{claim}: no number of unreported failures up to {row['most_tried']} changes the verdict ({row['verdict']})."
    failures = count(int(few), "unreported failure")
    return f"{claim}: {failures} beside {row['cases']} cases would change the verdict ({row['verdict']})."


def _choice_sentence(row: Row) -> str:
    share = number(row["share_of_log_odds"])
    return f"{human(row['choice']).capitalize()}: {share:.0%} of the variance of the log odds." if share >= 0.05 else ""


SENTENCES: dict[str, Callable[[Row], str]] = {
    "recodings_share": _share_sentence,
    "robustness": _robustness_sentence,
    "failures": _failures_sentence,
    "multiverse_shares": _choice_sentence,
}
