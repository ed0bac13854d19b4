"""Missing levels of observed constructs are summed over, and nothing else about the model changes."""

from itertools import product

import numpy as np
import pymc as pm
import pytensor
import pytest
from scipy import stats
from scipy.special import expit, logsumexp

from causal.query import CaseCounterfactual, Effect
from causal.theory import Construct, Edge, Theory
from data.codebook import Codebook, Family, Indicator
from models.blueprint import Blueprint, Room, draw_blueprint, room_for
from models.compile import pymc_model
from models.effects.interventions import open_laboratory, standardised
from models.evidence.rivals import shape_of
from models.evidence.without import data_without, swapped
from models.measurement.columns import CannotEstimateError
from models.measurement.gaps import MOST_WORLDS
from models.simulation.rebuild import log_likelihood, prior_log_density, prior_theta, rebuild, slope_columns
from models.simulation.simulate import reread
from tests.models.columns import Value, book, observed, rows, single_units, table
from tests.models.small import periods
from tests.models.worlds import row

WORLD = observed(Edge("x", "m"), Edge("x", "y"), Edge("m", "y"), Edge("m", "l"), Edge("y", "l"), extra=[Construct("l")])
FAMILIES: dict[str, Family] = {"x": "binary", "m": "ordinal", "y": "binary"}
COMPLETE: dict[str, tuple[Value, ...]] = {
    "x": (0.0, 1.0, 1.0, 0.0, 1.0),
    "m": (0.0, 3.0, 2.0, 1.0, 2.0),
    "y": (1.0, 1.0, 0.0, 0.0, 1.0),
}
GAPPY = COMPLETE | {"x": (0.0, None, 1.0, 0.0, None), "m": (0.0, None, 2.0, None, 2.0), "y": (1.0, 1.0, None, 0.0, 1.0)}


def laid_out(columns: dict[str, tuple[Value, ...]], room: Room | None = None) -> Blueprint:
    """x, m and y observed, a latent l of which a yes/no is read."""
    units = single_units(5)
    codebook = book(FAMILIES)
    codebook = Codebook(codebook.scales, codebook.indicators | {"sign": Indicator("sign", "l", "binary")})
    read = rows(codebook, list(units), columns)
    read += [row(f"sign.{u}", u, "sign", value=float(i % 2), confidence=0.8) for i, u in enumerate(units)]
    return draw_blueprint(WORLD, codebook, units, read, room=room)


def brute_force(
    blue: Blueprint,
    theta: dict[str, np.ndarray],
    columns: dict[str, tuple[Value, ...]],
    silent: frozenset[str] = frozenset(),
) -> np.ndarray:
    """The log likelihood of all rows by a loop over every joint value of what is missing, one unit at a time.

    silent : units without their sign of l
    """
    b = slope_columns(blue, theta)
    shifted, disturbed = list(blue.coords["shifted"]), list(blue.coords["disturbed"])
    d = {n: theta["shift"][:, shifted.index(n)] for n in ("x", "y", "sign")}
    cuts = 0.0 + blue.data["cut_stretch_4"][0] * stats.logistic.ppf(
        np.cumsum(theta["category_4"][:, 0], axis=1)[:, :-1]
    )
    total = np.zeros(len(theta["disturbance"]))
    for i, unit in enumerate(single_units(5)):
        e = theta["disturbance"][:, disturbed.index(f"{unit}:l")]
        terms = []
        known = [columns[n][i] for n in "xmy"]
        options = [range(k) if v is None else [int(v)] for v, k in zip(known, (2, 4, 2), strict=True)]  # type: ignore[arg-type]
        for x, m, y in product(*options):
            z = {n: blue.columns[n].score(float(v)) for n, v in zip("xmy", (x, m, y), strict=True)}
            eta = b["x->m"] * z["x"]
            upto = [0.0 * eta, *(expit(cuts[:, k] - eta) for k in range(3)), 1.0 + 0.0 * eta]
            chance = np.log(upto[m + 1] - upto[m])
            chance = chance + stats.bernoulli.logpmf(x, expit(d["x"]))
            chance = chance + stats.bernoulli.logpmf(y, expit(d["y"] + b["x->y"] * z["x"] + b["m->y"] * z["m"]))
            p = expit(d["sign"] + theta["loading"][:, 0] * (b["m->l"] * z["m"] + b["y->l"] * z["y"] + e))
            right = np.where(i % 2, p, 1 - p)
            terms.append(chance if unit in silent else chance + np.log(0.8 * right + 0.1))
        total += logsumexp(terms, axis=0)
    return total


