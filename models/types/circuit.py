"""Belief propagation over parallel worlds, compiled once and evaluated on many draws of shares.

Nodes are passed in causal order. A state is what the rest depends on: values of variables with effects still to come, and types
of nodes that confound a later one. Passing a node is a set of edges between states, each with an event: the types of the
node that respond in the way the edge needs. Types are never multiplied over nodes.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from math import prod

import numpy as np
from numpy.typing import NDArray

from models.types.graph import TypesError
from models.types.laws import Dirichlet, Floats
from models.types.make import Model
from models.types.worlds import Place, Variable, causes, needed

type Ints = NDArray[np.intp]
type State = tuple[int, ...]
type Row = tuple[str, int]
type Mixed = tuple[int, list[tuple[int, int]]]
"""A number that depends on a state: what it is at least, and steps for each of the state's values, by place."""
type Evidence = Mapping[Variable, tuple[float, ...]]
"""How probable what was seen of a variable is at each of its levels: (0, 1) saw level 1, (1, 1) saw nothing."""

MOST_STATES = 200_000


@dataclass(frozen=True, slots=True)
class Event:
    """Types of a node, in one row of its shares, that take these levels in these configurations; or the one type."""

    node: str
    row: int
    responses: tuple[tuple[int, int], ...] = ()
    type: int | None = None


@dataclass(frozen=True)
class Step:
    """Edges into the states after a node, sorted by them. `starts` is where the edges of each state begin."""

    source: Ints
    event: Ints
    scale: Floats
    starts: Ints


@dataclass(frozen=True)
class Circuit:
    """Steps from one empty state to the last states, in each of which the variables asked for have known values.

    events : those that edges name by number; values : shape (variables asked, last states)
    """

    events: tuple[Event, ...]
    steps: tuple[Step, ...]
    values: Floats

    @property
    def possible(self) -> bool:
        """Whether any combination of types agrees with the evidence."""
        return bool(self.values.shape[1] > 0)


def compile_circuit(model: Model, asked: Sequence[Place], evidence: Evidence | None = None) -> Circuit:
    """The circuit for the joint distribution of places and evidence. Raises TypesError when there are too many states."""
    return _Compiler(model, asked, evidence or {}).circuit()


class _Compiler:
    """What is known while the nodes are passed one by one."""

    def __init__(self, model: Model, asked: Sequence[Place], evidence: Evidence) -> None:
        self.model, self.graph, self.asked, self.evidence = model, model.graph, asked, evidence
        seen = [variable for variable, weights in evidence.items() if len(set(weights)) > 1]
        variables = needed(self.graph, [*asked, *seen])
        self.of = {node: [v for v in variables if v.node == node] for node in self.graph.nodes}
        self.places = {v: causes(self.graph, v) for v in variables}
        self.order = [n for n in self.graph.nodes if n in self._with_confounders({v.node for v in variables})]
        self.events: dict[Event, int] = {}
        self.taken: dict[tuple[str, tuple[int, ...]], list[list[int]]] = {}
        self.last = self._last_uses()

    def circuit(self) -> Circuit:
        states: dict[State, int] = {(): 0}
        live: list[Variable | str] = []
        steps = []
        for at, node in enumerate(self.order):
            entered: list[Variable | str] = [*live, *self.of[node], *([node] if node in self.last else [])]
            kept = [i for i, key in enumerate(entered) if self.last.get(key, -1) > at]
            edges: dict[tuple[int, int, int], float] = {}
            after: dict[State, int] = {}
            row, configurations = self._numbers(node, live)
            branches: dict[tuple[int, ...], list[tuple[int, State, float]]] = {}
            for state, number in states.items():
                here = tuple(first + sum(step * state[i] for step, i in rest) for first, rest in (row, *configurations))
                if here not in branches:
                    branches[here] = list(self._branches(node, here[0], here[1:]))
                for event, added, scale in branches[here]:
                    whole = (*state, *added)
                    edge = (after.setdefault(tuple([whole[i] for i in kept]), len(after)), number, event)
                    edges[edge] = edges.get(edge, 0.0) + scale
                if len(after) > MOST_STATES:
                    raise TypesError(
                        f"more than {MOST_STATES} states are needed to pass '{node}': too many nodes depend on one another at "
                        "once. Ask about fewer worlds, or give the nodes fewer causes or levels."
                    )
            steps.append(_step(edges))
            states, live = after, [entered[i] for i in kept]
        values = [[self._value(place, dict(zip(live, state, strict=True))) for state in states] for place in self.asked]
        return Circuit(
            tuple(self.events), tuple(steps), np.array(values, dtype=float).reshape(len(self.asked), len(states))
        )

    def _with_confounders(self, nodes: set[str]) -> set[str]:
        """These nodes, and those whose types their own depend on."""
        waiting, found = list(nodes), set()
        while waiting:
            node = waiting.pop()
            if node not in found:
                found.add(node)
                waiting += self.graph.confounded[node]
        return found

    def _last_uses(self) -> dict[Variable | str, int]:
        """The last position in order at which each variable, or the type of a node that confounds others, is looked up."""
        last: dict[Variable | str, int] = {}
        for at, node in enumerate(self.order):
            for variable in self.of[node]:
                last.update(dict.fromkeys((p for p in self.places[variable] if isinstance(p, Variable)), at))
            last.update(dict.fromkeys(self.graph.confounded[node], at))
        last.update(dict.fromkeys((p for p in self.asked if isinstance(p, Variable)), len(self.order)))
        return last

    def _value(self, place: Place, known: Mapping[Variable | str, int]) -> int:
        return place if isinstance(place, int) else known[place]

    def _numbers(self, node: str, live: Sequence[Variable | str]) -> tuple[Mixed, list[Mixed]]:
        """The row of a node's shares, and the configuration of its causes in each of its variables, from the live values."""
        where = {key: i for i, key in enumerate(live)}
        types = [(len(self.model.types[other]), other) for other in self.graph.confounded[node]]
        levels = [self.graph.levels[parent] for parent in self.graph.parents[node]]
        of_variables = [list(zip(levels, self.places[variable], strict=True)) for variable in self.of[node]]
        return _mixed(types, where), [_mixed(places, where) for places in of_variables]

    def _branches(self, node: str, row: int, at: Sequence[int]) -> Iterator[tuple[int, State, float]]:
        """The events, by number, that a node may add to a state, with the levels (and the type, if it confounds) they bring."""
        seen = [(i, self.evidence[v]) for i, v in enumerate(self.of[node]) if v in self.evidence]
        for event, levels, tail in self._responses(node, row, at):
            scale = prod(weights[levels[i]] for i, weights in seen)
            if scale > 0:
                yield self.events.setdefault(event, len(self.events)), (*levels, *tail), scale

    def _responses(self, node: str, row: int, at: Sequence[int]) -> Iterator[tuple[Event, State, State]]:
        table = self.model.types[node]
        if node in self.last:
            for number, levels in enumerate(table[:, at].tolist()):
                yield Event(node, row, type=number), tuple(levels), (number,)
            return
        distinct = sorted(set(at))
        for taken in self._taken(node, tuple(distinct)):
            level = dict(zip(distinct, taken, strict=True))
            yield Event(node, row, tuple(level.items())), tuple(level[c] for c in at), ()

    def _taken(self, node: str, at: tuple[int, ...]) -> list[list[int]]:
        """The levels that some type of the node takes in these configurations."""
        if (node, at) not in self.taken:
            self.taken[node, at] = np.unique(self.model.types[node][:, at], axis=0).tolist()
        return self.taken[node, at]


