"""The graph on which an effect is identified: hidden common causes as nodes, and lagged edges unrolled over periods.

Without lagged edges that matter to the effect it is the theory's own graph, one period. With them, let L be the longest
lag and d the least total lag of a directed path from cause to effect. The cause is set in the last 1 + max(L, d)
periods, the effect is read in the last one, and L further periods before them are history that may be adjusted for;
what lies before that is taken to act through this history. Periods carry their distance from the last, `trust[-1]`.
"""

import re
from collections.abc import Collection
from dataclasses import dataclass

import networkx as nx

from causal.separation import Graph, ancestry
from causal.theory import Edge, Theory


@dataclass(frozen=True, slots=True)
class Diagram:
    """A directed acyclic graph, the nodes of it that are hidden, and the number of periods in which causes are set."""

    graph: Graph
    hidden: frozenset[str]
    periods_set: int

    @property
    def observed(self) -> frozenset[str]:
        """The nodes that are not hidden."""
        return frozenset(self.graph) - self.hidden

    def periods(self, name: str) -> tuple[str, ...]:
        """The nodes of a construct in the periods in which causes are set, the last first."""
        return tuple(at(name, back) for back in range(self.periods_set))


def at(name: str, back: int) -> str:
    """The node of a construct so many periods before the last."""
    return f"{name}[-{back}]" if back else name


def read_at(node: str) -> tuple[str, int]:
    """The construct and how many periods before the last: the reverse of `at`."""
    found = re.fullmatch(r"(.+)\[-(\d+)\]", node)
    return (found[1], int(found[2])) if found else (node, 0)


def common_cause(one: str, other: str) -> str:
    """The hidden node of a confounded pair."""
    return f"U({one}, {other})"


def described(node: str) -> str:
    """A node of a diagram in words; only that of a confounded pair needs any."""
    if not node.startswith("U("):
        return node
    pair, _, back = node.removeprefix("U(").partition(")")
    return f"the common cause of {pair.replace(', ', ' and ')}{f' at {back}' if back else ''}"


def every_edge(theory: Theory) -> Graph:
    """What may change what, sooner or later: lagged edges as if they had no lag. It may have cycles."""
    graph: Graph = nx.DiGraph((edge.cause, edge.effect) for edge in theory.edges)
    graph.add_nodes_from(theory.names)
    return graph


def diagram(theory: Theory, causes: Collection[str], effect: str, observed: Collection[str]) -> Diagram:
    """The graph for the effect of setting constructs, with every construct outside `observed` hidden."""
    relevant = ancestry(every_edge(theory), {*causes, effect})
    longest = max((edge.lag for edge in theory.edges if edge.effect in relevant), default=0)
    periods_set = 1 + max(longest, *(_least_lag(theory, cause, effect) for cause in causes)) if longest else 1
    graph = unrolled(theory, periods_set + longest)
    seen = {at(name, back) for name in observed for back in range(periods_set + longest)}
    return Diagram(graph, frozenset(set(graph) - seen), periods_set)


def unrolled(theory: Theory, periods: int) -> Graph:
    """The theory over so many periods, with a hidden node for each confounded pair in each."""
    graph: Graph = nx.DiGraph()
    for back in range(periods):
        graph.add_nodes_from(at(name, back) for name in theory.names)
        graph.add_edges_from(_ends(edge, back) for edge in theory.edges if back + edge.lag < periods)
        for one, other in (pair.between for pair in theory.confounded):
            unmeasured = at(common_cause(one, other), back)
            graph.add_edges_from([(unmeasured, at(one, back)), (unmeasured, at(other, back))])
    return graph


def _ends(edge: Edge, back: int) -> tuple[str, str]:
    return at(edge.cause, back + edge.lag), at(edge.effect, back)


def _least_lag(theory: Theory, cause: str, effect: str) -> int:
    """The least total lag of a directed path, 0 if there is no path."""
    graph: Graph = nx.DiGraph()
    graph.add_nodes_from(theory.names)
    for edge in theory.edges:
        known = graph.get_edge_data(edge.cause, edge.effect, default={"lag": edge.lag})["lag"]
        graph.add_edge(edge.cause, edge.effect, lag=min(edge.lag, known))
    if not nx.has_path(graph, cause, effect):
        return 0
    return int(nx.dijkstra_path_length(graph, cause, effect, weight="lag"))
