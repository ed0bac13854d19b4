"""Tables with little in them end in a clear message or in an honest posterior."""

from pathlib import Path

import numpy as np
import pytest
from scipy import stats
from scipy.special import expit, logsumexp

from analyses.overview import overview
from causal.query import parse_claim
from causal.theory import Edge
from data.codebook import Family
from models.blueprint import Blueprint
from models.compile import machine_code, pymc_model
from models.draft import LOGISTIC_SD
from models.effects.answers import silence
from models.effects.interventions import open_laboratory, standardised
from models.evidence.without import data_without
from models.measurement.columns import CannotEstimateError
from models.sampling import Sampler, sample, swap
from models.simulation.rebuild import log_likelihood, prior_theta, rebuild
from models.study import load_study
from tests.models.columns import Value, observed, single_units, table

WORLD = observed(Edge("x", "y"))
BINARY: dict[str, Family] = {"x": "binary", "y": "binary"}


def laid_out(x: tuple[Value, ...], y: tuple[Value, ...], families: dict[str, Family] = BINARY) -> Blueprint:
    return table(WORLD, families, {"x": x, "y": y})[0]


def test_a_cause_that_never_varies_leaves_its_coefficient_to_the_prior_and_says_so() -> None:
    blue = laid_out((1.0, 1.0, 1.0), (0.0, 1.0, 1.0))
    theta = prior_theta(blue, 5, np.random.default_rng(1))
    moved = theta | {"slope": theta["slope"] + 3.0}
    one, other = (log_likelihood(blue, t, rebuild(blue, t).cells)["ordinal"] for t in (theta, moved))
    assert one == pytest.approx(other)
    assert silence(blue, parse_claim("direct(x -> y) > 0")) == "every value of x is the same"
    assert silence(laid_out((1.0, 0.0, 1.0), (1.0, 1.0, 1.0)), parse_claim("direct(x -> y) > 0")) == ""


@pytest.mark.parametrize(
    ("family", "values"),
    [
        ("binary", (1.0, 1.0)),
        ("ordinal", (2.0, 2.0)),
        ("binomial", ((3, 3), (5, 5))),
        ("count", (0.0, 0.0)),
        ("continuous", (7.0, 7.0)),
    ],
)
def test_two_units_and_an_outcome_of_one_value_have_a_finite_likelihood_and_finite_effects(
    family: Family, values: tuple[Value, ...]
) -> None:
    blue = laid_out((0.0, 1.0), values, {"x": "binary", "y": family})
    theta = prior_theta(blue, 200, np.random.default_rng(2))
    for block in log_likelihood(blue, theta, rebuild(blue, theta).cells).values():
        assert np.isfinite(block).all()
    from causal.query import Effect

    lab = open_laboratory(blue, single_units(2), theta, np.random.default_rng(1), 32)
    assert np.isfinite(standardised(lab, Effect("x", "y"))[0]).all()


def test_a_table_without_a_value_is_refused() -> None:
    with pytest.raises(CannotEstimateError, match="Code at least one row"):
        laid_out((None, None), (None, None))


def test_check_says_which_observed_construct_never_varies(tmp_path: Path) -> None:
    from analyses.importing import import_table
    from data.column_families import ColumnChoices
    from data.widetable import TableChoices

    text = '[constructs.x]\n[constructs.y]\n[[edges]]\ncause = "x"\neffect = "y"\nsign = "+"\n'
    (tmp_path / "theory.toml").write_text('name = "t"\n' + text, encoding="utf-8")
    (tmp_path / "t.csv").write_text("x,y\n1,0\n1,1\n1,1\n", encoding="utf-8")
    import_table(
        tmp_path / "t.csv", tmp_path / "theory.toml", tmp_path / "s", TableChoices(ColumnChoices({"x": "binary"}))
    )
    lines = overview(load_study(tmp_path / "s")).as_json["Rows by construct"]
    assert "x: every value is the same, so that a claim of what it causes cannot speak" in lines


def by_quadrature(x: list[float | None], y: list[float], blue: Blueprint) -> tuple[float, float]:
    """Posterior mean and sd of the coefficient of x -> y on a grid; a missing x is summed over with its own chance."""
    grid = np.linspace(-8, 16, 361)[:, None, None]
    d_y, d_x = np.linspace(-8, 8, 121)[None, :, None], np.linspace(-6, 6, 61)[None, None, :]
    log = (
        stats.t.logpdf(grid, 4, 0, 0.5 * LOGISTIC_SD) + stats.norm.logpdf(d_y, 0, 1.5) + stats.norm.logpdf(d_x, 0, 1.5)
    )
    for one, effect in zip(x, y, strict=True):
        terms = [
            stats.bernoulli.logpmf(v, expit(d_x))
            + stats.bernoulli.logpmf(effect, expit(d_y + grid * blue.columns["x"].score(float(v))))
            for v in ((0, 1) if one is None else (int(one),))
        ]
        log = log + logsumexp(np.array(np.broadcast_arrays(*terms)), axis=0)
    weight = np.exp(log - log.max()).sum(axis=(1, 2))
    b = grid[:, 0, 0]
    mean = float((weight * b).sum() / weight.sum())
    return mean, float(np.sqrt((weight * (b - mean) ** 2).sum() / weight.sum()))


@pytest.mark.slow
def test_a_separated_outcome_has_the_posterior_of_quadrature_and_so_has_the_table_without_two_causes() -> None:
    """y = x in every unit: maximum likelihood is infinite. Leaving values out is a change of data of the same machine code."""
    x: list[float | None] = [0.0, 0.0, 0.0, 0.0, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0]
    y = [0.0, 0.0, 0.0, 0.0, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0]
    blue = laid_out(tuple(x), tuple(y))
    code = machine_code(pymc_model(blue))
    units = list(single_units(10))
    gone = {f"x.{units[0]}", f"x.{units[9]}"}
    without = swap(code, dict(blue.data) | data_without(blue, gone))
    gappy = [None, *x[1:9], None]
    for compiled, values in ((code, x), (without, gappy)):
        slope = sample(compiled, Sampler(draws=1500, tune=500, chains=2, seed=4, cores=1))["posterior"][
            "slope"
        ].to_numpy()
        mean, sd = by_quadrature(values, y, blue)
        assert slope.mean() == pytest.approx(mean, abs=0.12 * sd)
        assert slope.std() == pytest.approx(sd, rel=0.15)
