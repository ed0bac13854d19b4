"""How an observed construct answers its linear predictor: a level, a share or a count, drawn with a disturbance that is kept.

A response turns the linear predictor ``eta`` of a node into the construct's score in one world; because the disturbance is the
same in every world compared, a world differs only by what was set. Arrays are (samples, replicates) for a new case and
(samples,) for a study's own unit.

    yes/no and levels   y = number of cutpoints below d + eta + e,  e logistic
    share of n, count   y = number of thresholds below the chance or mean: n uniforms, or the arrivals of a Poisson process
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Protocol

import numpy as np
from numpy.typing import NDArray
from scipy import stats

from models.families import logistic
from models.measurement.columns import Column

type Floats = NDArray[np.float64]

ARRIVALS = 1000
"""Arrivals of the Poisson process that are drawn; a mean near them or beyond is answered by a normal count."""

LARGEST_LOG_MEAN = 30.0
"""As in ``families.draw_count``: more events than anybody codes."""


class Responds(Protocol):
    """What gives an observed node its score."""

    def value(self, eta: Floats) -> Floats:
        """The score in this world."""
        ...


class Response(Responds, Protocol):
    """An observed node's answer to its linear predictor, in any of the worlds that are compared."""

    def __getitem__(self, part: slice) -> Response:
        """The same for some of the samples."""
        ...

    def expected(self, eta: Floats) -> Floats:
        """The score's mean over disturbances."""
        ...

    def variance(self, eta: Floats) -> Floats:
        """The score's variance over disturbances."""
        ...

    def best(self, eta: Floats) -> Floats | None:
        """The chance of the best value, or the expected share; None for counts."""
        ...


@dataclass(frozen=True)
class Levels:
    """A yes/no or a level. ``location`` is the predictor without eta, ``cuts`` has a last axis of levels - 1."""

    column: Column
    location: Floats
    cuts: Floats
    disturbance: Floats

    def __getitem__(self, part: slice) -> Levels:
        return replace(self, location=self.location[part], cuts=self.cuts[part])

    def _above(self, eta: Floats) -> list[Floats]:
        """Log odds of standing above each cutpoint."""
        linear = self.location + self.column.direction * eta
        return [linear - self.cuts[..., k] for k in range(self.cuts.shape[-1])]

    def chance(self, eta: Floats, level: int) -> Floats:
        """The chance of a level."""
        above = self._above(eta)
        at_least = logistic(above[level - 1]) if level else 1.0
        return np.asarray(at_least - (logistic(above[level]) if level < len(above) else 0.0))

    def value(self, eta: Floats) -> Floats:
        return self.column.score(np.sum([odds + self.disturbance > 0 for odds in self._above(eta)], axis=0))

    def expected(self, eta: Floats) -> Floats:
        return self.column.score(np.sum([logistic(odds) for odds in self._above(eta)], axis=0))

    def variance(self, eta: Floats) -> Floats:
        above = np.array([logistic(odds) for odds in self._above(eta)])
        square = np.tensordot(2.0 * np.arange(len(above)) + 1.0, above, axes=1)
        return np.asarray((square - above.sum(axis=0) ** 2) / self.column.spread**2)

    def best(self, eta: Floats) -> Floats:
        above = self._above(eta)
        return logistic(above[-1] if self.column.direction > 0 else -above[0])


@dataclass(frozen=True)
class Numbers:
    """A share of ``column.trials`` or a count. ``thresholds`` are sorted, one row per replicate; ``normal`` one per replicate."""

    column: Column
    location: Floats
    thresholds: Floats
    normal: Floats

    def __getitem__(self, part: slice) -> Numbers:
        return replace(self, location=self.location[part])

    def _mean(self, eta: Floats) -> Floats:
        return mean_of(self.column, self.location + self.column.direction * eta)

    def value(self, eta: Floats) -> Floats:
        mean = self._mean(eta)
        mean = np.broadcast_to(mean, np.broadcast_shapes(mean.shape, (1, len(self.thresholds))))
        below = [np.searchsorted(row, mean[:, r]) for r, row in enumerate(self.thresholds)]
        counted = np.stack(below, axis=1).astype(float)
        if self.column.family == "count":
            large = np.maximum(np.rint(mean + np.sqrt(mean) * self.normal), 0.0)
            counted = np.where(mean < 0.8 * ARRIVALS, counted, large)
        return self.column.score(counted / self.column.trials)

    def expected(self, eta: Floats) -> Floats:
        return self.column.score(self._mean(eta))

    def variance(self, eta: Floats) -> Floats:
        mean = self._mean(eta)
        once = mean if self.column.family == "count" else mean * (1.0 - mean) / self.column.trials
        return np.asarray(once / self.column.spread**2)

    def best(self, eta: Floats) -> Floats | None:
        if self.column.family == "count":
            return None
        mean = self._mean(eta)
        return mean if self.column.direction > 0 else 1.0 - mean


@dataclass(frozen=True)
class Recounted(Numbers):
    """A share or count of a study's own unit, whose number at the actual predictor is known.

    Of ``counted`` successes at chance p, at a lower chance p' each stays with probability p'/p; at a higher one each failure
    turns with probability (p' - p)/(1 - p). A Poisson process likewise. ``luck`` in (0, 1) picks the number, in all worlds alike.
    """

    counted: Floats
    actual: Floats
    luck: Floats

    def value(self, eta: Floats) -> Floats:
        column, mean, actual = self.column, self._mean(eta), mean_of(self.column, self.actual)
        fewer = stats.binom.ppf(self.luck, self.counted, np.minimum(mean / actual, 1.0))
        if column.family == "count":
            more = stats.poisson.ppf(self.luck, np.maximum(mean - actual, 0.0))
        else:
            turned = np.clip((mean - actual) / np.maximum(1.0 - actual, 1e-300), 0.0, 1.0)
            more = stats.binom.ppf(self.luck, column.trials - self.counted, turned)
        number = np.where(mean < actual, fewer, self.counted + np.where(mean > actual, more, 0.0))
        return column.score(number / column.trials)


def mean_of(column: Column, linear: Floats) -> Floats:
    """The mean count, or the chance of a success."""
    return np.asarray(np.exp(np.minimum(linear, LARGEST_LOG_MEAN))) if column.family == "count" else logistic(linear)


def truncated_logistic(low: Floats, high: Floats, luck: Floats) -> Floats:
    """Logistic draws between two bounds by inverting the distribution function; ``luck`` in (0, 1)."""
    below, above = logistic(low), logistic(-high)
    p, q = below + luck * (1.0 - below - above), above + (1.0 - luck) * (1.0 - below - above)
    with np.errstate(divide="ignore"):
        return np.asarray(np.clip(np.log(p) - np.log(q), low, high))


def logistic_of(normal: Floats) -> Floats:
    """Standard logistic numbers from standard normal ones, quantile by quantile."""
    return np.asarray(stats.norm.logcdf(normal) - stats.norm.logsf(normal))


def thresholds(column: Column, rng: np.random.Generator, replicates: int) -> Floats:
    """What a mean is held against: sorted uniforms for a share, the arrivals of a Poisson process for a count."""
    if column.family == "count":
        return np.cumsum(rng.exponential(size=(replicates, ARRIVALS)), axis=1)
    return np.sort(rng.uniform(size=(replicates, column.trials)), axis=1)
