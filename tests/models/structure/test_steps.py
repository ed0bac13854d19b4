"""Monotone effects: the steps between levels are parameters, and equal steps are the plain effect."""

import numpy as np
import pytest
from scipy import stats
from scipy.special import expit, logsumexp

from causal.query import CaseCounterfactual, DirectEffect, Effect, NaturalEffect
from causal.theory import Edge
from data.codebook import Family
from models.blueprint import Blueprint
from models.effects.interventions import on_rating_scale, open_laboratory, standardised
from models.measurement.columns import CannotEstimateError
from models.simulation.forward import true_values
from models.simulation.rebuild import log_likelihood, prior_log_density, prior_theta, rebuild, slope_columns
from models.structure.steps import step_responses
from tests.models.columns import Value, observed, single_units, table
from tests.models.measurement.test_gaps import compiled_log_density
from tests.models.small import pinned

LEVELS = (0.0, 3.0, 1.0, 2.0, 3.0)
Y = (0.0, 1.0, 1.0, 0.0, 1.0)
WORLD = observed(Edge("o", "y", monotone=True))


def laid_out(o: tuple[Value, ...] = LEVELS, turned: tuple[str, ...] = (), monotone: bool = True) -> Blueprint:
    world = WORLD if monotone else observed(Edge("o", "y"))
    families: dict[str, Family] = {"o": "ordinal", "y": "binary"}
    return table(world, families, {"o": o, "y": Y}, turned)[0]


def score(blue: Blueprint, theta: dict[str, np.ndarray], level: int) -> np.ndarray:
    """What enters y at a level, by the definition."""
    steps = theta["steps_4"][:, 0]
    column = blue.columns["o"]
    return column.score(3 * steps[:, :level].sum(axis=1))


def y_chance(blue: Blueprint, theta: dict[str, np.ndarray], level: int, y: float) -> np.ndarray:
    eta = theta["shift"][:, list(blue.coords["shifted"]).index("y")]
    eta = eta + slope_columns(blue, theta)["o->y"] * score(blue, theta, level)
    return stats.bernoulli.logpmf(y, expit(eta))


@pytest.mark.parametrize("turned", [(), ("o",)])
def test_the_likelihood_is_that_of_an_effect_of_cumulated_steps(turned: tuple[str, ...]) -> None:
    blue = laid_out(turned=turned)
    theta = prior_theta(blue, 4, np.random.default_rng(1))
    block = next(b for b in blue.blocks if b.family == "ordinal")
    found = log_likelihood(blue, theta, rebuild(blue, theta).cells)["ordinal"]
    of_y = [c for c, key in enumerate(block.keys) if key[1] == "y"]
    expected = np.array([y_chance(blue, theta, int(o), y) for o, y in zip(LEVELS, Y, strict=True)]).T
    assert found[:, of_y] == pytest.approx(expected)


@pytest.mark.parametrize("o", [LEVELS, (0.0, None, 1.0, 2.0, None)])
def test_the_compiled_model_sums_over_a_missing_level_through_its_steps(o: tuple[Value, ...]) -> None:
    blue = laid_out(o)
    theta = prior_theta(blue, 3, np.random.default_rng(2))
    cuts = blue.data["cut_stretch_4"][0] * stats.logistic.ppf(np.cumsum(theta["category_4"][:, 0], axis=1)[:, :-1])
    upto = np.concatenate([np.zeros((3, 1)), expit(cuts), np.ones((3, 1))], axis=1)
    chance = np.log(np.diff(upto, axis=1))
    total = np.zeros(3)
    for level, y in zip(o, Y, strict=True):
        options = range(4) if level is None else [int(level)]  # type: ignore[arg-type]
        total += logsumexp([chance[:, t] + y_chance(blue, theta, t, y) for t in options], axis=0)
    prior = np.sum([v.reshape(3, -1).sum(axis=1) for v in prior_log_density(blue, theta).values()], axis=0)
    assert compiled_log_density(blue, theta) == pytest.approx(total + prior, rel=1e-8)


def test_equal_steps_are_the_plain_effect() -> None:
    stepped, plain = laid_out(), laid_out(monotone=False)
    found = []
    for blue in (stepped, plain):
        theta = pinned(blue, {"o->y": 0.8})
        for name in theta:
            if name.startswith(("steps", "category")):
                theta[name][:] = 1.0 / theta[name].shape[-1]
        lab = open_laboratory(blue, single_units(5), theta, np.random.default_rng(1), 4000)
        unit = next(iter(single_units(5)))
        asked = (Effect("o", "y"), DirectEffect("o", "y"), NaturalEffect("direct", "o", "y"))
        found.append(
            [float(x[0]) for x in standardised(lab, *asked)] + [float(on_rating_scale(lab, Effect("o", "y"))[0][0])]
        )  # type: ignore[index]
        assert np.isfinite(standardised(lab, CaseCounterfactual(unit, "o", "y", "high"))[0]).all()
        assert np.isfinite(standardised(lab, DirectEffect("o", "y", case=unit))[0]).all()
    assert found[0] == pytest.approx(found[1], abs=0.02)


def test_one_big_step_makes_the_difference_where_it_lies() -> None:
    blue = laid_out()
    theta = pinned(blue, {"o->y": 1.0}, samples=1)
    theta["steps_4"][:] = [0.0, 1.0, 0.0]
    (steps,) = {str(s.column.construct): s for s in step_responses(blue.structure, theta, blue.steps).values()}.values()
    levels = np.array([[float(blue.columns["o"].score(t)) for t in (-2.0, 0.0, 1.0, 1.5, 2.0, 3.0, 9.0)]])
    reached = blue.columns["o"].center + blue.columns["o"].spread * steps.value(levels)
    assert reached[0] == pytest.approx([0, 0, 0, 1.5, 3, 3, 3])


def test_simulated_values_go_through_the_steps() -> None:
    blue = laid_out()
    theta = pinned(blue, {"o->y": 3.0}, samples=8000)
    theta["steps_4"][:] = [0.9, 0.05, 0.05]
    drawn = true_values(blue, theta, np.random.default_rng(3))["ordinal"]
    keys = next(b for b in blue.blocks if b.family == "ordinal").keys
    unit = next(iter(single_units(5)))
    o, y = (drawn[:, keys.index((unit, name))] for name in "oy")
    for level in range(4):
        chance = np.exp(y_chance(blue, theta, level, 1.0))[0]
        assert y[o == level].mean() == pytest.approx(chance, abs=0.04)


@pytest.mark.parametrize("family", ["binary", "count", "continuous"])
def test_a_cause_without_steps_cannot_be_monotone(family: Family) -> None:
    with pytest.raises(CannotEstimateError, match="o->y is monotone, but o is not an observed ordinal"):
        table(WORLD, {"o": family, "y": "binary"}, {"o": (0.0, 1.0), "y": (0.0, 1.0)})
