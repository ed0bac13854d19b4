"""The kind of a piece of evidence follows from the probabilities of its answers."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from causal.judgement import DECIBANS
from causal.kinds import chances, kind_of_test, kinds_of_test

HOLDS = np.array([True, False] * 10)


@pytest.mark.parametrize(
    ("given_h", "given_rival", "kind"),
    [
        ([0.99, 0.01], [0.5, 0.5], "hoop"),
        ([0.5, 0.5], [0.99, 0.01], "smoking gun"),
        ([0.98, 0.02], [0.02, 0.98], "doubly decisive"),
        ([0.6, 0.4], [0.4, 0.6], "straw in the wind"),
    ],
)
def test_van_evera_s_kinds_are_read_off_the_model(given_h: list[float], given_rival: list[float], kind: str) -> None:
    found = chances(np.where(HOLDS[:, None], given_h, given_rival), HOLDS)
    assert found[0] == pytest.approx(given_h)
    assert found[1] == pytest.approx(given_rival)
    assert kind_of_test(*found) == kind


def test_a_claim_that_no_draw_denies_can_be_put_to_no_test() -> None:
    for holds in (np.ones(4, dtype=bool), np.zeros(4, dtype=bool)):
        assert kind_of_test(*chances(np.full((4, 2), 0.5), holds)) == "undetermined"


def test_without_the_row_its_answer_s_ratio_is_the_row_s_weight() -> None:
    """Draws that have seen an answer overstate it on both sides; weighed back they give the likelihood ratio itself."""
    rng = np.random.default_rng(1)
    reading = rng.dirichlet([2.0, 2.0], size=4000)
    holds = rng.random(4000) < 0.3 + 0.4 * reading[:, 0]
    seen = rng.random(4000) < reading[:, 0]  # draws of the posterior that has read answer 0
    found = chances(reading[seen], holds[seen], 1 / reading[seen, 0])
    exact = chances(reading, holds)
    assert np.log(found[0][0] / found[1][0]) == pytest.approx(np.log(exact[0][0] / exact[1][0]), abs=0.08)


@given(st.floats(0.01, 0.99), st.floats(0.01, 0.99))
def test_swapping_claim_and_denial_turns_hoops_into_smoking_guns(p: float, q: float) -> None:
    one, other = np.array([p, 1 - p]), np.array([q, 1 - q])
    turned = {"hoop": "smoking gun", "smoking gun": "hoop"}
    kind = kind_of_test(one, other)
    if not np.isclose(np.abs(DECIBANS * np.log(one / other)), 10.0).any():
        assert kind_of_test(other, one) == turned.get(kind, kind)


def test_several_claims_at_once_have_the_kinds_that_each_has_alone() -> None:
    """Also where one side, or both, rule an answer out, and where no draw denies a claim."""
    given = np.array([[0.99, 0.01], [0.5, 0.5], [1.0, 0.0], [0.0, 1.0], [0.6, 0.4], [0.3, 0.7]])
    otherwise = np.array([[0.5, 0.5], [0.99, 0.01], [1.0, 0.0], [0.5, 0.5], [0.4, 0.6], [np.nan, np.nan]])
    found = kinds_of_test(given, otherwise)
    assert found == ["hoop", "smoking gun", "straw in the wind", "hoop", "straw in the wind", "undetermined"]
    assert found == [kind_of_test(*sides) for sides in zip(given, otherwise, strict=True)]
