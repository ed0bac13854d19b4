"""The compiled model and its numpy readers say the same."""

import numpy as np
import pymc as pm
import pytensor
import pytensor.tensor as pt
import pytest
import xarray as xr

from models.blueprint import Blueprint, draw_blueprint
from models.compile import pymc_model
from models.density.scores import ARC_INPUTS, Walk
from models.simulation.rebuild import log_likelihood, prior_log_density, prior_theta, rebuild
from tests.models import worlds

POOLINGS = ("partial", "none", "complete")


@pytest.fixture(scope="module", params=POOLINGS)
def blueprint(request: pytest.FixtureRequest) -> Blueprint:
    theory = worlds.theory(pooling=request.param)
    return draw_blueprint(theory, worlds.codebook(), worlds.units(), worlds.observations())


@pytest.fixture(scope="module")
def model(blueprint: Blueprint) -> pm.Model:
    return pymc_model(blueprint)


def _posterior(blueprint: Blueprint, theta: dict[str, np.ndarray]) -> xr.DataTree:
    arrays = {
        p.name: xr.DataArray(theta[p.name][None], dims=("chain", "draw", *p.dims)).assign_coords(
            {dim: list(blueprint.coords[dim]) for dim in p.dims}
        )
        for p in blueprint.parameters
    }
    return xr.DataTree.from_dict({"posterior": xr.Dataset(arrays)})


def test_numpy_and_pymc_agree_on_every_cell_s_log_likelihood(blueprint: Blueprint, model: pm.Model) -> None:
    theta = prior_theta(blueprint, 3, np.random.default_rng(1))
    ours = log_likelihood(blueprint, theta, rebuild(blueprint, theta).cells)
    with model:
        theirs = pm.compute_log_likelihood(_posterior(blueprint, theta), extend_inferencedata=False, progressbar=False)
    assert set(ours) == {"ordinal", "binomial", "count", "continuous"}
    for family, values in ours.items():
        assert np.allclose(values, theirs[family].to_numpy()[0], rtol=1e-10, atol=1e-10), family


def test_numpy_and_pymc_agree_on_the_log_prior(blueprint: Blueprint, model: pm.Model) -> None:
    theta = prior_theta(blueprint, 2, np.random.default_rng(2))
    ours = prior_log_density(blueprint, theta)
    with model:
        theirs = pm.stats.compute_log_prior(_posterior(blueprint, theta), extend_inferencedata=False, progressbar=False)
    for p in blueprint.parameters:
        assert np.allclose(ours[p.name], theirs[p.name].to_numpy()[0], rtol=1e-6, atol=1e-6), p.name


def test_prior_draws_in_numpy_and_in_pymc_have_the_same_moments(blueprint: Blueprint, model: pm.Model) -> None:
    names = [p.name for p in blueprint.parameters]
    with model:
        theirs = pm.draw([model[name] for name in names], draws=2000, random_seed=3)
    ours = prior_theta(blueprint, 2000, np.random.default_rng(4))
    for name, values in zip(names, theirs, strict=True):
        gap = np.abs(np.median(values, axis=0) - np.median(ours[name], axis=0))
        spread = np.subtract(*np.quantile(ours[name], [0.75, 0.25], axis=0))
        assert (gap < 0.15 * spread).all(), name


def test_the_derivative_of_the_structural_walk_is_that_of_finite_differences() -> None:
    rng = np.random.default_rng(5)
    arcs = {
        "arc_first": np.array([0, 0, 0, 1, 3, 5, 6]),
        "arc_source": np.array([0, 1, 2, 2, 3, 4]),
        "arc_moderator": np.array([-1, 0, -1, 1, -1, 2]),
        "arc_slope": np.array([0, 1, 2, 3, 1, 0]),
        "arc_weight": np.array([1.0, 1.0, -1.0, 1.0, 1.0, 0.5]),
    }
    is_given = np.array([0, 1, 0, 0, 1, 0], dtype=bool)
    base, slopes, given = pt.vector("base"), pt.vector("slopes"), pt.matrix("given")
    z, eta = Walk()(base, slopes, given, is_given, *(arcs[name] for name in ARC_INPUTS))
    cost = (z**2 * np.arange(1.0, 7.0)).sum() + pt.sin(eta).sum()
    f = pytensor.function([base, slopes, given], [cost, *pytensor.grad(cost, [base, slopes, given])], mode="NUMBA")
    point = [rng.normal(size=6), rng.normal(size=4), rng.normal(size=(2, 6))]  # two worlds
    gradient = f(*point)[1:]
    for which, vector in enumerate(point):
        for i in np.ndindex(vector.shape):
            up, down = [v.copy() for v in point], [v.copy() for v in point]
            up[which][i] += 1e-6
            down[which][i] -= 1e-6
            slope = (f(*up)[0] - f(*down)[0]) / 2e-6
            assert gradient[which][i] == pytest.approx(slope, abs=1e-6)


def test_rows_left_out_of_every_cell_leave_a_likelihood_of_one(blueprint: Blueprint) -> None:
    from models.evidence.removal import Removal

    theta = prior_theta(blueprint, 4, np.random.default_rng(6))
    removal = Removal(blueprint, theta)
    everything = {r.name for block in blueprint.blocks for cell in block.rows for r in cell}
    total = sum(values.sum(axis=1) for values in log_likelihood(blueprint, theta, removal.now.cells).values())
    assert np.allclose(removal.log_ratio(everything), -total, atol=1e-4)
