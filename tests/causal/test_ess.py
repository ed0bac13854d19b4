"""Effective sample sizes agree with the closed form of an autoregression and with ArviZ."""

import arviz as az
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from causal.ess import effective_sample_size, kish


def autoregression(rho: float, chains: int, draws: int, seed: int) -> NDArray[np.floating]:
    """Stationary first-order autoregression of unit variance, shape (chains, draws)."""
    rng = np.random.default_rng(seed)
    series = np.empty((chains, draws))
    series[:, 0] = rng.normal(size=chains)
    for step in range(1, draws):
        series[:, step] = rho * series[:, step - 1] + np.sqrt(1 - rho**2) * rng.normal(size=chains)
    return series


@pytest.mark.parametrize("rho", [-0.5, 0.0, 0.3, 0.9])
def test_an_autoregression_has_the_closed_form_share_of_its_draws(rho: float) -> None:
    draws = autoregression(rho, chains=4, draws=20_000, seed=1)
    assert effective_sample_size(draws) == pytest.approx(draws.size * (1 - rho) / (1 + rho), rel=0.15)


@given(
    rho=st.floats(-0.6, 0.97),
    chains=st.integers(1, 4),
    draws=st.integers(20, 600),
    cut=st.floats(-1.5, 1.5),
    seed=st.integers(0, 10_000),
)
def test_arviz_finds_the_same_for_the_indicator_of_a_claim(
    rho: float, chains: int, draws: int, cut: float, seed: int
) -> None:
    holds = (autoregression(rho, chains, draws, seed) > cut).astype(float)
    ours, theirs = effective_sample_size(holds), float(az.ess(holds, method="mean"))
    assert ours == pytest.approx(theirs, rel=0.02)


def test_draws_that_never_vary_count_each() -> None:
    assert effective_sample_size(np.ones((2, 50))) == 100


def test_chains_that_disagree_count_for_little() -> None:
    rng = np.random.default_rng(2)
    assert effective_sample_size(rng.normal(size=(2, 500)) + np.array([[-4.0], [4.0]])) < 10


def test_weights_are_worth_fewer_draws_the_more_they_differ() -> None:
    assert kish(np.full((2, 5), 0.3)) == pytest.approx(10.0)
    assert kish(np.array([2.0, 1.0, 1.0])) == pytest.approx(16 / 6)
