"""The compiled model agrees with answers that were not made here: conjugate algebra, a covariance-based SEM, an ordered logit."""

import warnings
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy import stats

from causal.query import DirectEffect
from causal.theory import Construct, Edge, ModelChoices
from data.cases import Observation, Unit
from data.codebook import Codebook, Indicator
from models.blueprint import Blueprint, draw_blueprint
from models.compile import machine_code, pymc_model
from models.effects.interventions import open_laboratory, standardised
from models.evidence.marginal import averaged, schedule, stepping_stone
from models.evidence.rivals import at_weights
from models.priors import LogNormal, Priors, StudentT
from models.sampling import Sampler, sample
from models.simulation.rebuild import theta_of
from tests.models.small import RATING, periods, theory
from tests.models.worlds import row

pytestmark = pytest.mark.slow

type Floats = NDArray[np.float64]

NORMAL = StudentT(1e6)
FIXED = LogNormal(1e-3)
"""A prior so narrow that its parameter is known."""
RESIDUAL, SLOPE_SD = 0.6, 0.8


def many(n: int) -> dict[str, Unit]:
    return periods("".join(chr(0x4E00 + i) for i in range(n)))


def measured(x: Sequence[float], name: str) -> tuple[Observation, ...]:
    """Certain values of a continuous indicator on units one after another."""
    return tuple(
        row(f"{unit}.{name}", unit, name, value=float(v), confidence=1.0)
        for unit, v in zip(many(len(x)), x, strict=True)
    )


def draws_of(blueprint: Blueprint, sampler: Sampler) -> dict[str, Floats]:
    trace = sample(machine_code(pymc_model(blueprint)), sampler)
    return theta_of(blueprint, trace["posterior"].to_dataset())


def regression() -> Blueprint:
    """y on x, both columns of data, the residual sd known and the prior of the slope normal: a conjugate regression."""
    rng = np.random.default_rng(4)
    x = rng.normal(size=14)
    y = 0.7 * x + rng.normal(size=14)
    columns = [Construct(name, kind="observed") for name in "xy"]
    choices = ModelChoices(pooling="complete", prior_scale=SLOPE_SD)
    book = Codebook({}, {name: Indicator(name, name, "continuous") for name in "xy"})
    rows = (*measured(x, "x"), *measured(y, "y"))
    world = theory(Edge("x", "y"), constructs=columns, model=choices)
    return draw_blueprint(
        world, book, many(14), rows, Priors(slope=NORMAL, residual_sd=FIXED, residual_median=RESIDUAL)
    )


def columns_of(blueprint: Blueprint) -> tuple[Floats, Floats]:
    block = blueprint.blocks[0]
    x, y = (np.array([block.value[i, 0] for i, key in enumerate(block.keys) if key[1] == name]) for name in ("x", "y"))
    return x, y


def test_a_regression_of_columns_has_the_posterior_and_the_evidence_of_conjugate_algebra() -> None:
    blueprint = regression()
    x, y = columns_of(blueprint)
    design = np.stack([x, np.ones_like(x)], axis=1)
    prior = np.diag([1 / SLOPE_SD**2, 1.0])
    covariance = np.linalg.inv(design.T @ design / RESIDUAL**2 + prior)
    mean = covariance @ design.T @ y / RESIDUAL**2

    code = machine_code(pymc_model(blueprint))
    sampler = Sampler(draws=1500, tune=500, chains=2, seed=3, cores=1)
    theta = theta_of(blueprint, sample(code, sampler)["posterior"].to_dataset())
    slope, shift = theta["slope"][:, 0], theta["shift"][:, list(blueprint.coords["shifted"]).index("y")]
    for draws, m, v in zip((slope, shift), mean, np.diag(covariance), strict=True):
        assert draws.mean() == pytest.approx(m, abs=0.12 * np.sqrt(v))
        assert draws.std() == pytest.approx(np.sqrt(v), rel=0.1)

    exact = sum(
        stats.multivariate_normal.logpdf(v, np.zeros(len(v)), RESIDUAL**2 * np.eye(len(v)) + s)
        for v, s in ((x, np.ones((14, 14))), (y, np.ones((14, 14)) + SLOPE_SD**2 * np.outer(x, x)))
    )
    cells = len(blueprint.coords["cell"])
    at = at_weights(blueprint, code, replace(sampler, draws=400, tune=250))
    found = averaged([stepping_stone(at, np.zeros(cells), np.ones(cells), schedule(12), seed) for seed in (1, 2)])
    assert found.value == pytest.approx(float(exact), abs=0.1)


