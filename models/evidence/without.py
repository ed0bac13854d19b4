"""Data to swap into a compiled model so that it reads a study without some rows, or with other rows, and which these may be."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from data.recoding import Edit
from models.blueprint import Blueprint
from models.draft import CannotEstimateError, Draft
from models.measurement.cells import IMPOSSIBLE, Block, read_cell
from models.structure.known import known_scores
from models.structure.nodearrays import FIXED, node_data
from models.structure.reading import Node

type Array = NDArray[np.generic]


def _edited(blueprint: Blueprint, block: Block, edit: Edit) -> Block:
    """The block as it reads with other or fewer rows: same shape; a cell without rows has likelihood 1."""
    touched = [c for c, cell in enumerate(block.rows) if any(row.name in edit for row in cell)]
    if not touched:
        return block
    log_reading, log_null = block.log_reading.copy(), block.log_null.copy()
    value, trials, constant = block.value.copy(), block.trials.copy(), block.constant.copy()
    for c in touched:
        key, cell = block.keys[c], block.rows[c]
        kept = [now for row in cell if (now := edit.get(row.name, row)) is not None]
        reading = read_cell(blueprint.codebook, key[1], kept, blueprint.scaling[key[1]])
        width = len(reading.log_reading)
        log_reading[c] = IMPOSSIBLE
        log_reading[c, :width] = reading.log_reading
        if block.family != "ordinal":
            log_null[c] = reading.log_null
            for array, new in ((value, reading.value), (trials, reading.trials), (constant, reading.constant)):
                array[c, :width] = new
    return replace(block, log_reading=log_reading, log_null=log_null, value=value, trials=trials, constant=constant)


def block_arrays(block: Block) -> dict[str, Array]:
    """The data arrays by which a compiled model reads a block."""
    if block.family == "ordinal":
        return {"ordinal_reading": np.exp(block.log_reading)}
    arrays: dict[str, Array] = {
        f"{block.family}_log_reading": block.log_reading,
        f"{block.family}_value": block.value,
        f"{block.family}_constant": block.constant,
        f"{block.family}_log_null": block.log_null,
    }
    if block.family == "binomial":
        arrays["binomial_trials"] = block.trials
    return arrays


def removable(blueprint: Blueprint, rows: frozenset[str]) -> frozenset[str]:
    """Of some rows, those that can be left out together: all, or all but values of observed causes that may not be missing."""
    given = blueprint.given_rows & rows
    indicators = {blueprint.rows[name].indicator for name in given}
    if all(blueprint.codebook.indicators[name].family == "continuous" for name in indicators):
        return rows  # a missing number is a parameter
    try:
        data_without(blueprint, rows)
    except CannotEstimateError:
        return rows - given
    return rows


def data_without(blueprint: Blueprint, rows: Collection[str]) -> dict[str, Array]:
    """Arrays to swap into compiled code so that it samples the posterior without ``rows``.

    Scores, noise and group errors of what is left out stay in the model and fall back on their priors; so do missing values of
    observed constructs.
    """
    return data_with(blueprint, dict.fromkeys(rows))


def data_with(blueprint: Blueprint, edit: Edit) -> dict[str, Array]:
    """Arrays to swap into compiled code so that it samples the posterior from edited rows (``data.recoding``)."""
    edited = [_edited(blueprint, block, edit) for block in blueprint.blocks]
    changed: dict[str, Array] = {}
    for block, before in zip(edited, blueprint.blocks, strict=True):
        if block is not before:
            changed |= block_arrays(block)
    if blueprint.sums_over_gaps or blueprint.given_rows & edit.keys():  # worlds have copies of what ordinal rows say
        rows = (blueprint.rows[name] for name in edit if name in blueprint.rows)
        cells = {(row.unit, row.indicator) for row in rows}
        changed |= value_data(blueprint, edited, cells)
    return changed


def value_data(
    blueprint: Blueprint, blocks: Sequence[Block], edited: Collection[tuple[str, str]] | None = None
) -> dict[str, Array]:
    """Node arrays where observed causes have other values, or none; raises CannotEstimateError where they may not be missing.

    edited : the cells, as (unit, indicator), in which ``blocks`` differ from the blueprint's; by default any
    """
    b = blueprint
    draft = Draft(b.theory, b.codebook, {}, b.structure, b.blocks, b.scaling, b.indicators, b.priors, b.columns)
    known = known_scores(b.structure, b.columns, blocks, edited)
    if edited is not None:
        now = {Node(unit, b.codebook.indicators[name].measures) for unit, name in edited}
        known = {node: score for node, score in b.known.items() if node not in now} | known
    return node_data(draft, blocks, b.data["latent"], known)


def swapped(blueprint: Blueprint, changes: Mapping[str, Array]) -> Blueprint:
    """The blueprint with some data arrays replaced, for rebuilding draws sampled with them.

    Raises ValueError where a value goes missing that the blueprint has no disturbance for: draw it with room for ``values``.
    """
    changed = replace(blueprint, data=dict(blueprint.data) | dict(changes))
    drawn = changed.data["disturbance_index"][disturbances_read(changed.data)]
    if len(np.unique(drawn)) < len(drawn):
        raise ValueError("a known value goes missing in a model without room for that: draw it with Room(values=True)")
    return changed


def disturbances_read(data: Mapping[str, Array]) -> NDArray[np.int64]:
    """Nodes whose disturbance counts: those whose score it is part of, and where a missing level is drawn by it."""
    read = data["scale_index"] != FIXED
    if "gap_pick" in data and (data["node_gap"] < data["gap_weight"].shape[1]).any():
        read[data["gap_pick"]] = True
    return np.flatnonzero(read)
