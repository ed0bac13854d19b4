"""Observed constructs of every family: their likelihood, their effects in a new case, and what would have been in one case."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats
from scipy.special import expit

from causal.query import CaseCounterfactual, Effect, NaturalEffect
from causal.theory import Construct, Edge
from data.codebook import Family
from models.blueprint import Blueprint
from models.draft import LOGISTIC_SD
from models.effects.interventions import Laboratory, on_rating_scale, open_laboratory, standardised
from models.measurement.columns import CannotEstimateError
from models.priors import Priors
from models.simulation.rebuild import log_likelihood, prior_theta, rebuild, slope_columns
from models.simulation.responses import truncated_logistic
from tests.models.columns import Value, observed, table
from tests.models.small import periods, pinned

FAMILIES: tuple[Family, ...] = ("binary", "ordinal", "binomial", "count", "continuous")
X = (0.0, 1.0, 1.0, 0.0, 1.0, 1.0)
Y: dict[Family, tuple[Value, ...]] = {
    "binary": (1.0, 0.0, 1.0, 0.0, 1.0, 1.0),
    "ordinal": (0.0, 1.0, 3.0, 2.0, 1.0, 3.0),
    "binomial": ((3, 10), (9, 10), (5, 6), (0, 4), (6, 6), (2, 10)),
    "count": (3.0, 0.0, 7.0, 2.0, 12.0, 1.0),
    "continuous": (1.5, -0.25, 3.0, 2.0, 0.0, 1.0),
}


def regression(family: Family, *turned: str) -> Blueprint:
    """x -> y, x a yes/no, y of a family."""
    return table(observed(Edge("x", "y")), {"x": "binary", "y": family}, {"x": X, "y": Y[family]}, turned)[0]


def closed_form(blue: Blueprint, theta: dict[str, np.ndarray], family: Family, is_turned: bool) -> np.ndarray:
    """The log likelihood of y by scipy, shape (samples, units)."""
    x = (np.array(X) - np.mean(X)) / np.std(X)
    slope = slope_columns(blue, theta)["x->y"][:, None]
    shifted = list(blue.coords["shifted"])
    shift = theta["shift"][:, [shifted.index("y")]] if "y" in shifted else 0.0
    eta = shift + (-1 if is_turned else 1) * slope * x
    if "noise" in theta:
        eta = eta + theta["noise_sd"][:, [0]] * theta["noise"]
    values = Y[family]
    match family:
        case "binary":
            return stats.bernoulli.logpmf(np.array(values), expit(eta))
        case "ordinal":
            cuts = Priors().column_stretch * stats.logistic.ppf(np.cumsum(theta["category_4"][:, 0], axis=1)[:, :-1])
            below = np.concatenate([np.zeros((len(cuts), 1)), np.ones((len(cuts), 1))], axis=1)
            levels = np.array(values, dtype=int)
            cdf = np.stack([below[:, [0]] + 0 * eta] + [expit(cuts[:, [k]] - eta) for k in range(3)] + [1 + 0 * eta])
            return np.log(cdf[levels + 1, :, np.arange(6)] - cdf[levels, :, np.arange(6)]).T
        case "binomial":
            pairs = np.array(values)
            return stats.binom.logpmf(pairs[:, 0], pairs[:, 1], expit(eta))
        case "count":
            return stats.poisson.logpmf(np.array(values), np.mean(values) * np.exp(eta))
        case _:
            standard = (np.array(values) - np.mean(values)) / np.std(values)
            return stats.norm.logpdf(standard, eta, theta["residual_sd"])


@pytest.mark.parametrize("is_turned", [False, True])
@pytest.mark.parametrize("family", FAMILIES)
def test_an_observed_effect_is_a_regression_on_the_standardised_cause(family: Family, is_turned: bool) -> None:
    blue = regression(family, *(["y"] if is_turned else []))
    theta = prior_theta(blue, 5, np.random.default_rng(3))
    block = "ordinal" if family == "binary" else family
    found = log_likelihood(blue, theta, rebuild(blue, theta).cells)[block]
    of_y = [i for i, key in enumerate(next(b for b in blue.blocks if b.family == block).keys) if key[1] == "y"]
    assert found[:, of_y] == pytest.approx(closed_form(blue, theta, family, is_turned), rel=1e-9)


@pytest.mark.parametrize("family", FAMILIES)
def test_an_observed_value_enters_its_effects_standardised_whatever_its_family(family: Family) -> None:
    blue = table(observed(Edge("y", "z")), {"y": family, "z": "binary"}, {"y": Y[family], "z": X})[0]
    numbers = np.array([v[0] / v[1] if isinstance(v, tuple) else v for v in Y[family]])
    for n, node in enumerate(blue.structure.nodes):
        if node.construct == "y":
            i = list(dict.fromkeys(m.unit for m in blue.structure.nodes)).index(node.unit)
            expected = (numbers[i] - numbers.mean()) / numbers.std()
            assert blue.data["given"][0, n] == pytest.approx(expected)


def test_a_coefficient_on_log_odds_has_the_prior_scale_of_a_disturbance_of_unit_variance() -> None:
    scales = {family: regression(family).data["slope_scale"][0] for family in FAMILIES}
    assert scales["binary"] == scales["ordinal"] == scales["binomial"] == pytest.approx(0.5 * LOGISTIC_SD)
    assert scales["count"] == scales["continuous"] == 0.5
    assert stats.logistic.std() == pytest.approx(LOGISTIC_SD)


def test_an_ordinal_column_has_cutpoints_of_its_own() -> None:
    families: dict[str, Family] = {"x": "ordinal", "y": "ordinal"}
    blue, _ = table(observed(Edge("x", "y")), families, {"x": Y["ordinal"], "y": Y["ordinal"][::-1]})
    assert blue.coords["scale_4"] == ["column x", "column y"]
    assert not blue.has("shift")


def test_an_observed_construct_that_rows_leave_open_is_refused_by_name() -> None:
    with pytest.raises(CannotEstimateError, match=r"y is missing at \w1"):
        table(observed(Edge("y", "z")), {"y": "count", "z": "binary"}, {"y": (None, 2.0), "z": (1.0, 0.0)})


# a new case


def laboratory(blue: Blueprint, slope: float, replicates: int = 20_000, **theta: float) -> Laboratory:
    draws = pinned(blue, {"x->y": slope})
    for name, value in theta.items():
        draws[name][:] = value
    units = periods("".join(dict.fromkeys(n.unit[0] for n in blue.structure.nodes)))
    return open_laboratory(blue, units, draws, np.random.default_rng(1), replicates)


def test_an_effect_on_a_yes_no_is_the_difference_of_its_chances() -> None:
    lab = laboratory(regression("binary"), 1.3, shift=0.4)
    low, high = ((value - np.mean(X)) / np.std(X) for value in (0.0, 1.0))
    (rating,) = on_rating_scale(lab, Effect("x", "y"))
    assert rating is not None
    assert rating[0] == pytest.approx(expit(0.4 + 1.3 * high) - expit(0.4 + 1.3 * low), abs=1e-9)
    share = expit(0.4)  # of x in a new case, its own predictor being its shift
    sd_x = np.sqrt(share * (1 - share)) / np.std(X)
    assert lab.case.sd("x").item() == pytest.approx(sd_x, rel=1e-9)
    y = share * expit(0.4 + 1.3 * high) + (1 - share) * expit(0.4 + 1.3 * low)
    expected = (expit(0.4 + 1.3 * sd_x / 2) - expit(0.4 - 1.3 * sd_x / 2)) / np.sqrt(y * (1 - y))
    assert standardised(lab, Effect("x", "y"))[0][0] == pytest.approx(expected, rel=0.01)


@pytest.mark.parametrize("is_turned", [False, True])
def test_an_effect_on_levels_is_the_change_in_the_chance_of_the_best(is_turned: bool) -> None:
    blue = regression("ordinal", *(["y"] if is_turned else []))
    lab = laboratory(blue, 0.9, shift=0.0)
    step = 1 / np.std(X) * 0.5
    cut = Priors().column_stretch * np.log(3.0)  # four levels of a quarter each
    (rating,) = on_rating_scale(lab, Effect("x", "y"))
    assert rating is not None
    assert rating[0] == pytest.approx(
        expit(0.9 * (1 - np.mean(X)) * 2 * step - cut) - expit(-0.9 * np.mean(X) * 2 * step - cut)
    )


def simulated(family: Family, eta: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Values of y by numpy's own generators, all standard deviations pinned to 1."""
    match family:
        case "binary":
            return rng.binomial(1, expit(eta))
        case "ordinal":
            cuts = Priors().column_stretch * np.log([1 / 3, 1, 3])
            return (eta + rng.logistic(size=len(eta)) > cuts[:, None]).sum(axis=0)
        case "binomial":
            return rng.binomial(8, expit(eta + rng.normal(size=len(eta)))) / 8
        case "count":
            return rng.poisson(np.mean(Y["count"]) * np.exp(eta + rng.normal(size=len(eta))))
        case _:
            return eta + rng.normal(size=len(eta))


