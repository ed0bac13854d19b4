"""Priors over a node's types, as values, each made into a law once the types are known.

A flat prior over types is not weak: with more causes it becomes sure that no cause matters on average (its prior sd of an
effect in one context is .32, .17, .04, .003 with one to four binary causes). `Sparse`, the default, holds the prior weight fixed.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from causal.potential import parse_statement
from models.types.graph import Graph, TypesError
from models.types.laws import Dirichlet, Law, UnknownConcentration, above_0
from models.types.logistic import LogisticNormal
from models.types.noisy import NoisyOr
from models.types.responses import Responses
from models.types.restrictions import Stated, node_of, survivors
from models.types.weights import sparse_base


@dataclass(frozen=True, slots=True)
class Flat:
    """The same prior count for every type: 1 is uniform over shares, 0.5 Jeffreys'."""

    count: float = 1.0

    def __post_init__(self) -> None:
        above_0("a flat prior's count", self.count)

    def law(self, graph: Graph, node: str, table: Responses) -> Law:
        """The law of a node's shares."""
        return Dirichlet(np.full(len(table), self.count))


JEFFREYS = Flat(0.5)


@dataclass(frozen=True, slots=True)
class Sparse:
    """Few causes matter in a type, and the prior weighs as much however many causes there are.

    The number of causes that a type responds to is uniform over 0 ... k, then which ones, then the types that respond to just
    these. The total prior count is that of the flat prior with one binary cause (levels², or levels without causes), so that
    with one binary cause the two are the same.

    weight : multiplies the total count
    """

    weight: float = 1.0

    def __post_init__(self) -> None:
        above_0("a sparse prior's weight", self.weight)

    def law(self, graph: Graph, node: str, table: Responses) -> Law:
        """The law of a node's shares."""
        levels = graph.levels[node]
        total = levels**2 if graph.parents[node] else levels
        return Dirichlet(self.weight * total * sparse_base(graph, node, table))


@dataclass(frozen=True, slots=True)
class Hierarchical:
    """`Sparse` with its weight unknown: each of these total counts is as probable as any other."""

    totals: tuple[float, ...] = (1.0, 2.0, 4.0, 8.0, 16.0, 32.0)

    def __post_init__(self) -> None:
        if not self.totals:
            raise TypesError("a hierarchical prior has no totals; give some, such as (1.0, 4.0, 16.0).")
        above_0("a hierarchical prior's total", *self.totals)

    def law(self, graph: Graph, node: str, table: Responses) -> Law:
        """The law of a node's shares."""
        return UnknownConcentration(sparse_base(graph, node, table), self.totals)


@dataclass(frozen=True, slots=True)
class Custom:
    """Prior counts by type (its levels over the configurations of its causes, such as "01") or by statement.

    A statement such as `Y[X=1] > Y[X=0]` adds its count to every type of which it holds in all contexts; types that nothing
    names keep `other`.
    """

    counts: Mapping[str, float]
    other: float = 1.0

    def __post_init__(self) -> None:
        for text, count in self.counts.items():
            above_0(f"the prior count of '{text}'", count)
        above_0("the prior count of other types", self.other)

    def law(self, graph: Graph, node: str, table: Responses) -> Law:
        """The law of a node's shares."""
        alpha = np.full(len(table), np.nan)
        names = type_names(table)
        for text, count in self.counts.items():
            if text in names:
                alpha[names.index(text)] = count
            elif text.strip("0123456789"):
                stated = Stated(parse_statement(text), kept=True)
                if (about := node_of(stated, graph)) != node:
                    raise TypesError(f"the prior of '{node}' speaks of '{about}' in '{text}'.")
                alpha[survivors(graph, node, table, stated)] = count
            else:
                raise TypesError(f"'{node}' has no type '{text}'; it has {', '.join(names[:16])}.")
        return Dirichlet(np.where(np.isnan(alpha), self.other, alpha))


type Prior = Flat | Sparse | Hierarchical | Custom | LogisticNormal | NoisyOr


def type_names(table: Responses) -> list[str]:
    """Each type as its levels over the configurations of its causes."""
    return ["".join(map(str, row)) for row in table.tolist()]
