"""A second side of the posterior that chains have missed is found from the side they are on, and then sampled."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import pymc as pm
import pytest
import xarray as xr

from models import sides
from models.compile import machine_code
from models.sampling import POINTS, Sampler
from models.sides import WORTH_SEEING, crossed, missed
from models.structure.mirrors import Mirror

TURN = {"weak": {"x": np.array([-1.0, 1.0])}, "strong": {"x": np.array([1.0, -1.0])}}
RIGHT = 0.7


@pytest.fixture(scope="module")
def code() -> Any:
    """The first of two variables has another side of weight .3; the second has one that is next to nothing."""
    with pm.Model(coords={"both": ["weak", "strong"]}) as model:
        weights, far = np.array([[RIGHT, 1 - RIGHT], [1 - 1e-9, 1e-9]]), np.array([[5.0, -5.0], [5.0, -5.0]])
        pm.NormalMixture("x", w=weights, mu=far, sigma=1.0, dims="both")
    return machine_code(model)


def trace_at(points: np.ndarray[Any, Any]) -> xr.DataTree:
    """A trace of unconstrained draws, shape (chains, draws, elements)."""
    found = xr.Dataset({POINTS: (("chain", "draw", "element"), points)})
    return xr.DataTree.from_dict({"sample_stats": found})


def one_sided(rng: np.random.Generator) -> np.ndarray[Any, Any]:
    return np.asarray(rng.normal(5.0, 1.0, size=(4, 400, 2)))


def test_a_side_that_no_chain_visited_is_found_from_the_other(code: Any) -> None:
    assert missed(code, trace_at(one_sided(np.random.default_rng(1))), TURN) == ("weak",)


def test_chains_that_disagree_about_the_side_do_not_hide_it(code: Any) -> None:
    points = one_sided(np.random.default_rng(2))
    points[0, :, 0] *= -1
    assert missed(code, trace_at(points), TURN) == ("weak",)


def test_a_side_that_every_chain_visits_by_itself_is_left_to_the_chains(code: Any) -> None:
    rng = np.random.default_rng(3)
    points = one_sided(rng)
    points[..., 0] *= np.where(rng.random((4, 400)) < RIGHT, 1, -1)
    assert missed(code, trace_at(points), TURN) == ()


def test_a_side_of_negligible_weight_is_not_worth_seeing(code: Any) -> None:
    assert WORTH_SEEING > 1e-9
    assert "strong" not in missed(code, trace_at(one_sided(np.random.default_rng(4))), TURN)


def test_chains_around_zero_have_crossed_and_chains_away_from_it_have_not() -> None:
    rng = np.random.default_rng(5)
    around = rng.normal(size=(3, 500, 4))
    assert crossed(around)
    assert not crossed(around + np.array([6.0, 0, 0, 0]))
    assert not crossed(around + np.array([6.0, 0, 0, 0]) * np.array([1, 1, -1])[:, None, None])


def test_sides_that_no_single_element_tells_apart_are_told_apart_by_all_of_them() -> None:
    """Sixteen elements, each one standard deviation from zero, are four in their sum."""
    rng = np.random.default_rng(6)
    sides = np.array([1, -1, 1, -1])[:, None, None]
    assert not crossed(sides + rng.normal(size=(4, 500, 16)))
    assert not crossed(np.ones(16) + rng.normal(size=(4, 500, 16)))
    assert crossed(0.2 + rng.normal(size=(4, 500, 16)))


def test_only_the_images_that_concern_the_claim_are_looked_at(monkeypatch: pytest.MonkeyPatch) -> None:
    """The other construct has just as weighty an image; turning it changes no effect that is asked."""
    seen: list[set[str]] = []

    def looked(_: Any, __: Any, images: Mapping[str, Mirror], worth: float) -> tuple[str, ...]:
        seen.append(set(images))
        return ()

    monkeypatch.setattr(sides, "mirrors", lambda _: dict.fromkeys(("x", "m", "y"), TURN["weak"]))
    monkeypatch.setattr(sides, "missed", looked)
    monkeypatch.setattr(sides, "sample", lambda *_, **__: trace_at(np.zeros((1, 2, 1))))
    monkeypatch.setattr(sides, "without_points", lambda trace: trace)
    for concerning in (None, {"x", "y"}):
        sides.sample_sides(None, None, Sampler(), concerning=concerning)  # type: ignore[arg-type]
    assert seen == [{"x", "m", "y"}, {"x", "y"}]


@pytest.mark.slow
def test_where_one_image_is_known_another_that_was_missed_is_still_found(monkeypatch: pytest.MonkeyPatch) -> None:
    with pm.Model(coords={"both": ["weak", "other"]}) as model:
        weights, far = np.full((2, 2), [RIGHT, 1 - RIGHT]), np.full((2, 2), [5.0, -5.0])
        pm.NormalMixture("x", w=weights, mu=far, sigma=1.0, dims="both")
    images = {"weak": TURN["weak"], "other": {"x": np.array([1.0, -1.0])}}
    monkeypatch.setattr(sides, "mirrors", lambda _: images)
    sampler = Sampler(draws=500, tune=300, chains=2, seed=3, cores=1)
    found = sides.sample_sides(None, machine_code(model), sampler, turned=("weak",))  # type: ignore[arg-type]
    assert found.turned == ("weak", "other")
    right = (found.trace["posterior"]["x"].to_numpy() > 0).mean(axis=(0, 1))
    assert right == pytest.approx(RIGHT, abs=5 * (RIGHT * (1 - RIGHT) / 500) ** 0.5)
