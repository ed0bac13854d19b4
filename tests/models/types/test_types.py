"""Types, restrictions, priors, selection and guards: counts known from elsewhere, simulation, and messages."""

import numpy as np
import pytest

from models.types.answers import query
from models.types.cases import Case
from models.types.graph import TypesError, parse_graph
from models.types.make import make
from models.types.noisy import NoisyOr
from models.types.pieces import ContradictionError, case_pieces
from models.types.posterior import prior, update
from models.types.priors import Flat, Hierarchical


def causes(number: int) -> str:
    return "; ".join(f"X{i} -> Y" for i in range(number))


@pytest.mark.parametrize(("number", "functions"), [(1, 3), (2, 6), (3, 20), (4, 168)])
def test_monotone_types_are_as_many_as_dedekind_counted(number: int, functions: int) -> None:
    rules = [f"increasing(X{i} -> Y)" for i in range(number)]
    assert len(make(causes(number), rules).types["Y"]) == functions


def test_types_are_levels_to_the_power_of_configurations() -> None:
    assert len(make("X -> Y", levels={"X": 3, "Y": 4}).types["Y"]) == 4**3
    assert len(make("X -> Y <- Z").types["Y"]) == 16


def test_without_interaction_binary_types_respond_to_one_cause_at_most() -> None:
    model = make("X -> Y <- Z", ["no_interaction(X, Z -> Y)"])
    assert sorted(model.names("Y")) == ["0000", "0011", "0101", "1010", "1100", "1111"]


@pytest.mark.parametrize("prior_", [Hierarchical(), NoisyOr()])
def test_structured_priors_keep_effects_open_at_four_causes(prior_: Hierarchical | NoisyOr) -> None:
    belief = query(prior(make(causes(4), priors={"Y": prior_})), "Y[X0=1] - Y[X0=0]").prior
    assert belief.sd is not None
    assert belief.sd > 0.08


def test_a_noisy_or_never_falls_as_a_cause_rises() -> None:
    belief = query(prior(make(causes(3), priors={"Y": NoisyOr()})), "Y[X0=1] < Y[X0=0]").prior
    assert belief.mean == pytest.approx(0, abs=1e-12)


def test_a_node_with_too_many_types_is_refused_with_what_to_do_before_memory_is_taken() -> None:
    with pytest.raises(TypesError, match=r"4\^64 response types.*monotone.*noisy-or.*fewer levels"):
        make("A -> Y; B -> Y; C -> Y", levels=dict.fromkeys("ABCY", 4))
    with pytest.raises(TypesError, match=r"2\^32 response types"):
        make(causes(5))


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("X -> Y -> X", "cycle"),
        ("X -> X", "joined to itself"),
        ("X -> 2", "where a node is due"),
        ("", "no nodes"),
    ],
)
def test_what_is_no_graph_is_refused(text: str, said: str) -> None:
    with pytest.raises(TypesError, match=said):
        parse_graph(text)


def test_a_case_that_a_restriction_rules_out_is_named() -> None:
    model = make("X -> Y", ["drop(Y[X=0]==1)"])
    with pytest.raises(ContradictionError, match=r"case 'Atlantis' \(X=0, Y=1\) cannot be.*drop"):
        update(model, {"Utopia": {"X": 1, "Y": 1}, "Atlantis": {"X": 0, "Y": 1}})
    with pytest.raises(ContradictionError, match="could not have been seen"):
        update(make("X -> Y"), {"Erewhon": {"X": 1, "Y": 0}}, selected="Y==1")


def test_a_level_or_node_that_is_not_there_is_named_with_its_case() -> None:
    with pytest.raises(TypesError, match="case 'a': 'Y' is 2; allowed are the numbers 0, 1"):
        update(make("X -> Y"), {"a": {"Y": 2}})
    with pytest.raises(TypesError, match="case 'a': there is no node 'W'"):
        update(make("X -> Y"), {"a": {"W": 1}})


def test_weights_of_no_level_or_of_other_levels_are_refused() -> None:
    with pytest.raises(TypesError, match="one must be above 0"):
        Case("a", {"Y": (0.0, 0.0)})
    with pytest.raises(TypesError, match="'Y' has 2 levels, but 3 weights"):
        update(make("X -> Y"), [Case("a", {"Y": (0.2, 0.3, 0.5)})])


def test_coding_that_is_equally_probable_at_every_level_is_as_good_as_none() -> None:
    with_it, without_it = ({"X": (0.2, 0.8)} | more for more in ({"Y": (0.4, 0.4)}, {}))
    for graph in ("X -> Y", "X; Y", "Y -> X"):
        found = [update(make(graph), [Case("a", seen)]).log_marginal for seen in (with_it, without_it)]
        assert found[0] == pytest.approx(found[1], abs=1e-12)


def test_pieces_come_in_the_order_of_the_graph_so_that_the_same_seed_gives_the_same_draws_in_every_process() -> None:
    model = make("; ".join("BADFCEHG"))
    found = case_pieces(model, Case("c", dict.fromkeys("HGFEDCBA", (0.2, 0.8))))
    assert [variable.node for piece in found for variable in piece] == list(model.graph.nodes)


def test_selection_by_the_outcome_is_undone_as_the_likelihood_of_the_selected_says() -> None:
    """Cases are seen only when Y = 1: the posterior of P(X=1), on a grid, under p(x | y=1) with flat types."""
    rows = [{"X": 1, "Y": 1}] * 8 + [{"X": 0, "Y": 1}] * 2
    model = make("X -> Y", priors=Flat())
    found = query(update(model, rows, selected="Y==1"), "X==1").posterior.mean
    rng = np.random.default_rng(1)
    x = rng.beta(1, 1, 400_000)
    types = rng.dirichlet(np.ones(4), 400_000)  # Y(0), Y(1): 00, 01, 10, 11
    y0, y1 = types[:, 2] + types[:, 3], types[:, 1] + types[:, 3]
    seen = x * y1 + (1 - x) * y0
    weight = (x * y1 / seen) ** 8 * ((1 - x) * y0 / seen) ** 2
    assert found == pytest.approx(float((weight * x).sum() / weight.sum()), abs=0.02)
    naive = query(update(model, rows), "X==1").posterior.mean
    assert naive > found + 0.02


def test_an_unseen_mediator_has_two_peaks_and_is_said_to() -> None:
    rows = [{"X": i % 2, "Y": i % 2} for i in range(20)]
    answer = query(update(make("X -> M -> Y", priors=Flat()), rows), "M[X=1] - M[X=0]")
    draws = answer.posterior.draws
    assert draws is not None
    assert answer.posterior.mean == pytest.approx(0, abs=0.05)
    assert (abs(draws) > 0.4).mean() > 0.9
    assert "two peaks" in answer.notes[0]


def test_many_simulated_cases_recover_shares_of_types_that_they_identify() -> None:
    rng = np.random.default_rng(2)
    rows = []
    for _ in range(1000):
        x, kind = int(rng.integers(2)), rng.choice(["never", "always", "caused"], p=[0.3, 0.2, 0.5])
        rows.append({"X": x, "Y": int(kind == "always" or (kind == "caused" and x))})
    posterior = update(make("X -> Y", ["increasing(X -> Y)"]), rows)
    assert query(posterior, "Y[X=1] > Y[X=0]").posterior.mean == pytest.approx(0.5, abs=0.06)
    assert query(posterior, "Y[X=0]==0", "X==1 & Y==1").posterior.mean == pytest.approx(0.5 / 0.7, abs=0.07)
