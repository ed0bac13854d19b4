"""The exact posterior: a mixture over the ways in which cases can be explained, and within it a mixture for every row of shares.

Rows that no case couples are independent. Those that pieces with several explanations couple form a block; a block's outer
mixture is over how many units of each such piece went each way.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise, product
from math import prod

import networkx as nx
import numpy as np
from numpy.typing import NDArray
from scipy.special import logsumexp

from models.types.atoms import draw_atoms, few_carry_the_weight
from models.types.circuit import Circuit, Event, Ints, Row, by_row, forward, masks, told_apart
from models.types.laws import Dirichlet, Floats, Law
from models.types.logistic import Weighed
from models.types.make import Model
from models.types.mixture import RowMixture, TooManyError, distribute, expand
from models.types.pieces import Piece, Ways, numbered, ways

type States = NDArray[np.int32]

MOST_OUTER = 20_000
MOST_WAYS = 4096
MOST_JOINT = 50_000


@dataclass(frozen=True)
class Block:
    """Rows that share unexplained cases. `mixtures` of each row; `chosen`, shape (outer, rows), says which of them; `weights`."""

    rows: tuple[Row, ...]
    mixtures: tuple[tuple[RowMixture, ...], ...]
    chosen: Ints
    weights: Floats
    log_marginal: float


@dataclass(frozen=True)
class Exact:
    """The exact posterior of all shares. Rows in no block are as before the data."""

    model: Model
    blocks: tuple[Block, ...]

    @property
    def log_marginal(self) -> float:
        """Log probability of the cases, in the order they are in."""
        return sum(block.log_marginal for block in self.blocks)

    @property
    def components(self) -> int:
        """How many Dirichlets are mixed, all rows and blocks together."""
        return sum(len(m.weights) for block in self.blocks for row in block.mixtures for m in row)

    def draw(self, size: int, rng: np.random.Generator) -> dict[str, Floats]:
        """Independent draws of all shares, shape (size, rows, types) for each node."""
        shares = self.model.shares(self.model.no_counts(size), rng)
        for block in self.blocks:
            outer = rng.choice(len(block.weights), size=size, p=block.weights)
            for r, (node, row) in enumerate(block.rows):
                for m, at in _split(block.chosen[outer, r]):
                    shares[node][at, row] = block.mixtures[r][m].draw(len(at), rng)
        return shares

    def draw_events(self, events: Sequence[Event], size: int, rng: np.random.Generator) -> Floats:
        """Independent draws of the probabilities of events, shape (events, size)."""
        rows, p = by_row(events), np.empty((len(events), size))
        for block in self.blocks:
            outer = rng.choice(len(block.weights), size=size, p=block.weights)
            for r, row in enumerate(block.rows):
                if numbers := rows.pop(row, []):
                    members, classes = told_apart(masks(self.model, [events[i] for i in numbers]))
                    for m, at in _split(block.chosen[outer, r]):
                        gathered, held = block.mixtures[r][m].gathered(classes)
                        p[np.ix_(numbers, at)] = members[:, held].astype(float) @ gathered.draw(len(at), rng).T
        for (node, _), numbers in rows.items():
            those = masks(self.model, [events[i] for i in numbers])
            p[numbers] = prior_probabilities(self.model.laws[node], those, size, rng)
        return p

    def expect(self, circuit: Circuit) -> Floats:
        """The exact probability of every last state of a circuit. Raises TooManyError when too much is coupled."""
        rows = by_row(circuit.events)
        if any(isinstance(self.model.laws[node], Weighed) for node, _ in rows):
            raise TooManyError
        coupled = [found for block in self.blocks if (found := _coupling(block, rows))]
        size = prod(len(weights) for *_, weights in coupled)
        if size > MOST_JOINT:
            raise TooManyError
        p, weight = np.empty((len(circuit.events), size)), np.ones(size)
        joint = np.array(list(product(*(range(len(w)) for *_, w in coupled))), dtype=np.intp).reshape(size, -1)
        for b, (block, held, chosen, weights) in enumerate(coupled):
            weight *= weights[joint[:, b]]
            for column, r in enumerate(held):
                numbers = rows.pop(block.rows[r])
                probabilities = self._probabilities(circuit, numbers, [m.mean for m in block.mixtures[r]])
                p[numbers] = probabilities[:, chosen[joint[:, b], column]]
        for (node, _), numbers in rows.items():
            mean = self.model.laws[node].mean(np.zeros(len(self.model.types[node])))
            p[numbers] = self._probabilities(circuit, numbers, [mean])
        return np.asarray(forward(circuit, p)[-1] @ weight)

    def _probabilities(self, circuit: Circuit, numbers: Sequence[int], means: Sequence[Floats]) -> Floats:
        held = masks(self.model, [circuit.events[i] for i in numbers])
        return np.asarray(held.astype(float) @ np.stack(means).T)


def prior_probabilities(law: Law, held: NDArray[np.bool_], size: int, rng: np.random.Generator) -> Floats:
    """Draws of the probabilities of events before any case, shape (events, size)."""
    if isinstance(law, Dirichlet):
        members, classes = told_apart(held)
        alpha = np.bincount(classes, law.alpha, members.shape[1])
        if few_carry_the_weight(alpha):
            return draw_atoms(alpha, size, rng).probabilities(members)
        return np.asarray(members.astype(float) @ Dirichlet(alpha).draw(np.zeros((size, len(alpha))), rng).T)
    return np.asarray(held.astype(float) @ law.draw(np.zeros((size, held.shape[1])), rng).T)


def _split(chosen: Ints) -> Iterator[tuple[int, Ints]]:
    """Each number chosen, and where."""
    order = np.argsort(chosen, kind="stable")
    numbers, starts = np.unique(chosen[order], return_index=True)
    yield from zip(numbers.tolist(), np.split(order, starts[1:]), strict=True)


def _coupling(block: Block, rows: Mapping[Row, object]) -> tuple[Block, list[int], Ints, Floats] | None:
    """Those rows of a block that are asked for, the combinations of their mixtures, and the weight of each combination."""
    held = [r for r, row in enumerate(block.rows) if row in rows]
    if not held:
        return None
    chosen, inverse = np.unique(block.chosen[:, held], axis=0, return_inverse=True)
    return block, held, chosen, np.bincount(inverse.ravel(), block.weights)


def enumerate_posterior(model: Model, pieces: Sequence[Piece]) -> Exact:
    """The exact posterior. Raises TooManyError when it cannot be listed."""
    if any(not isinstance(law, Dirichlet) for law in model.laws.values()):
        raise TooManyError
    explained = [_explained(piece) for piece in pieces]
    index, own = numbered(pieces)
    events = list(index)
    coupled: nx.Graph[Row] = nx.Graph()
    for event in events:
        coupled.add_node((event.node, event.row))
    open_pieces: list[tuple[Piece, Ways]] = []
    fixed = np.zeros(len(events), dtype=np.int32)
    log_fixed = 0.0
    for piece, way, numbers in zip(pieces, explained, own, strict=True):
        whole = Ways(numbers[way.events], way.log_weight)
        if len(whole.events) == 1:
            fixed[whole.events[0]] += piece.count
            log_fixed += piece.count * float(whole.log_weight[0])
            continue
        open_pieces.append((piece, whole))
        touched = [(events[e].node, events[e].row) for e in np.unique(whole.events)]
        coupled.add_edges_from(pairwise(touched))
    blocks = [_block(model, events, fixed, open_pieces, rows) for rows in nx.connected_components(coupled)]
    if blocks and log_fixed:
        b = blocks[0]
        blocks[0] = Block(b.rows, b.mixtures, b.chosen, b.weights, b.log_marginal + log_fixed)
    return Exact(model, tuple(blocks))


def _explained(piece: Piece) -> Ways:
    found = ways(piece.circuit, MOST_WAYS)
    if found is None:
        raise TooManyError
    return found


def _block(
    model: Model,
    events: Sequence[Event],
    fixed: States,
    open_pieces: Sequence[tuple[Piece, Ways]],
    members: set[Row],
) -> Block:
    rows = tuple(sorted(members, key=lambda row: (model.graph.position[row[0]], row[1])))
    states, log_ways = fixed[None].copy(), np.zeros(1)
    for piece, way in open_pieces:
        first = events[int(way.events[0, 0])]
        if (first.node, first.row) in members:
            states, log_ways = _distribute_piece(states, log_ways, piece.count, way)
    by_row = [np.array([i for i, e in enumerate(events) if (e.node, e.row) == row], dtype=np.intp) for row in rows]
    mixtures: list[tuple[RowMixture, ...]] = []
    chosen = np.empty((len(states), len(rows)), dtype=np.intp)
    log_weights = log_ways.copy()
    for r, (row, numbers) in enumerate(zip(rows, by_row, strict=True)):
        distinct, inverse = np.unique(states[:, numbers], axis=0, return_inverse=True)
        chosen[:, r] = inverse.ravel()
        each = tuple(_row(model, row, [events[i] for i in numbers], counts) for counts in distinct.tolist())
        mixtures.append(each)
        log_weights += np.array([m.log_marginal for m in each])[chosen[:, r]]
    total = float(logsumexp(log_weights))
    return Block(rows, tuple(mixtures), chosen, np.exp(log_weights - total), total)


def _distribute_piece(states: States, log_ways: Floats, n: int, way: Ways) -> tuple[States, Floats]:
    """Outer states after n equal cases were explained in one of the ways each."""
    incidence = np.zeros((len(way.events), states.shape[1]), dtype=np.int32)
    for column in way.events.T:
        np.add.at(incidence, (np.arange(len(incidence)), column), 1)
    states, log_ways = distribute(states, log_ways, n, incidence, way.log_weight)
    if len(states) > MOST_OUTER:
        raise TooManyError
    return states, log_ways


def _row(model: Model, row: Row, events: Sequence[Event], counts: Sequence[int]) -> RowMixture:
    law = model.laws[row[0]]
    assert isinstance(law, Dirichlet), "only Dirichlet rows are enumerated"
    met = [i for i, n in enumerate(counts) if n]
    kept = [events[i] for i in met]
    held = masks(model, kept) if kept else np.zeros((0, len(law.alpha)), dtype=bool)
    return expand(law.alpha, kept, held, [counts[i] for i in met])
