"""Theories to and from networkx graphs.

A lagged cause is a node of its own, `trust[-1]`; an admitted common cause is a node `U(a, b)` with `observed=False`.
"""

from collections.abc import Iterable

import networkx as nx

from causal.diagram import at, common_cause, read_at
from causal.elements import SIGNS
from causal.separation import Graph
from causal.theory import Construct, Edge, Sign, Theory, theory_from_edges


def to_networkx(theory: Theory) -> Graph:
    """Constructs as nodes, edges with their `sign`; what the theory says beyond that is left out."""
    graph: Graph = nx.DiGraph(name=theory.name)
    graph.add_nodes_from(theory.names, observed=True)
    for edge in theory.edges:
        graph.add_node(at(edge.cause, edge.lag), observed=True)
        graph.add_edge(at(edge.cause, edge.lag), edge.effect, sign=edge.sign)
    for one, other in (pair.between for pair in theory.confounded):
        graph.add_node(common_cause(one, other), observed=False)
        graph.add_edges_from([(common_cause(one, other), one), (common_cause(one, other), other)])
    return graph


def from_networkx(graph: Graph) -> Theory:
    """The theory of a directed graph; raises TheoryError, for a cycle or a name that claims cannot hold.

    A node with `observed=False` that has no cause and two effects is admitted confounding of the two; any other node is
    a construct. An edge's `sign`, if it has one, is "+", "-" or "?".
    """
    roots = [node for node in graph if _is_common_cause(graph, node)]
    pairs = [tuple(graph.successors(node)) for node in roots]
    edges = [
        lagged_edge(cause, effect, _sign(data.get("sign")))
        for cause, effect, data in graph.edges(data=True)
        if cause not in roots
    ]
    names = constructs_of(node for node in graph if node not in roots)
    return theory_from_edges(
        edges, [(one, other) for one, other in pairs], names, str(graph.graph.get("name", "theory"))
    )


def lagged_edge(cause: str, effect: str, sign: Sign = "?") -> Edge:
    """The edge between two nodes of which the cause may stand for an earlier period."""
    name, lag = read_at(cause)
    return Edge(name, effect, sign, lag=lag)


def constructs_of(nodes: Iterable[str]) -> list[Construct]:
    """The constructs behind nodes, once each in order."""
    return [Construct(name) for name in dict.fromkeys(read_at(node)[0] for node in nodes)]


def _is_common_cause(graph: Graph, node: str) -> bool:
    hidden = graph.nodes[node].get("observed") is False
    return hidden and graph.in_degree(node) == 0 and graph.out_degree(node) == 2


def _sign(found: object) -> Sign:
    return next((sign for sign in SIGNS if sign == found), "?")
