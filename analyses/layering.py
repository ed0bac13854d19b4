"""Where the nodes of a directed acyclic graph stand when causes are drawn above effects.

The method of Sugiyama, Tagawa and Toda (1981): layers by longest path, a stand-in on every layer that an edge passes,
orders by barycentres, and positions as near to the neighbours' mean as the widths allow.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

import networkx as nx

SWEEPS = 12
GAP, STAND_IN = 26.0, 46.0


@dataclass(frozen=True, slots=True)
class Layers:
    """layer : of each node, 0 at the top; x : its centre, the leftmost edge of the drawing being 0
    passes : for each edge the x at which it crosses each layer between its ends, from the top; width : of the drawing
    """

    layer: Mapping[str, int]
    x: Mapping[str, float]
    passes: Mapping[tuple[str, str], tuple[float, ...]]
    width: float


type Item = str | tuple[str, str, int]
"""A node, or the stand-in of an edge (cause, effect) on a layer."""


def arrange(widths: Mapping[str, float], edges: Sequence[tuple[str, str]]) -> Layers:
    """Layers, orders and positions of nodes with the given widths. Raises networkx's error when the edges have a cycle."""
    graph = nx.DiGraph(edges)
    graph.add_nodes_from(widths)
    layer = _layers(graph)
    rows: list[list[Item]] = [[] for _ in range(max(layer.values(), default=0) + 1)]
    for node in graph:
        rows[layer[node]].append(node)
    joined: dict[Item, list[Item]] = {}
    for cause, effect in graph.edges:
        chain: list[Item] = [cause, *((cause, effect, k) for k in range(layer[cause] + 1, layer[effect])), effect]
        for k, item in enumerate(chain[1:-1], start=layer[cause] + 1):
            rows[k].append(item)
        for upper, lower in pairwise(chain):
            joined.setdefault(upper, []).append(lower)
            joined.setdefault(lower, []).append(upper)
    rows = _ordered(rows, joined)
    size = {item: STAND_IN if isinstance(item, tuple) else widths[item] for row in rows for item in row}
    x = _positions(rows, joined, size)
    left = min((x[i] - size[i] / 2 for i in x), default=0.0)
    right = max((x[i] + size[i] / 2 for i in x), default=0.0)
    return Layers(
        layer,
        {node: x[node] - left for node in graph},
        {(c, e): tuple(x[c, e, k] - left for k in range(layer[c] + 1, layer[e])) for c, e in graph.edges},
        right - left,
    )


def _layers(graph: nx.DiGraph[str]) -> dict[str, int]:
    """Longest path from the top; what has no cause stands right above its first effect."""
    layer = {node: k for k, nodes in enumerate(nx.topological_generations(graph)) for node in nodes}
    for node in graph:
        if not graph.in_degree(node) and graph.out_degree(node):
            layer[node] = min(layer[child] for child in graph.successors(node)) - 1
    return layer


def _ordered(rows: list[list[Item]], joined: Mapping[Item, Sequence[Item]]) -> list[list[Item]]:
    """The order within rows, of those met in the sweeps, that has the fewest crossings."""
    best, fewest = rows, _crossings(rows, joined)
    for sweep in range(SWEEPS):
        rows = [list(row) for row in rows]
        downwards = sweep % 2 == 0
        for k in range(1, len(rows)) if downwards else range(len(rows) - 2, -1, -1):
            place = {item: i for i, item in enumerate(rows[k - 1 if downwards else k + 1])}
            centre = {
                item: _mean([place[j] for j in joined.get(item, ()) if j in place], i) for i, item in enumerate(rows[k])
            }
            rows[k].sort(key=centre.__getitem__)
        crossings = _crossings(rows, joined)
        if crossings < fewest:
            best, fewest = rows, crossings
    return best


def _crossings(rows: Sequence[Sequence[Item]], joined: Mapping[Item, Sequence[Item]]) -> int:
    total = 0
    for upper, lower in pairwise(rows):
        place = {item: i for i, item in enumerate(lower)}
        ends = [(i, place[j]) for i, item in enumerate(upper) for j in joined.get(item, ()) if j in place]
        total += sum((a < c and b > d) for a, b in ends for c, d in ends)
    return total


def _positions(
    rows: Sequence[Sequence[Item]], joined: Mapping[Item, Sequence[Item]], size: Mapping[Item, float]
) -> dict[Item, float]:
    x: dict[Item, float] = {}
    for row in rows:
        wanted = [0.0] * len(row)
        x |= dict(zip(row, _spread(wanted, [size[item] for item in row]), strict=True))
    for sweep in range(2 * SWEEPS):
        for row in rows if sweep % 2 == 0 else rows[::-1]:
            wanted = [_mean([x[j] for j in joined.get(item, ())], x[item]) for item in row]
            x |= dict(zip(row, _spread(wanted, [size[item] for item in row]), strict=True))
    return x


def _spread(wanted: Sequence[float], sizes: Sequence[float]) -> list[float]:
    """Positions nearest to those wanted, in squares, that keep the order and do not overlap (pool adjacent violators)."""
    offsets, reach = [], 0.0
    for i, size in enumerate(sizes):
        reach += (sizes[i - 1] + size) / 2 + GAP if i else 0.0
        offsets.append(reach)
    pools: list[tuple[float, int]] = []
    for want, offset in zip(wanted, offsets, strict=True):
        mean, members = want - offset, 1
        while pools and pools[-1][0] > mean:
            other, n = pools.pop()
            mean, members = (mean * members + other * n) / (members + n), members + n
        pools.append((mean, members))
    shifts = [mean for mean, members in pools for _ in range(members)]
    return [shift + offset for shift, offset in zip(shifts, offsets, strict=True)]


def _mean(values: Sequence[float], otherwise: float) -> float:
    return sum(values) / len(values) if values else otherwise
