"""How the shares of a node's types are distributed: laws that are updated by counting types.

A law is of one row of shares, which sum to 1. Counts and shares have shape (..., types); whatever stands before is a batch.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray
from scipy.special import betaln, gammaln, logsumexp

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
class Switches:
    """Types made of independent switches, each on with a probability of its own: shares are products.

    bits : shape (types, switches), every combination once; on, off : Beta prior counts, shape (switches,)
    """

    bits: NDArray[np.bool_]
    on: Floats
    off: Floats

    def _after(self, counts: Floats) -> tuple[Floats, Floats]:
        turned = counts @ self.bits
        return self.on + turned, self.off + counts.sum(axis=-1, keepdims=True) - turned

    def _shares(self, p: Floats) -> Floats:
        return np.asarray(np.where(self.bits, p[..., None, :], 1 - p[..., None, :]).prod(axis=-1))

    def draw(self, counts: Floats, rng: np.random.Generator) -> Floats:
        """Shares given counts."""
        return self._shares(rng.beta(*self._after(counts)))

    def mean(self, counts: Floats) -> Floats:
        """Expected shares given counts."""
        on, off = self._after(counts)
        return self._shares(on / (on + off))

    def log_marginal(self, counts: Floats) -> Floats:
        """Log probability of a sequence of types with these counts."""
        return np.asarray((betaln(*self._after(counts)) - betaln(self.on, self.off)).sum(axis=-1))
