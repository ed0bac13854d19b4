"""Ratings with an empty level, ratings that are all the same, and outcomes that their cause separates: honest and finite."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache

import numpy as np
import pytest
from numpy.typing import NDArray

from benchmarks.calibration import worst_r_hat
from causal.judgement import Judgement, judge
from causal.query import Effect
from causal.theory import Edge
from models.blueprint import Blueprint
from models.compile import machine_code, pymc_model
from models.effects.interventions import open_laboratory, standardised
from models.sampling import Sampler, sample, swap
from models.simulation.rebuild import Theta, prior_theta, theta_of
from models.simulation.simulate import reread
from tests.models.small import blueprint, periods, theory
from tests.models.worlds import row

pytestmark = pytest.mark.slow

type Floats = NDArray[np.float64]
type Levels = Callable[[int], tuple[int, int]]

UNITS = periods("abcdefghijklmnopqrst")
WORLD = theory(Edge("x", "y"))
SAMPLER = Sampler(draws=500, tune=400, chains=2, seed=3, cores=1)


@dataclass(frozen=True)
class Found:
    """A fit of the pair x -> y, its effect before and after the data, and the judgement of effect > 0."""

    theta: Theta
    prior: Floats
    posterior: Floats
    judged: Judgement


@cache
def compiled() -> tuple[Blueprint, object]:
    first = blueprint(WORLD, UNITS)
    return first, machine_code(pymc_model(first))


def fit(levels: Levels) -> Found:
    """The pair rated as given, unit by unit; one compilation serves all."""
    first, code = compiled()
    rows = [
        row(f"{u}.{c}", u, f"{c}_rating", [level], confidence=0.95)
        for i, u in enumerate(UNITS)
        for c, level in zip("xy", levels(i), strict=True)
    ]
    read = reread(first, UNITS, rows)
    theta = theta_of(read, sample(swap(code, read.data), SAMPLER)["posterior"].to_dataset())  # type: ignore[arg-type]
    prior, posterior = (
        standardised(open_laboratory(read, UNITS, t, np.random.default_rng(0)), Effect("x", "y"))[0]
        for t in (prior_theta(read, 4000, np.random.default_rng(1)), theta)
    )
    judged = judge(prior[None, None], posterior.reshape(1, SAMPLER.chains, -1))
    return Found(theta, prior, posterior, judged)


@pytest.fixture(scope="module", params=["empty level", "all the same", "separated"])
def any_fit(request: pytest.FixtureRequest) -> Found:
    return {"empty level": empty_level, "all the same": all_the_same, "separated": separated}[request.param]()


@cache
def empty_level() -> Found:
    """Nobody is Medium on y, which follows x but for two units."""
    return fit(lambda i: (i % 3, 2 * int((i % 3 > 0) != (i in (4, 11)))))


@cache
def all_the_same() -> Found:
    """Every unit is High on y, whatever its x."""
    return fit(lambda i: (i % 3, 2))


@cache
def separated() -> Found:
    """y is High exactly where x is High, else Low: a likelihood that grows for ever with the slope."""
    return fit(lambda i: (2 * (i % 2), 2 * (i % 2)))


def test_chains_agree_and_everything_is_finite(any_fit: Found) -> None:
    assert all(np.isfinite(values).all() for values in any_fit.theta.values())
    assert worst_r_hat(any_fit.theta, SAMPLER.chains) < 1.05


def test_a_level_that_nobody_was_given_keeps_a_share_and_the_effect_is_found() -> None:
    found = empty_level()
    shares = found.theta["category_3"]
    assert shares.min() > 0
    assert (found.posterior > 0).mean() > 0.5
    assert found.posterior.mean() > 0.2


def test_ratings_that_are_all_the_same_leave_the_effect_where_the_prior_had_it() -> None:
    found = all_the_same()
    assert found.judged.verdict == "undecided"
    assert abs(found.judged.weight_db) < 2
    assert found.posterior.std() == pytest.approx(found.prior.std(), rel=0.2)


def test_a_cause_that_separates_its_effect_has_a_large_and_finite_slope() -> None:
    found = separated()
    assert found.judged.verdict == "supported"
    slope = found.theta["slope"][:, 0]
    assert 0.5 < np.median(slope) < 5
    assert np.quantile(slope, 0.99) < 15
