"""The graph of a model over causal types, and its notation: `X -> M <- Y; M <-> Y`."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from math import prod
from numbers import Integral

import networkx as nx

LEVELS = (2, 3, 4)
ARROW = re.compile(r"(<->|->|<-)")


class TypesError(ValueError):
    """A model over causal types that cannot be built, or a question it cannot be asked; the message says what to do."""


@dataclass(frozen=True)
class Graph:
    """Nodes with a few levels each, causes before effects.

    nodes : in causal order, ties as written
    levels : how many levels each node has, 2 to 4; values are 0, 1, ...
    parents : of each node, in causal order
    confounded : for each node the earlier nodes with which it shares an unmeasured cause. Its types are distributed given
        theirs, as in CausalQueries: enough for any pair; of three nodes in a row the outer two are dependent through the middle
    """

    nodes: tuple[str, ...]
    levels: Mapping[str, int]
    parents: Mapping[str, tuple[str, ...]]
    confounded: Mapping[str, tuple[str, ...]]

    @cached_property
    def position(self) -> dict[str, int]:
        """Where each node stands in causal order."""
        return {node: i for i, node in enumerate(self.nodes)}

    def configurations(self, node: str) -> int:
        """How many ways there are for the parents of a node to be."""
        return prod(self.levels[p] for p in self.parents[node])

    def configuration(self, node: str, values: Iterable[int]) -> int:
        """The number of the configuration in which the parents have these values, the first parent varying slowest."""
        index = 0
        for parent, value in zip(self.parents[node], values, strict=True):
            index = index * self.levels[parent] + value
        return index

    def ancestors(self, nodes: Iterable[str]) -> set[str]:
        """These nodes and all that cause them."""
        found: set[str] = set()
        waiting = list(nodes)
        while waiting:
            node = waiting.pop()
            if node not in found:
                found.add(node)
                waiting += self.parents[node]
        return found

    def __str__(self) -> str:
        edges = [f"{p} -> {node}" for node in self.nodes for p in self.parents[node]]
        edges += [f"{p} <-> {node}" for node in self.nodes for p in self.confounded[node]]
        alone = [node for node in self.nodes if not any(node in edge.split() for edge in edges)]
        return "; ".join([*edges, *alone])


def parse_graph(text: str, levels: Mapping[str, int] | None = None) -> Graph:
    """The graph that a text states. Raises TypesError.

    text : chains of nodes and arrows -> <- <->, separated by semicolons or lines; levels : of nodes that are not binary
    """
    nodes: dict[str, None] = {}
    edges: list[tuple[str, str]] = []
    pairs: list[tuple[str, str]] = []
    for part in filter(str.strip, re.split(r"[;\n]", text)):
        names = [name.strip() for name in ARROW.split(part)]
        for name in names[::2]:
            if not name.isidentifier():
                raise TypesError(
                    f"'{text}': found '{name}' where a node is due; write nodes and arrows as X -> M <- Y; M <-> Y."
                )
            nodes[name] = None
        for left, arrow, right in zip(names[::2], names[1::2], names[2::2], strict=False):
            if arrow == "<->":
                pairs.append((left, right))
            else:
                edges.append((left, right) if arrow == "->" else (right, left))
    return build_graph(nodes, edges, pairs, levels)


def build_graph(
    nodes: Iterable[str],
    edges: Iterable[tuple[str, str]],
    confounded: Iterable[tuple[str, str]] = (),
    levels: Mapping[str, int] | None = None,
) -> Graph:
    """A graph from its edges. Raises TypesError for a cycle, a self-loop or levels of other nodes or numbers."""
    names, links, pairs = tuple(nodes), tuple(dict.fromkeys(edges)), tuple(confounded)
    if not names:
        raise TypesError("the graph has no nodes; write it as X -> M <- Y; M <-> Y.")
    for a, b in (*links, *pairs):
        if a == b:
            raise TypesError(f"'{a}' is joined to itself. Remove that arrow.")
    digraph: nx.DiGraph[str] = nx.DiGraph()
    digraph.add_nodes_from(names)
    digraph.add_edges_from(links)
    if not nx.is_directed_acyclic_graph(digraph):
        cycle = " -> ".join([*(a for a, _ in nx.find_cycle(digraph)), nx.find_cycle(digraph)[0][0]])
        raise TypesError(f"the graph contains a cycle: {cycle}. Drop or reverse one of these arrows.")
    rank = {name: i for i, name in enumerate(names)}
    order = tuple(nx.lexicographical_topological_sort(digraph, key=rank.__getitem__))
    place = {name: i for i, name in enumerate(order)}
    earlier: dict[str, set[str]] = {name: set() for name in order}
    for pair in pairs:
        first, second = sorted(pair, key=place.__getitem__)
        earlier[second].add(first)

    def sort(found: Iterable[str]) -> tuple[str, ...]:
        return tuple(sorted(found, key=place.__getitem__))

    return Graph(
        order,
        _levels(order, levels or {}),
        {name: sort(digraph.predecessors(name)) for name in order},
        {name: sort(earlier[name]) for name in order},
    )


def _levels(nodes: tuple[str, ...], stated: Mapping[str, int]) -> dict[str, int]:
    for name, number in stated.items():
        if name not in nodes:
            raise TypesError(f"levels are given for '{name}', which is no node; nodes are {', '.join(nodes)}.")
        if not isinstance(number, Integral) or number not in LEVELS:
            raise TypesError(f"'{name}' is given {number!r} levels; allowed are 2, 3 or 4.")
    return {name: stated.get(name, 2) for name in nodes}
