"""How well theories predict the same rows: log marginal likelihood and the score of a held-out case.

Both climb a path of cell weights w(b) = start + b (end - start), b from 0 to 1 (stepping stones: Xie et al. 2011), with
l = sum_c (end - start)_c log p(y_c | draw). Each step is bridged from both of its ends (Bennett 1976; Meng and Wong 1996): with
f = (b_{k+1} - b_k) l, log r = log Z_{k+1} - log Z_k solves

    E_k[ logistic(f - log r) ] = E_{k+1}[ logistic(log r - f) ],

which needs far fewer steps than E_k[exp f], whose error few draws dominate (docs/decisions/0012). From weights 0 to 1 the sum is
the log marginal likelihood of all rows, from "all but case c" to all it is log p(y_c | y_-c) with a new case component and new
scores for the case. Draws at each b come from one compiled model whose weights are data.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import brentq
from scipy.special import expit, logsumexp

from causal.ess import effective_sample_size

type Floats = NDArray[np.float64]
type AtWeights = Callable[[Floats, int], Floats]
"""Cell weights and a seed to log likelihoods of every cell under the posterior with those weights, (chains, draws, cells)."""


@dataclass(frozen=True, slots=True)
class LogEvidence:
    """A log probability of rows, in natural units, with its Monte Carlo standard error.

    repeats : the estimates from different seeds that ``value`` averages
    """

    value: float
    mcse: float
    repeats: tuple[float, ...]


def schedule(steps: int, power: float = 0.3) -> Floats:
    """Path points 0 = b_0 < ... < b_steps = 1, crowded near 0 where the posterior changes fastest (Xie et al. 2011)."""
    return np.asarray((np.arange(steps + 1) / steps) ** (1 / power), dtype=float)


@dataclass(frozen=True, slots=True)
class Rung:
    """One step of a path: the log ratio of its upper to its lower normalising constant.

    lower, upper : influence of each draw of either end on the ratio, shapes (chains, draws)
    """

    value: float
    lower: Floats
    upper: Floats


@dataclass(frozen=True, slots=True)
class Climb:
    """The sum of some steps, with its Monte Carlo variance."""

    value: float
    variance: float


def bridge(lower: Floats, upper: Floats) -> Rung:
    """The ratio between two distributions from f = log(upper density / lower density), unnormalised, at the draws of each.

    lower, upper : f at draws of the lower and of the upper one, shapes (chains, draws)
    """
    share = lower.size / (lower.size + upper.size)
    odds = np.log(share / (1 - share))

    def excess(log_ratio: float) -> float:
        up, down = expit(lower - log_ratio - odds), expit(log_ratio + odds - upper)
        return float(share * up.mean() - (1 - share) * down.mean())

    values = np.concatenate([lower.ravel(), upper.ravel()])
    root = float(brentq(excess, values.min() - 40.0, values.max() + 40.0))
    up, down = expit(lower - root - odds), expit(root + odds - upper)
    return Rung(root, up / up.mean() - 1, -(down / down.mean() - 1))


def climb(rungs: Sequence[Rung]) -> Climb:
    """The sum of successive steps. The draws between two steps serve both, so that their errors are taken together."""
    first = np.zeros_like(rungs[0].lower)
    ends = zip(
        [first, *(r.upper for r in rungs)], [*(r.lower for r in rungs), np.zeros_like(rungs[-1].upper)], strict=True
    )
    influences = [above + below for above, below in ends]
    variance = sum(float(i.var()) / effective_sample_size(i) for i in influences if np.ptp(i) > 0)
    return Climb(sum(rung.value for rung in rungs), variance)


def stepping_stone(at: AtWeights, start: Floats, end: Floats, path: Floats, seed: int) -> Climb:
    """Log ratio of marginal likelihoods between two vectors of cell weights."""
    logs = [(at(start + b * (end - start), seed * 1000 + k) * (end - start)).sum(axis=-1) for k, b in enumerate(path)]
    steps = np.diff(path)
    return climb([bridge(steps[k] * logs[k], steps[k] * logs[k + 1]) for k in range(len(steps))])


def averaged(climbs: Sequence[Climb]) -> LogEvidence:
    """Repeated climbs as one estimate. The error is the larger of that within repeats and the spread between them."""
    values = np.array([c.value for c in climbs])
    within = float(np.sqrt(sum(c.variance for c in climbs)) / len(climbs))
    between = float(values.std(ddof=1) / np.sqrt(len(values))) if len(values) > 1 else 0.0
    return LogEvidence(float(values.mean()), max(within, between), tuple(map(float, values)))


def beyond(base: LogEvidence, further: LogEvidence) -> LogEvidence:
    """A log probability reached from another by a further climb."""
    repeats = tuple(a + b for a, b in zip(base.repeats, further.repeats, strict=True))
    return LogEvidence(base.value + further.value, float(np.hypot(base.mcse, further.mcse)), repeats)


def difference(a: LogEvidence, b: LogEvidence) -> tuple[float, float]:
    """Log Bayes factor of a over b in natural units, and its Monte Carlo error."""
    return a.value - b.value, float(np.hypot(a.mcse, b.mcse))


def posterior_odds(evidence: Mapping[str, LogEvidence], prior: Mapping[str, float] | None = None) -> dict[str, float]:
    """Posterior probability of each theory among those compared, from prior probabilities (equal by default)."""
    names = list(evidence)
    weights = np.log([1.0 / len(names) if prior is None else prior[name] for name in names])
    log_posterior = weights + np.array([evidence[name].value for name in names])
    return dict(zip(names, map(float, np.exp(log_posterior - logsumexp(log_posterior))), strict=True))
