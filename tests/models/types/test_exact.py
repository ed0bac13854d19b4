"""Exact posteriors equal what the definitions say, written out over every causal type of every case."""

from math import log

import pytest

from causal.potential import parse_question
from models.types.answers import query
from models.types.cases import Case, read_cases
from models.types.graph import TypesError
from models.types.make import make
from models.types.posterior import prior, update, without
from models.types.priors import JEFFREYS, Custom, Flat
from tests.models.types import oracle


def rows(nodes: str, *values: str) -> list[dict[str, object]]:
    """Cases from texts such as "1.0", a point where nothing was seen."""
    return [{n: int(v) for n, v in zip(nodes, text, strict=True) if v != "."} for text in values]


DOUBTFUL = Case("doubtful", {"X": (0.3, 0.7), "M": (0.0, 0.4), "Y": (0.9, 0.2)})
BY_STATEMENT = Custom({"Y[X=1] > Y[X=0]": 5.0, "11": 0.5})
WORLDS = {
    "a cause seen": (make("X -> Y", priors=Flat()), rows("XY", "11", "00", "10", "11")),
    "two causes": (make("X -> Y <- Z", priors=JEFFREYS), rows("XZY", "101", "110", "011")),
    "a clue that is missing": (make("X -> M -> Y"), rows("XMY", "1.1", "01.", "110")),
    "confounding": (make("X -> Y; X <-> Y", priors=Flat()), rows("XY", "11", "00", "10")),
    "an instrument": (make("Z -> X -> Y; X <-> Y"), rows("ZXY", "111", "0.0", "10.")),
    "a confounder seen in no case": (make("A; B -> C; A <-> B; A <-> C"), rows("BC", "11", "01", ".0")),
    "three levels": (make("X -> Y", levels={"Y": 3}), [{"X": 1, "Y": {1, 2}}, *rows("XY", "00", "12")]),
    "monotone": (
        make("X -> M -> Y; X -> Y", ["increasing(X -> M)", "drop(Y[M=1] < Y[M=0])"]),
        rows("XMY", "1.1", "000"),
    ),
    "a cause of three levels": (
        make("X -> Y", ["increasing(X -> Y)"], levels={"X": 3, "Y": 3}),
        rows("XY", "11", "12", "0."),
    ),
    "coding in doubt": (make("X -> M -> Y"), [DOUBTFUL, *rows("XMY", "1.1", "000")]),
    "a prior by statement": (make("X -> Y", priors={"Y": BY_STATEMENT}), rows("XY", "11", "00")),
}
QUESTIONS = {
    "X": ["Y[X=1] - Y[X=0]", "Y[X=1] > Y[X=0] given X==1 & Y==1", "Y[X=0]==0 given X==1 & Y==1", "Y[X=1] / Y[X=0]"],
    "M": ["Y[X=1, M=M[X=0]] - Y[X=0]", "Y[M=M[X=1], X=0] > Y[X=0] given Y==1", "M[X=1]==M[X=0] | Y[M=0]==1"],
    "Z": ["Y[Z=1] > Y[Z=0]"],
    "A": ["C[B=1] - C[B=0]", "C[B=1] > C[B=0] given A==1 & B==1"],
}


@pytest.mark.parametrize("world", WORLDS)
def test_the_probability_of_the_cases_is_the_sum_over_all_their_causal_types(world: str) -> None:
    model, seen = WORLDS[world]
    found = update(model, seen, method="exact").log_marginal
    assert found == pytest.approx(log(oracle.probability(model, read_cases(model.graph, seen))), abs=1e-9)


