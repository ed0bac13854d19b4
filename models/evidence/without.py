"""What the likelihood would be without some rows, or with other rows: log ratios for importance weights, and data for refits.

A row of a cell with several readings is not simply dropped: the other readings of the same true value stay, so the ratio is that
of the whole cell's likelihood without and with the row. A recoded row is read in the place of the old one.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from data.recoding import Edit
from models.blueprint import Blueprint
from models.draft import Draft
from models.measurement.cells import IMPOSSIBLE, Block, read_cell
from models.measurement.gaps import read_by_effects
from models.simulation.rebuild import Theta, log_likelihood, rebuild
from models.structure.nodearrays import node_data

type Floats = NDArray[np.float64]
type Array = NDArray[np.generic]


@dataclass(frozen=True)
class Removal:
    """Posterior draws prepared for asking what any set of rows contributes. Arrays have shape (samples, cells)."""

    blueprint: Blueprint
    theta: Theta

    @cached_property
    def predictors(self) -> Floats:
        return rebuild(self.blueprint, self.theta).cells

    @cached_property
    def with_all(self) -> dict[str, Floats]:
        return log_likelihood(self.blueprint, self.theta, self.predictors)

    def log_ratio(self, rows: Collection[str]) -> Floats:
        """log p(data without ``rows`` | draw) - log p(data | draw), shape (samples,)."""
        return self.log_ratio_if(dict.fromkeys(rows))

    def log_ratio_if(self, edit: Edit) -> Floats:
        """log p(edited data | draw) - log p(data | draw), shape (samples,)."""
        total = np.zeros(len(self.predictors))
        for block in self.blueprint.blocks:
            touched = [c for c, cell in enumerate(block.rows) if any(row.name in edit for row in cell)]
            if touched:
                reduced = _edited(self.blueprint, _only(block, touched), edit)
                where = self.blueprint.slices[block.family]
                small = narrowed(self.blueprint, reduced, touched)
                columns = self.predictors[:, where][:, touched]
                without = log_likelihood(small, self.theta, columns)[block.family]
                total += (without - self.with_all[block.family][:, touched]).sum(axis=1)
        return total


def _only(block: Block, cells: list[int]) -> Block:
    return replace(
        block,
        keys=tuple(block.keys[c] for c in cells),
        rows=tuple(block.rows[c] for c in cells),
        indicator=block.indicator[cells],
        value=block.value[cells],
        trials=block.trials[cells],
        constant=block.constant[cells],
        log_reading=block.log_reading[cells],
        log_null=block.log_null[cells],
    )


def _edited(blueprint: Blueprint, block: Block, edit: Edit) -> Block:
    """The block as it reads with other or fewer rows: same shape; a cell without rows has likelihood 1."""
    log_reading, log_null = block.log_reading.copy(), block.log_null.copy()
    value, trials, constant = block.value.copy(), block.trials.copy(), block.constant.copy()
    for c, (key, cell) in enumerate(zip(block.keys, block.rows, strict=True)):
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
    arrays: dict[str, Array] = {f"{block.family}_log_reading": block.log_reading}
    if block.family != "ordinal":
        arrays |= {
            f"{block.family}_value": block.value,
            f"{block.family}_constant": block.constant,
            f"{block.family}_log_null": block.log_null,
        }
    if block.family == "binomial":
        arrays["binomial_trials"] = block.trials
    return arrays


def narrowed(blueprint: Blueprint, block: Block, cells: list[int]) -> Blueprint:
    """A blueprint of one block's chosen cells, for evaluating likelihoods only."""
    data = dict(blueprint.data) | block_arrays(block)
    for name in {"ordinal": ("cut_row",), "continuous": ("residual_index",)}.get(block.family, ()):
        data[name] = blueprint.data[name][cells]
    if "is_missing" in data:
        data["is_missing"] = data["is_missing"][blueprint.slices[block.family]][cells]
    return replace(blueprint, blocks=(block,), data=data)


def given_rows(blueprint: Blueprint) -> frozenset[str]:
    """Rows that are the value of an observed cause: its effects read it, so that no weight of one cell tells what it adds."""
    observed = {node.construct for node in read_by_effects(blueprint.structure)} & blueprint.columns.keys()
    return frozenset(
        row.name
        for block in blueprint.blocks
        for cell in block.rows
        for row in cell
        if blueprint.codebook.indicators[row.indicator].measures in observed
    )


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
    for block in edited:
        if any(row.name in edit for cell in block.rows for row in cell):
            changed |= block_arrays(block)
    if given_rows(blueprint) & set(edit):
        changed |= value_data(blueprint, edited)
    return changed


def value_data(blueprint: Blueprint, blocks: Sequence[Block]) -> dict[str, Array]:
    """Node arrays where observed causes have other values, or none; raises CannotEstimateError where they may not be missing."""
    b = blueprint
    draft = Draft(b.theory, b.codebook, {}, b.structure, b.blocks, b.scaling, b.indicators, b.priors, b.columns)
    return node_data(draft, blocks, b.data["latent"])


def swapped(blueprint: Blueprint, changes: Mapping[str, Array]) -> Blueprint:
    """The blueprint with some data arrays replaced, for rebuilding draws sampled with them."""
    return replace(blueprint, data=dict(blueprint.data) | dict(changes))
