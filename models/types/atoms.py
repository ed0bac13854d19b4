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


def with_units(alpha: Floats, types: Ints, there: NDArray[np.bool_], rng: np.random.Generator) -> Atoms:
    """Draws once units of these types were counted; both of shape (draws, units), units that are not `there` count nothing."""
    prior = draw_atoms(alpha, len(types), rng)
    own = rng.standard_gamma(there.astype(float)) * there
    new = rng.standard_gamma(alpha.sum(), size=(len(types), 1))
    whole = new + own.sum(axis=1, keepdims=True) + LEAST
    return Atoms(np.column_stack([prior.types, types]), np.column_stack([prior.weights * new, own]) / whole)


def pick(atoms: Atoms, held: NDArray[np.bool_], units: int, rng: np.random.Generator) -> Ints:
    """Types of so many units that are among those held, drawn by weight; shape (draws, units)."""
    weights = atoms.weights * held[atoms.types] + LEAST
    steps = np.cumsum(weights, axis=1)
    offset = np.arange(len(steps))[:, None]
    u = rng.random((len(steps), units)) + offset
    flat = np.searchsorted((steps / steps[:, -1:] * (1 - 1e-12) + offset).ravel(), u.ravel())
    index = np.minimum(flat.reshape(u.shape) - offset * steps.shape[1], steps.shape[1] - 1)
    return np.take_along_axis(atoms.types, index, axis=1)
