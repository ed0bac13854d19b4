"""Reachability agrees with networkx, and the paths it shows are open."""

from itertools import pairwise

import networkx as nx
from hypothesis import given
from hypothesis import strategies as st

from causal.separation import ancestry, connected, offspring, open_path, shown_path, without
from tests.causal.graphs import Drawn, drawn_graphs


@given(drawn_graphs(largest=7), st.data())
def test_nodes_are_connected_exactly_when_networkx_does_not_separate_them(drawn: Drawn, data: st.DataObject) -> None:
    nodes = sorted(set(drawn.graph) - {drawn.cause})
    known = set(data.draw(st.lists(st.sampled_from(nodes), unique=True)))
    found = connected(drawn.graph, {drawn.cause}, known)
    for node in set(nodes) - known:
        assert (node in found) != nx.is_d_separator(drawn.graph, {drawn.cause}, {node}, known)


@given(drawn_graphs(largest=7), st.data())
def test_a_shown_path_runs_along_edges_and_is_open(drawn: Drawn, data: st.DataObject) -> None:
    others = sorted(set(drawn.graph) - {drawn.cause, drawn.effect})
    known = set(data.draw(st.lists(st.sampled_from(others), unique=True))) if others else set[str]()
    path = open_path(drawn.graph, {drawn.cause}, drawn.effect, known)
    assert bool(path) != nx.is_d_separator(drawn.graph, {drawn.cause}, {drawn.effect}, known)
    for before, node, after in zip(path, path[1:], path[2:], strict=False):
        collider = drawn.graph.has_edge(before, node) and drawn.graph.has_edge(after, node)
        assert bool(offspring(drawn.graph, {node}) & known) if collider else node not in known
    if path:
        ends = (path[0], path[-1])
        assert ends == (drawn.cause, drawn.effect)
        assert all(drawn.graph.has_edge(*sorted(step)) for step in pairwise(path))


@given(drawn_graphs(largest=7))
def test_ancestry_and_offspring_are_those_of_networkx_and_the_node(drawn: Drawn) -> None:
    graph, node = drawn.graph, drawn.effect
    assert ancestry(graph, {node}) == nx.ancestors(graph, node) | {node}
    assert offspring(graph, {node}) == nx.descendants(graph, node) | {node}
    assert not without(graph, list(graph.edges)).edges
    assert set(without(graph, list(graph.edges))) == set(graph)


def test_a_path_shows_its_arrows() -> None:
    graph: nx.DiGraph[str] = nx.DiGraph([("u", "a"), ("u", "b"), ("b", "c")])
    assert shown_path(graph, open_path(graph, {"a"}, "c")) == "a <- u -> b -> c"
    assert open_path(graph, {"a"}, "c", {"u"}) == ()
