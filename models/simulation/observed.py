"""Observed constructs in worlds: the responses of a new case, and those of a study's own units given what was observed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from models.blueprint import Blueprint
from models.density import predictor
from models.measurement.columns import Column
from models.simulation.rebuild import Rebuilt, Theta
from models.simulation.responses import (
    Levels,
    Numbers,
    Recounted,
    Response,
    logistic_of,
    mean_of,
    thresholds,
    truncated_logistic,
)
from models.structure.layout import Structure
from models.structure.steps import step_responses

type Floats = NDArray[np.float64]


def answers_by_itself(blueprint: Blueprint, construct: str, start: int) -> Column | None:
    """The column of a node that answers through a family: all but continuous ones, and what stood before the first period."""
    column = blueprint.columns.get(construct)
    return None if column is None or column.family == "continuous" or start else column


def location_of(blueprint: Blueprint, theta: Theta, column: Column) -> Floats:
    """A column's linear predictor without causes and noise, shape (samples,)."""
    samples = len(theta["disturbance"])
    offset = blueprint.scaling[column.spec.name].center if column.family == "count" else 0.0
    shifted = list(blueprint.coords["shifted"])
    if column.spec.name not in shifted:
        return np.zeros(samples)
    return np.asarray(offset + theta["shift"][:, shifted.index(column.spec.name)])


def cuts_of(blueprint: Blueprint, theta: Theta, column: Column) -> Floats:
    """Cutpoints of a column of levels, shape (samples, levels - 1)."""
    if column.family == "binary":
        return np.zeros((len(theta["disturbance"]), 1))
    scales = list(blueprint.coords[f"scale_{column.levels}"])
    cuts = predictor.scale_cuts(np, theta, blueprint.data, column.levels)
    return np.asarray(cuts[:, scales.index(f"column {column.spec.name}")])


def fresh_responses(
    blueprint: Blueprint, structure: Structure, theta: Theta, noise: Floats, rng: np.random.Generator
) -> dict[int, Response]:
    """Responses of the nodes of a new case. ``noise`` is standard normal, (replicates, nodes or more), one column a node."""
    found: dict[int, Response] = {**step_responses(structure, theta, blueprint.steps)}
    for n, node in enumerate(structure.nodes):
        column = answers_by_itself(blueprint, node.construct, node.start)
        if column is None:
            continue
        location = location_of(blueprint, theta, column)[:, None]
        if column.levels:
            cuts = cuts_of(blueprint, theta, column)[:, None]
            found[n] = Levels(column, location, cuts, logistic_of(noise[None, :, n]))
        else:
            survey = list(blueprint.coords["survey"]).index(column.spec.name)
            spread = theta["noise_sd"][:, [survey]] * rng.standard_normal((1, len(noise)))
            found[n] = Numbers(column, location + spread, thresholds(column, rng, len(noise)), noise[None, :, n])
    return found


def own_responses(
    blueprint: Blueprint, theta: Theta, rebuilt: Rebuilt, rng: np.random.Generator
) -> dict[int, Response]:
    """Responses of the study's own units: disturbances drawn, once per draw, among those that give what was observed."""
    cells, known = _column_cells(blueprint), blueprint.data["is_given"]
    found: dict[int, Response] = {**step_responses(blueprint.structure, theta, blueprint.steps)}
    for n, node in enumerate(blueprint.structure.nodes):
        column = answers_by_itself(blueprint, node.construct, node.start)
        if column is None:
            continue
        luck = rng.uniform(size=len(rebuilt.z))
        eta, cell = rebuilt.eta[:, n], cells.get(n)
        location = location_of(blueprint, theta, column)
        location = location if cell is None else rebuilt.cells[:, cell[0]] - column.direction * eta
        if column.levels:
            cuts = cuts_of(blueprint, theta, column)
            fresh = Levels(column, location, cuts, np.log(luck) - np.log1p(-luck))
            found[n] = _given_level(fresh, rebuilt.z[:, n], eta, luck) if known[n] else fresh
        else:
            found[n] = _recounted(column, location, eta, cell if known[n] else None, luck, rng)
    return found


def _recounted(
    column: Column,
    location: Floats,
    eta: Floats,
    cell: tuple[int, Floats, int] | None,
    luck: Floats,
    rng: np.random.Generator,
) -> Recounted:
    """A share or count around the number observed; around a drawn one where nothing was."""
    actual = location + column.direction * eta
    own = column if cell is None else replace(column, trials=cell[2])
    mean = mean_of(own, actual)
    drawn = (rng.poisson(mean) if own.family == "count" else rng.binomial(own.trials, mean)).astype(float)
    nothing = np.zeros((1, 0))
    return Recounted(own, location, nothing, nothing, drawn if cell is None else cell[1], actual, luck)


def _given_level(response: Levels, score: Floats, eta: Floats, luck: Floats) -> Levels:
    """The response with a disturbance that, at the actual predictor, gives the level that has this score."""
    column, cuts = response.column, response.cuts
    level = np.rint(column.center + column.direction * column.spread * score).astype(int)
    nowhere = np.full((len(cuts), 1), np.inf)
    bounds = np.concatenate([-nowhere, cuts, nowhere], axis=1)
    linear = response.location + column.direction * eta
    low, high = (np.take_along_axis(bounds, (level + k)[:, None], axis=1)[:, 0] - linear for k in (0, 1))
    return replace(response, disturbance=truncated_logistic(low, high, luck))


def _column_cells(blueprint: Blueprint) -> Mapping[int, tuple[int, Floats, int]]:
    """For each node of an observed construct that rows give: its cell, its number of successes or events, and its n."""
    found: dict[int, tuple[int, Floats, int]] = {}
    position = 0
    by_unit = {(node.unit, node.construct): n for n, node in enumerate(blueprint.structure.nodes) if not node.start}
    for block in blueprint.blocks:
        for c, (unit, name) in enumerate(block.keys):
            construct = blueprint.codebook.indicators[name].measures
            if construct in blueprint.columns:
                trials = int(block.trials[c, 0]) if block.family == "binomial" else 1
                found[by_unit[unit, construct]] = (position, block.value[c, 0], trials)
            position += 1
    return found