@pytest.mark.parametrize("family", FAMILIES)
def test_a_mediator_of_any_family_is_simulated_and_never_replaced_by_its_mean(family: Family) -> None:
    """x -> m -> y against numpy: E[y | do(x)] goes through the values of m, not through their expectation."""
    world = observed(Edge("x", "m"), Edge("m", "y"))
    values = Y[family]
    blue, units = table(world, {"x": "binary", "m": family, "y": "binary"}, {"x": X, "m": values, "y": Y["binary"]})
    theta = pinned(blue, {"x->m": 1.0, "m->y": 2.0})
    lab = open_laboratory(blue, units, theta, np.random.default_rng(1), 40_000)
    (found,) = on_rating_scale(lab, Effect("x", "y"))
    rng = np.random.default_rng(2)
    column = blue.columns["m"]
    chance = {}
    for value in (0.0, 1.0):
        x = (value - np.mean(X)) / np.std(X)
        m = column.score(simulated(family, np.full(200_000, x), rng))
        chance[value] = expit(2.0 * m).mean()
    assert found is not None
    assert found[0] == pytest.approx(chance[1.0] - chance[0.0], abs=0.012)


@pytest.mark.parametrize("family", [family for family in FAMILIES if family != "binary"])
def test_an_observed_cause_moves_by_its_own_sd_whatever_scale_its_effect_is_told_on(family: Family) -> None:
    """Not by that of the chance of its best value, which is how it would be read as an outcome."""
    world = observed(Edge("x", "m"), Edge("m", "y"))
    blue, units = table(world, {"x": "binary", "m": family, "y": "binary"}, {"x": X, "m": Y[family], "y": Y["binary"]})
    lab = open_laboratory(blue, units, pinned(blue, {"x->m": 1.0, "m->y": 2.0}), np.random.default_rng(1))
    (found,) = on_rating_scale(lab, Effect("m", "y"))
    sd = lab.case.sd("m")[0, 0]
    assert found is not None
    assert found[0] == pytest.approx(expit(2.0 * sd) - expit(-2.0 * sd))


