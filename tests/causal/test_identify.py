"""Named worlds get their textbook verdict, and every verdict recovers the true effect by exact arithmetic."""

import random
import warnings
from collections.abc import Mapping

import networkx as nx
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from causal.diagram import diagram
from causal.identify import Identification, NotIdentifiedError, identify
from causal.query import CaseCounterfactual, DirectEffect, Effect, NaturalEffect, PathEffect, Query
from causal.separation import without
from causal.theory import Edge, Theory, theory_from_edges
from tests.causal.graphs import Drawn, drawn_graphs
from tests.worlds import WORLDS, Linear, World

BY_NAME = {world.name: world for world in WORLDS}
X_ON_Y = Effect("x", "y")
every_world = pytest.mark.parametrize("world", WORLDS, ids=lambda world: world.name)


def answer(theory: Theory, query: Query, observed: frozenset[str] | None = None) -> Identification | None:
    try:
        return identify(theory, query, observed)
    except NotIdentifiedError:
        return None


def read_off(world: Linear, found: Identification, cause: str, effect: str) -> float:
    """The effect that an identification reads off the covariances of observed nodes."""
    given_nodes = list(found.adjustment)
    match found.strategy:
        case "no effect":
            return 0.0
        case "nothing to adjust for" | "backdoor":
            return float(world.slopes(effect, [cause], given_nodes)[0])
        case "frontdoor":
            onto = [world.slopes(node, [cause], [])[0] for node in found.mediators]
            return float(np.array(onto) @ world.slopes(effect, list(found.mediators), [cause]))
        case "instrument":
            instruments = list(found.instruments)
            moved = world.covariance(instruments, [effect], given_nodes)
            return float(moved[0, 0] / world.covariance(instruments, [cause], given_nodes)[0, 0])
        case _:
            pytest.fail(f"{found.strategy} has no covariance formula")


@every_world
def test_named_worlds_have_their_textbook_verdict(world: World) -> None:
    found = answer(world.theory, X_ON_Y, world.observed)
    assert (found and found.strategy) == world.strategy
    if found:
        assert found.adjustment == world.adjustment
        assert found.mediators == world.mediators
        assert found.instruments == world.instruments


@every_world
def test_verdicts_on_named_worlds_recover_their_true_effect(world: World) -> None:
    found = answer(world.theory, X_ON_Y, world.observed)
    if found and found.strategy != "general ID":
        assert read_off(world.linear, found, "x", "y") == pytest.approx(world.linear.total("x", "y"))


@every_world
def test_simulated_interventions_have_the_true_effect(world: World) -> None:
    low, high = (world.linear.simulate(np.random.default_rng(8), 4000, do={"x": level})["y"] for level in (0.0, 1.0))
    assert np.mean(high - low) == pytest.approx(world.linear.total("x", "y"))
    free = world.linear.simulate(np.random.default_rng(9), 40_000)
    nodes = sorted(free)
    exact = world.linear.covariance(nodes, nodes, [])
    assert np.allclose(np.cov([free[node] for node in nodes]), exact, atol=0.06 * exact.diagonal().max())


@given(drawn_graphs())
def test_every_total_effect_that_is_identified_is_recovered(drawn: Drawn) -> None:
    found = answer(drawn.theory, Effect(drawn.cause, drawn.effect), drawn.observed)
    if found and found.strategy != "general ID":
        truth = drawn.linear.total(drawn.cause, drawn.effect)
        assert read_off(drawn.linear, found, drawn.cause, drawn.effect) == pytest.approx(truth, abs=1e-6)


@given(drawn_graphs())
def test_every_direct_effect_that_is_identified_is_recovered(drawn: Drawn) -> None:
    found = answer(drawn.theory, DirectEffect(drawn.cause, drawn.effect), drawn.observed)
    if found:
        truth = drawn.weights.get((drawn.cause, drawn.effect), 0.0)
        assert read_off(drawn.linear, found, drawn.cause, drawn.effect) == pytest.approx(truth, abs=1e-6)


