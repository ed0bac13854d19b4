"""Scores, predictors and log likelihoods rebuilt from draws, in numpy: what the sampler need not store.

``theta`` holds parameter draws with one leading sample axis; inside a posterior they come as (chain, draw, ...).
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from models import families, predictor
from models.blueprint import Blueprint
from models.families import NUMPY
from models.layout import Structure
from models.responses import Response

type Floats = NDArray[np.float64]
type Theta = Mapping[str, Floats]

NOBODY: Mapping[int, Response] = {}


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


def prior_theta(blueprint: Blueprint, draws: int, rng: np.random.Generator) -> dict[str, Floats]:
    """Independent draws of every parameter from its prior."""
    return {
        p.name: p.prior.draw(rng, (draws, *p.shape), *(blueprint.data[name] for name in p.reads))  # type: ignore[arg-type]
        for p in blueprint.parameters
    }


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
    respond: Mapping[int, Response] = NOBODY,
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
        value = base[n]
        for a in range(int(first[n]), int(first[n + 1])):
            term = weight[a] * slopes[slope[a]] * z[source[a]]
            value = value + (term if moderator[a] < 0 else term * z[moderator[a]])
        eta.append(value)
        z.append(given[n] if n in given else respond[n].value(value) if n in respond else value)
    return z, eta


def rebuild(blueprint: Blueprint, theta: Theta, data: Mapping[str, NDArray[np.generic]] | None = None) -> Rebuilt:
    """Scores and cell predictors at every draw."""
    data = blueprint.data if data is None else data
    base = predictor.base_scores(np, theta, data)
    slopes = predictor.all_slopes(np, theta, data)
    samples = base.shape[0]
    given = {int(n): np.full(samples, data["given"][n]) for n in np.flatnonzero(data["is_given"])}
    columns = [slopes[:, k] for k in range(slopes.shape[1])]
    z, eta = walk(blueprint.structure, [base[:, n] for n in range(base.shape[1])], columns, given)
    spare = base[:, len(z) :]
    scores, linear = (np.concatenate([np.stack(x, axis=1), spare], axis=1) for x in (z, eta))
    return Rebuilt(scores, linear, predictor.cell_predictors(np, theta, data, scores, linear))


def cell_cuts(blueprint: Blueprint, theta: Theta) -> Floats:
    """Cutpoints of every ordinal cell, shape (samples, cells, longest scale - 1)."""
    width = blueprint.data["ordinal_log_reading"].shape[1] - 1
    cuts = predictor.cutpoints(np, theta, blueprint.data, blueprint.cut_sizes, width)
    return np.asarray(cuts[:, blueprint.data["cut_row"]])


def log_likelihood(blueprint: Blueprint, theta: Theta, cells: Floats) -> dict[str, Floats]:
    """Log likelihood of every cell given its scores, by block, shape (samples, cells of the block)."""
    data, found = blueprint.data, {}
    for block in blueprint.blocks:
        eta = cells[:, blueprint.slices[block.family]]
        names = ("log_reading", "log_null")
        match block.family:
            case "ordinal":
                cuts = cell_cuts(blueprint, theta)
                found["ordinal"] = predictor.ordinal_log_likelihood(NUMPY, data["ordinal_log_reading"], eta, cuts)
            case "binomial":
                rest = [data[f"binomial_{name}"] for name in ("trials", "constant", *names)]
                found["binomial"] = predictor.binomial_log_likelihood(NUMPY, data["binomial_value"], eta, *rest)
            case "count":
                rest = [data[f"count_{name}"] for name in ("constant", *names)]
                found["count"] = predictor.count_log_likelihood(NUMPY, data["count_value"], eta, *rest)
            case _:
                sd = theta["residual_sd"][:, data["residual_index"]]
                rest = [data[f"continuous_{name}"] for name in names]
                found["continuous"] = predictor.continuous_log_likelihood(
                    NUMPY, data["continuous_value"], eta, sd, *rest
                )
    return found


def predict(blueprint: Blueprint, theta: Theta, cells: Floats, rng: np.random.Generator) -> dict[str, Floats]:
    """One simulated true value per cell and draw, by block: levels, successes, counts, standardised values."""
    found = {}
    for block in blueprint.blocks:
        eta = cells[:, blueprint.slices[block.family]]
        match block.family:
            case "ordinal":
                found["ordinal"] = families.draw_category(rng, eta, cell_cuts(blueprint, theta))
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
