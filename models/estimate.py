"""From a study to its posterior: one DataTree with every group that ArviZ's functions read, checked for convergence.

posterior, prior             parameters, scores of every node, and (added by ``answers``) effects
posterior_predictive,
prior_predictive             a simulated value for every cell, by family
log_likelihood, observed_data  by family, per cell
log_prior                    by parameter, for power-scaling; summed where a parameter has a value per score, cell, group or case
constant_data, sample_stats
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from causal.html import table
from causal.query import Query
from data.cases import Unit
from models.blueprint import Blueprint
from models.checks.diagnostics import Diagnostics, diagnose
from models.checks.memory import PRIOR_DRAWS, check_memory
from models.effects.answers import Answer, Laboratories, answered, open_laboratories, queries, with_effects
from models.measurement.cells import Block
from models.sampling import Sampler
from models.sides import sample_sides
from models.simulation.rebuild import Theta, log_likelihood, predict, prior_log_density, prior_theta, rebuild, theta_of

if TYPE_CHECKING:
    from nutpie.compile_pymc import CompiledPyMCModel

type Floats = NDArray[np.float64]
type Say = Callable[[str], None]

OF_EACH = ("disturbance", "noise", "group_error", "case_deviation")
"""Parameters of single scores, cells, groups and cases: many, and nobody asks what the prior of one of them does."""


@dataclass(frozen=True)
class Estimate:
    """A fitted theory: its blueprint, its draws in ArviZ's groups, and whether the chains converged.

    sampler : as asked for; what a second attempt used follows from it
    """

    blueprint: Blueprint
    units: Mapping[str, Unit]
    tree: xr.DataTree
    labs: Laboratories
    answers: tuple[Answer, ...]
    diagnostics: Diagnostics
    sampler: Sampler

    def _repr_html_(self) -> str:
        effects = [
            (a.query, float(a.prior.mean()), float(a.prior.std()), float(a.posterior.mean()), float(a.posterior.std()))
            for a in self.answers
        ]
        said = "; ".join(self.diagnostics.failures) or "converged"
        head = ("effect, standardised", "prior mean", "prior sd", "posterior mean", "posterior sd")
        return table(f"{self.blueprint.theory.title} ({said})", head, effects)

    def theta(self, group: str = "posterior") -> dict[str, Floats]:
        """Parameter draws of a group, samples stacked."""
        return theta_of(self.blueprint, self.tree[group].to_dataset())

    def shape(self, group: str = "posterior") -> tuple[int, int]:
        """Chains and draws of a group."""
        sizes = self.tree[group].sizes
        return int(sizes["chain"]), int(sizes["draw"])


def estimate(
    blueprint: Blueprint,
    units: Mapping[str, Unit],
    sampler: Sampler,
    asked: Sequence[Query] = (),
    progress: bool = False,
    say: Say = lambda _: None,
) -> Estimate:
    """Compile, sample and check; sample once more, harder, when the chains did not converge.

    asked : queries to answer besides every total, direct and moderated effect of the theory
    say : is told when the chains have to be sampled again, and why
    """
    from models.compile import machine_code, pymc_model

    check_memory(blueprint, sampler)
    return fit(blueprint, units, machine_code(pymc_model(blueprint)), sampler, asked, progress, say)


def fit(
    blueprint: Blueprint,
    units: Mapping[str, Unit],
    code: CompiledPyMCModel,
    sampler: Sampler,
    asked: Sequence[Query] = (),
    progress: bool = False,
    say: Say = lambda _: None,
) -> Estimate:
    """Sample compiled code, assemble the groups and answer the queries; see ``estimate``."""
    check_memory(blueprint, sampler)
    wanted = tuple(dict.fromkeys((*queries(blueprint.theory), *asked)))
    effort = sampler
    turned: tuple[str, ...] = ()
    for attempt in (1, 2):
        sides = sample_sides(blueprint, code, effort, progress, turned)
        turned = sides.turned
        tree = assemble(blueprint, sides.trace, np.random.default_rng(effort.seed))
        labs = open_laboratories(blueprint, units, tree, effort.seed)
        answers = answered(labs, wanted)
        tree = with_effects(tree, answers)
        diagnostics = diagnose(tree, effort.target_accept, attempt, turned=turned)
        if diagnostics.converged or attempt == 2:
            break
        effort = effort.harder(diverged=diagnostics.divergent_share > diagnostics.limits.divergent_share)
        say(
            f"{diagnostics.failures[0]}: sampling once more, {effort.chains} chains of {effort.tune} + {effort.draws} draws "
            f"at a target acceptance of {effort.target_accept:g}"
        )
    return Estimate(blueprint, units, tree, labs, answers, diagnostics, sampler)


def assemble(blueprint: Blueprint, trace: xr.DataTree, rng: np.random.Generator) -> xr.DataTree:
    """Every group of the module docstring from the sampler's trace and fresh prior draws."""
    drawn = trace["posterior"].to_dataset()
    shape = (drawn.sizes["chain"], drawn.sizes["draw"])
    theta, prior = theta_of(blueprint, drawn), prior_theta(blueprint, PRIOR_DRAWS, rng)
    after, before = rebuild(blueprint, theta), rebuild(blueprint, prior)
    groups = {
        # Named anew: the trace of shared machine code has the labels of the theory that was compiled.
        "posterior": _parameters(blueprint, theta, shape).assign(_scores(blueprint, after.z, shape)),
        "sample_stats": trace["sample_stats"].to_dataset().drop_vars("divergence_message", errors="ignore"),
        "prior": _parameters(blueprint, prior, (1, PRIOR_DRAWS)).assign(_scores(blueprint, before.z, (1, PRIOR_DRAWS))),
        "posterior_predictive": _cells(blueprint, predict(blueprint, theta, after.cells, rng), shape),
        "prior_predictive": _cells(blueprint, predict(blueprint, prior, before.cells, rng), (1, PRIOR_DRAWS)),
        "log_likelihood": _cells(blueprint, _of_all_rows(blueprint, theta, after.cells), shape),
        "log_prior": _log_prior(blueprint, theta, shape),
        "observed_data": observed_data(blueprint.blocks),
        "constant_data": xr.Dataset({k: (_anonymous(k, v), np.asarray(v)) for k, v in blueprint.data.items()}),
    }
    return xr.DataTree.from_dict(groups)


