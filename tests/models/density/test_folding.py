"""A density folded over a mirror is sampled on one side and unfolded to both, with the weight that each side has."""

from dataclasses import replace
from typing import Any

import numpy as np
import pymc as pm
import pytest
from scipy import stats

from models.compile import machine_code
from models.density.folding import density_of, fold, unfold
from models.sampling import POINTS, Sampler, sample

RIGHT = 0.8
CENTRE = 6.0
SAMPLER = Sampler(draws=500, tune=300, chains=2, seed=3, cores=1)


def two_sided(x: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
    """Two normals of unlike weight and width, too far apart for a chain to cross."""
    left = np.log(1 - RIGHT) + stats.norm(-CENTRE, 1.3).logpdf(x)
    return np.asarray(np.logaddexp(np.log(RIGHT) + stats.norm(CENTRE, 1.0).logpdf(x), left))


@pytest.fixture(scope="module")
def code() -> Any:
    """`side` has two sides; `other` depends on it, so that turning one without the other is another point."""
    with pm.Model(coords={"one": ["a"], "two": ["b"]}) as model:
        side = pm.NormalMixture("side", w=[RIGHT, 1 - RIGHT], mu=[CENTRE, -CENTRE], sigma=[1.0, 1.3], dims="one")
        pm.Normal("other", side, 1.0, dims="two")
    return machine_code(model)


TURN = {"side": np.array([-1.0]), "other": np.array([-1.0])}


def test_a_folded_density_is_the_sum_over_both_images(code: Any) -> None:
    folded = fold(code, [TURN])
    plain, both = density_of(code), density_of(folded.code)
    for x in np.random.default_rng(0).normal(scale=7, size=(20, 2)):
        assert plain(x) == pytest.approx(two_sided(x[0]) + stats.norm(x[0], 1).logpdf(x[1]), abs=1e-9)
        assert both(x) == pytest.approx(np.logaddexp(plain(x), plain(-x)), abs=1e-12)
        assert both(x) == pytest.approx(both(-x), abs=1e-12)


def test_folding_over_two_mirrors_sums_over_all_four_images(code: Any) -> None:
    folded = fold(code, [{"side": TURN["side"]}, {"other": TURN["other"]}])
    plain, x = density_of(code), np.array([2.0, -3.0])
    images = [plain(np.array([a * 2.0, b * -3.0])) for a in (1, -1) for b in (1, -1)]
    assert density_of(folded.code)(x) == pytest.approx(np.logaddexp.reduce(images), abs=1e-12)


def test_each_side_gets_the_weight_it_has_whichever_the_chains_were_on(code: Any) -> None:
    folded = fold(code, [TURN])
    traces = [sample(folded.code, replace(SAMPLER, seed=seed), points=True) for seed in (3, 4)]
    for seed, trace in enumerate(traces):
        found = unfold(folded, trace, np.random.default_rng(seed))["posterior"].to_dataset()
        side = found["side"].to_numpy()[..., 0]
        error = np.sqrt(RIGHT * (1 - RIGHT) / side.size)
        assert (side > 0).mean() == pytest.approx(RIGHT, abs=4 * error)
        assert side[side > 0].std() == pytest.approx(1.0, rel=0.2)
        assert side[side < 0].std() == pytest.approx(1.3, rel=0.3)
        assert abs((found["other"].to_numpy()[..., 0] - side).mean()) < 0.2  # they were turned together


def test_chains_of_the_density_itself_stay_where_they_started(code: Any) -> None:
    """What folding is for: without it no chain crosses, and the weights of the sides are those of the starting points."""
    side = sample(code, SAMPLER)["posterior"]["side"].to_numpy()[..., 0]
    assert {*(side > 0).mean(axis=1).tolist()} <= {0.0, 1.0}


def test_an_unfolded_trace_keeps_no_unconstrained_draws(code: Any) -> None:
    folded = fold(code, [TURN])
    trace = sample(folded.code, replace(SAMPLER, draws=20, tune=50), points=True)
    assert POINTS in trace["sample_stats"]
    assert POINTS not in unfold(folded, trace, np.random.default_rng(0))["sample_stats"]
