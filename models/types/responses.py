"""Nodal types: every way in which a node may respond to its parents, or every monotone way."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import product
from math import comb, prod

import numpy as np
from numpy.typing import NDArray

from models.types.graph import Graph, TypesError

type Responses = NDArray[np.int8]
"""Shape (types, configurations): the level that a node of each type takes in each configuration of its parents."""
type Direction = int
"""+1 where a node never falls as the parent rises, -1 where it never rises."""

MOST_TYPES = 2**17
MOST_CELLS = 2**23
"""A table of noisy-or types has at most so many entries."""


def responses(graph: Graph, node: str, directions: Mapping[str, Direction]) -> Responses:
    """The types of a node that keep to the directions of those parents that have one.

    Monotone types are built one configuration at a time, never filtered from all types. Raises TypesError rather than
    build more than 131 072 types.
    """
    levels, configurations = graph.levels[node], graph.configurations(node)
    below = _below(graph, node, directions)
    table = np.zeros((1, 0), dtype=np.int8)
    for at in range(configurations):
        if len(table) > MOST_TYPES:
            raise _too_many(graph, node, directions)
        wide = np.repeat(table, levels, axis=0)
        value = np.tile(np.arange(levels, dtype=np.int8), len(table))
        allowed = np.ones(len(wide), dtype=bool)
        for earlier, rises in below[at]:
            allowed &= (wide[:, earlier] <= value) if rises else (wide[:, earlier] >= value)
        table = np.column_stack([wide, value])[allowed]
    if len(table) > MOST_TYPES:
        raise _too_many(graph, node, directions)
    return table


def noisy_types(graph: Graph, node: str) -> int:
    """How many types a node has under a noisy-or."""
    above = graph.levels[node] - 1
    return graph.levels[node] * prod(comb(graph.levels[p] - 1 + above, above) for p in graph.parents[node])


def configurations(graph: Graph, node: str) -> list[tuple[int, ...]]:
    """The values of the parents in each configuration."""
    return list(product(*(range(graph.levels[p]) for p in graph.parents[node])))


def constant_in(graph: Graph, node: str, table: Responses) -> NDArray[np.bool_]:
    """Whether each type never responds to each parent, shape (types, parents)."""
    shape = [graph.levels[p] for p in graph.parents[node]]
    cube = table.reshape(len(table), *shape)
    still = [(cube == np.take(cube, [0], axis=1 + i)).reshape(len(table), -1).all(axis=1) for i in range(len(shape))]
    return np.stack(still, axis=1) if still else np.ones((len(table), 0), dtype=bool)


def _below(graph: Graph, node: str, directions: Mapping[str, Direction]) -> list[list[tuple[int, bool]]]:
    """For each configuration, those one step down in a parent that has a direction, and whether the node may only rise."""
    found: list[list[tuple[int, bool]]] = []
    for values in configurations(graph, node):
        steps = []
        for i, parent in enumerate(graph.parents[node]):
            if parent in directions and values[i] > 0:
                lower = (*values[:i], values[i] - 1, *values[i + 1 :])
                steps.append((graph.configuration(node, lower), directions[parent] > 0))
        found.append(steps)
    return found


def _too_many(graph: Graph, node: str, directions: Mapping[str, Direction]) -> TypesError:
    free: Sequence[str] = [p for p in graph.parents[node] if p not in directions]
    all_types = f"{graph.levels[node]}^{graph.configurations(node)}"
    what = "of them even when monotone" if directions else "types"
    few = noisy_types(graph, node)
    ways = [
        f"state a direction for {', '.join(free)} (monotone)" if free else "",
        f"give it a noisy-or prior ({few} types)" if few * graph.configurations(node) <= MOST_CELLS else "",
        "cut it or its parents at fewer levels",
    ]
    *others, last = filter(None, ways)
    advice = f"{', '.join(others)}, or {last}" if others else last
    return TypesError(
        f"'{graph.nodes[graph.position[node]]}' has {len(graph.parents[node])} parents and {all_types} response types, "
        f"more than {MOST_TYPES} {what}; it is not built. To go on, {advice}."
    )