def _scores(blueprint: Blueprint, z: Floats, shape: tuple[int, int]) -> dict[str, xr.DataArray]:
    coords = {"node": list(blueprint.coords["node"])}
    return {"score": xr.DataArray(z.reshape((*shape, -1)), dims=("chain", "draw", "node"), coords=coords)}


def _parameters(blueprint: Blueprint, theta: Theta, shape: tuple[int, int]) -> xr.Dataset:
    """Draws of every parameter under the names of the blueprint's theory."""
    arrays = {}
    for p in blueprint.parameters:
        coords = {dim: list(blueprint.coords[dim]) for dim in p.dims}
        values = theta[p.name].reshape((*shape, *theta[p.name].shape[1:]))
        arrays[p.name] = xr.DataArray(values, dims=("chain", "draw", *p.dims), coords=coords)
    return xr.Dataset(arrays, coords={"chain": np.arange(shape[0]), "draw": np.arange(shape[1])})


def _cells(blueprint: Blueprint, values: Mapping[str, Floats], shape: tuple[int, int]) -> xr.Dataset:
    arrays = {}
    for family, array in values.items():
        dim = f"{family}_cell"
        coords = {dim: list(blueprint.coords[dim])}
        arrays[family] = xr.DataArray(array.reshape((*shape, -1)), dims=("chain", "draw", dim), coords=coords)
    return xr.Dataset(arrays, coords={"chain": np.arange(shape[0]), "draw": np.arange(shape[1])})


def _of_all_rows(blueprint: Blueprint, theta: Theta, cells: Floats) -> dict[str, Floats]:
    """Log likelihood by block, of a unit that stands for several rows of a table that of all of them."""
    weight = np.asarray(blueprint.data["cell_weight"], dtype=float)
    found = log_likelihood(blueprint, theta, cells)
    return {family: values * weight[blueprint.slices[family]] for family, values in found.items()}


def _log_prior(blueprint: Blueprint, theta: Theta, shape: tuple[int, int]) -> xr.Dataset:
    arrays, densities = {}, prior_log_density(blueprint, theta)
    for p in blueprint.parameters:
        density = densities[p.name]
        if p.name in OF_EACH:
            density = density.reshape(len(density), -1).sum(axis=1)
        dims = p.dims[: density.ndim - 1]
        coords = {dim: list(blueprint.coords[dim]) for dim in dims}
        arrays[p.name] = xr.DataArray(
            density.reshape((*shape, *density.shape[1:])), dims=("chain", "draw", *dims), coords=coords
        )
    return xr.Dataset(arrays, coords={"chain": np.arange(shape[0]), "draw": np.arange(shape[1])})


def observed_data(blocks: Sequence[Block]) -> xr.Dataset:
    """What was read, per cell: the lowest and highest level of ordinal cells, the first value of the others.

    Not a number where an observed construct's value is missing.
    """
    arrays = {}
    for block in blocks:
        dim = f"{block.family}_cell"
        coords = {dim: block.labels}
        read = np.array([len(rows) > 0 for rows in block.rows])
        arrays[block.family] = xr.DataArray(np.where(read, block.value[:, 0], np.nan), dims=(dim,), coords=coords)
        if block.family == "ordinal":
            highest = [
                max((max(r.levels) if r.levels else int(r.value or 0) for r in rows), default=0) for rows in block.rows
            ]
            arrays["ordinal_highest"] = xr.DataArray(
                np.where(read, np.array(highest, dtype=float), np.nan), dims=(dim,), coords=coords
            )
        if block.family == "binomial":
            arrays["binomial_trials"] = xr.DataArray(block.trials[:, 0], dims=(dim,), coords=coords)
    return xr.Dataset(arrays)


def _anonymous(name: str, value: NDArray[np.generic]) -> tuple[str, ...]:
    return tuple(f"{name}_dim_{i}" for i in range(np.ndim(value)))
