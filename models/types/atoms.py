"""Shares of very many types, almost all of them next to nothing: kept as the few types that carry the weight.

A Dirichlet whose total prior count is far below its number of types is a random choice of few types (Sethuraman 1994): types are
drawn from the prior again and again, each taking a Beta(1, total) part of what is left. After counting n units it is a Beta
mixture of that and of the types that the units have. So a node with 65 536 types costs as much as one with a hundred.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from models.types.laws import LEAST, Floats

type Ints = NDArray[np.intp]

MANY_TYPES = 2048


@dataclass(frozen=True)
class Atoms:
    """Draws of shares: types, and the weight of each; both of shape (draws, atoms)."""

    types: Ints
    weights: Floats

    def probabilities(self, held: NDArray[np.bool_]) -> Floats:
        """The probability of events that hold these types, shape (events, draws)."""
        return np.stack([(self.weights * event[self.types]).sum(axis=1) for event in held])

    def at(self, draws: Ints) -> Atoms:
        """Some of the draws."""
        return Atoms(self.types[draws], self.weights[draws])

    def dense(self, types: int) -> Floats:
        """Shares of all types, shape (draws, types)."""
        found = np.zeros((len(self.types), types))
        np.add.at(found, (np.arange(len(self.types))[:, None], self.types), self.weights)
        return found


def few_carry_the_weight(alpha: Floats) -> bool:
    """Whether a Dirichlet with these prior counts is better kept as atoms."""
    return len(alpha) > MANY_TYPES and sticks(alpha) < len(alpha) / 8


def sticks(alpha: Floats) -> int:
    """How many atoms leave less than 1e-7 of the weight."""
    return int(18 * (1 + alpha.sum()))


def draw_atoms(alpha: Floats, size: int, rng: np.random.Generator) -> Atoms:
    """Draws from a Dirichlet."""
    number, total = sticks(alpha), float(alpha.sum())
    parts = rng.beta(1.0, total, size=(size, number))
    parts[:, -1] = 1.0
    left = np.column_stack([np.ones(size), np.cumprod(1 - parts[:, :-1], axis=1)])
    chosen = np.searchsorted(np.cumsum(alpha) / total, rng.random((size, number)))
    return Atoms(np.minimum(chosen, len(alpha) - 1), parts * left)


def with_units(alpha: Floats, types: Ints, counts: Floats, rng: np.random.Generator) -> Atoms:
    """Draws once so many units of these types were counted; both of shape (draws, types met). The heavy ones stand first."""
    prior = draw_atoms(alpha, len(types), rng)
    own = rng.standard_gamma(counts) * (counts > 0)
    new = rng.standard_gamma(alpha.sum(), size=(len(types), 1))
    whole = new + own.sum(axis=1, keepdims=True) + LEAST
    return Atoms(np.column_stack([types, prior.types]), np.column_stack([own, prior.weights * new]) / whole)
