"""How the shares of a node's types are distributed: laws that are updated by counting types.

A law is of one row of shares, which sum to 1. Counts and shares have shape (..., types); whatever stands before is a batch.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray
from scipy.special import gammaln, logsumexp

from models.types.graph import TypesError

type Floats = NDArray[np.float64]

LEAST = 1e-290
"""A share too small for a float; kept above 0 so that what can happen has a probability."""


class Law(Protocol):
    """A distribution of shares, conjugate to counts of types."""

    def draw(self, counts: Floats, rng: np.random.Generator) -> Floats:
        """Shares given counts."""

    def mean(self, counts: Floats) -> Floats:
        """Expected shares given counts."""

    def log_marginal(self, counts: Floats) -> Floats:
        """Log probability of a sequence of types with these counts."""


def above_0(what: str, *counts: float) -> None:
    """Raises TypesError unless all these prior counts are above 0."""
    for count in counts:
        if not count > 0:
            raise TypesError(f"{what} is {count!r}; it must be a number above 0.")


@dataclass(frozen=True)
class Dirichlet:
    """Dirichlet shares. `alpha`, shape (types,), are the prior counts."""

    alpha: Floats

    def draw(self, counts: Floats, rng: np.random.Generator) -> Floats:
        """Shares given counts."""
        gammas = rng.standard_gamma(self.alpha + counts) + LEAST
        return np.asarray(gammas / gammas.sum(axis=-1, keepdims=True))

    def mean(self, counts: Floats) -> Floats:
        """Expected shares given counts."""
        total = self.alpha + counts
        return np.asarray(total / total.sum(axis=-1, keepdims=True))

    def log_marginal(self, counts: Floats) -> Floats:
        """Log probability of a sequence of types with these counts."""
        a = self.alpha
        each = (gammaln(a + counts) - gammaln(a)).sum(axis=-1)
        return np.asarray(each + gammaln(a.sum()) - gammaln(a.sum() + counts.sum(axis=-1)))


@dataclass(frozen=True)
class UnknownConcentration:
    """Dirichlet shares around `base`, their concentration one of `grid`, each as probable beforehand: a hierarchical prior."""

    base: Floats
    grid: tuple[float, ...]

    @property
    def _laws(self) -> list[Dirichlet]:
        return [Dirichlet(a * self.base) for a in self.grid]

    def _weights(self, counts: Floats) -> Floats:
        """Posterior probability of each concentration, shape (grid, ...)."""
        logs = np.stack([law.log_marginal(counts) for law in self._laws])
        return np.asarray(np.exp(logs - logsumexp(logs, axis=0)))

    def draw(self, counts: Floats, rng: np.random.Generator) -> Floats:
        """Shares given counts."""
        steps = np.cumsum(self._weights(counts), axis=0)
        chosen = (rng.random(steps.shape[1:]) > steps[:-1]).sum(axis=0)
        concentration = np.asarray(self.grid)[chosen]
        gammas = rng.standard_gamma(concentration[..., None] * self.base + counts) + LEAST
        return np.asarray(gammas / gammas.sum(axis=-1, keepdims=True))

    def mean(self, counts: Floats) -> Floats:
        """Expected shares given counts."""
        means = np.stack([law.mean(counts) for law in self._laws])
        return np.asarray((self._weights(counts)[..., None] * means).sum(axis=0))

    def log_marginal(self, counts: Floats) -> Floats:
        """Log probability of a sequence of types with these counts."""
        logs = np.stack([law.log_marginal(counts) for law in self._laws])
        return np.asarray(logsumexp(logs, axis=0) - np.log(len(self.grid)))


@dataclass(frozen=True)
class Parts:
    """Types made of independent parts, each part one of several with Dirichlet shares of its own: shares are products.

    alphas : the prior counts of each part, an array per part. Types are all combinations, the last part varying fastest
    """

    alphas: tuple[Floats, ...]

    def _laws(self, counts: Floats) -> Iterator[tuple[Dirichlet, Floats]]:
        """The law of each part, and its counts."""
        batch = counts.ndim - 1
        cube = counts.reshape(*counts.shape[:-1], *map(len, self.alphas))
        for i, alpha in enumerate(self.alphas):
            others = tuple(batch + j for j in range(len(self.alphas)) if j != i)
            yield Dirichlet(alpha), cube.sum(axis=others)

    def draw(self, counts: Floats, rng: np.random.Generator) -> Floats:
        """Shares given counts."""
        return _products([law.draw(own, rng) for law, own in self._laws(counts)])

    def mean(self, counts: Floats) -> Floats:
        """Expected shares given counts."""
        return _products([law.mean(own) for law, own in self._laws(counts)])

    def log_marginal(self, counts: Floats) -> Floats:
        """Log probability of a sequence of types with these counts."""
        return np.asarray(sum(law.log_marginal(own) for law, own in self._laws(counts)))


def _products(parts: Sequence[Floats]) -> Floats:
    """Every product of one share of each part, shape (..., combinations)."""
    found = parts[0]
    for part in parts[1:]:
        found = (found[..., :, None] * part[..., None, :]).reshape(*found.shape[:-1], -1)
    return found
