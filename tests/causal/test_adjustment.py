"""Sets found by separators are right by arithmetic, and none is missed that trying every subset would find."""

from collections.abc import Iterator
from itertools import chain, combinations

import networkx as nx
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from causal.adjustment import back_door, causal_nodes, front_door, instrument, single_door
from causal.separation import Graph, without
from tests.causal.graphs import Drawn, drawn_graphs


def subsets(nodes: set[str]) -> Iterator[set[str]]:
    return map(set, chain.from_iterable(combinations(sorted(nodes), size) for size in range(len(nodes) + 1)))


def slope(drawn: Drawn, nodes: set[str]) -> float:
    return float(drawn.linear.slopes(drawn.effect, [drawn.cause], sorted(nodes))[0])


@given(drawn_graphs())
def test_adjustment_recovers_the_total_effect_whenever_any_set_does(drawn: Drawn) -> None:
    found = back_door(drawn.graph, {drawn.cause}, drawn.effect, drawn.observed).separator
    truth = drawn.linear.total(drawn.cause, drawn.effect)
    if found is not None:
        assert found <= drawn.observed
        assert slope(drawn, set(found)) == pytest.approx(truth, abs=1e-8)
    elif nx.has_path(drawn.graph, drawn.cause, drawn.effect):
        others = set(drawn.observed) - {drawn.cause, drawn.effect}
        assert not any(np.isclose(slope(drawn, nodes), truth, atol=1e-9) for nodes in subsets(others))


@given(drawn_graphs())
def test_no_node_of_an_adjustment_set_can_be_left_out(drawn: Drawn) -> None:
    door = back_door(drawn.graph, {drawn.cause}, drawn.effect, drawn.observed)
    found = door.separator
    for nodes in subsets(set(found)) if found else ():
        assert nx.is_d_separator(door.graph, {drawn.cause}, {drawn.effect}, nodes) == (nodes == set(found or ()))


@given(drawn_graphs(), st.data())
def test_adjustment_recovers_the_effect_of_setting_several_causes(drawn: Drawn, data: st.DataObject) -> None:
    others = sorted(drawn.observed - {drawn.cause, drawn.effect})
    causes = [drawn.cause, *(data.draw(st.lists(st.sampled_from(others), unique=True)) if others else [])]
    found = back_door(drawn.graph, causes, drawn.effect, drawn.observed).separator
    if found is None:
        return
    world = drawn.linear
    entered = {edge: 0.0 if edge[1] in causes else weight for edge, weight in world.weights.items()}
    truth = [type(world)(drawn.graph, entered).total(cause, drawn.effect) for cause in causes]
    assert world.slopes(drawn.effect, causes, sorted(found)) == pytest.approx(np.array(truth), abs=1e-8)


@given(drawn_graphs())
def test_single_door_recovers_the_weight_of_an_edge(drawn: Drawn) -> None:
    if not drawn.graph.has_edge(drawn.cause, drawn.effect):
        return
    found = single_door(drawn.graph, drawn.cause, drawn.effect, drawn.observed).separator
    if found is not None:
        assert slope(drawn, set(found)) == pytest.approx(drawn.weights[drawn.cause, drawn.effect], abs=1e-8)
    else:
        others = set(drawn.observed) - {drawn.cause, drawn.effect}
        weight = drawn.weights[drawn.cause, drawn.effect]
        assert not any(np.isclose(slope(drawn, nodes), weight, atol=1e-9) for nodes in subsets(others))


def is_front_door(graph: Graph, cause: str, effect: str, nodes: set[str]) -> bool:
    """Pearl's three conditions, word for word."""
    intercepts = all(nodes & set(path) for path in nx.all_simple_paths(graph, cause, effect))
    unleft = without(graph, list(graph.out_edges(cause)))
    unleft_nodes = without(graph, list(graph.out_edges(nodes)))
    return (
        intercepts
        and nx.is_d_separator(unleft, {cause}, nodes, set())
        and nx.is_d_separator(unleft_nodes, nodes, {effect}, {cause})
    )


@given(drawn_graphs())
def test_a_front_door_is_found_exactly_when_some_subset_is_one(drawn: Drawn) -> None:
    others = set(drawn.observed) - {drawn.cause, drawn.effect}
    found = front_door(drawn.graph, drawn.cause, drawn.effect, drawn.observed)
    every = [
        nodes for nodes in subsets(others) if nodes and is_front_door(drawn.graph, drawn.cause, drawn.effect, nodes)
    ]
    assert (found is not None) == bool(every)
    assert found is None or set(found) in every


@given(drawn_graphs())
def test_a_front_door_carries_the_total_effect(drawn: Drawn) -> None:
    found = front_door(drawn.graph, drawn.cause, drawn.effect, drawn.observed)
    if found is None:
        return
    world, nodes = drawn.linear, sorted(found)
    onto = np.array([world.slopes(node, [drawn.cause], [])[0] for node in nodes])
    onward = world.slopes(drawn.effect, nodes, [drawn.cause])
    assert onto @ onward == pytest.approx(world.total(drawn.cause, drawn.effect), abs=1e-8)


@given(drawn_graphs(), st.booleans())
def test_an_instrument_recovers_the_effect_in_a_linear_world(drawn: Drawn, direct: bool) -> None:
    graph, cause, effect = drawn.graph, drawn.cause, drawn.effect
    if direct and not graph.has_edge(cause, effect):
        return
    allowed = drawn.observed
    door = single_door(graph, cause, effect, allowed) if direct else back_door(graph, {cause}, effect, allowed)
    found = instrument(graph, door, drawn.observed)
    if found is None:
        return
    world, given_nodes = drawn.linear, sorted(found.given)
    ratio = world.covariance([found.node], [effect], given_nodes) / world.covariance([found.node], [cause], given_nodes)
    truth = drawn.weights[cause, effect] if direct else world.total(cause, effect)
    assert float(ratio[0, 0]) == pytest.approx(truth, abs=1e-6)


def test_nodes_on_the_way_lie_on_paths_that_do_not_come_back_to_a_cause() -> None:
    graph: Graph = nx.DiGraph([("a", "b"), ("b", "y"), ("c", "b"), ("a", "c"), ("y", "z")])
    assert causal_nodes(graph, {"a"}, "y") == {"b", "c", "y"}
    assert causal_nodes(graph, {"a", "c"}, "y") == {"b", "y"}
    assert causal_nodes(graph, {"z"}, "y") == set()
