"""What would be learnt, and how well a model predicts: equal to the definitions, and to doing it."""

from math import exp, log

import numpy as np
import pytest

from models.types import learning, marginal
from models.types.answers import query
from models.types.cases import Case, read_cases, seen_level
from models.types.graph import TypesError
from models.types.learning import Plan, clues, gains, plans
from models.types.make import make
from models.types.marginal import impute, leave_one_out, log_marginal
from models.types.noisy import NoisyOr
from models.types.pieces import pieces
from models.types.posterior import Posterior, update, with_case, without
from models.types.priors import Flat, Hierarchical
from models.types.simulated import simulate
from tests.models.types import oracle

MODEL = make("X -> M -> Y", priors=Flat())
ROWS = [
    {"X": 1, "M": 1, "Y": 1},
    {"X": 0, "M": 0, "Y": 0},
    {"X": 1, "Y": 1},
    {"X": 1, "M": 1, "Y": 1},
    {"X": 0, "Y": 1},
]
STATEMENT = "Y[X=0]==0"


def test_what_a_clue_would_teach_is_what_it_teaches_over_what_it_may_show() -> None:
    posterior = update(MODEL, ROWS)
    (clue,) = clues(posterior, STATEMENT, "3")
    assert clue.node == "M"
    assert clue.now == pytest.approx(query(posterior, STATEMENT, case="3").posterior.mean, abs=1e-9)
    assert sum(p for _, p, _ in clue.outcomes) == pytest.approx(1)
    for level, p, then in clue.outcomes:
        case = posterior.cases[2].also("M", seen_level(MODEL.graph, "M", level))
        after = with_case(posterior, case)
        assert then == pytest.approx(query(after, STATEMENT, case="3").posterior.mean, abs=1e-9)
        assert p == pytest.approx(exp(after.log_marginal - posterior.log_marginal), abs=1e-9)
    assert clue.learning > 0


def test_gibbs_weighs_a_clue_as_the_exact_posterior_does() -> None:
    (exact,) = clues(update(MODEL, ROWS), STATEMENT, "3")
    (sampled,) = clues(update(MODEL, ROWS, method="gibbs"), STATEMENT, "3")
    assert sampled.now == pytest.approx(exact.now, abs=0.02)
    assert sampled.learning == pytest.approx(exact.learning, abs=0.01)


def test_a_node_that_cannot_bear_on_the_question_teaches_nothing() -> None:
    model = make("X -> Y; Z")
    (clue,) = clues(update(model, [{"X": 1, "Y": 1}, {"X": 0, "Y": 0, "Z": 1}]), "Y[X=0]==0", "1")
    assert clue.node == "Z"
    assert clue.share == pytest.approx(0, abs=1e-12)


def test_what_a_plan_would_teach_about_the_population_is_the_variance_of_what_would_then_be_believed() -> None:
    posterior = update(MODEL, ROWS)
    asked = "Y[X=1] - Y[X=0]"
    (gain,) = gains(posterior, asked, [Plan(("X", "M", "Y"))])
    now = query(posterior, asked).posterior
    expected = 0.0
    for values in np.ndindex(2, 2, 2):
        row = dict(zip(("X", "M", "Y"), map(int, values), strict=True))
        after = update(MODEL, [*ROWS, row])
        chance = exp(after.log_marginal - posterior.log_marginal)
        expected += chance * (query(after, asked).posterior.mean - now.mean) ** 2
    assert gain.sd**2 - gain.expected_sd**2 == pytest.approx(expected, rel=0.15)


def test_equal_cases_are_left_out_once(monkeypatch: pytest.MonkeyPatch) -> None:
    posterior = update(make("X -> Y"), [{"X": i % 2, "Y": int(i % 3 == 0)} for i in range(60)])
    left_out: list[str] = []

    def watched(whole: Posterior, name: str) -> Posterior:
        left_out.append(name)
        return without(whole, name)

    monkeypatch.setattr(marginal, "without", watched)
    assert len(leave_one_out(posterior)) == 60
    assert len(left_out) == 4