def test_natural_effects_through_a_yes_no_add_up_by_brute_force() -> None:
    """The mediation formula summed over the two values of the mediator (Pearl 2001)."""
    world = observed(Edge("x", "m"), Edge("m", "y"), Edge("x", "y"))
    columns = {"x": X, "m": Y["binary"], "y": X[::-1]}
    blue, units = table(world, dict.fromkeys("xmy", "binary"), columns)
    slopes = {"x->m": 1.1, "m->y": 0.8, "x->y": -0.5}
    lab = open_laboratory(blue, units, pinned(blue, slopes), np.random.default_rng(1), 40_000)
    half = lab.case.sd("x").item() / 2
    m = blue.columns["m"]

    def mean(x: float, x_of_m: float) -> float:
        p = expit(1.1 * x_of_m)
        return float(sum(w * expit(0.8 * m.score(v) - 0.5 * x) for v, w in ((0.0, 1 - p), (1.0, p))))

    sd_y = lab.case.sd("y").item() * blue.columns["y"].spread
    direct, indirect = (
        standardised(lab, NaturalEffect(kind, "x", "y"))[0][0] * sd_y for kind in ("direct", "indirect")
    )  # type: ignore[arg-type]
    assert direct == pytest.approx(mean(half, -half) - mean(-half, -half), abs=0.01)
    assert indirect == pytest.approx(mean(-half, half) - mean(-half, -half), abs=0.01)


