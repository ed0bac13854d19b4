"""The priors of the model, as values: each can be drawn from, evaluated, and (in ``compile``) declared to PyMC.

The defaults were settled by simulation; docs/decisions/0005-default-priors.md has the numbers.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray
from scipy import stats

type Array = NDArray[np.float64]
type Shape = tuple[int, ...]


@dataclass(frozen=True, slots=True)
class StudentT:
    """Student-t with ``nu`` degrees of freedom; location and scale are given per coefficient."""

    nu: float = 4.0

    def draw(self, rng: np.random.Generator, shape: Shape, location: Array, scale: Array) -> Array:
        return location + scale * rng.standard_t(self.nu, size=shape)

    def log_density(self, x: Array, location: Array, scale: Array) -> Array:
        return np.asarray(stats.t.logpdf(x, self.nu, location, scale))


@dataclass(frozen=True, slots=True)
class HalfStudentT:
    """Student-t folded at 0: the size of a coefficient whose sign is fixed."""

    nu: float = 4.0

    def draw(self, rng: np.random.Generator, shape: Shape, scale: Array) -> Array:
        return np.abs(scale * rng.standard_t(self.nu, size=shape))

    def log_density(self, x: Array, scale: Array) -> Array:
        return np.asarray(np.log(2.0) + stats.t.logpdf(x, self.nu, 0.0, scale))


@dataclass(frozen=True, slots=True)
class Normal:
    """Normal with mean 0; the standard deviation is given per parameter."""

    def draw(self, rng: np.random.Generator, shape: Shape, sd: Array | float) -> Array:
        return sd * rng.standard_normal(shape)

    def log_density(self, x: Array, sd: Array | float) -> Array:
        return np.asarray(stats.norm.logpdf(x, 0.0, sd))


@dataclass(frozen=True, slots=True)
class HalfNormal:
    """Half-normal with scale ``scale``: for standard deviations."""

    scale: float

    def draw(self, rng: np.random.Generator, shape: Shape) -> Array:
        return np.abs(self.scale * rng.standard_normal(shape))

    def log_density(self, x: Array) -> Array:
        return np.asarray(stats.halfnorm.logpdf(x, scale=self.scale))


@dataclass(frozen=True, slots=True)
class LogNormal:
    """Log-normal loading: positive and bounded away from 0. Medians are given per indicator."""

    sd: float

    def draw(self, rng: np.random.Generator, shape: Shape, log_median: Array) -> Array:
        return np.asarray(np.exp(log_median + self.sd * rng.standard_normal(shape)))

    def log_density(self, x: Array, log_median: Array) -> Array:
        return np.asarray(stats.lognorm.logpdf(x, self.sd, scale=np.exp(log_median)))


@dataclass(frozen=True, slots=True)
class Dirichlet:
    """Symmetric Dirichlet on the categories of a verbal scale."""

    concentration: float

    def draw(self, rng: np.random.Generator, shape: Shape) -> Array:
        return rng.dirichlet(np.full(shape[-1], self.concentration), size=shape[:-1])

    def log_density(self, x: Array) -> Array:
        alpha = np.full(x.shape[-1], self.concentration)
        flat = x.reshape(-1, x.shape[-1])
        shares = (flat / flat.sum(axis=1, keepdims=True)).T
        return np.asarray(stats.dirichlet.logpdf(shares, alpha)).reshape(x.shape[:-1])


@dataclass(frozen=True, slots=True)
class Priors:
    """Every prior of the model except the coefficients' scale, which the theory declares.

    Loadings are on the logit scale for ordinal, binary and binomial indicators, on the log scale for counts and in
    standard deviations of the indicator for continuous ones.
    """

    slope: StudentT = StudentT(4.0)
    loading: LogNormal = LogNormal(0.5)
    loading_median: dict[str, float] = field(
        default_factory=lambda: {"ordinal": 2.0, "binary": 1.5, "binomial": 0.7, "count": 0.5, "continuous": 0.7}
    )
    shift_sd: dict[str, float] = field(
        default_factory=lambda: {"ordinal": 1.0, "binary": 1.5, "binomial": 1.5, "count": 1.0, "continuous": 1.0}
    )
    category: Dirichlet = Dirichlet(2.0)
    steps: Dirichlet = Dirichlet(1.0)
    """Of a monotone effect: where between the lowest and the highest level its cause makes the difference."""
    case_sd: HalfNormal = HalfNormal(0.5)
    free_case_sd: float = 2.5
    """Without pooling: what a case's own component may not explain, the slopes must (docs/decisions/0010)."""
    kind_sd: HalfNormal = HalfNormal(0.7)
    noise_sd: HalfNormal = HalfNormal(0.5)
    residual_sd: LogNormal = LogNormal(0.5)
    residual_median: float = 0.6
    score_variance: float = 1.5
    """Marginal variance of a score that the prior expects: its disturbance, its case component and its causes."""

    @property
    def cut_stretch(self) -> float:
        """Factor on cutpoints that makes the Dirichlet's categories those of ratings, not of ratings at an average score.

        A rating spreads by its logistic error and by loading and shift; without the factor the prior expects Low or High
        far more often than Medium (docs/decisions/0008).
        """
        spread = self.loading_median["ordinal"] ** 2 * self.score_variance + self.shift_sd["ordinal"] ** 2
        return float(np.sqrt(1.0 + 3.0 / np.pi**2 * spread))

    @property
    def column_stretch(self) -> float:
        """The same for a column that is itself a construct: it spreads by its case component and its causes alone."""
        return float(np.sqrt(1.0 + 3.0 / np.pi**2 * (self.score_variance - 1.0)))

    sign_informed_location: float = 0.7
    """Location of a sign-informed coefficient prior, in units of its scale: about three to one in favour of the declared sign."""
