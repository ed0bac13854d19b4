"""Regressions on observed constructs of every family agree with maximum likelihood in another package."""

from collections.abc import Callable

import numpy as np
import pytest
import statsmodels.api as sm
from scipy.special import expit
from statsmodels.miscmodels.ordinal_model import OrderedModel

from causal.theory import Edge
from models.checks.diagnostics import diagnose
from models.compile import machine_code, pymc_model
from models.draft import LOGISTIC_SD
from models.estimate import assemble
from models.sampling import Sampler, sample
from tests.models.columns import observed, table

pytestmark = pytest.mark.slow

N = 250
WORLD = observed(
    *(Edge(cause, effect) for effect in ("yes", "level", "share", "events", "price") for cause in ("x", "o"))
)


def simulated(seed: int) -> dict[str, np.ndarray]:
    rng = np.random.default_rng(seed)
    x, o = rng.binomial(1, 0.4, N).astype(float), rng.integers(0, 4, N).astype(float)
    return {
        "x": x,
        "o": o,
        "yes": rng.binomial(1, expit(-0.5 + 1.4 * x - 0.5 * o + 0.7)).astype(float),
        "level": np.searchsorted([-1.0, 0.5, 2.0], 0.8 * x + 0.6 * (o - 1.5) + rng.logistic(size=N)).astype(float),
        "share": rng.binomial(20, expit(0.3 - 0.7 * x + 0.3 * (o - 1.5))).astype(float),
        "events": rng.poisson(np.exp(1.0 + 0.5 * x - 0.3 * (o - 1.5))).astype(float),
        "price": 10 + 3 * x + 2 * o + rng.normal(scale=3.0, size=N),
    }


@pytest.fixture(scope="module")
def fitted() -> tuple[dict[str, np.ndarray], dict[str, tuple[float, float]]]:
    """The data, and posterior mean and sd of every coefficient."""
    data = simulated(5)
    families = {"x": "binary", "o": "ordinal", "yes": "binary", "level": "ordinal", "share": "binomial"}
    families |= {"events": "count", "price": "continuous"}
    columns = {k: [(v, 20) for v in values] if k == "share" else list(values) for k, values in data.items()}
    blue, _ = table(WORLD, families, columns)  # type: ignore[arg-type]
    trace = sample(machine_code(pymc_model(blue)), Sampler(draws=400, tune=400, chains=2, seed=3, cores=1))
    tree = assemble(blue, trace, np.random.default_rng(1))
    slope = tree["posterior"]["slope"]
    means, sds = slope.mean(("chain", "draw")), slope.std(("chain", "draw"))
    assert not diagnose(tree, 0.9).divergent_share
    return data, {
        str(name): (float(means.sel(coefficient=name)), float(sds.sel(coefficient=name)))
        for name in slope["coefficient"].to_numpy()
    }


def logit(data: dict[str, np.ndarray], design: np.ndarray) -> np.ndarray:
    return np.asarray(sm.Logit(data["yes"], sm.add_constant(design)).fit(disp=0).params[1:])


def ordered(data: dict[str, np.ndarray], design: np.ndarray) -> np.ndarray:
    return np.asarray(OrderedModel(data["level"], design, distr="logit").fit(method="bfgs", disp=0).params[:2])


def binomial(data: dict[str, np.ndarray], design: np.ndarray) -> np.ndarray:
    both = np.column_stack([data["share"], 20 - data["share"]])
    return np.asarray(sm.GLM(both, sm.add_constant(design), family=sm.families.Binomial()).fit().params[1:])


def poisson(data: dict[str, np.ndarray], design: np.ndarray) -> np.ndarray:
    return np.asarray(sm.GLM(data["events"], sm.add_constant(design), family=sm.families.Poisson()).fit().params[1:])


def linear(data: dict[str, np.ndarray], design: np.ndarray) -> np.ndarray:
    standard = (data["price"] - data["price"].mean()) / data["price"].std()
    return np.asarray(sm.OLS(standard, sm.add_constant(design)).fit().params[1:])


@pytest.mark.parametrize(
    ("effect", "estimate", "scale"),
    [
        ("yes", logit, 0.5 * LOGISTIC_SD),
        ("level", ordered, 0.5 * LOGISTIC_SD),
        ("share", binomial, 0.5 * LOGISTIC_SD),
        ("events", poisson, 0.5),
        ("price", linear, 0.5),
    ],
)
def test_posterior_means_are_maximum_likelihood_shrunk_a_little_towards_zero(
    fitted: tuple[dict[str, np.ndarray], dict[str, tuple[float, float]]],
    effect: str,
    estimate: Callable[[dict[str, np.ndarray], np.ndarray], np.ndarray],
    scale: float,
) -> None:
    data, found = fitted
    design = np.column_stack([(data[k] - data[k].mean()) / data[k].std() for k in "xo"])
    for cause, truth in zip("xo", estimate(data, design), strict=True):
        mean, sd = found[f"{cause}->{effect}"]
        assert mean == pytest.approx(truth, abs=0.35 * sd + 1.2 * abs(truth) * (sd / scale) ** 2), (cause, effect)
        assert sd < 0.2
