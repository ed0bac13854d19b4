"""How strongly evidence would have to be picked to a claim's liking before the conclusion no longer follows.

Suppose that an answer which favours the claim is w times as likely to be found, reported and kept as one that does not.
What was recorded of cell c is then not y but y given that it was recorded, and its likelihood is

    p(y_c | z) s(y_c) / sum_t p(t | z) s(t),     s = w for answers that favour the claim, 1 for the others.

s(y_c) is the same in every draw, so that draws of the posterior only need the weight prod_c 1 / (1 + (w - 1) q_c), q_c the
chance of a favourable answer. The question is Lopez, Bowers and Gajardo Cooper's (2026); the answer here is the model's.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from causal.judgement import Judgement, Thresholds, Verdict
from causal.ledger import Contribution, Smooth, by_weights, reweigh, verdict_without

type Floats = NDArray[np.float64]

STRONGEST = 32.0
"""The largest bias looked for: favourable answers 32 times as likely to be recorded."""

STEP, HALVINGS = 1.1, 10

TOGETHER = 60
"""Cells whose factors, of at most ``STRONGEST`` each, are multiplied before a logarithm is taken: far from overflow."""


@dataclass(frozen=True, slots=True)
class Tipping:
    """The least bias under which a conclusion no longer follows.

    bias : how many times as likely a favourable answer must be to be recorded
    becomes : what the conclusion is at that bias
    probability : of the claim at that bias
    bound : "at least" where the conclusion still stood at ``bias``, the largest that the draws can speak to, or ``STRONGEST``
    """

    bias: float
    becomes: str
    probability: float
    bound: Literal["exact", "at least"]


def conclusion(verdict: Verdict, weight_db: float) -> str:
    """What can be flipped: the verdict, or where none was reached the direction in which the evidence points."""
    if verdict in ("supported", "contradicted"):
        return verdict
    return "points for it" if weight_db > 0 else "points against it"


def conclusion_without(judged: Judgement, loss: Contribution, thresholds: Thresholds | None = None) -> str:
    """What remains of a conclusion without a piece of evidence: a verdict that falls becomes the direction that is left.

    A direction only ever turns, however strong it gets.
    """
    verdict = verdict_without(judged, loss, thresholds)
    lost = 0.0 if np.isnan(loss.weight_db) else loss.weight_db
    decided = judged.verdict in ("supported", "contradicted")
    return conclusion(verdict if decided else "undecided", judged.weight_db - lost)


def tipping_bias(
    holds: NDArray[np.bool_],
    favourable: Floats,
    judged: Judgement,
    smooth: Smooth,
    thresholds: Thresholds | None = None,
) -> Tipping | None:
    """The least bias that flips the conclusion on a claim; None where there is no conclusion.

    Walks up in steps of ``STEP`` as long as importance weights can be believed (Pareto k at most .7), then halves the last.

    holds : whether the claim holds, shape (chains, draws)
    favourable : chance per cell of an answer that favours the conclusion, shape (chains, draws, cells)
    """
    if judged.verdict == "cannot speak" or not 0 < holds.mean() < 1:
        return None
    concluded = conclusion(judged.verdict, judged.weight_db)

    def at(bias: float) -> tuple[str, Contribution]:
        c = by_weights(holds, reweigh(_log_weights(bias, favourable), smooth))
        return conclusion_without(judged, c, thresholds), c

    stands = at(1.0)
    low = 1.0
    while low < STRONGEST:
        high = min(low * STEP, STRONGEST)
        said, c = at(high)
        if not c.reliable:
            break
        if said != concluded:
            return _halved(at, concluded, low, high)
        low, stands = high, (said, c)
    return Tipping(low, stands[0], stands[1].without, "at least")


def _log_weights(bias: float, favourable: Floats) -> Floats:
    """Log of the weight of every draw under a bias, shape (chains, draws): one logarithm for the product of many cells."""
    parts = np.array_split(favourable, 1 + favourable.shape[-1] // TOGETHER, axis=-1)
    return -np.sum([np.log((1.0 + (bias - 1.0) * part).prod(axis=-1)) for part in parts], axis=0)


def _halved(at: Callable[[float], tuple[str, Contribution]], concluded: str, low: float, high: float) -> Tipping:
    for _ in range(HALVINGS):
        middle = float(np.sqrt(low * high))
        low, high = (middle, high) if at(middle)[0] == concluded else (low, middle)
    said, c = at(high)
    return Tipping(high, said, c.without, "exact")
