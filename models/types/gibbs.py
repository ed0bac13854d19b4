"""Where the posterior cannot be listed: Gibbs sampling of types given shares and shares given types, many chains at once.

Every chain starts from its own draw of the prior and runs beside the others in one array, so that modes which a single chain
would never leave are each found by some. Selection is augmented data: for n cases that could be seen, the number that could
not be is negative binomial, and they have types too; with a prior 1/N on how many there are this is the likelihood p / p(seen).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from models.types.circuit import Circuit, Event, Ints, Row, by_row, forward, masks, most_classes
from models.types.exact import prior_probabilities
from models.types.laws import Floats
from models.types.make import Model
from models.types.pieces import Piece, Ways, ways
from models.types.rows import Kept, divide, kept_as_atoms, row_state

type Counts = NDArray[np.int64]

MOST_WAYS = 1024
MOST_VALUES = 2**25


@dataclass(frozen=True, slots=True)
class Effort:
    """How long to sample: chains side by side, steps before the first draw, draws of each chain, steps between draws."""

    chains: int = 100
    warm_up: int = 200
    draws: int = 40
    thin: int = 5


@dataclass(frozen=True)
class Selection:
    """Which units could have become cases: the circuit of the statement, and in which of its last states they could not."""

    circuit: Circuit
    unseen: NDArray[np.bool_]
    cases: int


@dataclass(frozen=True)
class Sampled:
    """Draws of the shares, chain by chain.

    rows : those that some case touches; the others are as before the data
    by : the method by which they were drawn
    """

    model: Model
    rows: Mapping[Row, Kept]
    effort: Effort
    by: Literal["Gibbs", "NUTS"] = "Gibbs"

    def r_hat(self, draws: Floats) -> float:
        """Spread between chains against that within, 1 when the chains agree (Gelman and Rubin 1992); of all draws in order."""
        chains = draws.reshape(self.effort.chains, -1)
        within, between = chains.var(axis=1, ddof=1).mean(), chains.mean(axis=1).var(ddof=1)
        return float(np.sqrt(1 - 1 / chains.shape[1] + between / within)) if within > 0 else 1.0

    @property
    def size(self) -> int:
        """How many draws there are."""
        return self.effort.chains * self.effort.draws

    def draw(self, size: int, rng: np.random.Generator) -> dict[str, Floats]:
        """The draws of all shares, shape (size, rows, types) for each node: all in order where as many are asked for."""
        at = np.arange(self.size) if size == self.size else rng.integers(self.size, size=size)
        found = self.model.shares(self.model.no_counts(size), rng)
        for (node, row), kept in self.rows.items():
            found[node][:, row] = kept.dense(at, found[node][:, row])
        return found

    def draw_events(self, events: Sequence[Event], size: int, rng: np.random.Generator) -> Floats:
        """The probabilities of events at every draw, or at as many as asked for, shape (events, size)."""
        p, at = np.empty((len(events), size)), np.linspace(0, self.size - 1, size).astype(np.intp)
        for (node, row), numbers in by_row(events).items():
            held = masks(self.model, [events[i] for i in numbers])
            kept = self.rows.get((node, row))
            p[numbers] = (
                kept.probabilities(held, at, rng)
                if kept
                else prior_probabilities(self.model.laws[node], held, size, rng)
            )
        return p


def sample(
    model: Model, pieces: Sequence[Piece], effort: Effort, rng: np.random.Generator, selection: Selection | None = None
) -> Sampled:
    """Draws from the posterior of all shares."""
    effort = _within_memory(model, pieces, effort)
    sampler = _Sampler(model, pieces, selection, effort.chains, rng)
    for step in range(effort.warm_up + effort.draws * effort.thin):
        sampler.step()
        past = step - effort.warm_up
        if past >= 0 and past % effort.thin == effort.thin - 1:
            for row in sampler.rows:
                row.keep()
    return Sampled(model, {row.row: row.kept() for row in sampler.rows}, effort)


def _within_memory(model: Model, pieces: Sequence[Piece], effort: Effort) -> Effort:
    """The effort with fewer chains and draws where the cases tell very many types apart."""
    events = dict.fromkeys(event for piece in pieces for event in piece.circuit.events)
    dense = [event for event in events if not kept_as_atoms(model, event.node)]
    size = most_classes(model, dense)
    chains = max(16, min(effort.chains, MOST_VALUES // (16 * size)))
    return replace(effort, chains=chains, draws=max(10, min(effort.draws, MOST_VALUES // (chains * size))))


class _Sampler:
    """The state of all chains."""

    def __init__(
        self, model: Model, pieces: Sequence[Piece], selection: Selection | None, chains: int, rng: np.random.Generator
    ) -> None:
        self.model, self.rng, self.chains, self.selection = model, rng, chains, selection
        circuits = [piece.circuit for piece in pieces] + ([selection.circuit] if selection else [])
        index: dict[Event, int] = {}
        self.own = [np.array([index.setdefault(e, len(index)) for e in c.events], dtype=np.intp) for c in circuits]
        events = list(index)
        rows = by_row(events).items()
        self.rows = [row_state(model, row, [events[i] for i in numbers], numbers, chains) for row, numbers in rows]
        self.fixed = np.zeros(len(events), dtype=np.int64)
        self.open: list[tuple[Piece, Ints, tuple[Ways, Counts] | None]] = []
        for piece, own in zip(pieces, self.own, strict=False):
            if piece.certain is not None:
                self.fixed[own] += piece.count
            else:
                listed = ways(piece.circuit, MOST_WAYS)
                self.open.append((piece, own, (listed, incidence(listed, len(own))) if listed else None))
        for row in self.rows:
            row.draw(rng)

    def step(self) -> None:
        """Explanations of the cases, then types, then shares."""
        p = np.empty((len(self.fixed), self.chains))
        for row in self.rows if self.open or self.selection else ():
            p[row.numbers] = row.probabilities()
        met = np.repeat(self.fixed[:, None], self.chains, axis=1)
        for piece, own, listed in self.open:
            if listed is None:
                met[own] += _explained(piece.circuit, p[own], piece.count, self.rng)
            else:
                met[own] += _among_ways(*listed, p[own], piece.count, self.rng)
        if self.selection:
            own = self.own[-1]
            met[own] += _unseen(self.selection, p[own], self.rng)
        for row in self.rows:
            row.allocate(met, self.rng)
            row.draw(self.rng)


def incidence(listed: Ways, events: int) -> Counts:
    """How often each way uses each event, shape (events, ways)."""
    found = np.zeros((events, len(listed.events)), dtype=np.int64)
    for column in listed.events.T:
        np.add.at(found, (column, np.arange(len(column))), 1)
    return found


def backward(circuit: Circuit, p: Floats, weights: Sequence[Floats], ends: Counts, rng: np.random.Generator) -> Counts:
    """How often each event happened, shape (events, chains), when so many units ended in each last state."""
    met = np.zeros((len(circuit.events), p.shape[1]), dtype=np.int64)
    at = ends
    for step, before in zip(reversed(circuit.steps), reversed(weights[:-1]), strict=True):
        flow = before[step.source] * p[step.event] * step.scale[:, None]
        earlier = np.zeros((len(before), p.shape[1]), dtype=np.int64)
        bounds = [*step.starts.tolist(), len(step.source)]
        for state, (start, end) in enumerate(pairwise(bounds)):
            if at[state].any():
                took = divide(at[state], flow[start:end].T, rng).T
                np.add.at(met, step.event[start:end], took)
                np.add.at(earlier, step.source[start:end], took)
        at = earlier
    return met


def _explained(circuit: Circuit, p: Floats, count: int, rng: np.random.Generator) -> Counts:
    """Events of so many equal pieces."""
    weights = forward(circuit, p)
    ends = np.full((1, p.shape[1]), count, dtype=np.int64)
    return backward(circuit, p, weights, ends, rng)


def _among_ways(listed: Ways, uses: Counts, p: Floats, count: int, rng: np.random.Generator) -> Counts:
    """The same where the ways are listed."""
    chance = np.exp(listed.log_weight)[:, None] * p[listed.events[:, 0]]
    for column in listed.events.T[1:]:
        chance *= p[column]
    return uses @ divide(np.full(p.shape[1], count), chance.T, rng).T


def _unseen(selection: Selection, p: Floats, rng: np.random.Generator) -> Counts:
    """Events of the units that could not become cases."""
    weights = forward(selection.circuit, p)
    ends = weights[-1] * selection.unseen[:, None]
    seen = np.clip(1 - ends.sum(axis=0), 1e-6, 1.0)
    hidden = rng.negative_binomial(selection.cases, seen)
    return backward(selection.circuit, p, weights, divide(hidden, ends.T, rng).T, rng)
