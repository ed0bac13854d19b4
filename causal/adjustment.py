"""Sets of nodes that make an effect readable off the data: adjustment, front door, instruments.

All of them by reachability and minimal separators; no path and no subset is ever enumerated.
"""

from collections.abc import Collection, Iterator
from dataclasses import dataclass

import networkx as nx

from causal.separation import Graph, ancestry, connected, offspring, without

# Symbols: causes X, effect Y, `allowed` the observed nodes that may be used.


@dataclass(frozen=True, slots=True)
class BackDoor:
    """The graph in which adjustment must separate causes from effect, and the nodes it may use to do so.

    Perković, Textor, Kalisch and Maathuis (2018), "Complete graphical characterization of covariate adjustment":
    a set of allowed nodes is valid if and only if it separates X from Y in this graph.
    """

    graph: Graph
    causes: frozenset[str]
    effect: str
    allowed: frozenset[str]

    @property
    def separator(self) -> frozenset[str] | None:
        """A minimal valid adjustment set; None if there is none."""
        return separator(self.graph, self.causes, self.effect, self.allowed)

    @property
    def fullest(self) -> frozenset[str]:
        """The allowed ancestors: valid if any set is."""
        return self.allowed & ancestry(self.graph, {*self.causes, self.effect})


def separator(graph: Graph, one: Collection[str], other: str, allowed: Collection[str]) -> frozenset[str] | None:
    """A minimal set of allowed nodes that d-separates them, close to `one`; None if there is none."""
    found = nx.find_minimal_d_separator(graph, set(one), {other}, restricted=set(allowed) - {*one, other})
    return None if found is None else frozenset(found)


def back_door(graph: Graph, causes: Collection[str], effect: str, allowed: Collection[str]) -> BackDoor:
    """The proper back-door graph of a total effect of setting the causes together."""
    on_the_way = causal_nodes(graph, causes, effect)
    first_edges = [(cause, child) for cause in causes for child in graph.successors(cause) if child in on_the_way]
    forbidden = offspring(graph, on_the_way) | {*causes, effect}
    return BackDoor(without(graph, first_edges), frozenset(causes), effect, frozenset(allowed) - forbidden)


def single_door(graph: Graph, cause: str, effect: str, allowed: Collection[str]) -> BackDoor:
    """The same for the coefficient of one edge of a linear model (Pearl 2009, Causality, theorem 5.3.1)."""
    forbidden = offspring(graph, {effect}) | {cause}
    return BackDoor(without(graph, [(cause, effect)]), frozenset({cause}), effect, frozenset(allowed) - forbidden)


def causal_nodes(graph: Graph, causes: Collection[str], effect: str) -> frozenset[str]:
    """Nodes other than the causes on directed paths that leave the causes for good and end in the effect."""
    unentered = without(graph, list(graph.in_edges(causes)))
    unleft = without(graph, list(graph.out_edges(causes)))
    return (offspring(unentered, causes) & ancestry(unleft, {effect})) - frozenset(causes)


def front_door(graph: Graph, cause: str, effect: str, allowed: Collection[str]) -> frozenset[str] | None:
    """A front-door set that no node can be left out of; None if there is none.

    (1) It meets every directed path from cause to effect. (2) No back-door path from the cause to it is open. (3) The
    cause blocks every back-door path from it to the effect (Pearl 2009, definition 3.3.3).
    """
    unleft = without(graph, list(graph.out_edges(cause)))
    candidates = frozenset(allowed) - {cause, effect} - connected(unleft, {cause})
    between = causal_nodes(graph, {cause}, effect)
    for eligible in (candidates & between, candidates):
        mediators = _unconfounded(graph, cause, effect, eligible)
        if _intercepts(graph, cause, effect, mediators):
            return _reduced(graph, cause, effect, mediators)
    return None


def _unconfounded(graph: Graph, cause: str, effect: str, candidates: frozenset[str]) -> frozenset[str]:
    """The largest subset that meets (3).

    More members mean fewer edges to carry a back-door path, so a node that fails in a set fails in each of its subsets:
    dropping all that fail, until none does, loses no solution.
    """
    members = candidates
    while True:
        unleft = without(graph, list(graph.out_edges(members)))
        failing = members & connected(unleft, {effect}, {cause})
        if not failing:
            return members
        members -= failing


def _intercepts(graph: Graph, cause: str, effect: str, mediators: frozenset[str]) -> bool:
    cut: Graph = nx.DiGraph(graph.edges)
    cut.add_nodes_from(graph)
    cut.remove_nodes_from(mediators)
    return bool(mediators) and effect not in offspring(cut, {cause})


def _reduced(graph: Graph, cause: str, effect: str, mediators: frozenset[str]) -> frozenset[str]:
    """Members left out one by one while (1) and (3) hold without them."""
    for node in sorted(mediators):
        fewer = mediators - {node}
        if _intercepts(graph, cause, effect, fewer) and _unconfounded(graph, cause, effect, fewer) == fewer:
            mediators = fewer
    return mediators


@dataclass(frozen=True, slots=True)
class Instrument:
    """A node that moves the effect only through the cause, once `given` is adjusted for."""

    node: str
    given: frozenset[str]


def instrument(graph: Graph, door: BackDoor, allowed: Collection[str]) -> Instrument | None:
    """An instrument for the effect that the door closes upon, in a linear model; unconditional ones come first.

    Brito and Pearl (2002), "Generalized instrumental variables", with one node: it is separated from the effect in the
    graph without the effect in question, connected to the cause in the full one, and neither it nor what it is
    conditioned on lies downstream of the cause. Conditioning sets are minimal separators close to the effect (van der
    Zander, Textor and Liśkiewicz 2015).
    """
    (cause,) = door.causes
    eligible = frozenset(allowed) - offspring(graph, {cause}) - {door.effect}
    free = (eligible & connected(graph, {cause})) - connected(door.graph, {door.effect})
    if free:
        return Instrument(min(free, key=lambda node: (not graph.has_edge(node, cause), node)), frozenset())
    return next(_conditional(graph, door, cause, eligible), None)


def _conditional(graph: Graph, door: BackDoor, cause: str, eligible: frozenset[str]) -> Iterator[Instrument]:
    for node in sorted(eligible):
        given = separator(door.graph, {door.effect}, node, eligible)
        if given is not None and node in connected(graph, {cause}, given):
            yield Instrument(node, given)
