"""Every family's formula against scipy and against the definition, and values drawn from it."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats
from scipy.special import expit, logsumexp

from models.families import (
    NUMPY,
    PAD,
    binomial_log_probability,
    category_probability,
    continuous_log_probability,
    count_log_probability,
    draw_binomial,
    draw_category,
    draw_continuous,
    draw_count,
    logistic,
    reading_log_likelihood,
)

scores = st.floats(-30, 30)
gaps = st.lists(st.floats(0.01, 8), min_size=1, max_size=6)


def cuts_from(first: float, steps: list[float]) -> np.ndarray:
    return first + np.concatenate([[0.0], np.cumsum(steps)])


@given(scores, st.floats(-5, 5), gaps)
def test_the_chances_of_all_levels_sum_to_one(eta: float, first: float, steps: list[float]) -> None:
    cuts = cuts_from(first, steps)
    chances = np.log(category_probability(np.array([eta]), cuts[None]))
    assert chances.shape == (1, len(cuts) + 1)
    assert logsumexp(chances) == pytest.approx(0.0, abs=1e-12)


@given(st.floats(-8, 8), st.floats(-5, 5), gaps)
def test_the_chance_of_a_level_is_the_difference_of_two_logistic_curves(
    eta: float, first: float, steps: list[float]
) -> None:
    cuts = cuts_from(first, steps)
    below = np.concatenate([[0.0], expit(cuts - eta), [1.0]])
    found = category_probability(np.array([eta]), cuts[None])[0]
    assert found == pytest.approx(np.diff(below), rel=1e-7, abs=1e-13)


def test_chances_far_in_the_tail_are_neither_zero_nor_rounded_away() -> None:
    found = np.log(category_probability(np.array([200.0]), np.array([[-1.0, 1.0]])))[0]
    assert found == pytest.approx([-201.0, -199.0 + np.log(1 - np.exp(-2.0)), 0.0], abs=1e-9)


def test_levels_that_a_shorter_scale_does_not_have_are_out_of_reach() -> None:
    cuts = np.array([[-1.0, 1.0, 1.0 + PAD, 1.0 + 2 * PAD]])
    for eta in (-6.0, 0.0, 6.0):
        chances = category_probability(np.array([eta]), cuts)[0]
        real = category_probability(np.array([eta]), cuts[:, :2])[0]
        assert chances[:3] == pytest.approx(real, rel=1e-12)
        assert chances[3:].max() < 1e-20


@given(st.integers(0, 60), st.integers(0, 60), st.floats(-10, 10))
def test_a_share_is_binomial(a: int, b: int, eta: float) -> None:
    n, k = max(a, b), min(a, b)
    constant = stats.binom.logpmf(k, n, 0.5) + n * np.log(2)
    args = (np.array([eta]), np.array([[float(k)]]), np.array([[float(n)]]), np.array([[constant]]))
    assert binomial_log_probability(NUMPY, *args)[0, 0] == pytest.approx(stats.binom.logpmf(k, n, expit(eta)), abs=1e-8)


@given(st.integers(0, 500), st.floats(-5, 7))
def test_a_count_is_poisson(k: int, eta: float) -> None:
    constant = -np.log(np.arange(1, k + 1)).sum()
    found = count_log_probability(NUMPY, np.array([eta]), np.array([[float(k)]]), np.array([[constant]]))
    assert found[0, 0] == pytest.approx(stats.poisson.logpmf(k, np.exp(eta)), abs=1e-7, rel=1e-9)


@given(st.floats(-5, 5), st.floats(-5, 5), st.floats(0.05, 5))
def test_a_measured_value_is_normal(value: float, eta: float, sd: float) -> None:
    found = continuous_log_probability(NUMPY, np.array([eta]), np.array([[value]]), np.array([sd]))
    assert found[0, 0] == pytest.approx(stats.norm.logpdf(value, eta, sd))


@given(st.floats(-700, 700))
def test_the_logistic_curve_is_scipy_s(x: float) -> None:
    assert logistic(np.array(x)) == pytest.approx(expit(x), abs=1e-15)


def test_a_cell_s_likelihood_sums_over_what_may_be_true_and_over_nothing_read_being_true() -> None:
    log_probability = np.log([[[0.2, 0.3]]])
    log_reading = np.log([[0.5, 0.1]])
    with_null = reading_log_likelihood(log_probability, log_reading, np.log([0.04]))
    assert np.exp(with_null) == pytest.approx(0.2 * 0.5 + 0.3 * 0.1 + 0.04)


DRAWS = 40_000


def test_drawn_levels_come_as_often_as_their_chances() -> None:
    cuts = np.array([[-1.0, 0.5, 2.0]])
    drawn = draw_category(np.random.default_rng(1), np.full((DRAWS, 1), 0.7), np.broadcast_to(cuts, (DRAWS, 1, 3)))
    chances = category_probability(np.array([0.7]), cuts)[0]
    assert np.bincount(drawn[:, 0].astype(int), minlength=4) / DRAWS == pytest.approx(chances, abs=0.01)


def test_drawn_shares_counts_and_values_have_their_family_s_mean_and_spread() -> None:
    rng = np.random.default_rng(2)
    eta = np.full((DRAWS, 1), 0.4)
    share = draw_binomial(rng, eta, np.full((DRAWS, 1), 20.0))
    count = draw_count(rng, eta)
    value = draw_continuous(rng, eta, np.full((DRAWS, 1), 0.3))
    p, rate = expit(0.4), np.exp(0.4)
    for drawn, mean, sd in ((share, 20 * p, (20 * p * (1 - p)) ** 0.5), (count, rate, rate**0.5), (value, 0.4, 0.3)):
        assert drawn.mean() == pytest.approx(mean, abs=5 * sd / DRAWS**0.5)
        assert drawn.std() == pytest.approx(sd, rel=0.02)


def test_a_count_drawn_far_out_in_the_prior_is_still_a_number() -> None:
    assert np.isfinite(draw_count(np.random.default_rng(3), np.array([[500.0]]))).all()
