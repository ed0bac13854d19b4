"""Reading a claim off reweighted draws."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

type Floats = NDArray[np.float64]


def weighted_share(holds: NDArray[np.bool_], log_weight: Floats) -> float:
    """Probability of a claim under importance weights."""
    weight = np.exp(log_weight - log_weight.max())
    return float((weight * holds).sum() / weight.sum())


def effective_draws(log_weight: Floats) -> float:
    """Kish's effective number of draws of importance weights."""
    weight = np.exp(log_weight - log_weight.max())
    return float(weight.sum() ** 2 / (weight**2).sum())
