"""Formulas of the general algorithm give the effect in random discrete worlds; its refusals are proved by hedges."""

import networkx as nx
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from causal.adjustment import back_door, front_door
from causal.expressions import Expression, Probability, Product, Ratio, Sum
from causal.general_id import Hedge, Projection, identified, latent_projection
from causal.separation import Graph, ancestry, without
from tests.causal.graphs import Drawn, drawn_graphs

type Table = NDArray[np.float64]


class Discrete:
    """A random world of binary nodes: P(node | causes) drawn at random, and every table computed by summing."""

    def __init__(self, graph: Graph, seed: int) -> None:
        self.graph = graph
        self.nodes = list(graph)
        rng = np.random.default_rng(seed)
        self.tables = {node: self._table(node, rng) for node in self.nodes}

    def _table(self, node: str, rng: np.random.Generator) -> Table:
        """P(node | causes) with one axis for every node of the graph, of length 1 where it does not matter."""
        causes = set(self.graph.predecessors(node))
        shape = [2 if other in causes else 1 for other in self.nodes]
        chance = rng.uniform(0.1, 0.9, size=shape)
        return np.concatenate([1 - chance, chance], axis=self.nodes.index(node))

    def joint(self, do: tuple[str, ...] = ()) -> Table:
        """P(all | do): the product of the tables of the nodes that are not set (Pearl 2009, equation 1.37)."""
        product = np.ones([1] * len(self.nodes))
        for node, table in self.tables.items():
            if node not in do:
                product = product * table
        return product

    def over(self, table: Table, kept: set[str]) -> Table:
        """Summed over every axis that is not kept."""
        axes = tuple(i for i, node in enumerate(self.nodes) if node not in kept and table.shape[i] == 2)
        return np.asarray(table.sum(axis=axes, keepdims=True))

    def value(self, expression: Expression) -> Table:
        """The value of a formula for every value of the nodes it mentions."""
        match expression:
            case Probability(node, given):
                together = self.over(self.joint(), {node, *given})
                return np.asarray(together / self.over(together, set(given)))
            case Product(factors):
                product = np.ones([1] * len(self.nodes))
                for factor in factors:
                    product = product * self.value(factor)
                return product
            case Sum(over, body):
                full = self.value(body)
                for node in over:
                    axis = self.nodes.index(node)
                    full = full.sum(axis=axis, keepdims=True) * (2 if full.shape[axis] == 1 else 1)
                return full
            case Ratio(top, bottom):
                return self.value(top) / self.value(bottom)


def assert_formula_is_right(graph: Graph, formula: Expression, causes: tuple[str, ...], effect: str, seed: int) -> None:
    world = Discrete(graph, seed)
    truth = world.over(world.joint(do=causes), {effect, *causes})
    said, truth = np.broadcast_arrays(world.value(formula), truth)
    assert np.allclose(said, truth, atol=1e-9)


def assert_hedge_is_proof(
    graph: Graph, hidden: frozenset[str], hedge: Hedge, causes: tuple[str, ...], effect: str
) -> None:
    """Shpitser and Pearl (2006), definition 6: two forests of one component each with the same roots, which are
    ancestors of the effect once the causes are set; only the larger one holds a cause."""
    world = latent_projection(graph, hidden)
    assert hedge.inner < hedge.outer
    assert hedge.outer & set(causes)
    assert not hedge.inner & set(causes)
    for nodes in (hedge.inner, hedge.outer):
        assert nx.is_connected(world.bidirected.subgraph(nodes))
    assert ancestry(world.directed.subgraph(hedge.outer), hedge.inner) == hedge.outer
    unentered = without(world.directed, list(world.directed.in_edges(causes)))
    assert hedge.inner <= ancestry(unentered, {effect})


@given(drawn_graphs(), st.integers(0, 10_000), st.data())
def test_every_answer_is_a_right_formula_or_a_proof_that_there_is_none(
    drawn: Drawn, seed: int, data: st.DataObject
) -> None:
    others = sorted(drawn.observed - {drawn.cause, drawn.effect})
    more = data.draw(st.lists(st.sampled_from(others), max_size=2, unique=True)) if others else []
    causes = (drawn.cause, *more)
    answer = identified(latent_projection(drawn.graph, drawn.hidden), causes, drawn.effect)
    if isinstance(answer, Hedge):
        assert_hedge_is_proof(drawn.graph, drawn.hidden, answer, causes, drawn.effect)
    else:
        assert_formula_is_right(drawn.graph, answer, causes, drawn.effect, seed)


