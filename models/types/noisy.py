"""A prior of few types for nodes of many causes or levels: what each cause brings about by itself, the most of it prevailing."""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import combinations_with_replacement, product

import numpy as np

from models.types.graph import Graph, TypesError
from models.types.laws import Floats, Law, Parts, above_0
from models.types.responses import MOST_CELLS, Responses, configurations, noisy_types


@dataclass(frozen=True, slots=True)
class NoisyOr:
    """A node that is as high as the most that it has by itself or that one of its causes brings about: few types, all monotone.

    With two levels it is the noisy-or: each cause has a switch in each unit, on with a probability that is Beta(on, off); so has
    the node itself (`leak`, off more often). With more it is the noisy-max: what a cause brings about never falls as the
    cause rises and is nothing at its lowest level; `on` is shared by all the ways in which it may bring something about. A cause
    named in `absent` works by being low. (Pearl 1988, s4.3; Diez 1993, Parameter adjustment in Bayes networks.)
    """

    on: float = 1.0
    off: float = 1.0
    leak: tuple[float, float] = (1.0, 3.0)
    absent: tuple[str, ...] = field(default=())

    def __post_init__(self) -> None:
        above_0("a noisy-or's count", self.on, self.off, *self.leak)

    def table_and_law(self, graph: Graph, node: str) -> tuple[Responses, Law]:
        """The node's types and the law of their shares. Raises TypesError for too many types, or a stranger in `absent`."""
        parents = graph.parents[node]
        if strangers := sorted(set(self.absent) - set(graph.nodes)):
            raise TypesError(
                f"'{strangers[0]}' is said to work by being absent and is no node; nodes are {', '.join(graph.nodes)}."
            )
        if (size := noisy_types(graph, node)) * graph.configurations(node) > MOST_CELLS:
            raise TypesError(
                f"'{node}' has {len(parents)} parents and {size} types even as a noisy-or; cut it or its parents at fewer levels."
            )
        own = np.arange(graph.levels[node], dtype=np.int8)[:, None]
        brought = [_brought(graph, node, p, p in self.absent) for p in parents]
        chosen = np.array(list(product(*(range(len(part)) for part in (own, *brought)))), dtype=np.intp)
        table = np.repeat(own[chosen[:, 0]], graph.configurations(node), axis=1)
        at = np.array(configurations(graph, node))
        for i, part in enumerate(brought):
            table = np.maximum(table, part[chosen[:, i + 1]][:, at[:, i]])
        leak = _on_and_off(len(own), *self.leak)
        return table, Parts((leak, *(_on_and_off(len(part), self.on, self.off) for part in brought)))


def _brought(graph: Graph, node: str, parent: str, absent: bool) -> Responses:
    """All that a cause may bring about at each of its levels, shape (ways, levels), nothing at all first."""
    ways = combinations_with_replacement(range(graph.levels[node]), graph.levels[parent] - 1)
    found = np.array([(0, *way) for way in ways], dtype=np.int8)
    return found[:, ::-1] if absent else found


def _on_and_off(size: int, on: float, off: float) -> Floats:
    """Prior counts of a part: nothing has `off`, all else shares `on`."""
    return np.array([off, *[on / (size - 1)] * (size - 1)])
