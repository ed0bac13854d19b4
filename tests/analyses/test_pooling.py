"""Slopes within and between cases stand beside the pooled one, and the report says where they disagree."""

from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from analyses import pooling as module
from analyses.chapters.pooling import chapter
from analyses.pooling import COLUMNS, beside, pooling_table
from analyses.results import Results
from analyses.run import lay_out
from analyses.sensitivity.priors import with_pooling
from causal.elements import Pooling
from causal.theory import Edge, ModelChoices
from data.cases import Cases, Observation
from data.codebook import Codebook, Indicator
from models.checks.pooling import within_and_between
from models.compile import machine_code, pymc_model
from models.sampling import Sampler, sample
from models.sides import Sides
from models.study import Study
from tests.fitted import ANY_METRIC, invented_trace
from tests.models import small
from tests.models.worlds import row

SAMPLER = Sampler(draws=250, tune=300, chains=2, seed=3, cores=1)


def results(rows: list[dict[str, str]]) -> Results:
    return Results([], [], [], [], [], {}, {}, {}, {"pooling": rows}, {})


def rows_of(within: float, between: float) -> list[dict[str, str]]:
    of = {"partial": 0.5, "within": within, "between": between}
    return [
        {"coefficient": "a->b", "pooling": way, "mean": str(p - 0.5), "prob_positive": str(p)} for way, p in of.items()
    ]


def test_a_slope_of_opposite_signs_within_and_between_cases_gets_a_sentence() -> None:
    found = chapter(results(rows_of(0.99, 0.02)))
    assert found is not None
    assert list(found.findings) == [
        "a->b is 0.49 within cases (probability of being positive 0.99) and −0.48 between them (0.02)."
    ]


def test_slopes_that_may_well_agree_get_none() -> None:
    found = chapter(results(rows_of(0.9, 0.4)))
    assert found is not None
    assert list(found.findings) == ["No slope is sure to have one sign within cases and the other between them."]
    assert chapter(results([])) is None


def test_slopes_stand_beside_their_own_coefficient_and_nowhere_else() -> None:
    coefficients = pd.DataFrame({"parameter": ["slope", "slope", "loading"], "name": ["a->b", "b->c", "a->b"]})
    pooling = pd.DataFrame(
        [
            {"coefficient": "a->b", "pooling": "within", "mean": 1.0, "hdi_low": 0.0, "hdi_high": 2.0},
            {"coefficient": "a->b", "pooling": "between", "mean": -1.0, "hdi_low": -2.0, "hdi_high": 0.0},
        ]
    )
    found = beside(coefficients, pooling)
    assert found["within_mean"].tolist()[:1] == [1.0]
    assert found["between_hdi_low"].tolist()[:1] == [-2.0]
    assert found.loc[1:, "within_mean"].isna().all()
    assert beside(coefficients, pd.DataFrame(columns=list(COLUMNS)))["within_mean"].isna().all()


def test_a_study_of_cases_seen_once_has_no_such_table() -> None:
    study = simpson(periods=1)
    assert len(pooling_table(study, None, SAMPLER)) == 0  # type: ignore[arg-type]


def simpson(periods: int = 6) -> Study:
    """Twelve cases of several periods: within a case y rises with x, between cases it falls."""
    rng = np.random.default_rng(4)
    units = small.periods("abcdefghijkl", periods)
    level = {case: rng.normal(0, 3) for case in "abcdefghijkl"}
    x = {name: level[unit.case] + rng.normal(0, 1) for name, unit in units.items()}
    y = {name: x[name] - 2.0 * level[unit.case] + rng.normal(0, 0.5) for name, unit in units.items()}
    codebook = Codebook({}, {name: Indicator(name, name, "continuous") for name in ("x", "y")})
    rows: tuple[Observation, ...] = tuple(
        row(f"{u}.{name}", u, name, value=values[u], confidence=0.99)
        for name, values in (("x", x), ("y", y))
        for u in units
    )
    theory = small.theory(Edge("x", "y"), model=ModelChoices(pooling="partial"))
    return Study(Path("simpson"), theory, {}, codebook, Cases(units, rows), (), {}, {})


def test_every_way_has_its_row_with_prior_and_diagnostics(monkeypatch: pytest.MonkeyPatch) -> None:
    """On invented draws, from the prior: what is asked for is there, and posterior and prior agree."""
    study = simpson(periods=2)
    pooled, apart = lay_out(study), within_and_between(study)
    monkeypatch.setattr("models.compile.machine_code", lambda _: None)
    monkeypatch.setattr(module, "sample_sides", lambda *_, **__: Sides(invented_trace(apart), (), ANY_METRIC))
    fitted = SimpleNamespace(blueprint=pooled, tree=invented_trace(pooled))
    table = pooling_table(study, fitted, SAMPLER).set_index("pooling")  # type: ignore[arg-type]
    assert list(table.index) == ["partial", "within", "between"]
    assert set(table["coefficient"]) == {"x->y"}
    assert (table["sd"] / table["prior_sd"]).between(0.8, 1.25).all()
    assert table.loc["between", "prior_sd"] > 1.2 * table.loc["within", "prior_sd"]
    assert table["r_hat"].between(0.99, 1.02).all()


@pytest.mark.slow
def test_simpson_s_paradox_is_seen_side_by_side() -> None:
    study = simpson()
    code, blueprint = machine_code(pymc_model(lay_out(study))), lay_out(study)
    fitted = SimpleNamespace(blueprint=blueprint, tree=sample(code, SAMPLER))
    found = pooling_table(study, fitted, SAMPLER).set_index("pooling")  # type: ignore[arg-type]
    assert set(found.index) == {"partial", "within", "between"}
    assert found.loc["within", "prob_positive"] > 0.95
    assert found.loc["between", "prob_positive"] < 0.05
    posterior = fitted.tree["posterior"].to_dataset()["slope"].sel(coefficient="x->y")
    assert found.loc["partial", "mean"] == pytest.approx(float(posterior.mean()))


@pytest.mark.slow
@pytest.mark.parametrize(("pooling", "rises"), [("none", True), ("complete", False)])
def test_on_simpson_s_paradox_no_pooling_sees_the_slope_within_and_complete_pooling_the_one_between(
    pooling: Pooling, rises: bool
) -> None:
    study = simpson()
    study = replace(study, theory=with_pooling(study.theory, pooling))
    slope = sample(machine_code(pymc_model(lay_out(study))), SAMPLER)["posterior"].to_dataset()["slope"]
    chance = float((slope.sel(coefficient="x->y") > 0).mean())
    assert chance > 0.95 if rises else chance < 0.05
