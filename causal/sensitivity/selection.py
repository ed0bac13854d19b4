"""Cases chosen on success: what the draws say once the choice is part of the model.

A case came into the study with a chance that rises with its outcome, s(z) = logistic(strength * z), z in standard deviations of
new cases. The likelihood of C chosen cases is then multiplied by  prod_c s(z_c) / E[s(z)]^C  (selection on the outcome
with known strength), which reweights posterior draws; ``strength`` is swept, since three chosen cases cannot teach it.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from scipy.special import logsumexp

type Floats = NDArray[np.float64]


def log_weights(chosen: Floats, population: Floats, strength: float) -> Floats:
    """Log importance weights of draws, shape (samples,).

    chosen : outcome of the study's cases, shape (samples, cases); population : of new cases, shape (samples, replicates), both in
        standard deviations of new cases
    """
    cases = chosen.shape[1]
    expected = logsumexp(_log_chance(population, strength), axis=1) - np.log(population.shape[1])
    return np.asarray(_log_chance(chosen, strength).sum(axis=1) - cases * expected)


def _log_chance(z: Floats, strength: float) -> Floats:
    return np.asarray(-np.logaddexp(0.0, -strength * z))


def odds_per_sd(strength: float) -> float:
    """By how much the odds of being chosen rise with one standard deviation of the outcome."""
    return float(np.exp(strength))


def fewest(flipped: Sequence[tuple[int, bool]]) -> int | None:
    """The fewest invented failures that change the verdict; None when none of the tried numbers does."""
    return min((count for count, changed in flipped if changed), default=None)
