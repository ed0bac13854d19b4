"""Chains that did not converge are told from chains that did, and the reason is named."""

from collections.abc import Callable
from dataclasses import replace

import arviz as az
import numpy as np
import pytest
import xarray as xr

from models.checks.diagnostics import Limits, diagnose, r_hat_and_ess

CHAINS, DRAWS = 4, 1000
INDEX = {"chain": np.arange(CHAINS), "draw": np.arange(DRAWS)}

type Floats = np.ndarray


def tree(values: Floats, diverging: Floats | None = None, energy: Floats | None = None) -> xr.DataTree:
    """A posterior of one vector, shape (chains, draws, 2), with sampler statistics of a good run unless given."""
    noise = np.random.default_rng(2).normal(size=(CHAINS, DRAWS))
    slope = xr.DataArray(
        values, dims=("chain", "draw", "coefficient"), coords=INDEX | {"coefficient": ["x->y", "y->z"]}
    )
    stats = {
        "diverging": np.zeros((CHAINS, DRAWS), dtype=bool) if diverging is None else diverging,
        "energy": noise if energy is None else energy,
    }
    arrays = {name: xr.DataArray(v, dims=("chain", "draw"), coords=INDEX) for name, v in stats.items()}
    return xr.DataTree.from_dict({"posterior": xr.Dataset({"slope": slope}), "sample_stats": xr.Dataset(arrays)})


def independent() -> Floats:
    return np.random.default_rng(3).normal(size=(CHAINS, DRAWS, 2))


def autoregressive(rho: float) -> Floats:
    """Draws of the second entry that remember the one before."""
    values = independent()
    for t in range(1, DRAWS):
        values[:, t, 1] = rho * values[:, t - 1, 1] + np.sqrt(1 - rho**2) * values[:, t, 1]
    return values


def apart() -> Floats:
    values = independent()
    values[0, :, 1] += 1.0
    return values


def jumping_in_the_tail() -> Floats:
    """Draws with a tail that is visited once a chain, in one stay."""
    values = independent()
    values[:, :200, 1] = np.abs(values[:, :200, 1]) * 6 + 10
    return values


def some(count: int) -> Floats:
    diverging = np.zeros((CHAINS, DRAWS), dtype=bool)
    diverging[0, :count] = True
    return diverging


def test_independent_draws_have_converged() -> None:
    found = diagnose(tree(independent()), 0.9)
    assert found.converged
    assert found.failures == ()
    assert (found.draws, found.divergences, found.attempts) == (CHAINS * DRAWS, 0, 1)


@pytest.mark.parametrize(
    ("broken", "said"),
    [
        (lambda: tree(apart()), "R-hat of slope[y->z]"),
        (lambda: tree(autoregressive(0.95)), "bulk ESS of slope[y->z]"),
        (lambda: tree(jumping_in_the_tail()), "tail ESS of slope[y->z]"),
        (lambda: tree(independent(), diverging=some(5)), "5 of 4000 draws diverged, above 0.1%"),
        (lambda: tree(independent(), energy=np.cumsum(independent()[..., 0], axis=1)), "E-BFMI is"),
    ],
    ids=["chains apart", "slow mixing", "stuck in the tail", "divergences", "energy"],
)
def test_each_failure_is_named_with_where_it_is_worst(broken: Callable[[], xr.DataTree], said: str) -> None:
    found = diagnose(broken(), 0.9)
    assert not found.converged
    assert any(sentence.startswith(said) for sentence in found.failures), found.failures


def test_a_number_that_misses_its_limit_is_never_printed_as_the_limit() -> None:
    found = replace(
        diagnose(tree(independent()), 0.9), worst_r_hat=1.0103, worst_r_hat_at="case_sd[trust]", least_ess_bulk=399.7
    )
    assert found.failures[0] == "R-hat of case_sd[trust] is 1.0103, above 1.01"
    assert "is 399.7, below 400" in found.failures[1]


def tied() -> Floats:
    return np.round(autoregressive(0.5), 1)


def missing_one() -> Floats:
    values = independent()
    values[0, 10, 1] = np.nan
    return values


def still() -> Floats:
    values = independent()
    values[..., 1] = 3.0
    return values


@pytest.mark.parametrize("draws", [DRAWS, DRAWS - 1, 5, 4, 3], ids=lambda draws: f"{draws} draws")
@pytest.mark.parametrize(
    "make", [independent, apart, lambda: autoregressive(0.95), jumping_in_the_tail, tied, missing_one, still],
    ids=["independent", "apart", "slow", "stuck", "tied", "not a number", "still"],
)  # fmt: skip
@pytest.mark.filterwarnings("ignore::RuntimeWarning")  # ArviZ divides by the variance of what never moves
def test_r_hat_and_ess_are_those_of_arviz_to_the_last_digit(make: Callable[[], Floats], draws: int) -> None:
    posterior = tree(make())["posterior"].to_dataset().isel(draw=slice(draws))
    r_hat, ess = r_hat_and_ess(posterior)
    np.testing.assert_array_equal(r_hat["slope"], az.rhat(posterior)["slope"])
    np.testing.assert_array_equal(ess["slope"], az.ess(posterior)["slope"])


def test_one_chain_has_an_ess_and_no_r_hat() -> None:
    posterior = tree(independent())["posterior"].to_dataset().isel(chain=[0])
    r_hat, ess = r_hat_and_ess(posterior)
    assert r_hat["slope"].isnull().all()
    np.testing.assert_array_equal(ess["slope"], az.ess(posterior)["slope"])


def test_a_handful_of_divergences_within_the_limit_is_let_pass() -> None:
    assert diagnose(tree(independent(), diverging=some(4)), 0.9).converged


def test_limits_can_be_set() -> None:
    found = diagnose(tree(independent()), 0.9, limits=Limits(ess=1e9))
    assert [sentence.partition(" of ")[0] for sentence in found.failures] == ["bulk ESS", "tail ESS"]


def test_a_quantity_that_never_varies_has_no_diagnostic_and_hides_none() -> None:
    values = apart()
    values[..., 0] = 3.0
    found = diagnose(tree(values), 0.9)
    assert found.worst_r_hat_at == "slope[y->z]"
    assert np.isfinite(found.worst_r_hat)


def test_chains_that_never_move_and_differ_have_not_converged() -> None:
    values = independent()
    values[..., 1] = np.arange(CHAINS)[:, None]
    assert not diagnose(tree(values), 0.9).converged


def test_draws_that_are_not_numbers_have_not_converged() -> None:
    values = independent()
    values[0, 10, 1] = np.nan
    assert not diagnose(tree(values), 0.9).converged


def test_standardised_errors_that_nobody_reads_are_not_judged() -> None:
    found = tree(independent())
    bad = xr.DataArray(apart(), dims=("chain", "draw", "node"), coords=INDEX)
    posterior = found["posterior"].to_dataset().assign(disturbance=bad)
    found = xr.DataTree.from_dict({"posterior": posterior, "sample_stats": found["sample_stats"].to_dataset()})
    assert diagnose(found, 0.9).converged
