"""`make`: from a graph, restrictions and priors to a model over causal types."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from math import prod

import numpy as np

from models.types.graph import Graph, TypesError, parse_graph
from models.types.laws import Floats, Law
from models.types.logistic import Weighed
from models.types.noisy import NoisyOr
from models.types.priors import Prior, Sparse, type_names
from models.types.responses import Responses, responses
from models.types.restrictions import Restriction, directions, node_of, parse_restriction, survivors

DEFAULT = Sparse()
MOST_SHARES = 2**22
ALLOWED = "write one of models.types.priors, such as Flat(), Sparse() or Custom({'01': 3.0})."


@dataclass(frozen=True)
class Model:
    """A model over causal types. A unit's causal type is one type per node; its shares are independent between nodes.

    types : of each node, shape (types, configurations); laws : of each row of shares of each node. A node has one row of
    shares, or one for each combination of types of the nodes with which it is confounded.
    """

    graph: Graph
    types: Mapping[str, Responses] = field(repr=False)
    laws: Mapping[str, Law] = field(repr=False)
    priors: Mapping[str, Prior]
    restrictions: tuple[Restriction, ...] = ()

    @cached_property
    def rows(self) -> dict[str, int]:
        """How many rows of shares each node has."""
        return {n: prod(len(self.types[c]) for c in self.graph.confounded[n]) for n in self.graph.nodes}

    @property
    def conjugate(self) -> bool:
        """Whether counting types is all that updates the shares of every node."""
        return not any(isinstance(law, Weighed) for law in self.laws.values())

    def row(self, node: str, types: Iterable[int]) -> int:
        """The row of a node's shares where the nodes it is confounded with have these types."""
        index = 0
        for other, number in zip(self.graph.confounded[node], types, strict=True):
            index = index * len(self.types[other]) + number
        return index

    def names(self, node: str) -> list[str]:
        """The types of a node, each as its levels over the configurations of its causes."""
        return type_names(self.types[node])

    def no_counts(self, *batch: int) -> dict[str, Floats]:
        """Counts of types before any case, shape (*batch, rows, types) for each node."""
        return {n: np.zeros((*batch, self.rows[n], len(self.types[n]))) for n in self.graph.nodes}

    def shares(self, counts: Mapping[str, Floats], rng: np.random.Generator) -> dict[str, Floats]:
        """Draws of all shares given counts of types."""
        return {n: self.laws[n].draw(counts[n], rng) for n in self.graph.nodes}


def make(
    graph: str | Graph,
    restrictions: str | Iterable[str | Restriction] = (),
    priors: Mapping[str, Prior] | Prior = DEFAULT,
    levels: Mapping[str, int] | int | None = None,
) -> Model:
    """A model over causal types. Raises TypesError, before memory does, with what to do.

    graph : such as "X -> M <- Y; M <-> Y"; restrictions : such as "increasing(X -> M)", one or several
    priors : one for all nodes, or by node (others have the default, `Sparse`)
    levels : 2 to 4, of nodes that are not binary, or one number for all; values are counted from 0
    """
    drawn = _drawn(graph, levels)
    stated = [restrictions] if isinstance(restrictions, str) else restrictions
    ruled = tuple(parse_restriction(r) if isinstance(r, str) else r for r in stated)
    about = {r: node_of(r, drawn) for r in ruled}
    by_node = priors if isinstance(priors, Mapping) else dict.fromkeys(drawn.nodes, priors)
    if strangers := sorted(set(by_node) - set(drawn.nodes)):
        raise TypesError(
            f"a prior is given for '{strangers[0]}', which is no node; nodes are {', '.join(drawn.nodes)}."
        )
    for node, given in by_node.items():
        if not isinstance(given, Prior.__value__):
            raise TypesError(f"the prior of '{node}' is {given!r:.40}; {ALLOWED}")
    types: dict[str, Responses] = {}
    laws: dict[str, Law] = {}
    chosen = {node: by_node.get(node, DEFAULT) for node in drawn.nodes}
    for node in drawn.nodes:
        types[node], laws[node] = _node(drawn, node, chosen[node], [r for r in ruled if about[r] == node])
    model = Model(drawn, types, laws, chosen, ruled)
    for node in drawn.nodes:
        if (size := model.rows[node] * len(types[node])) > MOST_SHARES:
            raise TypesError(
                f"'{node}' has {len(types[node])} types for each of {model.rows[node]} combinations of types it is confounded "
                f"with: {size} shares, more than {MOST_SHARES}. Restrict it, or admit less confounding."
            )
    return model


def _drawn(graph: str | Graph, levels: Mapping[str, int] | int | None) -> Graph:
    if isinstance(graph, Graph):
        if levels is not None:
            raise TypesError("a graph that is built has levels; state them only beside a graph that is written.")
        return graph
    if isinstance(levels, int):
        levels = dict.fromkeys(parse_graph(graph).nodes, levels)
    return parse_graph(graph, levels)


def _node(graph: Graph, node: str, prior: Prior, ruled: list[Restriction]) -> tuple[Responses, Law]:
    if isinstance(prior, NoisyOr) and graph.parents[node]:
        if ruled:
            raise TypesError(f"'{node}' has a noisy-or prior, which is monotone by itself; drop {ruled[0]}.")
        return prior.table_and_law(graph, node)
    table = responses(graph, node, directions(ruled, node))
    for restriction in ruled:
        table = table[survivors(graph, node, table, restriction)]
    if not len(table):
        raise TypesError(f"no type of '{node}' is left by {'; '.join(map(str, ruled))}. Drop one of these.")
    plain = DEFAULT if isinstance(prior, NoisyOr) else prior
    return table, plain.law(graph, node, table)