@given(drawn_graphs())
def test_admitted_confounding_and_an_unobserved_construct_come_to_the_same(drawn: Drawn) -> None:
    """A hidden root with two effects is a bidirected edge."""
    roots = {node for node in drawn.hidden if node.startswith("U")}
    pairs = {tuple(sorted(drawn.graph.successors(root))) for root in roots}
    rest = [edge for edge in drawn.graph.edges if edge[0] not in roots]
    others = [node for node in drawn.graph if node not in roots]
    theory = theory_from_edges(rest, [(one, other) for one, other in pairs], others)
    query = Effect(drawn.cause, drawn.effect)
    ours, theirs = answer(theory, query, drawn.observed), answer(drawn.theory, query, drawn.observed)
    assert (ours and ours.strategy) == (theirs and theirs.strategy)


@given(drawn_graphs(with_hidden=False))
def test_where_everything_is_observed_everything_is_identified(drawn: Drawn) -> None:
    path = (
        nx.shortest_path(drawn.graph, drawn.cause, drawn.effect)
        if nx.has_path(drawn.graph, drawn.cause, drawn.effect)
        else []
    )
    queries: list[Query] = [Effect(drawn.cause, drawn.effect), DirectEffect(drawn.cause, drawn.effect)]
    if path:
        queries.append(PathEffect(tuple(path)))
    for query in queries:
        found = identify(drawn.theory, query)
        assert found.strategy in ("no effect", "nothing to adjust for", "backdoor", "edge by edge")


def lagged(drawn: Drawn, lags: Mapping[int, int]) -> Theory:
    """Some edges of the graph turned into lagged ones, and their reversals added as feedback."""
    edges = [Edge(cause, effect, lag=lags.get(i, 0)) for i, (cause, effect) in enumerate(drawn.graph.edges)]
    back = [Edge(edge.effect, edge.cause, lag=1) for i, edge in enumerate(edges) if i in lags]
    return theory_from_edges([*edges, *back], constructs=list(drawn.graph))


@given(drawn_graphs(largest=4), st.dictionaries(st.integers(0, 5), st.integers(0, 1), max_size=3))
def test_a_step_held_over_periods_is_recovered_from_the_unrolled_world(drawn: Drawn, lags: Mapping[int, int]) -> None:
    theory = lagged(drawn, lags)
    found = answer(theory, Effect(drawn.cause, drawn.effect), drawn.observed)
    if found is None or found.strategy not in ("nothing to adjust for", "backdoor"):
        return
    unrolled = diagram(theory, [drawn.cause], drawn.effect, drawn.observed)
    rng = np.random.default_rng(len(unrolled.graph.edges))
    weights = {edge: float(rng.uniform(0.3, 1.0)) for edge in unrolled.graph.edges}
    causes = [node for node in unrolled.periods(drawn.cause) if f"{node}," in found.estimand.replace(")", ",")]
    entered = without(unrolled.graph, list(unrolled.graph.in_edges(causes)))
    truth = [
        Linear(unrolled.graph, {edge: weights[edge] for edge in entered.edges}).total(cause, drawn.effect)
        for cause in causes
    ]
    slopes = Linear(unrolled.graph, weights).slopes(drawn.effect, causes, list(found.adjustment))
    assert slopes == pytest.approx(np.array(truth), abs=1e-6)


def test_a_lagged_confounder_is_adjusted_for_in_the_period_in_which_it_acts() -> None:
    confounded = [Edge("x", "y"), Edge("z", "x", lag=1), Edge("z", "y", lag=1)]
    assert identify(theory_from_edges(confounded), X_ON_Y).adjustment == ("z[-1]",)
    found = identify(theory_from_edges([*confounded, Edge("y", "y", lag=1)]), X_ON_Y)
    assert found.adjustment == ("z[-1]", "z[-2]")
    assert found.estimand.startswith("E[y | do(x, x[-1])] = ")


def test_feedback_that_confounds_a_later_cause_needs_the_general_formula() -> None:
    """Robins' time-varying confounder: an effect of the earlier cause, a cause of the later one."""
    theory = theory_from_edges(
        [Edge("x", "l"), Edge("l", "x", lag=1), Edge("l", "y", lag=1), Edge("x", "y"), Edge("l", "y")]
    )
    found = identify(theory, X_ON_Y)
    assert found.strategy == "general ID"
    assert found.estimand.startswith("P(y | do(x, x[-1])) = ")


