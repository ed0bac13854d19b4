"""Does a pooled slope hold within cases, or only between them? Both beside the pooled one."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace

import numpy as np
import pandas as pd
import xarray as xr
from numpy.typing import NDArray

from analyses.tables import summary
from models.blueprint import Blueprint
from models.checks.pooling import Way, can_differ, slopes_by_way, within_and_between
from models.estimate import Estimate
from models.metric import metric_for, metric_of, points_of
from models.sampling import Sampler
from models.sides import IN_REFITS, sample_sides
from models.simulation.rebuild import Theta, prior_theta, slope_columns, theta_of
from models.study import Study

type Floats = NDArray[np.float64]
type Say = Callable[[str], None]

COLUMNS = ("coefficient", "pooling", "mean", "sd", "hdi_low", "hdi_high", "prob_positive", "r_hat")
"""The first of pooling.csv, prior columns follow; it has no row where slopes within and between cases are no two things."""

MOST_DRAWS, MOST_TUNE, MOST_CHAINS = 400, 250, 2
"""Of the refit. Longer tuning (400) and more draws (500) cost two fifths more, for as many effective draws a second."""
PRIOR_DRAWS = 4000
BESIDE: tuple[Way, ...] = ("within", "between")


def pooling_table(study: Study, fitted: Estimate, sampler: Sampler, say: Say = lambda _: None) -> pd.DataFrame:
    """pooling.csv: every coefficient as the run's fit pools it, and within and between cases as a refit finds it."""
    if not can_differ(study.cases.units):
        return pd.DataFrame(columns=list(COLUMNS))
    say("refitting with slopes within and between cases")
    apart, way = within_and_between(study), study.theory.model.pooling
    names = [slope.name for slope in fitted.blueprint.structure.slopes]
    pooled = _before_and_after(fitted.blueprint, fitted.tree["posterior"].to_dataset(), slope_columns, sampler.seed)
    split = _before_and_after(apart, _refitted(apart, fitted, sampler), slopes_by_way, sampler.seed)
    rows = []
    for name in names:
        rows.append(_row(name, way, *pooled[name]))
        rows += [_row(name, beside, *split[name, beside]) for beside in BESIDE if (name, beside) in split]
    return pd.DataFrame(rows)


def _refitted(apart: Blueprint, fitted: Estimate, sampler: Sampler) -> xr.Dataset:
    """The posterior of slopes within and between cases, from chains that begin where the run's fit ended."""
    from models.compile import machine_code, pymc_model

    own = theta_of(fitted.blueprint, fitted.tree["posterior"].to_dataset())
    metric = metric_for(apart, fitted.blueprint, metric_of(points_of(fitted.blueprint, own)), sampler.seed)
    code = machine_code(pymc_model(apart))
    return sample_sides(apart, code, lean(sampler), worth=IN_REFITS, metric=metric).trace["posterior"].to_dataset()


def lean(sampler: Sampler) -> Sampler:
    """The sampler of a refit, never more than the run's own."""
    chains = min(sampler.chains, MOST_CHAINS)
    return replace(sampler, draws=min(sampler.draws, MOST_DRAWS), tune=min(sampler.tune, MOST_TUNE), chains=chains)


def _before_and_after[Key](
    blueprint: Blueprint, posterior: xr.Dataset, read: Callable[[Blueprint, Theta], Mapping[Key, Floats]], seed: int
) -> dict[Key, tuple[Floats, Floats]]:
    """What is read of the draws, shape (chains, draws), and of draws from the prior, shape (PRIOR_DRAWS,)."""
    shape = (posterior.sizes["chain"], posterior.sizes["draw"])
    before = read(blueprint, prior_theta(blueprint, PRIOR_DRAWS, np.random.default_rng(seed)))
    after = read(blueprint, theta_of(blueprint, posterior))
    return {key: (draws.reshape(shape), before[key]) for key, draws in after.items()}


def _row(name: str, way: str, draws: Floats, prior: Floats) -> dict[str, object]:
    import arviz as az

    values = summary(draws, prior)
    posterior = {k: v for k, v in values.items() if not k.startswith("prior")}
    before = {k: v for k, v in values.items() if k.startswith("prior")}
    return {"coefficient": name, "pooling": way, **posterior, "r_hat": float(az.rhat(draws)), **before}


def beside(coefficients: pd.DataFrame, pooling: pd.DataFrame) -> pd.DataFrame:
    """coefficients.csv with the slopes within and between cases beside the pooled one, where there are such."""
    found = coefficients.copy()
    for way in BESIDE:
        rows = pooling[pooling["pooling"] == way].set_index("coefficient") if len(pooling) else pd.DataFrame()
        for column in ("mean", "hdi_low", "hdi_high"):
            values = dict(rows[column]) if len(rows) else {}
            slopes = found["parameter"].isin(("slope", "signed_slope"))
            found[f"{way}_{column}"] = found["name"].map(values).where(slopes)
    return found
