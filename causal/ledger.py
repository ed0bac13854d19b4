"""The ledger: how much each piece of evidence adds to each hypothesis.

The weight of a piece is the log posterior odds of the hypothesis with it minus the log posterior odds without it, in decibans:
positive when it speaks for the hypothesis. "Without" is the same posterior reweighted by 1 / p(piece | draw); where the weights
are dominated by few draws (Pareto k above .7, Vehtari et al. 2024) the number must come from a refit.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from causal.ess import effective_sample_size, effective_sample_sizes
from causal.judgement import DECIBANS, Judgement, Thresholds, Verdict, verdict_of

type Floats = NDArray[np.float64]
type Smooth = Callable[[Floats], tuple[Floats, float]]
"""Log importance ratios, shape (samples,), to smoothed log weights (sum of exp = 1) and the Pareto k of their tail."""

UNRELIABLE_K = 0.7

FIXED = "cannot be left out"
"""The method of a row without a weight: a share or count that has effects, without which a model has no likelihood."""


@dataclass(frozen=True, slots=True)
class Contribution:
    """What one piece of evidence adds to one hypothesis.

    weight_db : nan when all draws with it, or all without it, are on one side of the claim
    without : probability of the hypothesis without the piece
    """

    weight_db: float
    weight_mcse: float
    pareto_k: float
    without: float
    method: Literal["importance", "refit"]

    @property
    def reliable(self) -> bool:
        """Whether the number can be believed: a refit, or importance weights that no few draws dominate."""
        return self.method == "refit" or self.pareto_k <= UNRELIABLE_K


@dataclass(frozen=True, slots=True)
class Reweighted:
    """Draws of a posterior as draws of the one without a piece of evidence.

    weights : shape (chains, draws), mean 1; pareto_k : of their tail
    """

    weights: Floats
    pareto_k: float


def reweigh(log_without: Floats, smooth: Smooth) -> Reweighted:
    """Weights of draws once a piece is taken away.

    log_without : log p(data without the piece | draw) - log p(data with it | draw), shape (chains, draws)
    """
    log_weights, k = smooth((log_without - log_without.max()).ravel())
    weights = np.exp(log_weights - log_weights.max()).reshape(log_without.shape)
    return Reweighted(weights / weights.mean(), k)


def by_importance(holds: NDArray[np.bool_], log_without: Floats, smooth: Smooth) -> Contribution:
    """Contribution of a piece of evidence from draws of the posterior that has it; arguments as for ``reweigh``.

    holds : whether the claim holds, shape (chains, draws)
    """
    return by_weights(holds, reweigh(log_without, smooth))


def by_weights(holds: NDArray[np.bool_], without: Reweighted) -> Contribution:
    """Contribution of a piece of evidence whose loss is already expressed in weights."""
    return weigh(Held(holds[None]), without)[0]


@dataclass(frozen=True)
class Held:
    """Several claims prepared for weighing one piece of evidence after another.

    holds : whether each claim holds, shape (claims, chains, draws)
    """

    holds: NDArray[np.bool_]

    @cached_property
    def indicator(self) -> Floats:
        return self.holds.astype(float)

    @cached_property
    def share(self) -> Floats:
        """Probability of each claim with all evidence."""
        return np.asarray(self.indicator.mean(axis=(1, 2)))

    @cached_property
    def influence(self) -> Floats:
        """Of each draw on the log odds of each claim."""
        return _influence(self.indicator, self.share)


def weigh(held: Held, without: Reweighted) -> list[Contribution]:
    """``by_weights`` for every claim at once: what depends on the weights, or on the claims, alone is worked out once."""
    p, weights, size = held.share, without.weights, without.weights.size
    q = held.indicator.reshape(len(p), size) @ weights.ravel() / size
    # delta method: influence of each draw on the difference of log odds, whose mean is 0
    influence = _influence(held.indicator, q)
    influence *= weights
    np.subtract(held.influence, influence, out=influence)
    flat = influence.reshape(len(p), size)
    error = np.sqrt(np.vecdot(flat, flat) / size / effective_sample_sizes(influence))
    with np.errstate(divide="ignore", invalid="ignore"):
        weight = np.where(np.isnan(error), np.nan, _logit(p) - _logit(q))
    found = zip((DECIBANS * weight).tolist(), (DECIBANS * error).tolist(), q.tolist(), strict=True)
    return [Contribution(db, mcse, without.pareto_k, rest, "importance") for db, mcse, rest in found]


def _influence(indicator: Floats, p: Floats) -> Floats:
    """Of draws on the log odds of claims of these probabilities; nan where all are on one side."""
    scale = 1.0 / np.where((p > 0) & (p < 1), p * (1 - p), np.nan)
    found = indicator - p[:, None, None]
    found *= scale[:, None, None]
    return found


def by_refit(holds: NDArray[np.bool_], refitted: NDArray[np.bool_]) -> Contribution:
    """Contribution of a piece of evidence from draws of two posteriors, with it and without it, shapes (chains, draws)."""
    q = float(refitted.mean())
    return by_summary(holds, q, effective_sample_size(refitted.astype(float)) if 0 < q < 1 else float("nan"))


def by_summary(holds: NDArray[np.bool_], without: float, ess: float) -> Contribution:
    """As ``by_refit``, from the probability of the claim in the refit and the effective draws behind it."""
    p, q = float(holds.mean()), without
    if not (0 < p < 1 and 0 < q < 1):
        return Contribution(float("nan"), float("nan"), float("nan"), q, "refit")
    variance = 1 / (effective_sample_size(holds.astype(float)) * p * (1 - p)) + 1 / (ess * q * (1 - q))
    before, after = _logit(np.array([q, p]))
    return Contribution(DECIBANS * float(after - before), DECIBANS * float(np.sqrt(variance)), float("nan"), q, "refit")


def verdict_without(judged: Judgement, loss: Contribution, thresholds: Thresholds | None = None) -> Verdict:
    """What the verdict would have been without a piece of evidence.

    Where the loss has no weight because all draws are on one side, the data keep theirs.
    """
    if judged.verdict == "cannot speak":
        return "cannot speak"
    lost = 0.0 if np.isnan(loss.weight_db) else loss.weight_db
    return verdict_of(loss.without, judged.weight_db - lost, judged.bound, thresholds)


def _logit(p: Floats) -> Floats:
    return np.asarray(np.log(p) - np.log1p(-p))