def _mixed(digits: Sequence[tuple[int, Place | str]], where: Mapping[Variable | str, int]) -> Mixed:
    """The number with these digits, each a base and a known value or one that a state holds, the first digit slowest."""
    first, rest, step = 0, [], 1
    for base, place in reversed(digits):
        if isinstance(place, int):
            first += step * place
        else:
            rest.append((step, where[place]))
        step *= base
    return first, rest


def _step(edges: Mapping[tuple[int, int, int], float]) -> Step:
    keys = np.array(sorted(edges), dtype=np.intp).reshape(-1, 3)
    scale = np.array([edges[key] for key in sorted(edges)], dtype=np.float64)
    starts = np.flatnonzero(np.diff(keys[:, 0], prepend=-1))
    return Step(keys[:, 1], keys[:, 2], scale, starts)


def masks(model: Model, events: Iterable[Event]) -> NDArray[np.bool_]:
    """Which types of its node each event holds, shape (events, types); all events are of one node."""
    found = []
    for event in events:
        table = model.types[event.node]
        if event.type is not None:
            found.append(np.arange(len(table)) == event.type)
        else:
            mask = np.ones(len(table), dtype=bool)
            for configuration, level in event.responses:
                mask &= table[:, configuration] == level
            found.append(mask)
    return np.array(found)


def by_row(events: Iterable[Event]) -> dict[Row, list[int]]:
    """The numbers of the events of each row of shares."""
    found: dict[Row, list[int]] = {}
    for number, event in enumerate(events):
        found.setdefault((event.node, event.row), []).append(number)
    return found


def most_classes(model: Model, events: Sequence[Event]) -> int:
    """At most how many classes of types the events of one row tell apart; all types where shares are not Dirichlet."""
    most = 1
    for (node, _), numbers in by_row(events).items():
        looked_at = {at for i in numbers for at, _ in events[i].responses}
        size = len(model.types[node])
        apart = model.graph.levels[node] ** len(looked_at) if isinstance(model.laws[node], Dirichlet) else size
        most = max(most, min(size, apart))
    return most


def told_apart(held: NDArray[np.bool_]) -> tuple[NDArray[np.bool_], Ints]:
    """Types gathered into classes that the events do not tell apart.

    held : shape (events, types); returns which classes each event holds, shape (events, classes), and the class of each type
    """
    packed = np.ascontiguousarray(np.packbits(held.T, axis=1)) if len(held) else np.zeros((held.shape[1], 1), np.uint8)
    whole = packed.view(np.dtype((np.void, packed.shape[1]))).ravel()
    _, first, index = np.unique(whole, return_index=True, return_inverse=True)
    return held[:, first], index.ravel()


def forward(circuit: Circuit, probabilities: Floats) -> list[Floats]:
    """The weight of every state after every step, each of shape (states, draws), from the probabilities of the events."""
    weights = [np.ones((1, probabilities.shape[1]))]
    for step in circuit.steps:
        flow = weights[-1][step.source] * probabilities[step.event] * step.scale[:, None]
        weights.append(np.add.reduceat(flow, step.starts, axis=0) if len(step.starts) else np.zeros((0, flow.shape[1])))
    return weights
