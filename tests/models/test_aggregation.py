"""A table taken together says of the parameters exactly what its rows say one by one."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from causal.theory import Confounded, Construct, Edge, ModelChoices, Theory
from data.cases import Observation, Unit
from data.codebook import Codebook, Family, Indicator, Scale
from models.aggregation import aggregated, points
from models.blueprint import Blueprint, draw_blueprint
from models.measurement.columns import CannotEstimateError
from models.simulation.rebuild import log_likelihood, prior_theta, rebuild
from tests.models.worlds import row

FAMILIES: dict[str, Family] = {"w": "binary", "o": "ordinal", "x": "continuous", "m": "continuous", "y": "continuous"}
EDGES = (
    Edge("w", "x"), Edge("o", "m", monotone=True), Edge("x", "m"), Edge("x", "y", moderator="w", moderation="?"),
    Edge("m", "y"),
)  # fmt: skip


def theory(edges: tuple[Edge, ...] = EDGES, confounded: tuple[Confounded, ...] = ()) -> Theory:
    constructs = tuple(Construct(name, kind="observed") for name in FAMILIES)
    return Theory("t", "t", constructs, edges, confounded, ModelChoices(pooling="complete"))


def sample(rows: int, seed: int) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    found = pd.DataFrame({"w": rng.integers(2, size=rows), "o": rng.integers(3, size=rows)})
    found["x"] = 3.0 + found["w"] + rng.normal(size=rows)
    found["m"] = found["x"] - found["o"] + rng.normal(size=rows)
    found["y"] = found["m"] + found["w"] * found["x"] + rng.normal(size=rows)
    return found


def cell(unit: str, name: str, value: float) -> Observation:
    of_levels = FAMILIES[name] == "ordinal"
    levels, number = ((int(value),), None) if of_levels else ((), value)
    return row(f"{name}.{unit}", unit, name, levels, number, confidence=1.0)


def laid_out(table: pd.DataFrame, of: Theory) -> Blueprint:
    scales = {"three": Scale("three", ("a", "b", "c"))}
    indicators = {
        name: Indicator(name, name, family, "three" if family == "ordinal" else None)
        for name, family in FAMILIES.items()
    }
    times = table.get("count", pd.Series(1.0, index=table.index))
    units = {f"u{i}": Unit(f"u{i}", f"u{i}", 1.0, "row", count=float(n)) for i, n in times.items()}
    rows = [
        cell(f"u{i}", name, float(value)) for name in FAMILIES for i, value in table[name].items() if pd.notna(value)
    ]
    return draw_blueprint(of, Codebook(scales, indicators), units, rows)


def of_all_rows(blueprint: Blueprint, theta: dict[str, np.ndarray]) -> np.ndarray:
    weight, total = blueprint.data["cell_weight"], np.zeros(len(theta["disturbance"]))
    for family, cells in log_likelihood(blueprint, theta, rebuild(blueprint, theta).cells).items():
        total += (cells * weight[blueprint.slices[family]]).sum(axis=1)
    return total


@pytest.mark.parametrize("rows", [40, 400])
def test_the_likelihood_of_a_table_taken_together_is_that_of_its_rows(rows: int) -> None:
    table, few = sample(rows, 1), aggregated(sample(rows, 1), theory(), FAMILIES)
    assert few["count"].sum() == pytest.approx(rows)
    assert len(few) <= 6 * 4  # six kinds of rows, four points for three numbers
    one_by_one, together = laid_out(table, theory()), laid_out(few, theory())
    for name, column in together.columns.items():
        other = one_by_one.columns[name]
        assert (column.center, column.spread) == pytest.approx((other.center, other.spread))
    theta = prior_theta(one_by_one, 5, np.random.default_rng(2))
    assert of_all_rows(together, theta) == pytest.approx(of_all_rows(one_by_one, theta), rel=1e-9)


def test_a_number_with_an_effect_that_is_no_number_is_taken_together_only_where_it_is_equal() -> None:
    turned = theory((Edge("x", "w"), Edge("x", "m"), Edge("m", "y")))
    table = sample(60, 3).round({"x": 0})
    few = aggregated(table, turned, FAMILIES)
    assert set(few["x"]) == set(table["x"])
    blueprints = [laid_out(rows, turned) for rows in (table, few)]
    theta = prior_theta(blueprints[0], 3, np.random.default_rng(4))
    assert of_all_rows(blueprints[1], theta) == pytest.approx(of_all_rows(blueprints[0], theta), rel=1e-9)


def test_numbers_that_are_multiplied_keep_their_rows() -> None:
    product = theory((Edge("x", "y", moderator="m", moderation="?"),))
    few = aggregated(sample(50, 5), product, FAMILIES)
    assert len(few) == 50
    assert set(few["count"]) == {1.0}


def test_a_row_with_something_missing_stays_as_it_is() -> None:
    table = sample(50, 6)
    table.loc[7, "m"] = np.nan
    few = aggregated(table, theory(), FAMILIES)
    assert few["m"].isna().sum() == 1
    assert few.loc[few["m"].isna(), "count"].tolist() == [1.0]


@given(st.integers(1, 6), st.integers(1, 60), st.integers(0, 2**32 - 1))
def test_points_have_the_number_mean_and_covariance_of_the_rows(columns: int, rows: int, seed: int) -> None:
    rng = np.random.default_rng(seed)
    table = pd.DataFrame(rng.normal(size=(rows, columns)) @ rng.normal(size=(columns, columns)) + 5.0)
    table[0] = np.round(table[0]) if rng.random() < 0.3 else table[0]
    found = points(table)
    times, x = found["count"].to_numpy(), found.drop(columns="count").to_numpy()
    assert times.sum() == pytest.approx(rows)
    assert np.average(x, axis=0, weights=times) == pytest.approx(table.to_numpy().mean(axis=0))
    of_points, of_rows = (np.cov(v.T, ddof=0, aweights=w) for v, w in ((x, times), (table.to_numpy(), np.ones(rows))))
    assert of_points == pytest.approx(of_rows, abs=1e-9)


@pytest.mark.parametrize(
    ("of", "families", "said"),
    [
        (theory(confounded=(Confounded(("x", "y")),)), FAMILIES, "common cause"),
        (theory((Edge("x", "y", lag=1),)), FAMILIES, "lagged"),
        (theory(), FAMILIES | {"y": "count"}, "y is a share or a count"),
        (theory(), {k: v for k, v in FAMILIES.items() if k != "m"}, "m has a score in every row"),
    ],
)
def test_rows_that_are_more_than_rows_are_refused(of: Theory, families: dict[str, Family], said: str) -> None:
    with pytest.raises(CannotEstimateError, match=said):
        aggregated(sample(20, 8), of, families)


def test_units_of_a_latent_construct_do_not_count_several_times() -> None:
    few = aggregated(sample(60, 9), theory(), FAMILIES)
    latent = Construct("q")
    with pytest.raises(CannotEstimateError, match="q has a score in every row"):
        laid_out(few, Theory("t", "t", (*theory().constructs, latent), EDGES, (), ModelChoices(pooling="complete")))


def test_a_unit_that_counts_several_times_lacks_no_value() -> None:
    few = aggregated(sample(60, 10), theory(), FAMILIES)
    few.loc[0, "o"] = np.nan
    with pytest.raises(CannotEstimateError, match=r"u0 counts .* times, but its o is missing"):
        laid_out(few, theory())
