"""Pareto-smoothed importance weights, through ArviZ."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.special import logsumexp

type Floats = NDArray[np.float64]


def psis(log_ratios: Floats) -> tuple[Floats, float]:
    """Pareto-smoothed log importance weights and the k of their tail, through ArviZ."""
    from arviz_stats.base.array import array_stats

    length = int(np.ceil(3 * np.sqrt(len(log_ratios))))
    tail = np.partition(log_ratios, -length)[-length:]
    # ratios with a ceiling (a row that may be misread) need no smoothing, and ArviZ refuses them
    if np.ptp(tail) < 1e-9:
        return log_ratios - logsumexp(log_ratios), 0.0
    log_weights, k = array_stats.psislw(-log_ratios)  # it takes log likelihoods and turns their sign itself
    return np.asarray(log_weights), float(k)
