"""Whatever the graph, restrictions, priors and cases: what is found is what the definitions say, over every causal type."""

from itertools import combinations
from math import log

import numpy as np
import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from causal.potential import Question, parse_question
from models.types.answers import query
from models.types.cases import Case, read_cases
from models.types.circuit import compile_circuit
from models.types.graph import TypesError
from models.types.make import Model, make
from models.types.marginal import foresee, impute, score
from models.types.pieces import ContradictionError, pieces
from models.types.posterior import update
from models.types.priors import Flat, Prior, Sparse
from models.types.worlds import Variable
from tests.models.types import oracle

MOST_ASSIGNMENTS = 1500
PRIORS: list[Prior] = [Flat(), Flat(0.5), Sparse(), Sparse(0.3)]
SLOWLY = settings(max_examples=40, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
SELDOM = settings(SLOWLY, max_examples=8)


@st.composite
def models(draw: st.DrawFn) -> Model:
    """Two to four nodes of two to four levels, arrows among them, perhaps a confounded pair, perhaps a restriction."""
    nodes = "ABCD"[: draw(st.integers(2, 4))]
    pairs = list(combinations(nodes, 2))
    edges = [pair for pair in pairs if draw(st.booleans())]
    confounded = [draw(st.sampled_from(pairs))] if draw(st.booleans()) else []
    text = [*nodes, *(f"{a} -> {b}" for a, b in edges), *(f"{a} <-> {b}" for a, b in confounded)]
    levels = {draw(st.sampled_from(nodes)): draw(st.sampled_from([3, 3, 4]))} if draw(st.booleans()) else {}
    rules = [rule for a, b in edges if (rule := draw(st.sampled_from(["", *_rules(a, b)])))]
    try:
        model = make("; ".join(text), rules, draw(st.sampled_from(PRIORS)), levels)
    except TypesError:
        assume(False)
        raise
    assume(len(oracle.causal_types(model)) <= 300)
    return model


def _rules(a: str, b: str) -> list[str]:
    return [
        f"increasing({a} -> {b})",
        f"decreasing({a} -> {b})",
        f"drop({b}[{a}=1] < {b}[{a}=0])",
        f"drop({b}[{a}=0] == 1)",
    ]


@st.composite
def seen(draw: st.DrawFn, model: Model, name: str) -> Case:
    """A case: each node not seen, at a level, at one of several, or coded in doubt."""
    found = {}
    for node in model.graph.nodes:
        levels = model.graph.levels[node]
        weights = draw(st.none() | st.tuples(*[st.sampled_from([0.0, 0.0, 1.0, 0.3, 0.7])] * levels))
        if weights is not None and len(set(weights)) > 1:
            found[node] = weights
    return Case(name, found)


@st.composite
def worlds(draw: st.DrawFn) -> tuple[Model, list[Case]]:
    model = draw(models())
    types = len(oracle.causal_types(model))
    most = max(1, int(log(MOST_ASSIGNMENTS) / log(types)))
    cases = [draw(seen(model, f"case {i}")) for i in range(draw(st.integers(1, min(most, 4))))]
    return model, cases


@st.composite
def questions(draw: st.DrawFn, model: Model) -> Question:
    a, b = draw(st.permutations(model.graph.nodes))[:2]
    m = draw(st.sampled_from(model.graph.nodes))
    between = m if m not in (a, b) else a
    text = draw(
        st.sampled_from(
            [
                f"{b}[{a}=1] - {b}[{a}=0]",
                f"{b}[{a}=0]==0 given {a}>0 & {b}>0",
                f"{b}[{a}=1] > {b}[{a}=0] | {a}=={b}",
                f"{b}[{a}=0] < {b} & {b}[{between}={between}[{a}=0]] < {b} given !{b}==0",
                f"{b}[{a}=1] / ({b}[{a}=0] + 1)",
                f"{a}*{b} given {b}[{a}=1] >= {b}[{a}=0]",
            ]
        )
    )
    return parse_question(text)


@SLOWLY
@given(st.data())
def test_the_probability_of_any_cases_is_their_definition_and_cases_that_cannot_be_are_named(
    data: st.DataObject,
) -> None:
    model, cases = data.draw(worlds())
    expected = oracle.probability(model, cases)
    if expected == 0:
        with pytest.raises(ContradictionError, match="case 'case"):
            update(model, cases, "exact")
    else:
        assert update(model, cases, "exact").log_marginal == pytest.approx(log(expected), abs=1e-9)


@SLOWLY
@given(st.data())
def test_any_answer_about_a_case_seen_or_new_is_its_definition(data: st.DataObject) -> None:
    model, cases = data.draw(worlds())
    question = data.draw(questions(model))
    assume(oracle.probability(model, cases) > 0)
    posterior = update(model, cases, "exact")
    others, new = cases[1:], read_cases(model.graph, [{}])[0]
    for before, unit, asked_of in ((others, cases[0], cases[0].name), (cases, new, new)):
        try:
            expected = oracle.answer(model, before, question, unit)
        except ZeroDivisionError:
            with pytest.raises(TypesError):
                query(posterior, question, case=asked_of)
            continue
        found = query(posterior, question, case=asked_of)
        assert found.posterior.exact
        assert found.posterior.mean == pytest.approx(expected, abs=1e-9)
        truth = Question(question.given) if question.given else parse_question("1 == 1")
        assert found.holds == pytest.approx(oracle.answer(model, before, truth, unit), abs=1e-9)


@SLOWLY
@given(st.data())
def test_any_case_is_foreseen_from_others_as_the_ratio_of_probabilities(data: st.DataObject) -> None:
    model, cases = data.draw(worlds())
    whole = oracle.probability(model, cases)
    assume(whole > 0)
    expected = log(whole / oracle.probability(model, cases[1:]))
    assert foresee(model, cases[1:], cases[0]).value == pytest.approx(expected, abs=1e-9)


@SELDOM
@given(st.data())
def test_any_posterior_is_sampled_as_it_is_listed(data: st.DataObject) -> None:
    model, cases = data.draw(worlds())
    assume(oracle.probability(model, cases) > 0)
    exact, sampled = update(model, cases, "exact"), update(model, cases, "gibbs", seed=1)
    for node in model.graph.nodes:
        a, b = exact.shares()[node], sampled.shares()[node]
        assert abs(a.mean(axis=0) - b.mean(axis=0)).max() < 0.04
        assert abs(a.std(axis=0) - b.std(axis=0)).max() < 0.04


@SELDOM
@given(st.data())
def test_any_marginal_likelihood_is_imputed_as_it_is_listed(data: st.DataObject) -> None:
    model, cases = data.draw(worlds())
    assume(oracle.probability(model, cases) > 0)
    imputed = impute(model, pieces(model, cases), 4000, np.random.default_rng(1))
    assert imputed.value == pytest.approx(score(model, cases).value, abs=5 * imputed.mcse + 0.01)


@SELDOM
@given(st.data())
def test_any_selection_is_undone_as_weighted_draws_of_the_prior_say(data: st.DataObject) -> None:
    """The likelihood of cases that could only be seen where a node is not at its lowest level is p / p(seen), at each draw."""
    model, cases = data.draw(worlds())
    node = model.graph.nodes[-1]
    likely = [oracle_probabilities(model, cases, node, draws := 20_000, seed=1)]
    p_cases, p_seen, values = likely[0]
    assume((p_cases > 0).all() and (p_seen > 0.02).all())
    weights = np.prod(p_cases / p_seen, axis=0)
    assume(weights.sum() ** 2 / (weights**2).sum() > draws / 20)
    expected = float(weights @ values / weights.sum())
    restricted = [Case(c.name, {**c.seen, node: _above_zero(model, c, node)}) for c in cases]
    found = query(update(model, restricted, selected=f"{node} > 0"), f"{node}==0").posterior.mean
    assert found == pytest.approx(expected, abs=0.03)


def _above_zero(model: Model, case: Case, node: str) -> tuple[float, ...]:
    weights = case.seen.get(node, (1.0,) * model.graph.levels[node])
    return (0.0, *weights[1:])


def oracle_probabilities(
    model: Model, cases: list[Case], node: str, draws: int, seed: int
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """At draws of the prior: the probability of each case with the node above 0, of the node above 0, and of the node at 0."""
    shares = model.shares(model.no_counts(draws), np.random.default_rng(seed))
    p_cases, above = np.zeros((len(cases), draws)), np.zeros(draws)
    for unit in oracle.causal_types(model):
        p = np.ones(draws)
        for name, row, number in oracle.cells(model, unit):
            p = p * shares[name][:, row, number]
        if oracle.outcome(model, unit, node, {}) > 0:
            above += p
            p_cases += np.outer([oracle.seen(model, unit, case) for case in cases], p)
    return p_cases, above, 1 - above


def test_a_node_that_confounds_nothing_asked_is_not_passed() -> None:
    """Pruned to the ancestors of the query: nodes that cannot bear on it are in no circuit."""
    model = make("A -> B -> C -> D; B <-> C; E -> D")
    events = compile_circuit(model, [Variable("B")]).events
    assert {event.node for event in events} == {"A", "B"}
