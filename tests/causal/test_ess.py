"""Effective sample sizes agree with the closed form of an autoregression and with ArviZ."""

import arviz as az
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from causal.ess import effective_sample_size, effective_sample_sizes, kish


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


@pytest.mark.parametrize("draws", [19, 20, 23, 40, 301, 1000])
def test_several_at_once_have_the_size_that_each_has_alone(draws: int) -> None:
    """Some of them slow, so that their sequences end late; one that never varies."""
    several = np.stack([autoregression(rho, 3, draws, seed=4) for rho in (-0.4, 0.0, 0.5, 0.99)])
    several = np.concatenate([several, np.full((1, 3, draws), 0.3)])
    assert effective_sample_sizes(several) == pytest.approx([effective_sample_size(x) for x in several], rel=1e-12)


@given(rho=st.floats(-0.6, 0.995), draws=st.integers(40, 900), seed=st.integers(0, 10_000))
def test_a_sequence_that_ends_late_is_summed_as_arviz_sums_it(rho: float, draws: int, seed: int) -> None:
    series = autoregression(rho, 2, draws, seed)
    assert effective_sample_size(series) == pytest.approx(float(az.ess(series, method="mean")), rel=1e-6)