def compiled_log_density(
    blue: Blueprint, theta: dict[str, np.ndarray], compiled: Blueprint | None = None
) -> np.ndarray:
    """Log density of the PyMC model at each draw, without Jacobians; the model may be another's, given this one's data."""
    model = pymc_model(compiled or blue)
    with model:
        pm.set_data({name: value for name, value in blue.data.items() if name in model.named_vars})
    log_density = model.compile_logp(jacobian=False)
    found = []
    for s in range(len(theta["disturbance"])):
        point = {}
        for rv in model.free_RVs:
            transform, value = model.rvs_to_transforms[rv], theta[rv.name][s]
            point[model.rvs_to_values[rv].name] = (
                value if transform is None else transform.forward(value, *rv.owner.inputs).eval()
            )
        found.append(float(log_density(point)))
    return np.array(found)


@pytest.mark.parametrize("columns", [COMPLETE, GAPPY])
def test_the_compiled_likelihood_is_the_sum_over_every_joint_value_of_what_is_missing(
    columns: dict[str, tuple[Value, ...]],
) -> None:
    blue = laid_out(columns)
    theta = prior_theta(blue, 3, np.random.default_rng(1))
    prior = np.sum([v.reshape(3, -1).sum(axis=1) for v in prior_log_density(blue, theta).values()], axis=0)
    assert compiled_log_density(blue, theta) == pytest.approx(brute_force(blue, theta, columns) + prior, rel=1e-8)


def test_a_missing_value_is_a_parameter_more_and_changes_nothing_else() -> None:
    full, gappy = laid_out(COMPLETE), laid_out(GAPPY)
    own, more = ({p.name: (p.shape, p.prior) for p in blue.parameters} for blue in (full, gappy))
    assert (own.pop("disturbance")[0], more.pop("disturbance")[0]) == ((5,), (10,))  # l of five units, five values
    assert own == more
    assert [b.family for b in full.blocks] == [b.family for b in gappy.blocks]
    assert full.data.keys() == gappy.data.keys()


def test_missing_values_are_drawn_from_their_posterior_by_bayes_rule() -> None:
    """x missing, y a yes: P(x = 1 | y = 1) = P(1) P(y | 1) / sum."""
    families: dict[str, Family] = {"x": "binary", "y": "binary"}
    blue, _ = table(observed(Edge("x", "y")), families, {"x": (None, 1.0, 0.0), "y": (1.0, 1.0, 0.0)})
    theta = {k: np.repeat(v, 20_000, axis=0) for k, v in prior_theta(blue, 1, np.random.default_rng(8)).items()}
    theta["disturbance"] = np.random.default_rng(9).normal(size=theta["disturbance"].shape)
    found = rebuild(blue, theta)
    n = next(
        i for i, node in enumerate(blue.structure.nodes) if node.construct == "x" and i in set(blue.data["gap_pick"])
    )
    x = blue.columns["x"]
    d = {name: theta["shift"][0, list(blue.coords["shifted"]).index(name)] for name in "xy"}
    b = slope_columns(blue, theta)["x->y"][0]
    joint = [stats.bernoulli.pmf(v, expit(d["x"])) * expit(d["y"] + b * x.score(float(v))) for v in (0, 1)]
    assert set(found.z[:, n]) == {float(x.score(0.0)), float(x.score(1.0))}
    assert (found.z[:, n] > 0).mean() == pytest.approx(joint[1] / sum(joint), abs=0.015)


