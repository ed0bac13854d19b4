"""How well theories predict the same rows: log marginal likelihood and the score of a held-out case.

Both are stepping-stone estimates (Xie et al. 2011) along a path of cell weights w(b) = start + b (end - start), b from
0 to 1, with l = sum_c (end - start)_c log p(y_c | draw):

    log Z(end) - log Z(start) = sum over steps k of log E_{b_k}[ exp((b_{k+1} - b_k) l) ]

From weights 0 to 1 this is the log marginal likelihood of all rows, from "all but case c" to all it is
log p(y_c | y_-c) with a new case component and new scores for the case. Draws at each b come from one compiled model
whose weights are data.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray
from scipy.special import logsumexp

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


def stepping_stone(at: AtWeights, start: Floats, end: Floats, path: Floats, seeds: Sequence[int]) -> LogEvidence:
    """Log ratio of marginal likelihoods between two vectors of cell weights, averaged over seeds.

    The error is the larger of the Monte Carlo error within runs and the spread between them.
    """
    runs = [_one_run(at, start, end, path, seed) for seed in seeds]
    values = np.array([value for value, _ in runs])
    within = float(np.sqrt(sum(variance for _, variance in runs)) / len(runs))
    between = float(values.std(ddof=1) / np.sqrt(len(values))) if len(values) > 1 else 0.0
    return LogEvidence(float(values.mean()), max(within, between), tuple(map(float, values)))


def _one_run(at: AtWeights, start: Floats, end: Floats, path: Floats, seed: int) -> tuple[float, float]:
    total, variance = 0.0, 0.0
    for k, (here, there) in enumerate(pairwise(path)):
        cells = at(start + here * (end - start), seed * 1000 + k)
        log_ratio = (there - here) * (cells * (end - start)).sum(axis=-1)
        total += float(logsumexp(log_ratio) - np.log(log_ratio.size))
        ratio = np.exp(log_ratio - log_ratio.max())
        variance += float(ratio.var() / ratio.mean() ** 2 / effective_sample_size(ratio))
    return total, variance


def posterior_odds(evidence: Mapping[str, LogEvidence], prior: Mapping[str, float] | None = None) -> dict[str, float]:
    """Posterior probability of each theory among those compared, from prior probabilities (equal by default)."""
    names = list(evidence)
    weights = np.log([1.0 / len(names) if prior is None else prior[name] for name in names])
    log_posterior = weights + np.array([evidence[name].value for name in names])
    return dict(zip(names, map(float, np.exp(log_posterior - logsumexp(log_posterior))), strict=True))