# one case, by abduction


@given(st.floats(-8, 8), st.floats(0.01, 8), st.floats(1e-6, 1 - 1e-6))
def test_truncated_logistic_draws_are_quantiles_of_the_logistic_within_its_bounds(
    low: float, width: float, luck: float
) -> None:
    found = truncated_logistic(np.array([low]), np.array([low + width]), np.array([luck]))[0]
    inside = (stats.logistic.cdf(found) - stats.logistic.cdf(low)) / (
        stats.logistic.cdf(low + width) - stats.logistic.cdf(low)
    )
    assert inside == pytest.approx(luck, abs=1e-6)


@pytest.mark.parametrize("is_turned", [False, True])
@pytest.mark.parametrize("family", FAMILIES)
def test_what_was_observed_in_a_case_is_what_its_actual_world_shows(family: Family, is_turned: bool) -> None:
    world = observed(Edge("x", "y"), Edge("y", "z"))
    families: dict[str, Family] = {"x": "binary", "y": family, "z": "binary"}
    columns = {"x": X, "y": Y[family], "z": X[::-1]}
    blue, units = table(world, families, columns, ["y"] if is_turned else [])
    theta = prior_theta(blue, 50, np.random.default_rng(4))
    lab = open_laboratory(blue, units, theta, np.random.default_rng(1), 4)
    for n, z in enumerate(lab.own.actual):
        assert z == pytest.approx(np.full(50, blue.data["given"][0, n]), abs=1e-9)


def test_the_chance_that_a_yes_would_have_been_a_no_is_the_probability_of_necessity() -> None:
    """For a monotone response PN = [P(y | x) - P(y | not x)] / P(y | x) (Tian and Pearl 2000)."""
    blue, units = table(observed(Edge("x", "y")), {"x": "binary", "y": "binary"}, {"x": X, "y": Y["binary"]})
    theta = pinned(blue, {"x->y": 1.2}, samples=40_000)
    theta["shift"][:, :] = -0.3
    lab = open_laboratory(blue, units, theta, np.random.default_rng(1), 8)
    unit = list(units)[4]  # x = 1 and y = 1
    would_have_been_no = standardised(lab, CaseCounterfactual(unit, "x", "y", "low"))[0] > 0
    p1, p0 = (expit(-0.3 + 1.2 * blue.columns["x"].score(v)) for v in (1.0, 0.0))
    assert would_have_been_no.mean() == pytest.approx((p1 - p0) / p1, abs=0.01)


