"""A refit that begins in the units of an earlier fit samples the same density, from where that fit was."""

import ctypes
from dataclasses import replace
from typing import Any

import numpy as np
import pymc as pm
import pytest
from scipy import stats

from models.compile import machine_code
from models.density.folding import density_of
from models.density.rescaled import in_units
from models.metric import Metric, carried_over, labels_of, metric_of, points_of
from models.sampling import POINTS, TUNED, Sampler, sample
from models.simulation.rebuild import theta_of
from tests.fitted import lakes

SAMPLER = Sampler(draws=500, tune=400, chains=2, seed=3, cores=1)
FAR, NARROW = 1000.0, 0.01
METRIC = Metric(np.array([FAR + 0.01, -0.4]), np.array([2 * NARROW, 0.9]))


@pytest.fixture(scope="module")
def code() -> Any:
    """A narrow normal far away, and a half-normal, which is sampled as its logarithm."""
    with pm.Model(coords={"one": ["a"], "two": ["b"]}) as model:
        pm.Normal("far", FAR, NARROW, dims="one")
        pm.HalfNormal("size", 1.0, dims="two")
    return machine_code(model)


def expanded(code: Any, point: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
    """What nutpie expands a point to."""
    length, pointer = ctypes.c_uint64, ctypes.c_void_p
    call = ctypes.CFUNCTYPE(ctypes.c_int64, length, length, pointer, pointer, ctypes.c_int64)(
        code.compiled_expand_func.address
    )
    at, values = np.array(point), np.empty(code.n_expanded)
    assert call(len(at), len(values), at.ctypes.data, values.ctypes.data, code.user_data.ctypes.data) == 0
    return values


def test_a_point_in_units_has_the_density_and_the_values_of_the_point_it_stands_for(code: Any) -> None:
    units = in_units(code, METRIC)
    for z in np.random.default_rng(0).normal(size=(20, 2)):
        x = METRIC.centre + METRIC.scale * z
        assert density_of(units)(z) == pytest.approx(density_of(code)(x), abs=1e-9)
        assert density_of(code)(x) == pytest.approx(
            stats.norm(FAR, NARROW).logpdf(x[0]) + stats.halfnorm.logpdf(np.exp(x[1])) + x[1], abs=1e-9
        )
        assert expanded(units, z) == pytest.approx(expanded(code, x), rel=1e-12)
        assert expanded(code, x)[-1] == pytest.approx(np.exp(x[1]))


def test_two_metrics_of_one_structure_are_kept_apart(code: Any) -> None:
    other = Metric(np.array([FAR, 0.0]), np.array([1.0, 1.0]))
    one, two = in_units(code, METRIC), in_units(code, other)
    assert one.compiled_logp_func.address == two.compiled_logp_func.address, "compiled once"
    z = np.array([0.003, 0.5])
    for _ in range(2):
        assert density_of(one)(z) == pytest.approx(density_of(code)(METRIC.centre + METRIC.scale * z), abs=1e-9)
        assert density_of(two)(z) == pytest.approx(density_of(code)(other.centre + z), abs=1e-9)


def test_chains_begin_within_one_unit_of_the_centre_each_at_its_own_point(code: Any) -> None:
    start = in_units(code, METRIC).initial_point_func
    points = np.stack([start(seed) for seed in range(100)])
    assert np.abs(points).max() < 1.0
    assert np.ptp(points, axis=0).min() > 1.5
    assert (start(3) == start(3)).all()


def test_draws_come_back_as_the_points_they_are_and_have_the_distribution_of_the_density(code: Any) -> None:
    trace = sample(code, SAMPLER, points=True, metric=METRIC)
    points, posterior = trace["sample_stats"][POINTS].to_numpy(), trace["posterior"].to_dataset()
    assert points[..., 0] == pytest.approx(posterior["far"].to_numpy()[..., 0], abs=1e-9)
    assert np.exp(points[..., 1]) == pytest.approx(posterior["size"].to_numpy()[..., 0], rel=1e-9)
    found = metric_of(points.reshape(-1, 2))
    assert found.centre[0] == pytest.approx(FAR, abs=5 * NARROW / 300**0.5)
    assert found.scale[0] == pytest.approx(NARROW, rel=0.15)
    half_normal = stats.kstest(np.exp(points[:, ::5, 1]).ravel(), stats.halfnorm.cdf)
    assert half_normal.pvalue > 1e-3


def test_a_metric_replaces_most_of_the_tuning(code: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    import nutpie

    asked = []
    true_sample = nutpie.sample

    def noted(code: Any, *, tune: int, **options: Any) -> Any:
        asked.append(tune)
        return true_sample(code, tune=tune, **options)

    monkeypatch.setattr(nutpie, "sample", noted)
    few = replace(SAMPLER, draws=20)
    sample(code, few)
    sample(code, few, metric=METRIC)
    sample(code, replace(few, tune=30), metric=METRIC)
    assert asked == [400, TUNED, 30]


def test_a_metric_of_another_length_is_refused(code: Any) -> None:
    with pytest.raises(ValueError, match="a metric of 3 elements for a density of 2"):
        in_units(code, Metric(np.zeros(3), np.ones(3)))


def test_an_element_that_never_moved_keeps_its_unit() -> None:
    found = metric_of(np.array([[1.0, 2.0], [3.0, 2.0]]))
    assert found.centre.tolist() == [2.0, 2.0]
    assert found.scale.tolist() == [1.0, 1.0]


def test_points_of_draws_are_those_that_the_sampler_expanded() -> None:
    """Every kind of parameter: the compiled expansion, which nobody here wrote, leads from the points to the draws."""
    fitted = lakes()
    theta = theta_of(fitted.blueprint, fitted.trace["posterior"].to_dataset())
    points = points_of(fitted.blueprint, theta)
    assert points.shape[1] == fitted.code.n_dim == len(labels_of(fitted.blueprint))
    names, where, _ = fitted.code.shape_info
    for i in (0, 57, 399):
        values = expanded(fitted.code, points[i])
        found = {name: values[span] for name, span in zip(names, where, strict=True)}
        for p in fitted.blueprint.parameters:
            assert found[p.name] == pytest.approx(theta[p.name][i].ravel(), rel=1e-9, abs=1e-12)


def test_what_two_models_share_is_carried_over_by_what_it_stands_for() -> None:
    draws = np.array([[1.0, 10.0], [3.0, 30.0]])
    start = Metric(np.array([0.0, 0.5, 0.0]), np.array([1.0, 2.0, 1.0]))
    found = carried_over(metric_of(draws), ["slope[a]", "slope[b]"], start, ["slope[b]", "slope[new]", "slope[a]"])
    assert found.centre.tolist() == [20.0, 0.5, 2.0]
    assert found.scale.tolist() == [10.0, 2.0, 1.0]
