"""Would another pooling over cases have said otherwise? Slopes under each, and within and between cases, side by side."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pandas as pd
import xarray as xr
from numpy.typing import NDArray

from analyses.tables import summary
from models.blueprint import Blueprint
from models.checks.pooling import WAYS, Variant, Way, can_differ, slopes_by_way, variants
from models.estimate import Estimate
from models.metric import metric_for, metric_of, points_of
from models.sampling import Sampler, swap
from models.sides import IN_REFITS, sample_sides
from models.simulation.rebuild import prior_theta, theta_of
from models.study import Study

type Floats = NDArray[np.float64]
type Say = Callable[[str], None]

COLUMNS = ("coefficient", "pooling", "mean", "sd", "hdi_low", "hdi_high", "prob_positive", "r_hat")
"""The first of pooling.csv, prior columns follow; it has no row where slopes within and between cases are no two things."""

MOST_DRAWS, MOST_TUNE, MOST_CHAINS = 400, 250, 2
"""Of each refit. Longer tuning (400) and more draws (500) cost two fifths more, for as many effective draws a second."""
PRIOR_DRAWS = 4000
BESIDE: tuple[Way, ...] = ("within", "between")


def pooling_table(study: Study, fitted: Estimate, sampler: Sampler, say: Say = lambda _: None) -> pd.DataFrame:
    """pooling.csv: every coefficient under partial, complete and no pooling, and within and between cases.

    The theory's own pooling is the run's fit; the others are refits of one compiled model.
    """
    from models.compile import machine_code, pymc_model

    if not can_differ(study.cases.units):
        return pd.DataFrame(columns=list(COLUMNS))
    say("refitting under other poolings over cases")
    own = study.theory.model.pooling
    others = {variant: blueprint for variant, blueprint in variants(study).items() if variant != own}
    effort = lean(sampler)
    code = machine_code(pymc_model(next(iter(others.values()))))
    known = metric_of(points_of(fitted.blueprint, theta_of(fitted.blueprint, fitted.tree["posterior"].to_dataset())))
    rows = _rows(own, fitted.blueprint, fitted.tree["posterior"].to_dataset(), sampler.seed)
    for variant, blueprint in others.items():
        ready, metric = swap(code, blueprint.data), metric_for(blueprint, fitted.blueprint, known, sampler.seed)
        sides = sample_sides(blueprint, ready, effort, worth=IN_REFITS, metric=metric)
        rows |= _rows(variant, blueprint, sides.trace["posterior"].to_dataset(), sampler.seed)
    names = dict.fromkeys(name for name, _ in rows)
    return pd.DataFrame([rows[name, way] for name in names for way in WAYS if (name, way) in rows])


def lean(sampler: Sampler) -> Sampler:
    """The sampler of a refit, never more than the run's own."""
    chains = min(sampler.chains, MOST_CHAINS)
    return replace(sampler, draws=min(sampler.draws, MOST_DRAWS), tune=min(sampler.tune, MOST_TUNE), chains=chains)


def _rows(
    variant: Variant, blueprint: Blueprint, posterior: xr.Dataset, seed: int
) -> dict[tuple[str, Way], dict[str, object]]:
    shape = (posterior.sizes["chain"], posterior.sizes["draw"])
    prior = prior_theta(blueprint, PRIOR_DRAWS, np.random.default_rng(seed))
    after, before = (slopes_by_way(variant, blueprint, theta) for theta in (theta_of(blueprint, posterior), prior))
    return {key: _row(key, draws.reshape(shape), before[key]) for key, draws in after.items()}


def _row(key: tuple[str, Way], draws: Floats, prior: Floats) -> dict[str, object]:
    import arviz as az

    name, way = key
    values = summary(draws, prior)
    posterior = {k: v for k, v in values.items() if not k.startswith("prior")}
    before = {k: v for k, v in values.items() if k.startswith("prior")}
    return {"coefficient": name, "pooling": way} | posterior | {"r_hat": float(az.rhat(draws))} | before


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