@pytest.mark.parametrize("world", WORLDS)
def test_answers_about_a_new_case_and_about_a_seen_one_are_those_of_the_definitions(world: str) -> None:
    model, seen = WORLDS[world]
    posterior, cases = update(model, seen, method="exact"), read_cases(model.graph, seen)
    nodes = set(model.graph.nodes)
    texts = [t for node, found in QUESTIONS.items() if node in nodes and (node != "X" or "Y" in nodes) for t in found]
    for text in texts:
        question = parse_question(text)
        new = read_cases(model.graph, [{}])[0]
        assert query(posterior, text, case={}).posterior.mean == pytest.approx(
            oracle.answer(model, cases, question, new), abs=1e-9
        )
        assert query(posterior, text, case={}).prior.mean == pytest.approx(
            oracle.answer(model, [], question, new), abs=1e-9
        )
        if question.given is None:
            of_one = query(posterior, text, case=cases[0].name)
            assert of_one.posterior.exact
            assert of_one.posterior.mean == pytest.approx(oracle.answer(model, cases[1:], question, cases[0]), abs=1e-9)


@pytest.mark.parametrize("world", WORLDS)
def test_gibbs_draws_agree_with_the_exact_posterior(world: str) -> None:
    model, seen = WORLDS[world]
    exact, sampled = update(model, seen), update(model, seen, method="gibbs", seed=1)
    for node in model.graph.nodes:
        a, b = exact.shares()[node], sampled.shares()[node]
        assert abs(a.mean(axis=0) - b.mean(axis=0)).max() < 0.03
        assert abs(a.std(axis=0) - b.std(axis=0)).max() < 0.03


def test_where_a_condition_is_in_doubt_gibbs_weighs_draws_by_it_as_the_exact_posterior_does() -> None:
    model, seen = WORLDS["coding in doubt"]
    exact, sampled = update(model, seen), update(model, seen, method="gibbs", seed=1)
    one, other = (query(p, "Y[X=0]==0", "X==1 & Y==1", case="doubtful") for p in (exact, sampled))
    assert 0.1 < one.holds < 0.9
    assert other.holds == pytest.approx(one.holds, abs=0.02)
    assert other.posterior.mean == pytest.approx(one.posterior.mean, abs=0.015)
    case, new = read_cases(model.graph, seen)[0], parse_question("X==1 & Y==1")
    assert one.holds == pytest.approx(oracle.answer(model, read_cases(model.graph, seen)[1:], new, case), abs=1e-9)


def test_draws_of_the_exact_posterior_have_its_means() -> None:
    for model, seen in WORLDS.values():
        posterior = update(model, seen)
        answer = query(posterior, f"{model.graph.nodes[-1]}==1")
        assert answer.posterior.draws is not None
        assert answer.posterior.exact
        assert abs(answer.posterior.draws.mean() - answer.posterior.mean) < 0.02


def test_a_ratio_over_nothing_is_refused() -> None:
    posterior = update(make("X -> Y", ["increasing(X -> Y)"]), rows("XY", "00", "11"))
    with pytest.raises(TypesError, match="is over is 0"):
        query(posterior, "Y[X=1] / Y[X=0]", case="1")


def test_a_case_that_is_left_out_is_as_if_it_had_never_been_seen() -> None:
    model, seen = WORLDS["a clue that is missing"]
    assert without(update(model, seen), "3").log_marginal == pytest.approx(update(model, seen[:2]).log_marginal)


@pytest.mark.parametrize(("causes", "sd"), [(1, 0.3162), (2, 0.1715), (3, 0.0441), (4, 0.00276)])
def test_the_flat_prior_grows_sure_that_no_cause_matters_and_the_default_does_not(causes: int, sd: float) -> None:
    names = [f"X{i}" for i in range(causes)]
    graph = "; ".join(f"{name} -> Y" for name in names)
    others = "".join(f", {name}=0" for name in names[1:])
    text = f"Y[X0=1{others}] - Y[X0=0{others}]"
    flat = query(prior(make(graph, priors=Flat())), text).prior
    assert flat.sd == pytest.approx(sd, rel=0.15)
    default = query(prior(make(graph)), text).prior
    assert default.sd is not None
    assert 0.2 < default.sd < 0.35