def test_a_missing_value_says_nothing_in_the_log_likelihood_of_cells() -> None:
    blue = laid_out(GAPPY)
    theta = prior_theta(blue, 3, np.random.default_rng(1))
    values = log_likelihood(blue, theta, rebuild(blue, theta).cells)["ordinal"]
    missing = [c for c, rows in enumerate(next(b for b in blue.blocks if b.family == "ordinal").rows) if not rows]
    assert len(missing) == 5
    assert (values[:, missing] == 0).all()
    assert np.isfinite(values).all()


def test_leaving_out_the_value_of_a_cause_is_the_model_of_a_table_without_it() -> None:
    """The same arrays but for how the column was standardised, which stays as it was first."""
    full = laid_out(COMPLETE, room_for([laid_out(COMPLETE)], values=True))
    units = list(single_units(5))
    gone = {f"x.{units[1]}", f"x.{units[4]}", f"m.{units[1]}", f"m.{units[3]}", f"y.{units[2]}"}
    assert gone <= full.given_rows
    left = swapped(full, data_without(full, gone))
    theta = prior_theta(full, 3, np.random.default_rng(1))
    assert left.data["given"].shape[0] == 8  # x yes or no, m one of four, in one unit
    prior = np.sum([v.reshape(3, -1).sum(axis=1) for v in prior_log_density(full, theta).values()], axis=0)
    assert compiled_log_density(left, theta) == pytest.approx(brute_force(full, theta, GAPPY) + prior, rel=1e-8)


def test_a_value_is_left_out_only_where_there_is_room_for_what_it_might_be() -> None:
    full, unit = laid_out(COMPLETE), list(single_units(5))[1]
    with pytest.raises(ValueError, match="without room"):
        swapped(full, data_without(full, {f"x.{unit}", f"m.{unit}"}))


def test_leaving_out_a_row_that_weighs_a_missing_value_leaves_it_out_of_every_world() -> None:
    gappy, unit = laid_out(GAPPY), list(single_units(5))[1]
    left = swapped(gappy, data_without(gappy, {f"sign.{unit}"}))
    theta = prior_theta(gappy, 3, np.random.default_rng(1))
    prior = np.sum([v.reshape(3, -1).sum(axis=1) for v in prior_log_density(gappy, theta).values()], axis=0)
    expected = brute_force(gappy, theta, GAPPY, frozenset({unit})) + prior
    assert compiled_log_density(left, theta) == pytest.approx(expected, rel=1e-8)


def test_a_theory_in_which_a_gappy_column_has_no_effect_runs_on_the_code_of_one_in_which_it_has() -> None:
    """x -> y beside y -> x: where x is the outcome, a missing x needs no value, and compiled code sums it to one."""
    columns: dict[str, tuple[Value, ...]] = {"x": (1.0, None, 0.0, 1.0), "y": (1.0, 1.0, 0.0, 0.0)}
    families: dict[str, Family] = {"x": "binary", "y": "continuous"}
    cause, outcome = (table(observed(edge), families, columns)[0] for edge in (Edge("x", "y"), Edge("y", "x")))
    assert shape_of(cause) != shape_of(outcome)
    room, units = room_for([cause, outcome]), single_units(4)
    shared, roomy = (
        draw_blueprint(b.theory, b.codebook, units, rows(b.codebook, list(units), columns), room=room)
        for b in (cause, outcome)
    )
    assert shape_of(shared) == shape_of(roomy)
    theta = prior_theta(outcome, 3, np.random.default_rng(1))
    order = [outcome.coords["disturbed"].index(name) for name in roomy.coords["disturbed"]]
    there = theta | {"disturbance": theta["disturbance"][:, order]}
    assert compiled_log_density(roomy, there, shared) == pytest.approx(compiled_log_density(outcome, theta), rel=1e-8)


def test_rows_read_again_keep_the_first_standardisation() -> None:
    full = laid_out(COMPLETE)
    units = single_units(5)
    again = [r for block in full.blocks for cell in block.rows for r in cell]
    assert reread(full, units, again).data["given"].tolist() == full.data["given"].tolist()


