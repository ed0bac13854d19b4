"""One row of shares while it is sampled, in all chains at once: probabilities of its events, types of units, draws of the shares.

A row keeps either groups of types that the cases do not tell apart, or the few types that carry the weight (see `atoms`).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from models.types.atoms import Atoms, few_carry_the_weight, with_units
from models.types.circuit import Event, Ints, Row, masks, told_apart
from models.types.laws import LEAST, Dirichlet, Floats, Law
from models.types.make import Model
from models.types.mixture import sum_by

type Counts = NDArray[np.int64]
type Held = NDArray[np.bool_]

FEW = 12
"""Up to so many units it is quicker to place them one by one than to draw a multinomial."""


class Kept(Protocol):
    """Draws of the shares of a row that were kept."""

    def probabilities(self, held: Held, at: Ints, rng: np.random.Generator) -> Floats:
        """The probability of events that hold these types at some of the draws, shape (events, draws)."""

    def dense(self, at: Ints, prior: Floats) -> Floats:
        """Shares of all types at some of the draws; `prior` are as many draws before any case."""


class RowState(Protocol):
    """A row of shares in all chains."""

    row: Row
    numbers: Ints

    def draw(self, rng: np.random.Generator) -> None:
        """Shares given the types of units."""

    def allocate(self, met: Counts, rng: np.random.Generator) -> None:
        """Types of the units that met each event, given the shares; met has shape (events of all rows, chains)."""

    def probabilities(self) -> Floats:
        """The probability of each event, shape (events, chains)."""

    def keep(self) -> None:
        """Keep the shares as they are."""

    def kept(self) -> Kept:
        """All draws that were kept, chain by chain."""


def row_state(model: Model, row: Row, events: Sequence[Event], numbers: Sequence[int], chains: int) -> RowState:
    """A row before any case, its shares drawn once `draw` is called."""
    held, law = masks(model, events), model.laws[row[0]]
    if isinstance(law, Dirichlet) and kept_as_atoms(model, row[0]):
        return SparseRow(row, np.array(numbers, dtype=np.intp), held, law.alpha, chains)
    return GroupedRow(row, np.array(numbers, dtype=np.intp), held, law, chains)


def kept_as_atoms(model: Model, node: str) -> bool:
    """Whether the rows of a node keep few of its types."""
    law = model.laws[node]
    return isinstance(law, Dirichlet) and few_carry_the_weight(law.alpha)


@dataclass(frozen=True)
class GroupedDraws:
    """Shares of groups of types, shape (draws, groups), and the group of each type."""

    law: Law
    group: Ints
    shares: Floats

    def probabilities(self, held: Held, at: Ints, rng: np.random.Generator) -> Floats:
        """The probability of events that hold these types, groups divided among their types as beforehand."""
        shares = self.shares[at]
        if isinstance(self.law, Dirichlet):
            members, classes = told_apart(held)
            pairs, index = np.unique(np.column_stack([self.group, classes]), axis=0, return_inverse=True)
            held = members[:, pairs[:, 1]]
            if len(pairs) > shares.shape[1]:
                alpha = np.bincount(index.ravel(), self.law.alpha, len(pairs))
                prior = Dirichlet(alpha).draw(np.zeros((len(at), len(pairs))), rng)
                shares = _divided(shares, pairs[:, 0], prior)
        return np.asarray(held.astype(float) @ shares.T)

    def dense(self, at: Ints, prior: Floats) -> Floats:
        """Shares of all types."""
        return _divided(self.shares[at], self.group, prior)


@dataclass(frozen=True)
class SparseDraws:
    """Shares kept as atoms."""

    atoms: Atoms

    def probabilities(self, held: Held, at: Ints, rng: np.random.Generator) -> Floats:
        """The probability of events that hold these types."""
        return self.atoms.at(at).probabilities(held)

    def dense(self, at: Ints, prior: Floats) -> Floats:
        """Shares of all types."""
        return self.atoms.at(at).dense(prior.shape[1])


class GroupedRow:
    """A row by groups of types that the events do not tell apart."""

    def __init__(self, row: Row, numbers: Ints, held: Held, law: Law, chains: int) -> None:
        self.row, self.numbers, self.whole = row, numbers, law
        self.members, self.group, self.law = held, np.arange(held.shape[1]), law
        if isinstance(law, Dirichlet):
            self.members, self.group = told_apart(held)
            self.law = Dirichlet(np.bincount(self.group, law.alpha, self.members.shape[1]))
        self.counts: Floats = np.zeros((chains, self.members.shape[1]))
        self.shares: Floats = np.zeros(())
        self.draws: list[Floats] = []

    def draw(self, rng: np.random.Generator) -> None:
        """Shares given counts of groups."""
        self.shares = self.law.draw(self.counts, rng)

    def allocate(self, met: Counts, rng: np.random.Generator) -> None:
        """Groups of the units that met each event."""
        self.counts = np.zeros_like(self.shares)
        self.place(met, self.shares, rng)

    def place(self, met: Counts, shares: Floats, rng: np.random.Generator) -> None:
        """Count units in groups drawn by shares."""
        for event, members in zip(met[self.numbers], self.members, strict=True):
            who, at = np.flatnonzero(event), np.flatnonzero(members)
            if len(who):
                units = event[who]
                if len(at) == 1:
                    self.counts[who, at[0]] += units
                elif units.max() > FEW:
                    here = np.ix_(who, at)
                    self.counts[here] += divide(units, shares[here], rng)
                else:
                    for chains, ways in one_by_one(units, shares[np.ix_(who, at)], rng):
                        self.counts[who[chains], at[ways]] += 1

    def probabilities(self) -> Floats:
        """The probability of each event."""
        return np.asarray(self.members.astype(float) @ self.shares.T)

    def keep(self) -> None:
        """Keep the shares."""
        self.draws.append(self.shares)

    def kept(self) -> GroupedDraws:
        """All draws, chain by chain."""
        stacked = np.stack(self.draws, axis=1)
        return GroupedDraws(self.whole, self.group, stacked.reshape(-1, stacked.shape[-1]))


class SparseRow:
    """A row by the types of its units and the few others that carry weight."""

    def __init__(self, row: Row, numbers: Ints, held: Held, alpha: Floats, chains: int) -> None:
        self.row, self.numbers, self.held, self.alpha = row, numbers, held, alpha
        self.met: Ints = np.zeros((chains, 0), dtype=np.intp)
        self.counts: Floats = np.zeros((chains, 0))
        self.atoms = Atoms(self.met, self.counts)
        self.draws: list[Atoms] = []

    def draw(self, rng: np.random.Generator) -> None:
        """Atoms given counts of types."""
        self.atoms = with_units(self.alpha, self.met, self.counts, rng)

    def allocate(self, met: Counts, rng: np.random.Generator) -> None:
        """Types of the units that met each event; those that some unit has, at most so many in each chain, are kept."""
        counts = np.zeros(self.atoms.types.shape)
        for event, held in zip(met[self.numbers], self.held, strict=True):
            if len(who := np.flatnonzero(event)):
                weights = self.atoms.weights[who] * held[self.atoms.types[who]]
                counts[who] += divide(event[who], weights, rng)
        most = int((counts > 0).sum(axis=1).max())
        chosen = np.argsort(-counts, axis=1, kind="stable")[:, :most]
        self.met = np.take_along_axis(self.atoms.types, chosen, axis=1)
        self.counts = np.take_along_axis(counts, chosen, axis=1)

    def probabilities(self) -> Floats:
        """The probability of each event."""
        return self.atoms.probabilities(self.held)

    def keep(self) -> None:
        """Keep the atoms."""
        self.draws.append(self.atoms)

    def kept(self) -> SparseDraws:
        """All draws, chain by chain, filled up to the same number of atoms."""
        most = max(atoms.types.shape[1] for atoms in self.draws)
        wide = [[np.pad(a, ((0, 0), (0, most - a.shape[1]))) for a in (d.types, d.weights)] for d in self.draws]
        types, weights = (np.stack(parts, axis=1).reshape(-1, most) for parts in zip(*wide, strict=True))
        return SparseDraws(Atoms(types, weights))


def divide(n: Counts, weights: Floats, rng: np.random.Generator) -> Counts:
    """n units of each chain divided among ways by weight; n has shape (chains,), weights and the answer (chains, ways)."""
    if n.max() > FEW:
        return rng.multinomial(n, normalised(weights))
    found = np.zeros(weights.shape, dtype=np.int64)
    for chains, ways in one_by_one(n, weights, rng):
        found[chains, ways] += 1
    return found


def one_by_one(n: Counts, weights: Floats, rng: np.random.Generator) -> Iterator[tuple[Ints, Ints]]:
    """For the first unit of every chain, then the second and so on: the chains that have it, and the way it takes."""
    steps = np.cumsum(weights + LEAST, axis=1)
    for unit in range(int(n.max())):
        chains = np.flatnonzero(n > unit)
        aim = rng.random((len(chains), 1)) * steps[chains, -1:]
        yield chains, np.minimum((aim > steps[chains]).sum(axis=1), weights.shape[1] - 1)


def normalised(weights: Floats) -> Floats:
    """Weights as probabilities along the last axis, equal where all are too small for a float."""
    safe = weights + LEAST
    return np.asarray(safe / safe.sum(axis=-1, keepdims=True))


def _divided(shares: Floats, group: Ints, prior: Floats) -> Floats:
    """Shares of types from those of their groups, each divided as it was beforehand; shapes (draws, groups), (draws, types)."""
    if len(group) == shares.shape[1]:
        return np.asarray(shares[:, group])
    return np.asarray(shares[:, group] * prior / sum_by(prior, group, shares.shape[1])[:, group])
