"""One small study that is really sampled, once for all tests that look at a fit."""

import tempfile
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import xarray as xr

from causal.query import Query
from models.blueprint import Blueprint, draw_blueprint
from models.checks.diagnostics import diagnose
from models.effects.answers import answered, open_laboratories, queries, with_effects
from models.estimate import Estimate, assemble
from models.metric import Metric
from models.sampling import Sampler, sample
from models.simulation.rebuild import prior_theta
from models.study import Study, load_study
from tests.studies import write_study

SAMPLER = Sampler(draws=200, tune=300, chains=2, seed=7, target_accept=0.9, cores=1)


@dataclass(frozen=True)
class Fitted:
    """A study, its compiled model, and one fit of it: too few draws to converge, enough to look at."""

    root: Path
    study: Study
    blueprint: Blueprint
    model: Any
    code: Any
    trace: xr.DataTree
    estimate: Estimate


def draw_up(study: Study) -> Blueprint:
    """The blueprint of a study's main theory."""
    return draw_blueprint(study.theory, study.codebook, study.cases.units, study.cases.observations)


def put_together(blueprint: Blueprint, study: Study, trace: xr.DataTree, sampler: Sampler) -> Estimate:
    """An estimate from a trace, as `fit` makes it, without its retry."""
    asked = tuple(query for h in study.hypotheses for query in h.claim.queries)
    wanted: tuple[Query, ...] = tuple(dict.fromkeys((*queries(study.theory), *asked)))
    tree = assemble(blueprint, trace, np.random.default_rng(sampler.seed))
    labs = open_laboratories(blueprint, study.cases.units, tree, sampler.seed)
    answers = answered(labs, wanted)
    tree = with_effects(tree, answers)
    diagnostics = diagnose(tree, sampler.target_accept)
    return Estimate(blueprint, study.cases.units, tree, labs, answers, diagnostics, sampler)


@cache
def lakes() -> Fitted:
    """The lake study of three cases and two periods, fitted."""
    from models.compile import machine_code, pymc_model

    root = write_study(Path(tempfile.mkdtemp(prefix="lakes-")), cases=3, periods=2)
    study = load_study(root)
    blueprint = draw_up(study)
    model = pymc_model(blueprint)
    code = machine_code(model)
    trace = sample(code, SAMPLER)
    return Fitted(root, study, blueprint, model, code, trace, put_together(blueprint, study, trace, SAMPLER))


ANY_METRIC = Metric(np.zeros(0), np.zeros(0))
"""Of a trace that nobody sampled."""


def invented_trace(blueprint: Blueprint, chains: int = 4, draws: int = 500, seed: int = 1) -> xr.DataTree:
    """What a sampler would return that had drawn independently from the prior: a trace that has converged."""
    rng = np.random.default_rng(seed)
    theta = prior_theta(blueprint, chains * draws, rng)
    arrays = {
        p.name: xr.DataArray(
            theta[p.name].reshape(chains, draws, *p.shape), dims=("chain", "draw", *p.dims)
        ).assign_coords({dim: list(blueprint.coords[dim]) for dim in p.dims})
        for p in blueprint.parameters
    }
    index = {"chain": np.arange(chains), "draw": np.arange(draws)}
    energy = xr.DataArray(rng.normal(size=(chains, draws)), dims=("chain", "draw"), coords=index)
    stats = xr.Dataset({"diverging": energy > np.inf, "energy": energy})
    return xr.DataTree.from_dict({"posterior": xr.Dataset(arrays).assign_coords(index), "sample_stats": stats})
