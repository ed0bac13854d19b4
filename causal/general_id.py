"""The general identification algorithm: is P(y | do(x)) a function of what is observed, and of which?

Tian and Pearl (2002), "A general identification condition for causal effects"; complete, by Huang and Valtorta (2006)
and Shpitser and Pearl (2006), whose hedge is the proof that an effect is not identified.

    V     observed nodes that are ancestors of Y        X, Y   causes, effect
    D     ancestors of Y once X is set, without X       Q[C]   P(c | do(v without c))
    C     a component of D: nodes joined by latent common causes

P(y | do(x)) is the sum over D without Y of the product of Q[C] over the components C of D; each Q[C] is computed from
the component of V around it, or not at all.
"""

from collections.abc import Collection, Iterator
from dataclasses import dataclass

import networkx as nx

from causal.expressions import Expression, Probability, Product, Ratio, summed
from causal.separation import Graph, ancestry


@dataclass(frozen=True, slots=True)
class Hedge:
    """Why an effect is not identified: `inner` cannot be cut out of `outer`, one component that holds a cause."""

    outer: frozenset[str]
    inner: frozenset[str]


@dataclass(frozen=True, slots=True)
class Projection:
    """A graph over observed nodes only: directed edges, and bidirected ones where a hidden common cause is."""

    directed: Graph
    bidirected: "nx.Graph[str]"

    def component(self, node: str, within: Collection[str]) -> frozenset[str]:
        """The nodes joined to this one by bidirected edges inside a set."""
        return frozenset(nx.node_connected_component(self.bidirected.subgraph(within), node))

    def components(self, within: Collection[str]) -> list[frozenset[str]]:
        """All components of a set."""
        return [frozenset(nodes) for nodes in nx.connected_components(self.bidirected.subgraph(within))]


def latent_projection(graph: Graph, hidden: Collection[str]) -> Projection:
    """Project a graph with hidden nodes on the observed ones (Verma and Pearl 1990)."""
    observed = [node for node in graph if node not in hidden]
    directed: Graph = nx.DiGraph()
    bidirected: nx.Graph[str] = nx.Graph()
    directed.add_nodes_from(observed)
    bidirected.add_nodes_from(observed)
    reached: dict[str, frozenset[str]] = {}  # observed nodes that a node points to, directly or through hidden ones
    for node in reversed(list(nx.topological_sort(graph))):
        children = (reached[child] if child in hidden else {child} for child in graph.successors(node))
        reached[node] = frozenset().union(*children)
        if node in hidden:
            ends = sorted(reached[node])
            bidirected.add_edges_from((one, other) for i, one in enumerate(ends) for other in ends[i + 1 :])
        else:
            directed.add_edges_from((node, child) for child in reached[node])
    return Projection(directed, bidirected)


def identified(projection: Projection, causes: Collection[str], effect: str) -> Expression | Hedge:
    """P(effect | do(causes)) from the distribution of the observed nodes, or the hedge that forbids it."""
    kept = ancestry(projection.directed, {effect})
    directed, nodes = projection.directed.subgraph(kept), frozenset(kept)
    order = [node for node in nx.topological_sort(directed) if node in nodes]
    unset = directed.subgraph(nodes - frozenset(causes))
    needed = ancestry(unset, {effect})
    factors = []
    for inner in projection.components(needed):
        outer = projection.component(next(iter(inner)), nodes)
        factor = _inner(projection, order, inner, outer, Product(tuple(_factors(projection, order, outer))))
        if isinstance(factor, Hedge):
            return factor
        factors.append(factor)
    ranked = sorted(factors, key=str)
    return summed([node for node in order if node in needed and node != effect], Product(tuple(ranked)))


def _factors(projection: Projection, order: list[str], component: frozenset[str]) -> Iterator[Probability]:
    """Q of a component of V: each node given its predecessors in the component and their parents, which suffice."""
    for position, node in enumerate(order):
        if node in component:
            before = order[: position + 1]
            near = projection.component(node, before)
            relevant = near.union(*(projection.directed.predecessors(member) for member in near)) - {node}
            yield Probability(node, tuple(other for other in before if other in relevant))


def _inner(
    projection: Projection, order: list[str], inner: frozenset[str], outer: frozenset[str], known: Expression
) -> Expression | Hedge:
    """Q[inner] from `known` = Q[outer], both single components (Tian and Pearl's `Identify`)."""
    inside = ancestry(projection.directed.subgraph(outer), inner)
    if inside == inner:
        return summed([node for node in order if node in outer - inner], known)
    if inside == outer:
        return Hedge(outer, inner)
    smaller = [node for node in order if node in inside]
    marginal = summed([node for node in order if node in outer - inside], known)
    nearer = projection.component(next(iter(inner)), inside)
    ratios = (
        Ratio(summed(smaller[i + 1 :], marginal), summed(smaller[i:], marginal))
        for i, node in enumerate(smaller)
        if node in nearer
    )
    return _inner(projection, order, inner, nearer, Product(tuple(ratios)))