def test_lags_that_do_not_bear_on_the_effect_leave_one_period() -> None:
    theory = theory_from_edges([Edge("x", "y"), Edge("y", "z", lag=1)])
    assert identify(theory, X_ON_Y).estimand == "E[y | do(x)] = E[y | x]"


def test_an_effect_given_a_moderator_sets_both() -> None:
    edges = [Edge("x", "y", moderator="m"), Edge("m", "y"), Edge("c", "m"), Edge("c", "y"), Edge("m", "x")]
    found = identify(theory_from_edges(edges), Effect("x", "y", (("m", "high"),)))
    assert found.estimand == "E[y | do(x, m)] = Σ_{c} E[y | x, m, c] P(c)"
    assert identify(theory_from_edges(edges), X_ON_Y).adjustment == ("m",)


def test_a_path_is_identified_edge_by_edge() -> None:
    theory = theory_from_edges([("x", "m"), ("m", "y"), ("z", "m"), ("z", "y")], [("x", "y")])
    found = identify(theory, PathEffect(("x", "m", "y")))
    assert found.strategy == "edge by edge"
    assert [step.adjustment for step in found.steps] == [(), ("x", "z")]
    assert identify(theory, PathEffect(("x", "y"))).strategy == "no effect"
    with pytest.raises(
        NotIdentifiedError, match=r"path\(x -> m -> y\): the path m <- U\(m, y\) -> y stays open"
    ) as caught:
        identify(theory_from_edges([("x", "m"), ("m", "y"), ("x", "y")], [("m", "y")]), PathEffect(("x", "m", "y")))
    assert set(caught.value.path) > {"m", "y"}


def test_natural_effects_need_the_mediators_and_the_effect_unconfounded() -> None:
    mediation = [("x", "m"), ("m", "y"), ("x", "y")]
    free = identify(theory_from_edges(mediation), NaturalEffect("indirect", "x", "y"))
    assert (free.strategy, free.mediators) == ("nothing to adjust for", ("m",))
    covariate = theory_from_edges([*mediation, ("c", "m"), ("c", "y"), ("d", "x"), ("d", "y")])
    assert identify(covariate, NaturalEffect("direct", "x", "y")).adjustment == ("c", "d")
    with pytest.raises(NotIdentifiedError, match="Measure the common cause of m and y or a proxy of it"):
        identify(theory_from_edges(mediation, [("m", "y")]), NaturalEffect("direct", "x", "y"))
    with pytest.raises(NotIdentifiedError, match="the mediator m is not observed"):
        identify(theory_from_edges(mediation), NaturalEffect("direct", "x", "y"), frozenset("xy"))


def test_a_confounder_of_mediator_and_effect_that_the_cause_moves_identifies_no_natural_effect() -> None:
    """Avin, Shpitser and Pearl (2005): adjusting for it would fix one world's value in the other."""
    edges = [("x", "l"), ("l", "m"), ("u", "l"), ("u", "y"), ("x", "m"), ("m", "y"), ("x", "y")]
    theory = theory_from_edges(edges)
    with pytest.raises(NotIdentifiedError, match="Measure u or a proxy of it"):
        identify(theory, NaturalEffect("direct", "x", "y"), frozenset("xlmy"))
    assert identify(theory, NaturalEffect("direct", "x", "y")).adjustment == ("u",)


@given(drawn_graphs())
def test_the_natural_direct_effect_of_a_linear_world_is_its_edge(drawn: Drawn) -> None:
    """Without interaction it is the coefficient of the cause beside all mediators (Pearl 2001, section 3)."""
    found = answer(drawn.theory, NaturalEffect("direct", drawn.cause, drawn.effect), drawn.observed)
    if found and found.strategy != "no effect":
        held = [*found.adjustment, *found.mediators]
        truth = drawn.weights.get((drawn.cause, drawn.effect), 0.0)
        assert drawn.linear.slopes(drawn.effect, [drawn.cause], held)[0] == pytest.approx(truth, abs=1e-6)


