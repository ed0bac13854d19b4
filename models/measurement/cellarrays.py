"""The data arrays of measurement cells: which score each reads, through which parameters, and what its rows say."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from models.draft import Draft
from models.measurement.cells import Block
from models.measurement.columns import CannotEstimateError
from models.structure.reading import Node, Reader

type Array = NDArray[np.generic]

MAX_GROUPS = 4
"""Evidence groups that may bear on one cell."""


def cell_data(draft: Draft) -> dict[str, Array]:
    """Arrays per cell, those that every family reads first."""
    return _shared_data(draft) | _block_data(draft)


def _shared_data(draft: Draft) -> dict[str, Array]:
    reader = Reader(draft.theory, draft.units)
    index, loaded = draft.structure.index, draft.coords["loaded"]
    latent, loading, direction, offset = [], [], [], []
    for key in draft.keys:
        spec = draft.spec(key)
        owner = reader.owner(draft.units[key[0]], spec.measures)
        assert owner is not None, f"{key}: the study join lets no row through whose construct has no score here"
        own = draft.is_column(spec)
        latent.append(index[Node(owner.name, spec.measures)] + own * (len(index) + draft.structure.spare_nodes))
        loading.append(len(loaded) if own else loaded.index(spec.name))
        direction.append(-1.0 if spec.reversed else 1.0)
        offset.append(draft.scaling[spec.name].center if spec.family == "count" else 0.0)
    noisy = {key: i for i, key in enumerate(draft.noisy)}
    surveys = {name: i for i, name in enumerate(draft.surveys)}
    shift = {name: i for i, name in enumerate(draft.shifted)}
    group_index, group_share = _group_data(draft)
    return {
        "latent": np.array(latent, dtype=np.int64),
        "cell_shift": np.array([shift.get(key[1], len(shift)) for key in draft.keys], dtype=np.int64),
        "cell_loading": np.array(loading, dtype=np.int64),
        "direction": np.array(direction),
        "offset": np.array(offset),
        "noise_index": np.array([noisy.get(key, len(noisy)) for key in draft.keys], dtype=np.int64),
        "survey_index": np.array([surveys[draft.survey(key)] for key in draft.noisy], dtype=np.int64),
        "group_index": group_index,
        "group_share": group_share,
        "cell_weight": np.array([draft.units[unit].count for unit, _ in draft.keys]),
    }


def _group_data(draft: Draft) -> tuple[Array, Array]:
    """For each cell the evidence groups behind it and the share of its rows that rest on each."""
    index = np.full((len(draft.keys), MAX_GROUPS), len(draft.groups), dtype=np.int64)
    share = np.zeros((len(draft.keys), MAX_GROUPS))
    cells = [rows for block in draft.blocks for rows in block.rows]
    position = {group: i for i, group in enumerate(draft.groups)}
    for c, rows in enumerate(cells):
        named = [row.evidence_group for row in rows if row.evidence_group in position]
        for m, group in enumerate(dict.fromkeys(named)):
            if m == MAX_GROUPS:
                raise CannotEstimateError(
                    f"{rows[0].indicator} of {rows[0].unit} rests on more than {MAX_GROUPS} evidence groups "
                    "that other ratings share. Merge some of them."
                )
            index[c, m], share[c, m] = position[group], named.count(group) / len(rows)
    return index, share


def _block_data(draft: Draft) -> dict[str, Array]:
    data: dict[str, Array] = {}
    for block in draft.blocks:
        if block.family == "ordinal":
            data |= {"ordinal_reading": np.exp(block.log_reading)} | _cut_data(draft, block)
            continue
        data[f"{block.family}_log_reading"] = block.log_reading
        data[f"{block.family}_value"] = block.value
        data[f"{block.family}_constant"] = block.constant
        data[f"{block.family}_log_null"] = block.log_null
        if block.family == "binomial":
            data["binomial_trials"] = block.trials
        if block.family == "continuous":
            positions = [draft.continuous.index(key[1]) for key in block.keys]
            data["residual_index"] = np.array(positions, dtype=np.int64)
    return data


def _cut_data(draft: Draft, block: Block) -> dict[str, Array]:
    """Row of the stacked cutpoint matrix for each ordinal cell; row 0 is a binary indicator's single cutpoint at 0."""
    order = [name for names in draft.scales.values() for name in names]
    rows = [
        0 if draft.spec(key).family == "binary" else 1 + order.index(draft.cut_scale(draft.spec(key)))
        for key in block.keys
    ]
    return {"cut_row": np.array(rows, dtype=np.int64)}