def test_a_missing_outcome_without_effects_needs_no_value() -> None:
    families: dict[str, Family] = {"x": "binary", "y": "count"}
    blue, units = table(observed(Edge("x", "y")), families, {"x": (1.0, 0.0, 1.0), "y": (3.0, None, 1.0)})
    assert blue.data["given"].shape[0] == 1
    theta = prior_theta(blue, 200, np.random.default_rng(2))
    lab = open_laboratory(blue, units, theta, np.random.default_rng(1), 8)
    (found,) = standardised(lab, CaseCounterfactual(list(units)[1], "x", "y", "high"))
    assert np.isfinite(found).all()


@pytest.mark.parametrize("family", ["count", "binomial"])
def test_a_missing_number_with_effects_is_refused_by_its_cell(family: Family) -> None:
    values: tuple[Value, ...] = ((1, 2), None, (2, 3)) if family == "binomial" else (1.0, None, 3.0)
    with pytest.raises(CannotEstimateError, match=r"x is missing at \w1, and x"):
        table(observed(Edge("x", "y")), {"x": family, "y": "binary"}, {"x": values, "y": (0.0, 1.0, 1.0)})


def test_too_many_missing_values_that_bear_on_one_another_are_refused_by_name() -> None:
    units = periods("a", 8)
    world = Theory(
        "chain", "chain", (Construct("x", kind="observed"), Construct("l")), (Edge("x", "l"), Edge("l", "l", lag=1))
    )
    codebook = Codebook({}, {"x": Indicator("x", "x", "binary"), "r": Indicator("r", "l", "binary")})
    read = [row(f"r{u}", u, "r", value=1.0) for u in units] + [row("x1", "a1", "x", value=1.0, confidence=1.0)]
    with pytest.raises(CannotEstimateError, match=rf"7 missing values .*a2:x.* more than {MOST_WORLDS} joint"):
        draw_blueprint(world, codebook, units, read)


@pytest.mark.parametrize(("family", "levels"), [("binary", []), ("ordinal", [1])])
def test_an_observed_level_read_with_doubt_is_refused_by_its_cell(family: Family, levels: list[int]) -> None:
    codebook = book({"x": family, "y": "binary"})
    read = [
        *rows(codebook, ["a1"], {"y": (1.0,)}),
        row("r", "a1", "x", levels, None if levels else 1.0, confidence=0.9),
    ]
    with pytest.raises(CannotEstimateError, match=r"x of a1 is read with confidence 0.9, but x is observed"):
        draw_blueprint(observed(Edge("x", "y")), codebook, periods("a"), read)


def test_an_effect_with_gaps_is_answered_on_the_same_kind_of_new_case() -> None:
    for columns in (COMPLETE, GAPPY):
        blue = laid_out(columns)
        theta = prior_theta(blue, 20, np.random.default_rng(3))
        lab = open_laboratory(blue, single_units(5), theta, np.random.default_rng(1), 64)
        (found,) = standardised(lab, Effect("x", "l"))
        assert np.isfinite(found).all()
        for n, z in enumerate(lab.own.actual):
            if blue.data["is_given"][n]:
                assert z == pytest.approx(rebuild(blue, theta).z[:, n])


@pytest.mark.slow
def test_the_derivative_through_gaps_is_that_of_finite_differences() -> None:
    model = pymc_model(laid_out(GAPPY))
    with pytensor.config.change_flags(mode="FAST_COMPILE"):
        log_density, derivative = model.compile_logp(), model.compile_dlogp()
    rng = np.random.default_rng(5)
    point = {name: start + 0.3 * rng.normal(size=start.shape) for name, start in model.initial_point().items()}
    names = [variable.name for variable in model.continuous_value_vars]
    found, at = derivative(point), 0
    for name in names:
        for i in np.ndindex(point[name].shape):
            up, down = ({k: v.copy() for k, v in point.items()} for _ in range(2))
            up[name][i] += 1e-5
            down[name][i] -= 1e-5
            assert found[at] == pytest.approx((log_density(up) - log_density(down)) / 2e-5, abs=1e-4, rel=1e-4), (
                name,
                i,
            )
            at += 1