def test_category_shares_have_the_posterior_of_a_dirichlet_when_nothing_else_moves_a_rating() -> None:
    counts = [3, 0, 6]
    levels = np.repeat([0, 1, 2], counts)
    units = many(9)
    rows = [row(u, u, "y", [int(k)], confidence=1.0) for u, k in zip(units, levels, strict=True)]
    book = Codebook({"rating": RATING}, {"y": Indicator("y", "y", "ordinal", "rating")})
    priors = Priors(loading_median={"ordinal": 1e-6}, shift_sd={"ordinal": 1e-6})
    blueprint = draw_blueprint(theory(constructs=["y"]), book, units, rows, priors)
    assert blueprint.data["cut_stretch_3"] == pytest.approx(1)
    shares = draws_of(blueprint, Sampler(draws=1500, tune=500, chains=2, seed=5, cores=1))["category_3"][:, 0]
    exact = stats.dirichlet(np.array(counts) + 2.0)
    np.testing.assert_allclose(shares.mean(axis=0), exact.mean(), atol=0.012)
    np.testing.assert_allclose(shares.var(axis=0), exact.var(), rtol=0.15)


def test_a_column_of_ratings_explained_by_a_column_of_numbers_has_the_slope_of_an_ordered_logit() -> None:
    from statsmodels.miscmodels.ordinal_model import OrderedModel

    rng = np.random.default_rng(6)
    n = 150
    x = rng.normal(size=n)
    x = (x - x.mean()) / x.std()
    y = np.searchsorted([-1.0, 1.2], 1.3 * x + rng.logistic(size=n))
    other = OrderedModel(y, x[:, None], distr="logit").fit(method="bfgs", disp=False)

    units = many(n)
    columns = [Construct(name, kind="observed") for name in "xy"]
    world = theory(Edge("x", "y"), constructs=columns, model=ModelChoices(pooling="complete", prior_scale=5.0))
    book = Codebook(
        {"rating": RATING}, {"x": Indicator("x", "x", "continuous"), "y": Indicator("y", "y", "ordinal", "rating")}
    )
    rows = (
        *measured(x.tolist(), "x"),
        *(row(f"{u}.y", u, "y", [int(k)], confidence=1.0) for u, k in zip(units, y, strict=True)),
    )
    blueprint = draw_blueprint(world, book, units, rows, Priors(slope=NORMAL))
    slope = draws_of(blueprint, Sampler(draws=700, tune=500, chains=2, seed=7, cores=1))["slope"][:, 0]
    assert slope.mean() == pytest.approx(float(other.params[0]), abs=0.25 * float(other.bse[0]))
    assert slope.std() == pytest.approx(float(other.bse[0]), rel=0.15)


FACTORS = {"visual": ("x1", "x2", "x3"), "textual": ("x4", "x5", "x6"), "speed": ("x7", "x8", "x9")}


def test_holzinger_and_swineford_s_pupils_have_the_paths_that_maximum_likelihood_finds() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from semopy import Model
        from semopy.examples import holzinger39

        data = holzinger39.get_data()
        text = "\n".join(f"{factor} =~ {' + '.join(tests)}" for factor, tests in FACTORS.items())
        other = Model(f"{text}\ntextual ~ visual\nspeed ~ visual + textual")
        other.fit(data)
        found = other.inspect(std_est=True)
    paths = {
        (r["rval"], r["lval"]): float(r["Est. Std"])
        for _, r in found.iterrows()
        if r["op"] == "~" and r["rval"] in FACTORS and r["lval"] in FACTORS
    }

    units = many(len(data))
    book = Codebook({}, {t: Indicator(t, factor, "continuous") for factor, tests in FACTORS.items() for t in tests})
    rows = [r for name in book.indicators for r in measured(data[name].tolist(), name)]
    edges = [Edge(cause, effect) for cause, effect in paths]
    blueprint = draw_blueprint(theory(*edges, constructs=list(FACTORS)), book, units, rows)
    theta = draws_of(blueprint, Sampler(draws=250, tune=300, chains=2, seed=8, cores=1))
    lab = open_laboratory(blueprint, units, theta, np.random.default_rng(1))
    assert len(paths) == 3
    for (cause, effect), estimate in paths.items():
        (draws,) = standardised(lab, DirectEffect(cause, effect))
        assert draws.mean() == pytest.approx(estimate, abs=0.06), (cause, effect)
        assert np.quantile(draws, 0.05) < estimate < np.quantile(draws, 0.95)
