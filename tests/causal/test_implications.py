"""Implied independences hold by exact arithmetic, and equivalence agrees with the two textbook criteria."""

from itertools import chain, combinations

import networkx as nx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from causal.implications import Independence, distinguishing, implied_independences, markov_equivalent
from causal.separation import Graph
from causal.theory import Edge, Theory, theory_from_edges
from tests.causal.graphs import Drawn, drawn_graphs


def subsets(nodes: list[str]) -> list[set[str]]:
    return [set(some) for some in chain.from_iterable(combinations(nodes, size) for size in range(len(nodes) + 1))]


@given(drawn_graphs())
def test_every_implied_independence_is_a_zero_partial_covariance(drawn: Drawn) -> None:
    for found in implied_independences(drawn.theory, drawn.observed):
        covariance = drawn.linear.covariance([found.a], [found.b], list(found.given))
        assert covariance[0, 0] == pytest.approx(0, abs=1e-8)
        assert not drawn.graph.has_edge(found.a, found.b)


@given(drawn_graphs())
def test_exactly_the_separable_pairs_are_listed_and_nothing_idle_is_known(drawn: Drawn) -> None:
    found = {(item.a, item.b): set(item.given) for item in implied_independences(drawn.theory, drawn.observed)}
    for a, b in combinations([name for name in drawn.theory.order if name in drawn.observed], 2):
        others = sorted(drawn.observed - {a, b})
        separating = [nodes for nodes in subsets(others) if nx.is_d_separator(drawn.graph, {a}, {b}, nodes)]
        assert ((a, b) in found) == bool(separating)
        if separating:
            assert found[a, b] in separating
            assert not any(nodes < found[a, b] for nodes in separating)


def test_with_everything_observed_each_missing_edge_is_an_independence() -> None:
    theory = theory_from_edges([("a", "b"), ("b", "c"), ("a", "d"), ("d", "c")])
    assert [str(found) for found in implied_independences(theory)] == ["a _||_ c | b, d", "b _||_ d | a"]


def test_admitted_common_causes_separate_nothing() -> None:
    theory = theory_from_edges([("a", "b"), ("b", "c")], [("a", "c")])
    assert implied_independences(theory) == ()


def test_what_happened_before_may_be_what_separates() -> None:
    theory = theory_from_edges([Edge("a", "b", lag=1), Edge("a", "c", lag=1)])
    assert implied_independences(theory) == (
        Independence("a", "b"),
        Independence("a", "c"),
        Independence("b", "c", ("a[-1]",)),
    )


def skeleton_and_colliders(graph: Graph) -> tuple[set[frozenset[str]], set[tuple[frozenset[str], str]]]:
    """Verma and Pearl (1990): two directed acyclic graphs are equivalent if and only if these agree."""
    skeleton = {frozenset(edge) for edge in graph.edges}
    colliders = {
        (frozenset({a, b}), node)
        for node in graph
        for a, b in combinations(graph.predecessors(node), 2)
        if frozenset({a, b}) not in skeleton
    }
    return skeleton, colliders


@st.composite
def similar_theories(draw: st.DrawFn) -> tuple[Theory, Theory]:
    """Two theories on the same few constructs, the second with some edges of the first turned or dropped."""
    names = "abcd"
    pairs = draw(st.lists(st.sampled_from(list(combinations(names, 2))), unique=True))
    order = {name: place for place, name in enumerate(draw(st.permutations(names)))}
    kept = [tuple(sorted(pair, key=order.__getitem__)) for pair in pairs if draw(st.integers(0, 9))]
    return theory_from_edges(pairs, constructs=names), theory_from_edges([(a, b) for a, b in kept], constructs=names)


@given(similar_theories())
def test_without_hidden_causes_equivalence_is_same_skeleton_and_same_colliders(pair: tuple[Theory, Theory]) -> None:
    one, other = pair
    same = skeleton_and_colliders(one.graph) == skeleton_and_colliders(other.graph)
    assert markov_equivalent(one, other) == same


@given(drawn_graphs(largest=5), drawn_graphs(largest=5))
def test_with_hidden_causes_equivalence_is_agreement_on_every_separation(one: Drawn, other: Drawn) -> None:
    observed = sorted((one.observed & other.observed) | {"a", "b"})
    graphs = [one.graph.copy(), other.graph.copy()]
    for graph in graphs:
        graph.add_nodes_from(observed)

    def separations(graph: Graph) -> list[bool]:
        return [
            nx.is_d_separator(graph, {a}, {b}, nodes)
            for a, b in combinations(observed, 2)
            for nodes in subsets([node for node in observed if node not in (a, b)])
        ]

    here, there = map(separations, graphs)
    seen = frozenset(observed)
    assert markov_equivalent(one.theory, other.theory, seen) == (here == there)
    only_here = any(separated and not also for separated, also in zip(here, there, strict=True))
    assert bool(distinguishing(one.theory, other.theory, seen)) == only_here


def test_a_chain_a_fork_and_a_reversed_chain_are_told_apart_from_a_collider_only() -> None:
    chain_, fork = theory_from_edges([("a", "b"), ("b", "c")]), theory_from_edges([("b", "a"), ("b", "c")])
    back, collider = theory_from_edges([("c", "b"), ("b", "a")]), theory_from_edges([("a", "b"), ("c", "b")])
    assert markov_equivalent(chain_, fork)
    assert markov_equivalent(chain_, back)
    assert not markov_equivalent(chain_, collider)
    assert distinguishing(chain_, collider) == (Independence("a", "c", ("b",)),)
    assert distinguishing(collider, chain_) == (Independence("a", "c"),)


def test_a_construct_that_a_rival_does_not_use_is_isolated_in_it() -> None:
    short, long = theory_from_edges([("a", "b")]), theory_from_edges([("a", "b"), ("b", "c")])
    assert not markov_equivalent(short, long)
    assert distinguishing(short, long) == (Independence("a", "c"), Independence("b", "c", ("a",)))
    assert distinguishing(long, short) == ()


def test_time_tells_directions_apart_that_one_period_cannot() -> None:
    forth, back = theory_from_edges([("a", "b")]), theory_from_edges([("b", "a")])
    assert markov_equivalent(forth, back)
    memory = [Edge("a", "a", lag=1), Edge("b", "b", lag=1)]
    assert not markov_equivalent(
        theory_from_edges([Edge("a", "b"), *memory]), theory_from_edges([Edge("b", "a"), *memory])
    )
