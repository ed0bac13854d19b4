"""Scores, predictors and log likelihoods rebuilt from draws, in numpy: what the sampler need not store.

``theta`` holds parameter draws with one leading sample axis; inside a posterior they come as (chain, draw, ...).
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import reduce

import numpy as np
import xarray as xr
from numpy.typing import NDArray
from scipy import stats

from models import families
from models.blueprint import Blueprint
from models.density import predictor
from models.families import NUMPY
from models.simulation.responses import Responds
from models.structure.layout import Structure
from models.structure.steps import step_responses

type Floats = NDArray[np.float64]
type Theta = Mapping[str, Floats]

PART = 500
"""Draws worked on at once: arrays of cells and levels then fit into memory that is at hand, not fetched page by page."""

NOBODY: Mapping[int, Responds] = {}

OF_UNITS = ("disturbance", "case_deviation", "noise", "group_error")
"""Standardised errors of the units observed, their cases and their rows; every other parameter belongs to the theory."""


@dataclass(frozen=True)
class Rebuilt:
    """Scores and linear predictors of every node, predictors of every cell; shapes (samples, nodes) and (samples, cells)."""

    z: Floats
    eta: Floats
    cells: Floats


def theta_of(blueprint: Blueprint, group: xr.Dataset) -> dict[str, Floats]:
    """Parameter draws of a posterior or prior group with (chain, draw) stacked into one axis, chains one after another."""
    found = {}
    for parameter in blueprint.parameters:
        values = group[parameter.name].transpose("chain", "draw", *parameter.dims).to_numpy()
        found[parameter.name] = values.reshape((-1, *values.shape[2:]))
    return found


def prior_theta(
    blueprint: Blueprint, draws: int, rng: np.random.Generator, names: Collection[str] | None = None
) -> dict[str, Floats]:
    """Independent draws of every parameter from its prior, or of those named."""
    return {
        p.name: p.prior.draw(rng, (draws, *p.shape), *(blueprint.data[name] for name in p.reads))  # type: ignore[arg-type]
        for p in blueprint.parameters
        if names is None or p.name in names
    }


def with_new_units(blueprint: Blueprint, theta: Theta, rng: np.random.Generator) -> dict[str, Floats]:
    """Draws that keep what belongs to the theory, with everything that belongs to single units drawn anew."""
    return dict(theta) | prior_theta(blueprint, len(next(iter(theta.values()))), rng, OF_UNITS)


def prior_log_density(blueprint: Blueprint, theta: Theta) -> dict[str, Floats]:
    """Log prior density of every parameter, elementwise (Dirichlet: per scale)."""
    return {
        p.name: p.prior.log_density(theta[p.name], *(blueprint.data[name] for name in p.reads))  # type: ignore[arg-type]
        for p in blueprint.parameters
    }


def walk(
    structure: Structure,
    base: Sequence[Floats],
    slopes: Sequence[Floats],
    given: Mapping[int, Floats],
    moved: Collection[int] | None = None,
    natural: tuple[Sequence[Floats], Sequence[Floats]] = ((), ()),
    respond: Mapping[int, Responds] = NOBODY,
) -> tuple[list[Floats], list[Floats]]:
    """The structural recursion on arrays of any (broadcastable) shape, one array per node and per slope.

    slopes : one array per entry of ``structure.slopes`` and the constant 1 last
    given : value of each node that is set instead of computed
    moved : the nodes to compute (default: all); the others keep the score and predictor of ``natural``
    respond : observed nodes that answer their linear predictor through a family
    returns : scores and linear predictors, one array per node
    """
    arcs = structure.arrays
    first, source, moderator, slope, weight = (
        arcs[f"arc_{k}"] for k in ("first", "source", "moderator", "slope", "weight")
    )
    z: list[Floats] = []
    eta: list[Floats] = []
    for n in range(len(structure.nodes)):
        if moved is not None and n not in moved:
            z.append(given.get(n, natural[0][n]))
            eta.append(natural[1][n])
            continue
        into = range(int(first[n]), int(first[n + 1]))
        terms = [weight[a] * slopes[slope[a]] * z[source[a]] for a in into]
        terms = [term if moderator[a] < 0 else term * z[moderator[a]] for a, term in zip(into, terms, strict=True)]
        terms.sort(key=np.size)  # what is the same in all replicates is summed before it is spread over them
        value = base[n] + reduce(np.add, terms) if terms else base[n]
        eta.append(value)
        z.append(given[n] if n in given else respond[n].value(value) if n in respond else value)
    return z, eta


def rebuild(blueprint: Blueprint, theta: Theta, data: Mapping[str, NDArray[np.generic]] | None = None) -> Rebuilt:
    """Scores and cell predictors at every draw. Missing levels are drawn from their posterior given the draw (``gaps``)."""
    data = blueprint.data if data is None else data
    samples, nodes, cells = len(theta["disturbance"]), len(data["scale_index"]), len(data["latent"])
    whole = Rebuilt(*(np.empty((samples, size)) for size in (nodes, nodes, cells)))
    for part, some in parts_of(theta):
        found = _rebuilt(blueprint, some, data)
        whole.z[part], whole.eta[part], whole.cells[part] = found.z, found.eta, found.cells
    return whole


def parts_of(theta: Theta) -> Iterator[tuple[slice, Theta]]:
    """The draws a few at a time, and which they are."""
    for start in range(0, len(next(iter(theta.values()))), PART):
        part = slice(start, start + PART)
        yield part, {name: draws[part] for name, draws in theta.items()}


def _in_parts(theta: Theta, cells: Floats, found: Callable[[Theta, Floats], Floats]) -> Floats:
    """What is found of each cell from some draws and its predictors at them, for all draws."""
    whole = np.empty(cells.shape)
    for part, some in parts_of(theta):
        whole[part] = found(some, cells[part])
    return whole


def _rebuilt(blueprint: Blueprint, theta: Theta, data: Mapping[str, NDArray[np.generic]]) -> Rebuilt:
    if "gap_cells" not in data:
        return _at(blueprint, theta, data, np.zeros((len(theta["disturbance"]), 1), dtype=np.int64))
    cuts = cell_cuts(blueprint, theta)
    worlds = [_gap_world(blueprint, theta, data, k, cuts) for k in range(len(data["given"]))]
    weight = np.stack(worlds) + np.asarray(data["gap_weight"], dtype=float)[:, None]
    share = np.cumsum(np.exp(weight - weight.max(axis=0)), axis=0)
    luck = stats.norm.cdf(theta["disturbance"][:, data["disturbance_index"][data["gap_pick"]]])
    chosen = np.minimum((luck >= share / share[-1]).sum(axis=0), len(worlds) - 1)
    nobody = np.zeros((len(chosen), 1), dtype=np.int64)
    return _at(blueprint, theta, data, np.concatenate([chosen, nobody], axis=1)[:, data["node_gap"]])


def _gap_world(
    blueprint: Blueprint, theta: Theta, data: Mapping[str, NDArray[np.generic]], k: int, cuts: Floats
) -> Floats:
    """Log likelihood of every gap in world k, shape (samples, gaps)."""
    world = np.full((len(cuts), 1), k)
    cells = _at(blueprint, theta, data, world).cells
    arrays = dict(data) | {"ordinal_reading": data["world_reading"][k]}
    blocks = [
        predictor.block_log_likelihood(NUMPY, b.family, arrays, theta, cells[:, blueprint.slices[b.family]], cuts)
        for b in blueprint.blocks
    ]
    return np.asarray(predictor.gap_worlds(np, data, np.concatenate(blocks, axis=1)))


def _at(
    blueprint: Blueprint, theta: Theta, data: Mapping[str, NDArray[np.generic]], world: NDArray[np.int64]
) -> Rebuilt:
    """Scores and predictors with every node in a given world: ``world`` is (samples, nodes) or (samples, 1)."""
    base = predictor.base_scores(np, theta, data)
    slopes = predictor.all_slopes(np, theta, data)
    where = np.broadcast_to(world, base.shape)
    steps = step_responses(blueprint.structure, theta, blueprint.steps)
    given = {int(n): data["given"][where[:, n], n] for n in np.flatnonzero(data["is_given"]) if n not in steps}
    columns = [slopes[:, k] for k in range(slopes.shape[1])]
    z, eta = walk(blueprint.structure, [base[:, n] for n in range(base.shape[1])], columns, given, respond=steps)
    spare = base[:, len(z) :]
    scores, linear = (np.concatenate([np.stack(x, axis=1), spare], axis=1) for x in (z, eta))
    return Rebuilt(scores, linear, predictor.cell_predictors(np, theta, data, scores, linear))


def cell_cuts(blueprint: Blueprint, theta: Theta) -> Floats:
    """Cutpoints of every ordinal cell, shape (samples, cells, longest scale - 1)."""
    return row_cuts(blueprint, theta)[:, blueprint.data["cut_row"]]


def row_cuts(blueprint: Blueprint, theta: Theta) -> Floats:
    """Cutpoints of every scale, shape (samples, 1 + scales, longest scale - 1); the first row is a yes/no's."""
    width = blueprint.data["ordinal_reading"].shape[1] - 1
    return np.asarray(predictor.cutpoints(np, theta, blueprint.data, blueprint.cut_sizes, width))


