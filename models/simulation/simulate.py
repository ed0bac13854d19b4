"""Rows that a study would show if given parameters were true: simulated readings in place of the coded ones.

A true value is drawn for every cell, then every row of the cell reads it as the likelihood says rows are read (``cells``): with
its confidence the row is right; wrong, it shows what an uninformative reader would have shown.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np

from data.cases import Observation, Unit
from models.blueprint import Blueprint, data_of
from models.draft import Draft
from models.measurement.cells import WIDE_SD, Block, Scaling, build_blocks
from models.measurement.gaps import with_missing_cells
from models.simulation.forward import true_values
from models.simulation.rebuild import Theta


def simulate_rows(blueprint: Blueprint, theta: Theta, rng: np.random.Generator) -> tuple[Observation, ...]:
    """The study's rows with values simulated at one draw; everything else about a row stays as it was coded.

    theta : parameters with a leading axis of length 1
    A row that allowed several levels will again allow about as many, in a window whose place is independent of the true
    level; rows of one binomial cell all count the trials of its first row.
    """
    true = true_values(blueprint, theta, rng)
    found = []
    for block in blueprint.blocks:
        for value, rows in zip(true[block.family][0], block.rows, strict=True):
            found += [_read(blueprint, block, row, rows[0], float(value), rng) for row in rows]
    return tuple(found)


def reread(blueprint: Blueprint, units: Mapping[str, Unit], observations: Sequence[Observation]) -> Blueprint:
    """The blueprint with other readings of the same cells, standardised as the first ones were."""
    blocks = build_blocks(blueprint.codebook, observations, dict(blueprint.scaling))
    blocks = with_missing_cells(blocks, blueprint.codebook, blueprint.structure, blueprint.columns)
    if [block.keys for block in blocks] != [block.keys for block in blueprint.blocks]:
        raise ValueError("the rows are of other cells than those of the blueprint: draw a new one")
    draft = Draft(
        blueprint.theory,
        blueprint.codebook,
        units,
        blueprint.structure,
        blocks,
        blueprint.scaling,
        blueprint.indicators,
        blueprint.priors,
        blueprint.columns,
    )
    return replace(blueprint, blocks=blocks, data=data_of(draft))


def _read(
    blueprint: Blueprint, block: Block, row: Observation, first: Observation, true: float, rng: np.random.Generator
) -> Observation:
    spec = blueprint.codebook.indicators[row.indicator]
    right = bool(rng.random() < row.confidence)
    match spec.family:
        case "ordinal":
            levels = len(blueprint.codebook.scales[str(spec.scale)].levels)
            shown = int(true) if right else int(rng.integers(levels))
            return replace(row, levels=_window(shown, len(row.levels), levels, rng))
        case "binary":
            return replace(row, value=true if right else float(rng.integers(2)))
        case "binomial":
            trials = int(first.n or 0)
            return replace(row, value=true if right else float(rng.integers(trials + 1)), n=trials)
        case family:
            scaling = blueprint.scaling[row.indicator]
            value = true if right else _misread(family, scaling, rng)
            return replace(row, value=value * scaling.spread + scaling.center if family == "continuous" else value)


def _window(level: int, width: int, levels: int, rng: np.random.Generator) -> tuple[int, ...]:
    """The window around a level when the scale is cut into windows of one width at a random place (coarsening at random)."""
    start = level - (level + int(rng.integers(width))) % width
    return tuple(range(max(start, 0), min(start + width, levels)))


def _misread(family: str, scaling: Scaling, rng: np.random.Generator) -> float:
    """A value read in error: a geometric count about the mean, or a wide normal in standard deviations of the indicator."""
    if family == "count":
        return float(rng.geometric(1.0 / (1.0 + np.exp(scaling.center))) - 1)
    return float(WIDE_SD * rng.standard_normal())
