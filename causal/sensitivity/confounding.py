"""How strong an unmeasured common cause would have to be: omitted variable bias in partial R² (Cinelli and Hazlett 2020).

Symbols: D cause, Y outcome, X what is adjusted for, U the unmeasured common cause. All arrays may have a leading axis of draws.

    bias = sd(Y | D, X) / sd(D | X) * sqrt(R²_{Y~U|D,X} R²_{D~U|X} / (1 - R²_{D~U|X}))        (their eq. 8)
    RV   = (sqrt(f⁴ + 4 f²) - f²) / 2,  f = |slope| sd(D | X) / sd(Y | D, X)                   (their eq. 19, q = 1)

Theirs is a regression on data. Here the covariances are those of scores that the fitted theory implies in a new case, one matrix
per posterior draw, so that uncertainty about the effect and about the benchmark is carried along.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

type Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Partial:
    """The regression of an outcome on a cause and what is adjusted for; shapes (...,).

    slope : of the cause
    left_cause, left_outcome : Var(D | X) and Var(Y | D, X), what there is for U to explain
    """

    slope: Floats
    left_cause: Floats
    left_outcome: Floats

    @property
    def spread(self) -> Floats:
        """sd(Y | D, X) / sd(D | X)."""
        return np.asarray(np.sqrt(self.left_outcome / self.left_cause))

    @property
    def f(self) -> Floats:
        """Partial Cohen's f of the cause with the outcome."""
        return np.abs(self.slope) / self.spread


def partial(covariance: Floats, cause: int, outcome: int, given: Sequence[int]) -> Partial:
    """Population regression from covariance matrices, shape (..., k, k)."""
    left = conditional(covariance, [cause, outcome], given)
    var_cause, var_outcome, cross = left[..., 0, 0], left[..., 1, 1], left[..., 0, 1]
    residual = np.maximum(var_outcome - cross**2 / var_cause, 0.0)
    return Partial(cross / var_cause, var_cause, residual)


def conditional(covariance: Floats, of: Sequence[int], given: Sequence[int]) -> Floats:
    """Covariance of some variables given others (Schur complement), shape (..., len(of), len(of))."""
    own = covariance[..., of, :][..., :, of]
    if not given:
        return own
    cross = covariance[..., of, :][..., :, given]
    return np.asarray(
        own - cross @ np.linalg.solve(covariance[..., given, :][..., :, given], np.swapaxes(cross, -1, -2))
    )


def partial_r2(covariance: Floats, a: int, b: int, given: Sequence[int]) -> Floats:
    """Squared partial correlation of two variables given others."""
    left = conditional(covariance, [a, b], given)
    return np.asarray(left[..., 0, 1] ** 2 / (left[..., 0, 0] * left[..., 1, 1]))


def bias(spread: Floats, r2_cause: Floats | float, r2_outcome: Floats | float) -> Floats:
    """Size of the bias that a common cause of such strengths gives the slope.

    r2_cause : R²_{D~U|X} in [0, 1); r2_outcome : R²_{Y~U|D,X} in [0, 1]
    """
    cause = np.asarray(r2_cause, dtype=float)
    return np.asarray(spread * np.sqrt(np.asarray(r2_outcome) * cause / (1.0 - cause)))


def robustness_value(f: Floats | float, q: float = 1.0) -> Floats:
    """The share of what is left of cause and of outcome that U must explain to take away a share ``q`` of the slope."""
    f2 = np.square(q * np.asarray(f, dtype=float))
    return np.asarray((np.sqrt(f2**2 + 4 * f2) - f2) / 2)


@dataclass(frozen=True)
class Strength:
    """How much an unmeasured common cause explains: of the cause, and of the outcome, beyond what is adjusted for."""

    r2_cause: Floats
    r2_outcome: Floats


MOST_EXPLAINED = 0.99


def as_strong_as(
    covariance: Floats, cause: int, outcome: int, given: Sequence[int], peer: int, times: float
) -> Strength:
    """The strength of a common cause that explains ``times`` what an observed one does (their eqs. 28 to 33, k_D = k_Y = times).

    peer : the observed construct, one of ``given``
    Strengths no common cause can have are cut at 0.99.
    """
    others = [x for x in given if x != peer]
    r2_cause = partial_r2(covariance, cause, peer, others)
    r2_outcome = partial_r2(covariance, outcome, peer, [*others, cause])
    strength = np.minimum(times * r2_cause / (1.0 - r2_cause), MOST_EXPLAINED)
    # U is independent of the peer, but given the cause they are tied
    tied = times * r2_cause**2 / (np.maximum(1.0 - times * r2_cause, 1.0 - MOST_EXPLAINED) * (1.0 - r2_cause))
    tied = np.minimum(tied, MOST_EXPLAINED)
    reach = (np.sqrt(times) + np.sqrt(tied)) / np.sqrt(1.0 - tied)
    return Strength(strength, np.minimum(reach**2 * r2_outcome / (1.0 - r2_outcome), MOST_EXPLAINED))


def slope_on_cause(r2_cause: float, left: float, fixed: bool) -> float:
    """The slope with which a standard normal U explains such a share of the cause.

    left : Var(D | X) without U; fixed : whether it is data of which U takes its share, as for an observed construct. To the
        disturbance of a score U is added
    """
    return float(np.sqrt(left * (r2_cause if fixed else r2_cause / (1.0 - r2_cause))))


def slope_on_outcome(r2_outcome: float, r2_cause: float, left: float, fixed: bool) -> float:
    """The same for the outcome, given the cause, by which U is then already known in part: Var(U | D, X) = 1 - R²_{D~U|X}."""
    return float(np.sqrt(left * (r2_outcome if fixed else r2_outcome / (1.0 - r2_outcome)) / (1.0 - r2_cause)))


def tipping(probability: Sequence[float], sizes: Sequence[float], bar: float) -> float:
    """The first size at which a probability falls below the bar, linear between the sizes tried; nan when it never does."""
    for i, p in enumerate(probability):
        if p < bar:
            if i == 0 or probability[i - 1] == p:
                return float(sizes[i])
            part = (probability[i - 1] - bar) / (probability[i - 1] - p)
            return float(sizes[i - 1] + part * (sizes[i] - sizes[i - 1]))
    return float("nan")