def log_likelihood(blueprint: Blueprint, theta: Theta, cells: Floats) -> dict[str, Floats]:
    """Log likelihood of every cell given its scores, by block, shape (samples, cells of the block).

    A missing value is a parameter like a score: its cell says nothing.
    """
    data, found = blueprint.data, {}
    speaks = 1.0 - np.asarray(data.get("is_missing", np.zeros(cells.shape[1])), dtype=float)
    for block in blueprint.blocks:
        where, family = blueprint.slices[block.family], block.family

        def said(some: Theta, eta: Floats, family: str = family) -> Floats:
            cuts = cell_cuts(blueprint, some) if family == "ordinal" else np.zeros(0)
            return np.asarray(predictor.block_log_likelihood(NUMPY, family, data, some, eta, cuts))

        with np.errstate(over="ignore"):  # more events than a number can hold: draws of a wide prior, and impossible
            found[family] = _in_parts(theta, cells[:, where], said) * speaks[where]
    return found


def predict(blueprint: Blueprint, theta: Theta, cells: Floats, rng: np.random.Generator) -> dict[str, Floats]:
    """One simulated true value per cell and draw, by block: levels, successes, counts, standardised values."""
    found = {}
    for block in blueprint.blocks:
        eta = cells[:, blueprint.slices[block.family]]
        match block.family:
            case "ordinal":
                found["ordinal"] = _in_parts(
                    theta, eta, lambda some, eta: families.draw_category(rng, eta, cell_cuts(blueprint, some))
                )
            case "binomial":
                trials = np.broadcast_to(block.trials[:, 0], eta.shape)
                found["binomial"] = families.draw_binomial(rng, eta, trials)
            case "count":
                found["count"] = families.draw_count(rng, eta)
            case _:
                sd = theta["residual_sd"][:, blueprint.data["residual_index"]]
                found["continuous"] = families.draw_continuous(rng, eta, sd)
    return found


def slope_columns(blueprint: Blueprint, theta: Theta) -> dict[str, Floats]:
    """Draws of every structural coefficient by name, and of the constant by which a container's score enters."""
    slopes = predictor.all_slopes(np, theta, blueprint.data)
    return {name: slopes[:, k] for name, k in blueprint.structure.slope_index.items()}