@pytest.mark.parametrize("graph", ["X -> M -> Y", "X -> M -> Y; X <-> Y"])
def test_simulated_units_are_as_frequent_as_they_are_probable_and_teach_as_much(
    graph: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    posterior = update(make(graph), ROWS)
    units = simulate(posterior, 40_000, np.random.default_rng(1))
    for asked in ("X==1 & M==0", "M==1 & Y==1", "X==1 & Y==0"):
        (a, i), (b, j) = ((part[0], int(part[-1])) for part in asked.split(" & "))
        share = ((units[a] == i) & (units[b] == j)).mean()
        assert share == pytest.approx(query(posterior, asked).posterior.mean, abs=0.01)
    listed = gains(posterior, "Y[X=1] - Y[X=0]", [Plan(("X", "M", "Y"))])[0]
    monkeypatch.setattr(learning, "MOST_OUTCOMES", 1)
    simulated = gains(posterior, "Y[X=1] - Y[X=0]", [Plan(("X", "M", "Y"))])[0]
    assert simulated.share == pytest.approx(listed.share, rel=0.2)


def test_a_case_of_twenty_nodes_is_planned_and_too_deep_a_look_refused() -> None:
    names = [f"N{i}" for i in range(20)]
    posterior = update(make(" -> ".join(names)), [dict.fromkeys(names, 1), dict.fromkeys(names[:1], 0)])
    wide, deep = gains(posterior, "N1[N0=1] - N1[N0=0]", [Plan(tuple(names)), Plan(("N19",), "2")])
    assert wide.plan.case is None
    assert wide.share > deep.share
    with pytest.raises(TypesError, match="look at fewer nodes at once"):
        gains(posterior, "N1[N0=1] - N1[N0=0]", [Plan(tuple(names[1:]), "2")])


def test_looking_deeper_and_wider_are_both_planned_and_ranked() -> None:
    posterior = update(MODEL, ROWS)
    among = plans(posterior)
    assert Plan(("M",), "3") in among
    assert Plan(("X", "M", "Y")) in among
    ranked = gains(posterior, "Y[X=1] - Y[X=0]", among)
    assert [g.expected_sd for g in ranked] == sorted(g.expected_sd for g in ranked)
    assert all(-0.01 < g.share < 1 for g in ranked)
    assert str(ranked[0].plan)


def test_a_case_left_out_is_predicted_by_the_ratio_of_marginal_likelihoods() -> None:
    posterior = update(MODEL, ROWS)
    cases = read_cases(MODEL.graph, ROWS)
    scores = leave_one_out(posterior)
    for name, score in scores.items():
        rest = [case for case in cases if case.name != name]
        expected = log(oracle.probability(MODEL, cases) / oracle.probability(MODEL, rest))
        assert score.value == pytest.approx(expected, abs=1e-9)


@pytest.mark.parametrize("graph", ["X -> M -> Y", "X -> M -> Y; X -> Y", "Z -> X -> Y; X <-> Y"])
def test_sequential_imputation_estimates_the_exact_marginal_likelihood(graph: str) -> None:
    model = make(graph)
    rows = [{"X": 1, "Y": 1}, {"X": 0, "Y": 0}, {"X": 1, "Y": 1}, {"X": 1, "Y": 0}, {"Y": 1}]
    exact = log_marginal(update(model, rows))
    sampled = log_marginal(update(model, rows, method="gibbs"))
    assert exact.mcse == 0
    assert 0 < sampled.mcse < 0.1
    assert sampled.value == pytest.approx(exact.value, abs=4 * sampled.mcse + 0.01)


def test_the_error_of_an_estimate_is_as_large_as_it_says() -> None:
    """Estimates of a known probability, few particles each: how far off they are, in standard errors, has a mean square of 1."""
    rows = [{"X": 1, "Y": 1}, {"X": 0, "Y": 0}, {"X": 1, "Y": 0}] * 3
    model = make("X -> M -> Y; X <-> Y", priors=Flat())
    exact = update(model, rows, method="exact").log_marginal
    parts = pieces(model, read_cases(model.graph, rows))
    found = [impute(model, parts, 200, np.random.default_rng(seed)) for seed in range(40)]
    apart = np.array([(each.value - exact) / each.mcse for each in found])
    assert 0.6 < (apart**2).mean() < 1.7


def test_one_binary_cause_has_the_marginal_likelihood_of_the_beta_distribution() -> None:
    ones, zeros = 7, 3
    rows = [Case(str(i), {"X": seen_level(make("X").graph, "X", int(i < ones))}) for i in range(ones + zeros)]
    expected = log(1 / 11 / 120)  # Beta(8, 4) over Beta(1, 1): 7! 3! / 11!
    assert log_marginal(update(make("X"), rows)).value == pytest.approx(expected, abs=1e-9)


@pytest.mark.parametrize("prior", [Hierarchical(), NoisyOr()])
def test_structured_priors_predict_and_leave_out_too(prior: Hierarchical | NoisyOr) -> None:
    model = make("X -> Y <- Z", priors={"Y": prior})
    rows = [{"X": 1, "Z": 0, "Y": 1}, {"X": 0, "Z": 0, "Y": 0}]
    posterior = update(model, rows)
    scores = leave_one_out(posterior)
    total = log_marginal(posterior)
    other = log_marginal(update(model, rows[1:]))
    assert scores["1"].value == pytest.approx(total.value - other.value, abs=0.1)


def test_with_selection_there_is_no_marginal_likelihood() -> None:
    with pytest.raises(TypesError, match="number of units"):
        log_marginal(update(make("X -> Y"), [{"X": 1, "Y": 1}], selected="Y==1"))