@given(drawn_graphs())
def test_what_adjustment_or_a_front_door_identifies_the_general_algorithm_does_too(drawn: Drawn) -> None:
    simpler = (
        back_door(drawn.graph, {drawn.cause}, drawn.effect, drawn.observed).separator is not None
        or front_door(drawn.graph, drawn.cause, drawn.effect, drawn.observed) is not None
    )
    answer = identified(latent_projection(drawn.graph, drawn.hidden), [drawn.cause], drawn.effect)
    assert not (simpler and isinstance(answer, Hedge))


def drawn_as(arrows: str) -> tuple[Graph, frozenset[str]]:
    """A graph from `x -> y, x <-> y`, its bidirected edges hidden nodes."""
    graph: Graph = nx.DiGraph()
    hidden = set()
    for arrow in arrows.split(", "):
        one, sign, other = arrow.split()
        if sign == "->":
            graph.add_edge(one, other)
        else:
            hidden.add(f"U{one}{other}")
            graph.add_edges_from([(f"U{one}{other}", one), (f"U{one}{other}", other)])
    return graph, frozenset(hidden)


@pytest.mark.parametrize(
    "arrows",
    [
        "x -> y, x <-> y",
        "x -> z, z -> y, x <-> z",
        "x -> z, z -> y, x <-> z, x <-> y",
        "x -> z, z -> y, x <-> y, z <-> y",
        "x -> y, z -> y, x <-> z, z <-> y",
        "z -> x, x -> y, z <-> x, z <-> y",
        "x -> z, z -> y, z <-> y, w -> z, x <-> w, w <-> y",
        "x -> z, z -> y, w -> y, x <-> w, w <-> z",
    ],
)
def test_textbook_graphs_come_out_one_way_or_the_other_with_evidence(arrows: str) -> None:
    graph, hidden = drawn_as(arrows)
    answer = identified(latent_projection(graph, hidden), ["x"], "y")
    if isinstance(answer, Hedge):
        assert_hedge_is_proof(graph, hidden, answer, ("x",), "y")
    else:
        assert_formula_is_right(graph, answer, ("x",), "y", seed=1)


@pytest.mark.parametrize(
    "arrows",
    [  # Pearl 2009, figure 3.8: x -> y is not identified
        "x -> y, x <-> y",
        "x -> z, z -> y, x <-> z",
        "x -> z, z -> y, x <-> z, x <-> y",
        "x -> y, x <-> z, z <-> y, z -> y, x <-> y",
        "z -> x, x -> y, x <-> y",
    ],
)
def test_graphs_that_nothing_identifies_get_a_hedge(arrows: str) -> None:
    graph, hidden = drawn_as(arrows)
    assert isinstance(identified(latent_projection(graph, hidden), ["x"], "y"), Hedge)


@pytest.mark.parametrize(
    ("arrows", "text"),
    [
        ("x -> y", "P(y | x)"),
        ("z -> x, z -> y, x -> y", "Σ_{z} P(y | z, x) P(z)"),
        ("x -> m, m -> y, x <-> y", "Σ_{m} P(m | x) [Σ_{x} P(x) P(y | x, m)]"),
        (
            "w -> z, z -> x, x -> y, w <-> x, w <-> y",
            "(Σ_{w} P(w) P(x | w, z) P(y | w, z, x)) / (Σ_{w} P(w) P(x | w, z))",
        ),
    ],
)
def test_formulas_are_as_short_as_in_the_textbook(arrows: str, text: str) -> None:
    graph, hidden = drawn_as(arrows)
    assert str(identified(latent_projection(graph, hidden), ["x"], "y")) == text


def test_hidden_chains_project_to_edges_between_what_is_observed() -> None:
    graph: Graph = nx.DiGraph([("a", "h"), ("h", "k"), ("k", "b"), ("k", "c"), ("b", "c")])
    found = latent_projection(graph, {"h", "k"})
    assert isinstance(found, Projection)
    assert set(found.directed.edges) == {("a", "b"), ("a", "c"), ("b", "c")}
    assert {frozenset(edge) for edge in found.bidirected.edges} == {frozenset("bc")}
