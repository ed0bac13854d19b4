"""The likelihood of cases, taken apart: pieces that share no unknown value, and cases that share a piece.

Where a node's causes were seen, it depends on no other unknown value; so do a few nodes joined by unseen ones, and nodes that are
confounded. Equal pieces of different cases are one piece, met several times.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import networkx as nx
import numpy as np

from causal.potential import Outcome
from models.types.cases import Case
from models.types.circuit import Circuit, Event, Evidence, Ints, compile_circuit
from models.types.graph import TypesError
from models.types.laws import Floats
from models.types.make import Model
from models.types.worlds import Variable, place


class ContradictionError(TypesError):
    """A case that the model says cannot be; the message names it."""


@dataclass(frozen=True)
class Piece:
    """A part of one or more cases that can be explained by itself: its circuit, and in how many cases it is met."""

    circuit: Circuit
    count: int

    @property
    def certain(self) -> tuple[Event, ...] | None:
        """The events that must have happened, when there is only one way in which the piece can be."""
        return self.circuit.events if all(len(step.source) == 1 for step in self.circuit.steps) else None


@dataclass(frozen=True)
class Ways:
    """Every way in which a piece can be: the events of each, shape (ways, steps), by number; and its log weight."""

    events: Ints
    log_weight: Floats


def pieces(model: Model, cases: Iterable[Case]) -> tuple[Piece, ...]:
    """The pieces of all cases. Raises ContradictionError for the first case that cannot be."""
    alike: dict[frozenset[tuple[str, tuple[float, ...]]], list[Case]] = {}
    for case in cases:
        alike.setdefault(frozenset(case.informative.items()), []).append(case)
    counts: Counter[frozenset[tuple[Variable, tuple[float, ...]]]] = Counter()
    first: dict[frozenset[tuple[Variable, tuple[float, ...]]], Case] = {}
    for case, *others in alike.values():
        for evidence in case_pieces(model, case):
            key = frozenset(evidence.items())
            counts[key] += 1 + len(others)
            first.setdefault(key, case)
    found = []
    for key, count in counts.items():
        circuit = compile_circuit(model, (), dict(key))
        if not circuit.possible:
            raise _contradiction(model, first[key])
        found.append(Piece(circuit, count))
    return tuple(found)


def case_pieces(model: Model, case: Case) -> Iterator[Evidence]:
    """What was seen of a case, piece by piece, every piece under the values of the causes seen outside it."""
    graph = model.graph
    informative = case.informative
    certain = {node: level for node in informative if (level := case.certain(node)) is not None}
    joined: nx.Graph[str] = nx.Graph()
    for node in sorted(graph.ancestors(informative), key=graph.position.__getitem__):  # draws follow this order
        joined.add_node(node)
        joined.add_edges_from((node, parent) for parent in graph.parents[node] if parent not in certain)
    for node in reversed(graph.nodes):  # a node that confounds two others joins them, seen or not
        if node in joined:
            joined.add_edges_from((node, other) for other in graph.confounded[node])
    for members in nx.connected_components(joined):
        inside = [node for node in graph.nodes if node in members and node in informative]
        outside = tuple((node, level) for node, level in certain.items() if node not in members)
        if inside:
            yield {_variable(model, node, outside): informative[node] for node in inside}


def ways(circuit: Circuit, most: int) -> Ways | None:
    """Every path through a circuit, or None when there are more than `most`."""
    number = np.ones(1)
    for step in circuit.steps:
        number = np.add.reduceat(number[step.source], step.starts)
        if number.sum() > most:
            return None
    paths, log_weight, state = np.zeros((1, 0), dtype=np.intp), np.zeros(1), np.zeros(1, dtype=np.intp)
    for step in circuit.steps:
        ends = np.repeat(np.arange(len(step.starts)), np.diff(step.starts, append=len(step.source)))
        path, edge = np.nonzero(state[:, None] == step.source[None, :])
        paths = np.column_stack([paths[path], step.event[edge]])
        log_weight = log_weight[path] + np.log(step.scale[edge])
        state = ends[edge]
    return Ways(paths, log_weight)


def numbered(pieces: Iterable[Piece]) -> tuple[dict[Event, int], list[Ints]]:
    """All events of all pieces by number, and for each piece the numbers of its own."""
    index: dict[Event, int] = {}
    own = [np.array([index.setdefault(e, len(index)) for e in piece.circuit.events], dtype=np.intp) for piece in pieces]
    return index, own


def _variable(model: Model, node: str, outside: tuple[tuple[str, int], ...]) -> Variable:
    found = place(model.graph, Outcome(node, tuple(sorted(outside))))
    assert isinstance(found, Variable), "a node of the piece is not set"
    return found


def _contradiction(model: Model, case: Case) -> ContradictionError:
    ruled = "; ".join(map(str, model.restrictions)) or "the graph alone"
    return ContradictionError(
        f"case '{case.name}' ({case}) cannot be: no causal type that the model leaves agrees with it. Restrictions: {ruled}. "
        "Correct the coding, or drop a restriction."
    )
