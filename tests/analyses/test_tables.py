"""The numbers that tables are made of."""

import numpy as np
import pytest

from models.evidence.psis import psis


def test_draws_that_make_the_data_without_a_piece_likelier_get_the_larger_weights() -> None:
    log_ratios = np.random.default_rng(1).normal(size=2000)
    log_weights, k = psis(log_ratios)
    assert np.corrcoef(log_weights, log_ratios)[0, 1] > 0.99
    assert np.exp(log_weights).sum() == pytest.approx(1.0)
    assert k < 0.7


def test_smoothed_weights_recover_the_mean_of_a_shifted_normal() -> None:
    # weights exp(0.5 x) turn N(0, 1) into N(0.5, 1)
    x = np.random.default_rng(2).normal(size=20000)
    log_weights, _ = psis(0.5 * x)
    assert (np.exp(log_weights) * x).sum() == pytest.approx(0.5, abs=0.03)


def test_ratios_that_do_not_vary_give_equal_weights() -> None:
    log_weights, k = psis(np.full(500, 1.3))
    assert np.allclose(np.exp(log_weights), 1 / 500)
    assert k == 0.0


def test_a_few_dominant_draws_are_flagged() -> None:
    log_ratios = 4.0 * np.random.default_rng(3).normal(size=4000)
    assert psis(log_ratios)[1] > 0.7
