"""Are ranks uniform, and are probabilities kept? Tests for the files that ``calibration`` writes, with their multiplicity."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import stats

type Ints = NDArray[np.int64]
type Floats = NDArray[np.float64]

NULL_DRAWS = 4000


@dataclass(frozen=True)
class EcdfTest:
    """The simultaneous test of Säilynoja, Bürkner and Vehtari (2022) for ranks 0..top of a number of simulations.

    The statistic is the smallest two-sided binomial tail of the empirical distribution function over all ranks (their
    equation 9); its distribution for uniform ranks is simulated once and serves every quantity.
    """

    simulations: int
    top: int
    null: Floats

    @classmethod
    def of(cls, simulations: int, top: int, rng: np.random.Generator) -> EcdfTest:
        uniform = rng.integers(0, top + 1, size=(NULL_DRAWS, simulations))
        return cls(simulations, top, np.sort([_smallest_tail(ranks, top) for ranks in uniform]))

    def p_value(self, ranks: Ints) -> float:
        """Share of uniform ranks that look as uneven as these."""
        below = np.searchsorted(self.null, _smallest_tail(ranks, self.top) * (1 + 1e-9), side="right")
        return float((1 + below) / (1 + len(self.null)))

    def envelope(self, level: float = 0.95) -> tuple[Floats, Floats]:
        """Limits between which the whole empirical distribution function stays with this probability, at ranks 0..top-1."""
        tail = float(np.quantile(self.null, 1 - level)) / 2
        chance = _expected(self.top)
        low, high = (np.asarray(stats.binom.ppf(q, self.simulations, chance)) for q in (tail, 1 - tail))
        return low / self.simulations, high / self.simulations


def _expected(top: int) -> Floats:
    """P(rank <= k) for uniform ranks, k from 0 to top - 1."""
    return np.arange(1, top + 1) / (top + 1)


def _smallest_tail(ranks: Ints, top: int) -> float:
    at_most = np.cumsum(np.bincount(ranks, minlength=top + 1))[:top]
    chance, n = _expected(top), len(ranks)
    return float(2 * np.minimum(stats.binom.cdf(at_most, n, chance), stats.binom.sf(at_most - 1, n, chance)).min())


def chi_squared(ranks: Ints, top: int, bins: int) -> float:
    """p-value of equal shares of ranks in bins of (nearly) equal width, expected shares exact."""
    edges = np.linspace(0, top + 1, bins + 1).round()
    counts = np.histogram(ranks, edges)[0]
    return float(stats.chisquare(counts, len(ranks) * np.diff(edges) / (top + 1)).pvalue)


def holm(p_values: Sequence[float]) -> Floats:
    """Holm's (1979) adjusted p-values: the chance of any false alarm among all is at most the level."""
    p = np.asarray(p_values, dtype=float)
    order = np.argsort(p)
    stepped = np.maximum.accumulate((len(p) - np.arange(len(p))) * p[order])
    adjusted = np.empty_like(p)
    adjusted[order] = np.minimum(stepped, 1.0)
    return adjusted


@dataclass(frozen=True, slots=True)
class Kept:
    """How probabilities given to a claim compare with how often it held.

    mean, held : mean probability given, share in which the claim held
    p_value : of sum(held - probability) being 0, whose variance is sum(probability (1 - probability))
    slope_p_value : of sum((probability - 1/2) (held - probability)) being 0: too bold or too timid
    """

    mean: float
    held: float
    p_value: float
    slope_p_value: float


def kept(probability: Floats, holds: Ints) -> Kept:
    residual, variance = holds - probability, probability * (1 - probability)

    def p_of(weight: Floats) -> float:
        z = (weight * residual).sum() / np.sqrt((weight**2 * variance).sum())
        return float(2 * stats.norm.sf(abs(z)))

    return Kept(float(probability.mean()), float(holds.mean()), p_of(np.ones_like(variance)), p_of(probability - 0.5))
