"""What rows add to a likelihood, values of observed causes among them: against loops over every joint value, and integrals."""

from dataclasses import replace

import numpy as np
import pytest
from scipy import stats

from causal.theory import Edge
from data.codebook import Family
from models.blueprint import draw_blueprint
from models.evidence.removal import Removal
from models.evidence.without import data_with, removable, swapped
from models.measurement.columns import CannotEstimateError
from models.simulation.rebuild import log_likelihood, prior_theta, rebuild, slope_columns
from tests.models import worlds
from tests.models.columns import Value, observed, single_units, table
from tests.models.measurement.test_gaps import COMPLETE, GAPPY, brute_force, laid_out

UNITS = list(single_units(5))


def without(columns: dict[str, tuple[Value, ...]], gone: set[str]) -> dict[str, tuple[Value, ...]]:
    return {
        name: tuple(None if f"{name}.{unit}" in gone else value for unit, value in zip(UNITS, values, strict=True))
        for name, values in columns.items()
    }


@pytest.mark.parametrize("columns", [COMPLETE, GAPPY])
@pytest.mark.parametrize(
    "places",
    [
        ["x0"],
        ["m4"],
        ["y1"],
        ["sign3"],
        ["sign1"],
        ["x0", "m0", "y0", "sign0"],
        ["x2", "y3", "sign4"],
        ["x2", "m2", "m4"],
    ],
    ids=" ".join,
)
def test_what_rows_add_is_the_likelihood_with_them_over_the_sum_of_what_they_could_have_been(
    columns: dict[str, tuple[Value, ...]], places: list[str]
) -> None:
    blue = laid_out(columns)
    theta = prior_theta(blue, 4, np.random.default_rng(3))
    gone = {f"{place[:-1]}.{UNITS[int(place[-1])]}" for place in places}
    silent = frozenset(name.removeprefix("sign.") for name in gone if name.startswith("sign"))
    expected = brute_force(blue, theta, without(columns, gone), silent) - brute_force(blue, theta, columns)
    assert Removal(blue, theta).log_ratio(gone) == pytest.approx(expected, abs=1e-9)


def test_another_value_of_a_cause_is_read_by_its_effects() -> None:
    blue = laid_out(COMPLETE)
    theta = prior_theta(blue, 4, np.random.default_rng(3))
    moved = COMPLETE | {"m": (2.0, *COMPLETE["m"][1:])}
    (row,) = (r for b in blue.blocks for cell in b.rows for r in cell if r.name == f"m.{UNITS[0]}")
    expected = brute_force(blue, theta, moved) - brute_force(blue, theta, COMPLETE)
    found = Removal(blue, theta).log_ratio_if({row.name: replace(row, levels=(2,))})
    assert found == pytest.approx(expected, abs=1e-9)


def test_the_chance_of_each_value_of_a_cause_is_weighed_by_its_effects() -> None:
    blue = laid_out(COMPLETE)
    theta = prior_theta(blue, 4, np.random.default_rng(3))
    (row,) = (r for b in blue.blocks for cell in b.rows for r in cell if r.name == f"x.{UNITS[1]}")
    at = [brute_force(blue, theta, COMPLETE | {"x": (0.0, value, 1.0, 0.0, 1.0)}) for value in (0.0, 1.0)]
    assert Removal(blue, theta).answers(row)[:, 1] == pytest.approx(1 / (1 + np.exp(at[0] - at[1])))


def test_a_missing_number_is_integrated_over_by_the_draws() -> None:
    """y = d + b x + e: without x, y is normal with variance s_y^2 + b^2 s_x^2."""
    families: dict[str, Family] = {"x": "continuous", "y": "continuous"}
    x, y = (1.0, 2.0, 4.0), (0.0, 2.0, 1.0)
    blue, units = table(observed(Edge("x", "y")), families, {"x": x, "y": y})
    rng = np.random.default_rng(4)
    theta = {name: np.repeat(values, 40_000, axis=0) for name, values in prior_theta(blue, 1, rng).items()}
    theta["disturbance"] = rng.normal(size=theta["disturbance"].shape)
    row = f"x.{list(units)[2]}"
    ratio = np.exp(Removal(blue, theta).log_ratio({row}))
    b = slope_columns(blue, theta)["x->y"][0]
    d, s = (
        {n: theta[name][0, list(blue.coords[dim]).index(n)] for n in "xy"}
        for name, dim in (("shift", "shifted"), ("residual_sd", "continuous_indicator"))
    )
    at = {n: (v[2] - np.mean(v)) / np.std(v) for n, v in (("x", x), ("y", y))}
    marginal = stats.norm.pdf(at["y"], d["y"] + b * d["x"], np.hypot(s["y"], b * s["x"]))
    joint = stats.norm.pdf(at["x"], d["x"], s["x"]) * stats.norm.pdf(at["y"], d["y"] + b * at["x"], s["y"])
    assert ratio.mean() == pytest.approx(marginal / joint, abs=4 * ratio.std() / 200)
    assert ratio.std() > 0