def test_the_counterfactual_of_a_case_rests_on_its_disturbances_too() -> None:
    found = identify(BY_NAME["fork"].theory, CaseCounterfactual("sialkot", "x", "y", "low"))
    assert found.adjustment == ("z",)
    assert "The disturbances of sialkot are those that the fitted equations leave over." in found.assumption


def test_an_effect_that_is_not_identified_names_the_open_path_and_a_remedy() -> None:
    with pytest.raises(NotIdentifiedError) as caught:
        identify(BY_NAME["hidden fork"].theory, X_ON_Y, frozenset("xy"))
    assert str(caught.value) == (
        "effect(x -> y): the path x <- u -> y stays open whatever is adjusted for. Measure u or a proxy of it. "
        "Or ask a sensitivity question instead."
    )
    assert caught.value.path == ("x", "u", "y")
    with pytest.raises(NotIdentifiedError, match="Measure the common cause of x and y or a proxy of it"):
        identify(BY_NAME["bow"].theory, X_ON_Y)


def test_a_construct_without_observations_identifies_nothing() -> None:
    with pytest.raises(NotIdentifiedError, match=r"no observation speaks to x\. Give it an indicator"):
        identify(BY_NAME["arrow"].theory, X_ON_Y, frozenset("y"))


def test_a_construct_that_the_theory_lacks_is_no_question_to_it() -> None:
    with pytest.raises(KeyError, match="has no construct 'w'; it has x, y"):
        identify(BY_NAME["arrow"].theory, Effect("w", "y"))


def test_a_thousand_constructs_are_answered_and_the_answers_hold() -> None:
    rng = random.Random(10)
    names = [f"v{i}" for i in range(1000)]
    edges = sorted({(names[rng.randrange(max(0, j - 50), j)], names[j]) for j in range(1, 1000) for _ in range(4)})
    theory = theory_from_edges(edges, constructs=names)
    found = identify(theory, Effect("v500", "v900"))
    unleft = without(theory.graph, list(theory.graph.out_edges("v500")))
    assert found.strategy == "backdoor"
    assert nx.is_d_separator(unleft, {"v500"}, {"v900"}, set(found.adjustment))
    confounded = theory_from_edges(edges, [("v500", "v900")], names)
    assert identify(confounded, Effect("v500", "v900")).strategy == "general ID"
    assert identify(theory, DirectEffect(*edges[2000])).strategy in ("backdoor", "nothing to adjust for")
    cause, effect = edges[2000]
    bow = identify(theory_from_edges(edges, [(cause, effect)], names), Effect(cause, effect))
    (node,) = bow.instruments
    unleft = without(theory.graph, list(theory.graph.out_edges(cause)))
    assert nx.is_d_separator(unleft, {node}, {effect}, set(bow.adjustment))
    assert not nx.is_d_separator(theory.graph, {node}, {cause}, set(bow.adjustment))


@pytest.fixture(scope="module")
def dowhy_estimands() -> Mapping[str, Mapping[str, object]]:
    """What DoWhy says of every named world in which x may affect y: the estimands it finds, by its own names."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # DoWhy warns on import and on every identification
        from dowhy.causal_identifier import EstimandType, identify_effect_auto

        found = {}
        for world in WORLDS:
            drawn = diagram(world.theory, ["x"], "y", world.observed)
            if nx.has_path(drawn.graph, "x", "y"):
                estimand = identify_effect_auto(
                    drawn.graph, ["x"], ["y"], sorted(drawn.observed), EstimandType.NONPARAMETRIC_ATE
                )
                found[world.name] = estimand.estimands
    return found


def test_dowhy_finds_the_same_strategies(dowhy_estimands: Mapping[str, Mapping[str, object]]) -> None:
    assert len(dowhy_estimands) >= 15
    for name, theirs in dowhy_estimands.items():
        strategy = BY_NAME[name].strategy
        assert (theirs["backdoor"] is not None) == (strategy in ("backdoor", "nothing to adjust for")), name
        if strategy == "frontdoor" or theirs["backdoor"] is None:
            assert (theirs["frontdoor"] is not None) == (strategy == "frontdoor"), name
