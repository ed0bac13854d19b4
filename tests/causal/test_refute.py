"""What the outcome of a refutation test is worth, and the verdict that follows."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from causal.refute import Rates, Standard, Test, judge_test

PLACEBO = Test("placebo", "placebo", "worry", "done", "expected", "vanish")
LEFT_OUT = Test("left out", "left out", "worry", "done", "expected", "stay")
SHARP, BLUNT = Rates(0, 40, 40), Rates(12, 20, 40)


def test_a_placebo_rejects_when_it_leaves_the_conclusion_as_sure_and_a_robustness_test_when_it_shakes_it() -> None:
    standard = Standard()
    assert [standard.rejects("vanish", p) for p in (0.94, 0.95)] == [False, True]
    assert [standard.rejects("stay", p) for p in (0.79, 0.8)] == [True, False]


def test_worth_is_the_ratio_of_the_two_rates() -> None:
    rates = Rates(4, 30, 40)
    assert rates.worth(True) == pytest.approx(10 * math.log10((30.5 / 41) / (4.5 / 41)))
    assert rates.worth(False) == pytest.approx(10 * math.log10((36.5 / 41) / (10.5 / 41)))


@given(alarms=st.integers(0, 40), detected=st.integers(0, 40))
def test_the_two_outcomes_of_a_test_cannot_both_speak_against_what_they_point_to(alarms: int, detected: int) -> None:
    rates = Rates(alarms, detected, 40)
    assert (rates.worth(True) > 0) == (rates.worth(False) > 0) == (detected > alarms)


def test_a_sharp_test_is_survived_or_failed() -> None:
    assert judge_test(LEFT_OUT, [0.97], 0.98, 0.5, SHARP).verdict == "survives"
    assert judge_test(LEFT_OUT, [0.55], 0.98, 0.5, SHARP).verdict == "fails"
    assert judge_test(PLACEBO, [0.55], 0.98, 0.0, SHARP).verdict == "survives"
    assert judge_test(PLACEBO, [0.97], 0.98, 0.5, SHARP).verdict == "fails"


@pytest.mark.parametrize("probability", [0.1, 0.99])
def test_a_blunt_test_says_nothing_whatever_comes_out(probability: float) -> None:
    for test in (PLACEBO, LEFT_OUT):
        judged = judge_test(test, [probability], 0.98, 0.0, BLUNT)
        assert judged.verdict == "uninformative"
        assert "12 of 40" in judged.reason


def test_nothing_can_be_overturned_where_nothing_is_concluded() -> None:
    judged = judge_test(LEFT_OUT, [0.5], 0.6, 0.0, SHARP)
    assert judged.verdict == "uninformative"
    assert "conclude nothing" in judged.reason


def test_of_several_refits_half_must_reject() -> None:
    assert not judge_test(LEFT_OUT, [0.9, 0.9, 0.5], 0.98, 0.3, SHARP).rejected
    assert judge_test(LEFT_OUT, [0.9, 0.5, 0.5, 0.9], 0.98, 0.3, SHARP).rejected


def test_what_happened_is_said_with_its_spread() -> None:
    observed = judge_test(PLACEBO, [0.2, 0.99, 0.5], 0.98, 0.0, SHARP).observed
    assert observed == "Over 3 refits its probability is 0.50 (0.20 to 0.99); it was 0.98, which 1 of them reach."