@pytest.mark.parametrize("family", ["binomial", "count"])
def test_a_recounted_number_averages_to_what_thinning_gives(family: Family) -> None:
    blue = regression(family)
    theta = pinned(blue, {"x->y": 0.7}, samples=20_000)
    units = periods("".join(n.unit[0] for n in blue.structure.nodes if n.construct == "x"))
    lab = open_laboratory(blue, units, theta, np.random.default_rng(1), 8)
    x, y = blue.columns["x"], blue.columns["y"]
    for unit, value, answer in zip(units, X, Y[family], strict=True):
        number, n = answer if isinstance(answer, tuple) else (answer, 1)
        (found,) = standardised(lab, CaseCounterfactual(unit, "x", "y", "low" if value else "high"))
        gap = -found.mean() * lab.case.sd("y")[0, 0] * y.spread  # the other world less this one
        means = [
            float(expit(0.7 * x.score(v)) if family == "binomial" else np.mean(Y["count"]) * np.exp(0.7 * x.score(v)))
            for v in (value, 1 - value)
        ]
        if family == "count":
            expected = number * means[1] / means[0] if means[1] < means[0] else number + means[1] - means[0]
        elif means[1] < means[0]:
            expected = number * means[1] / means[0]
        else:
            expected = number + (n - number) * (means[1] - means[0]) / (1 - means[0])
        assert gap == pytest.approx((expected - number) / n, abs=0.05 if family == "count" else 0.01)


def test_a_construct_without_a_column_beside_columns_keeps_its_unit_disturbance() -> None:
    world = observed(Edge("x", "l"), Edge("l", "y"), extra=[Construct("l")])
    blue, units = table(world, {"x": "binary", "y": "binary"}, {"x": X, "y": Y["binary"]})
    assert blue.unmeasured == ("l",)
    lab = open_laboratory(blue, units, pinned(blue, {"l->y": 1.0}), np.random.default_rng(1), 128)
    assert lab.case.sd("l").item() == pytest.approx(1.0)


@pytest.mark.parametrize("family", ["binary", "ordinal"])
def test_an_effect_too_small_to_change_any_drawn_level_still_has_its_sign(family: Family) -> None:
    world = observed(Edge("x", "m"), Edge("m", "y"))
    blue, units = table(world, {"x": "binary", "m": family, "y": "binary"}, {"x": X, "m": Y[family], "y": Y["binary"]})
    for slope in (-1e-6, 1e-6):
        lab = open_laboratory(blue, units, pinned(blue, {"x->m": slope, "m->y": 1.0}), np.random.default_rng(1), 16)
        assert np.sign(standardised(lab, Effect("x", "y"))[0][0]) == np.sign(slope)
        (rating,) = on_rating_scale(lab, Effect("x", "y"))
        assert rating is not None
        assert np.sign(rating[0]) == np.sign(slope)


def test_levels_between_are_summed_over_by_their_chances() -> None:
    """x -> m -> y and m -> n -> y against the sum over the joint values of m and n."""
    world = observed(Edge("x", "m"), Edge("m", "n"), Edge("m", "y"), Edge("n", "y"))
    columns = {"x": X, "m": Y["binary"], "n": Y["ordinal"], "y": X[::-1]}
    blue, units = table(world, {"x": "binary", "m": "binary", "n": "ordinal", "y": "binary"}, columns)
    slopes = {"x->m": 1.1, "m->n": 0.8, "m->y": -0.5, "n->y": 0.9}
    lab = open_laboratory(blue, units, pinned(blue, slopes), np.random.default_rng(1), 4)
    cuts = np.array([-np.inf, *(Priors().column_stretch * np.log([1 / 3, 1, 3])), np.inf])
    m, n, x = (blue.columns[name] for name in "mnx")

    def chance(value: float) -> float:
        total, p = 0.0, expit(1.1 * x.score(value))
        for v, w in ((0.0, 1 - p), (1.0, p)):
            shares = np.diff(expit(cuts - 0.8 * m.score(v)))
            total += sum(w * s * expit(-0.5 * m.score(v) + 0.9 * n.score(float(k))) for k, s in enumerate(shares))
        return float(total)

    (found,) = on_rating_scale(lab, Effect("x", "y"))
    assert found is not None
    assert found[0] == pytest.approx(chance(1.0) - chance(0.0), abs=1e-12)
