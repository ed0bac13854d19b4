"""The one-page verdict: what each conclusion depends on, in order."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pandas as pd

from analyses.sensitivity import coding, multiverse, priors, selection
from analyses.sensitivity.bench import Bench, Outcome, Row
from analyses.sensitivity.reweighted import trials
from causal.hypotheses import Hypothesis
from causal.sensitivity.standing import Dependence, Standing, Trial, dependences

JOINT = (coding.PLAUSIBLE, multiverse.WORRY)
"""Families that change many assumptions at once: they come after those that change one."""
COLUMNS = (
    "hypothesis", "rank", "worry", "stands", "trials", "changed", "worst_case", "probability", "moved_db", "moved_mcse",
    "felt", "verdict_then", "own_gap", "own_probability", "own_verdict", "sentence",
)  # fmt: skip


def verdict_table(bench: Bench, found: Sequence[Outcome], tables: Mapping[str, pd.DataFrame]) -> pd.DataFrame:
    """verdict.csv: for each claim the families of assumptions, those that change its verdict first, then by their force.

    Families that change many assumptions at once come last.
    """
    rows = []
    for h in bench.asked:
        tried = [
            *(o.trial for o in found if o.hypothesis.id == h.id and not o.variant.control),
            *_without_refits(bench, tables, h),
        ]
        alone, together = ([t for t in tried if (t.worry in JOINT) == joint] for joint in (False, True))
        ordered = [d for some in (alone, together) for d in dependences(bench.own[h.id], some)]
        rows += [_row(bench, h.id, rank, d) for rank, d in enumerate(ordered, start=1)]
    return pd.DataFrame(rows, columns=list(COLUMNS))


def _without_refits(bench: Bench, tables: Mapping[str, pd.DataFrame], h: Hypothesis) -> list[Trial]:
    """Trials by importance weights. The likelihood counting half is no other assumption and is left out."""
    found: list[Trial] = []
    if "coding_moves" in tables:
        found += trials(bench, tables["coding_moves"], h, coding.ONE_ROW, coding.move_words)
    if "chosen" in tables:
        found += trials(bench, tables["chosen"], h, selection.CHOSEN, selection.chosen_words)
    if "powerscaling" in tables:
        of_prior = tables["powerscaling"][tables["powerscaling"]["component"] != "likelihood"]
        found += trials(bench, of_prior, h, priors.POWER, priors.power_words)
    return found


def _row(bench: Bench, hypothesis: str, rank: int, d: Dependence) -> Row:
    own = bench.own[hypothesis]
    return {
        "hypothesis": hypothesis,
        "rank": rank,
        "worry": d.worry,
        "stands": d.stands,
        "trials": d.trials,
        "changed": d.changed,
        "worst_case": d.worst.change,
        "probability": d.worst.standing.probability,
        "moved_db": d.moved_db,
        "moved_mcse": d.moved_mcse,
        "felt": d.felt,
        "verdict_then": d.worst.standing.verdict,
        "own_gap": float(bench.gaps[hypothesis].mean()),
        "own_probability": own.probability,
        "own_verdict": own.verdict,
        "sentence": sentence(d, own),
    }


def sentence(d: Dependence, own: Standing) -> str:
    """What a family of assumptions does to a claim, in words with numbers. What was never decided does not "stand"."""
    then = d.worst.standing
    how = f"{d.worst.change}: probability {own.probability:.2f} becomes {then.probability:.2f}"
    stands = "it stays undecided" if own.verdict == "undecided" else "the verdict stands"
    stands += f" under all {d.trials}" if d.trials > 1 else " with one change"
    if not d.felt and d.stands:
        return f"{stands}; no difference beyond simulation error"
    if d.stands:
        return f"{stands}; furthest, {how}"
    return f"the verdict changes under {d.changed} of {d.trials}; furthest, {how}, {then.verdict}"
