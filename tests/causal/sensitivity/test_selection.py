"""Selection on the outcome: weights that undo it where the truth is known."""

import numpy as np
import pytest
from scipy.stats import norm

from causal.sensitivity.selection import fewest, log_weights, odds_per_sd


def test_cases_chosen_at_random_leave_the_draws_as_they_are() -> None:
    rng = np.random.default_rng(1)
    found = log_weights(rng.normal(size=(50, 3)), rng.normal(size=(50, 40)), 0.0)
    assert found == pytest.approx(np.zeros(50))


def test_the_weight_of_a_draw_is_the_chance_of_these_cases_over_that_of_any() -> None:
    def logistic(x: float) -> float:
        return 1 / (1 + np.exp(-x))

    chosen, population = np.array([[1.0, -0.5]]), np.array([[2.0, 0.0, -1.0]])
    expected = np.mean([logistic(1.5 * z) for z in (2.0, 0.0, -1.0)])
    by_hand = logistic(1.5) * logistic(-0.75) / expected**2
    assert log_weights(chosen, population, 1.5) == pytest.approx([np.log(by_hand)])


def test_weights_find_the_mean_of_a_population_of_which_mostly_successes_were_seen() -> None:
    """z ~ N(m, 1), seen with chance logistic(2 z): the posterior of m from 400 seen cases, by weights, is at the truth."""
    rng = np.random.default_rng(3)
    population = rng.normal(0.0, 1.0, 20_000)
    seen = population[rng.random(20_000) < 1 / (1 + np.exp(-2 * population))][:400]
    means = np.linspace(-0.5, 1.2, 171)
    likelihood = norm.logpdf(seen[:, None], means).sum(axis=0)
    quantiles = norm.ppf((np.arange(400) + 0.5) / 400)
    weights = log_weights(np.broadcast_to(seen, (171, 400)), means[:, None] + quantiles, 2.0)
    naive, corrected = (float(means[np.argmax(x)]) for x in (likelihood, likelihood + weights))
    assert naive > 0.4
    assert corrected == pytest.approx(0.0, abs=0.15)


def test_the_strength_is_told_as_odds() -> None:
    assert odds_per_sd(np.log(3.0)) == pytest.approx(3.0)


def test_the_fewest_failures_are_those_that_change_a_verdict() -> None:
    assert fewest([(0, False), (1, False), (2, True), (3, True)]) == 2
    assert fewest([(0, False), (1, False)]) is None
