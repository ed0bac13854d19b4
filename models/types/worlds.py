"""Parallel worlds: the values of nodes, factual and counterfactual, on which a question depends, and no others.

A node set to a level is cut off from its causes. An intervention that cannot reach a node leaves its value the factual one, so
that worlds share what they have in common (Balke and Pearl 1994, twin networks; Shpitser and Pearl 2007, make-cg).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from causal.potential import Outcome
from models.types.graph import Graph, TypesError


@dataclass(frozen=True, slots=True)
class Variable:
    """The value of a node in a world, given by those interventions of the world that can reach it."""

    node: str
    do: tuple[tuple[str, Place], ...] = ()


type Place = int | Variable
"""A level, or the value of a variable."""


def place(graph: Graph, outcome: Outcome) -> Place:
    """Where the value of a potential outcome is found. Raises TypesError for nodes and levels that are not the graph's."""
    if outcome.node not in graph.position:
        raise TypesError(f"'{outcome}': there is no node '{outcome.node}'; nodes are {', '.join(graph.nodes)}.")
    settings: dict[str, Place] = {}
    for name, to in outcome.do:
        if name not in graph.position:
            raise TypesError(f"'{outcome}': there is no node '{name}'; nodes are {', '.join(graph.nodes)}.")
        if isinstance(to, int) and not 0 <= to < graph.levels[name]:
            raise TypesError(f"'{outcome}': levels of '{name}' are 0 to {graph.levels[name] - 1}.")
        settings[name] = to if isinstance(to, int) else place(graph, to)
    return _resolve(graph, outcome.node, settings)


def causes(graph: Graph, variable: Variable) -> tuple[Place, ...]:
    """Where the values of the node's parents are found in the variable's world, in the order of the parents."""
    settings = dict(variable.do)
    return tuple(_resolve(graph, parent, settings) for parent in graph.parents[variable.node])


def needed(graph: Graph, asked: Iterable[Place]) -> tuple[Variable, ...]:
    """These variables and all on which they depend, causes before effects."""
    found: dict[Variable, None] = {}

    def visit(where: Place) -> None:
        if isinstance(where, Variable) and where not in found:
            for cause in causes(graph, where):
                visit(cause)
            found[where] = None

    for where in asked:
        visit(where)
    return tuple(sorted(found, key=lambda v: graph.position[v.node]))


def _resolve(graph: Graph, node: str, settings: Mapping[str, Place]) -> Place:
    if node in settings:
        return settings[node]
    reached = set(_upwards(graph, node, settings))
    return Variable(node, tuple(sorted(((n, to) for n, to in settings.items() if n in reached), key=lambda s: s[0])))


def _upwards(graph: Graph, node: str, settings: Mapping[str, Place]) -> Iterator[str]:
    """The causes of a node, direct and indirect, stopping at those that are set."""
    waiting, seen = list(graph.parents[node]), set()
    while waiting:
        cause = waiting.pop()
        if cause not in seen:
            seen.add(cause)
            yield cause
            if cause not in settings:
                waiting += graph.parents[cause]
