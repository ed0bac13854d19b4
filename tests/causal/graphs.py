"""Random graphs with hidden nodes, for property-based tests."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations

import networkx as nx
from hypothesis import strategies as st

from causal.separation import Graph
from causal.theory import Theory, theory_from_edges
from tests.worlds import Linear


@dataclass(frozen=True, slots=True)
class Drawn:
    """A random directed acyclic graph, hidden nodes, and a cause before an effect in its order."""

    graph: Graph
    hidden: frozenset[str]
    cause: str
    effect: str
    weights: dict[tuple[str, str], float]

    @property
    def observed(self) -> frozenset[str]:
        """Nodes that are not hidden."""
        return frozenset(self.graph) - self.hidden

    @property
    def theory(self) -> Theory:
        """The graph as a theory without admitted confounding: hidden nodes are unobserved constructs."""
        return theory_from_edges(list(self.graph.edges), constructs=list(self.graph))

    @property
    def linear(self) -> Linear:
        """Linear equations with random weights."""
        return Linear(self.graph, self.weights)


@st.composite
def drawn_graphs(draw: st.DrawFn, largest: int = 6, with_hidden: bool = True) -> Drawn:
    """Graphs of 2 to `largest` nodes named a, b, ... in a causal order, some hidden, and up to 4 hidden common causes of
    two nodes; cause and effect are observed."""
    nodes = "abcdefghij"[: draw(st.integers(2, largest))]
    pairs = list(combinations(nodes, 2))
    graph: Graph = nx.DiGraph()
    graph.add_nodes_from(nodes)
    graph.add_edges_from(_some(draw, pairs, draw(st.sampled_from([0.3, 0.5, 0.8]))))
    cause, effect = draw(st.sampled_from(pairs))
    hidden = set[str]()
    if with_hidden:
        others = [node for node in nodes if node not in (cause, effect)]
        hidden.update(_some(draw, others, draw(st.sampled_from([0.0, 0.3]))))
        for one, other in _some(draw, pairs, draw(st.sampled_from([0.0, 0.2, 0.4])))[:4]:
            hidden.add(f"U{one}{other}")
            graph.add_edges_from([(f"U{one}{other}", one), (f"U{one}{other}", other)])
    weights = {edge: draw(st.floats(0.3, 1.2)) * draw(st.sampled_from([-1, 1])) for edge in graph.edges}
    return Drawn(graph, frozenset(hidden), cause, effect, weights)


def _some[T](draw: st.DrawFn, items: Sequence[T], chance: float) -> list[T]:
    """Each item with the given chance."""
    drawn = draw(st.lists(st.floats(0, 1), min_size=len(items), max_size=len(items)))
    return [item for item, at in zip(items, drawn, strict=True) if at < chance]
