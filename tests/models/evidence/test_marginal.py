"""Bridged stepping stones reach the log marginal likelihood that conjugacy gives in closed form."""

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy import stats

from models.evidence.marginal import LogEvidence, averaged, bridge, climb, posterior_odds, schedule, stepping_stone

type Floats = NDArray[np.float64]

Y = np.array([0.3, 1.7, -0.4, 2.2, 1.1, 0.9])
SD, TAU = 0.8, 1.5


def _exact(rows: slice = slice(None)) -> float:
    """log p(y) with y = mu + e, mu ~ N(0, TAU), e ~ N(0, SD): one multivariate normal."""
    y = Y[rows]
    covariance = SD**2 * np.eye(len(y)) + TAU**2
    return float(stats.multivariate_normal.logpdf(y, np.zeros(len(y)), covariance))


def _at(weights: Floats, seed: int) -> Floats:
    """Exact draws of the weighted posterior of mu, and the log likelihood of each row."""
    precision = 1 / TAU**2 + weights.sum() / SD**2
    mean = (weights * Y).sum() / SD**2 / precision
    mu = mean + np.random.default_rng(seed).standard_normal((2, 1500)) / np.sqrt(precision)
    return np.asarray(stats.norm.logpdf(Y, mu[..., None], SD))


def test_the_marginal_likelihood_of_a_conjugate_normal_is_found_within_its_error() -> None:
    found = averaged([stepping_stone(_at, np.zeros(6), np.ones(6), schedule(12), seed) for seed in (1, 2, 3)])
    assert found.value == pytest.approx(_exact(), abs=4 * found.mcse)
    assert found.mcse < 0.05


def test_the_score_of_held_out_rows_is_the_difference_of_two_marginal_likelihoods() -> None:
    without = np.array([1.0, 1.0, 1.0, 1.0, 0.0, 0.0])
    found = averaged([stepping_stone(_at, without, np.ones(6), schedule(4), seed) for seed in (4, 5)])
    assert found.value == pytest.approx(_exact() - _exact(slice(0, 4)), abs=max(4 * found.mcse, 0.02))


@pytest.mark.parametrize("steps", [3, 8])
def test_the_reported_error_covers_the_truth_about_as_often_as_it_should(steps: int) -> None:
    runs = [stepping_stone(_at, np.zeros(6), np.ones(6), schedule(steps), seed) for seed in range(10, 50)]
    z = np.array([(run.value - _exact()) / np.sqrt(run.variance) for run in runs])
    assert abs(z.mean()) < 0.6
    assert 0.6 < z.std() < 1.5


def test_one_step_between_two_normals_is_the_ratio_of_their_constants() -> None:
    """exp(-x^2 / 2) to exp(-(x - 2)^2 / 8), drawn unequally often: the constants differ by a factor of two."""
    rng = np.random.default_rng(1)
    low, high = rng.normal(0, 1, (2, 6000)), rng.normal(2, 2, (3, 1500))
    rung = bridge(*(0.5 * x**2 - (x - 2) ** 2 / 8 for x in (low, high)))
    assert rung.value == pytest.approx(np.log(2), abs=4 * np.sqrt(climb([rung]).variance))
    assert climb([rung]).variance < 0.001


def test_a_step_far_too_long_for_one_end_alone_is_bridged_by_both() -> None:
    """Between normals 4 sd apart exp f has almost all of its mean where no draw is; the bridge's error stays honest."""
    errors, z = [], []
    for seed in range(40):
        rng = np.random.default_rng(seed)
        low, high = rng.normal(0, 1, (2, 500)), rng.normal(4, 1, (2, 500))
        rung = bridge(*(4 * x - 8 for x in (low, high)))
        errors.append(rung.value)
        z.append(rung.value / np.sqrt(climb([rung]).variance))
    assert np.std(errors) < 0.3
    assert 0.6 < np.std(z) < 1.5


def test_posterior_odds_of_theories_follow_bayes_rule() -> None:
    evidence = {"a": LogEvidence(-10.0, 0.1, ()), "b": LogEvidence(-12.0, 0.1, ())}
    assert posterior_odds(evidence)["a"] == pytest.approx(1 / (1 + np.exp(-2)))
    odds = posterior_odds(evidence, {"a": 0.2, "b": 0.8})
    assert odds["a"] / odds["b"] == pytest.approx(np.exp(2) / 4)
