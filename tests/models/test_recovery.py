"""Known coefficients are found again, and importance weights agree with refits."""

import numpy as np
import pytest

from causal.ledger import by_importance, by_refit
from causal.query import Effect
from causal.theory import Edge
from data.cases import Observation
from data.codebook import Codebook, Indicator
from models.blueprint import draw_blueprint
from models.effects.interventions import open_laboratory, standardised
from models.estimate import Estimate, estimate
from models.evidence.psis import psis
from models.evidence.removal import Removal
from models.evidence.without import data_without
from models.sampling import Sampler, sample, swap
from models.simulation.rebuild import theta_of
from tests.fitted import lakes
from tests.models.small import COMPLETE, RATING, periods, theory
from tests.models.worlds import row

pytestmark = pytest.mark.slow

UNITS = periods("".join(chr(200 + i) for i in range(75)))
EACH = 4


def survey(scores: dict[str, np.ndarray], rng: np.random.Generator) -> tuple[Codebook, list[Observation]]:
    """Four three-level ratings of every construct at every unit, of logistic error around 2.5 times the score."""
    names = {f"{c}{k}": c for c in scores for k in range(EACH)}
    book = Codebook({"rating": RATING}, {n: Indicator(n, c, "ordinal", "rating") for n, c in names.items()})
    rows = [
        row(f"{unit.name}.{n}", unit.name, n, [int(np.searchsorted([-1.5, 1.5], 2.5 * scores[c][u] + rng.logistic()))])
        for u, unit in enumerate(UNITS.values())
        for n, c in names.items()
    ]
    return book, rows


WORLD = theory(Edge("x", "m"), Edge("m", "y"), Edge("z", "y"), model=COMPLETE)
STRONG = 0.9 / np.sqrt(1 - 0.9**2)


@pytest.fixture(scope="module")
def recovered() -> Estimate:
    """x -> m with standardised path .9, m -> y of about -.5, z -> y nothing."""
    rng = np.random.default_rng(11)
    e = rng.normal(size=(4, len(UNITS)))
    x, z = e[0], e[3]
    m = STRONG * x + e[1]
    y = -0.25 * m + e[2]
    book, rows = survey({"x": x, "m": m, "y": y, "z": z}, rng)
    blueprint = draw_blueprint(WORLD, book, UNITS, rows)
    return estimate(blueprint, UNITS, Sampler(draws=500, tune=500, chains=2, seed=1, cores=2))


def test_a_strong_path_a_moderate_one_and_none_are_told_apart_at_75_units(recovered: Estimate) -> None:
    draws = {str(a.query): a.posterior for a in recovered.answers}
    strong, moderate, none = (draws[f"effect({e})"] for e in ("x -> m", "m -> y", "z -> y"))
    assert np.quantile(strong, 0.02) < 0.9 < np.quantile(strong, 0.98)
    assert strong.mean() > 0.8
    assert np.quantile(moderate, 0.95) < 0
    assert 0.025 < (none > 0).mean() < 0.975


def test_importance_weights_agree_with_a_refit_without_the_row() -> None:
    fitted = lakes()
    long = Sampler(draws=1500, tune=500, chains=2, seed=21, target_accept=0.95, cores=2)
    blue, units = fitted.blueprint, fitted.study.cases.units
    query = Effect("leadership", "monitoring")

    def holds(code: object) -> tuple[np.ndarray, dict[str, np.ndarray]]:
        theta = theta_of(blue, sample(code, long)["posterior"].to_dataset())  # type: ignore[arg-type]
        lab = open_laboratory(blue, units, theta, np.random.default_rng(1))
        return (standardised(lab, query)[0] > 0).reshape(long.chains, long.draws), theta

    full, theta = holds(fitted.code)
    removal = Removal(blue, theta)
    rated = [
        r
        for block in blue.blocks
        for cell in block.rows
        for r in cell
        if r.indicator in ("patrols", "leaders_followed")
    ]
    weighed = {r.name: by_importance(full, removal.log_ratio({r.name}).reshape(full.shape), psis) for r in rated}
    heaviest = sorted((w for w in weighed if weighed[w].reliable), key=lambda name: -abs(weighed[name].weight_db))
    for name in heaviest[:3]:
        refitted, _ = holds(swap(fitted.code, data_without(blue, {name})))
        refit = by_refit(full, refitted)
        error = np.hypot(refit.weight_mcse, weighed[name].weight_mcse)
        assert weighed[name].weight_db == pytest.approx(refit.weight_db, abs=3.5 * error + 0.05), name
