"""Noisy-or priors: what Pearl's and Diez's formulas say, types written out by hand, and posteriors by enumeration."""

from itertools import product
from math import log

import numpy as np
import pytest

from causal.potential import parse_question
from models.types.answers import query
from models.types.cases import read_cases
from models.types.graph import TypesError
from models.types.make import make
from models.types.marginal import log_marginal
from models.types.noisy import NoisyOr
from models.types.posterior import prior, update
from tests.models.types import oracle


def test_a_noisy_or_has_the_probabilities_of_pearls_formula() -> None:
    """An effect is absent if it is not there by itself and every cause that is there fails."""
    before = prior(make("A -> Y <- B", priors={"Y": NoisyOr(on=2, off=1, leak=(1, 4))}))
    assert query(before, "Y[A=0, B=0] == 0").prior.mean == pytest.approx(4 / 5, abs=1e-12)
    assert query(before, "Y[A=1, B=0] == 0").prior.mean == pytest.approx(4 / 5 / 3, abs=1e-12)
    assert query(before, "Y[A=1, B=1] == 0").prior.mean == pytest.approx(4 / 5 / 9, abs=1e-12)
    upside_down = prior(make("A -> Y <- B", priors={"Y": NoisyOr(on=2, off=1, leak=(1, 4), absent=("A",))}))
    assert query(upside_down, "Y[A=0, B=0] == 0").prior.mean == pytest.approx(4 / 5 / 3, abs=1e-12)


def test_a_noisy_max_has_the_distribution_of_diezs_formula() -> None:
    """P(Y <= y) is the product over causes of how probable it is that each brings about no more than y."""
    before = prior(make("A -> Y <- B", priors={"Y": NoisyOr(on=2, off=1, leak=(1, 4))}, levels=3))
    # At its top a cause brings about 0, 1 or 2 by the ways 00, 01, 02, 11, 12, 22; 00 has a third, the others share the rest.
    at_top = np.cumsum([5 / 15, 4 / 15, 6 / 15])
    leak = np.cumsum([4 / 5, 1 / 10, 1 / 10])
    for y in range(3):
        assert query(before, f"Y[A=2, B=2] <= {y}").prior.mean == pytest.approx(leak[y] * at_top[y] ** 2, abs=1e-12)
        assert query(before, f"Y[A=0, B=2] <= {y}").prior.mean == pytest.approx(leak[y] * at_top[y], abs=1e-12)


def test_the_types_of_a_noisy_max_are_all_that_causes_bring_about_by_themselves() -> None:
    model = make("A -> Y <- B", priors={"Y": NoisyOr(absent=("B",))}, levels={"A": 4, "B": 2, "Y": 3})
    rising = [f for f in product(range(3), repeat=4) if f[0] == 0 and list(f) == sorted(f)]
    by_hand = [
        [max(own, a[at], b if low else 0) for at in range(4) for low in (True, False)]
        for own, a, b in product(range(3), rising, range(3))
    ]
    assert sorted(by_hand) == sorted(model.types["Y"].tolist())


def test_four_levels_and_three_causes_of_four_levels_are_few_types() -> None:
    model = make("A -> Y; B -> Y; C -> Y", priors=NoisyOr(), levels=4)
    assert len(model.types["Y"]) == 4 * 20**3
    sd = query(prior(model), "Y[A=3] - Y[A=0]").prior.sd
    assert sd is not None
    assert sd > 0.3


@pytest.mark.parametrize(("graph", "levels"), [("A -> Y <- B", 2), ("A -> Y", 3), ("A -> B -> Y; A <-> Y", 2)])
def test_a_noisy_or_is_updated_as_its_definition_says(graph: str, levels: int) -> None:
    """Against a sum over every type of every case; the strengths were integrated out by hand."""
    model = make(graph, priors={"Y": NoisyOr(1.5, 1.0, (1.0, 2.0))}, levels=levels)
    top = levels - 1
    seen = [{"A": top, "Y": 1}, {"A": 0, "Y": 0}, {"B": 1, "Y": top} if "B" in model.graph.nodes else {"Y": top}]
    cases = read_cases(model.graph, seen)
    posterior = update(model, seen, seed=1)
    estimate = log_marginal(posterior, 20_000)
    assert estimate.value == pytest.approx(log(oracle.probability(model, cases)), abs=4 * estimate.mcse + 1e-9)
    for asked in (f"Y[A={top}] - Y[A=0]", f"Y[A=0] < Y given A=={top} & Y > 0"):
        question = parse_question(asked)
        found = query(posterior, question, case={"A": top})
        expected = oracle.answer(model, cases, question, read_cases(model.graph, [{"A": top}])[0])
        assert found.posterior.mean == pytest.approx(expected, abs=0.015)


def test_too_many_causes_of_a_noisy_or_are_refused_at_once() -> None:
    with pytest.raises(TypesError, match=r"25 parents and 67108864 types even as a noisy-or"):
        make("; ".join(f"X{i} -> Y" for i in range(25)), priors=NoisyOr())


def test_a_cause_that_is_not_there_cannot_work_by_being_absent() -> None:
    with pytest.raises(TypesError, match="'Z' is said to work by being absent"):
        make("X -> Y", priors={"Y": NoisyOr(absent=("Z",))})