def test_lags_moderators_and_steps_carry_a_missing_value_on() -> None:
    """Against the likelihood of all rows, at each value the cause could have had."""
    world = observed(Edge("o", "y", monotone=True), Edge("w", "y"), Edge("x", "y", moderator="w", moderation="+"))
    families: dict[str, Family] = {"o": "ordinal", "w": "binary", "x": "binary", "y": "count"}
    columns: dict[str, tuple[Value, ...]] = {
        "o": (0.0, 1.0, 3.0, 2.0), "w": (0.0, 1.0, 1.0, 0.0), "x": (1.0, 1.0, 0.0, 0.0), "y": (2.0, 0.0, 5.0, 1.0)
    }  # fmt: skip
    blue, units = table(world, families, columns)
    theta = prior_theta(blue, 5, np.random.default_rng(2))
    unit = list(units)[2]
    rows = {r.name: r for b in blue.blocks for cell in b.rows for r in cell}
    w, o = rows[f"w.{unit}"], rows[f"o.{unit}"]

    def total(w_is: float, o_is: int) -> np.ndarray:
        edit = {w.name: replace(w, value=w_is), o.name: replace(o, levels=(o_is,))}
        other = swapped(blue, data_with(blue, edit))
        values = log_likelihood(other, theta, rebuild(other, theta).cells).values()
        return np.sum([v.sum(axis=1) for v in values], axis=0)

    every = np.logaddexp.reduce([total(v, k) for v in (0.0, 1.0) for k in range(4)])
    assert Removal(blue, theta).log_ratio({w.name, o.name}) == pytest.approx(every - total(1.0, 3), abs=1e-9)


def test_a_count_that_has_effects_cannot_be_left_out() -> None:
    families: dict[str, Family] = {"x": "count", "y": "binary"}
    blue, units = table(observed(Edge("x", "y")), families, {"x": (1.0, 0.0, 4.0), "y": (1.0, 0.0, 1.0)})
    first = next(iter(units))
    assert removable(blue, frozenset({f"x.{first}", f"y.{first}"})) == {f"y.{first}"}
    assert f"x.{first}" in blue.given_rows
    with pytest.raises(CannotEstimateError, match="x is missing"):
        Removal(blue, prior_theta(blue, 2, np.random.default_rng(1))).log_ratio({f"x.{first}"})


def test_what_some_rows_of_ratings_counts_and_figures_add_is_the_likelihood_with_them_over_that_without() -> None:
    """Also where another coder's row of the same cell stays, and where several sets share a row."""
    blue = draw_blueprint(worlds.theory(), worlds.codebook(), worlds.units(), worlds.observations())
    theta = prior_theta(blue, 5, np.random.default_rng(3))
    removal, cells = Removal(blue, theta), rebuild(blue, theta).cells
    names = [row.name for block in blue.blocks for cell in block.rows for row in cell]
    twice = [row.name for block in blue.blocks for cell in block.rows if len(cell) > 1 for row in cell]
    for gone in ({names[0]}, {twice[0]}, {twice[1]}, set(twice[:2]), set(twice), set(names[::3]), set(names)):
        less = log_likelihood(swapped(blue, data_with(blue, dict.fromkeys(gone))), theta, cells)
        more = log_likelihood(blue, theta, cells)
        expected = sum((less[family] - more[family]).sum(axis=1) for family in more)
        assert removal.log_ratio(gone) == pytest.approx(expected, abs=1e-9)
