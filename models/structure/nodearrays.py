"""The data arrays of nodes: how each score starts out, which are given because a construct is observed, and what is missing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from models.draft import Draft
from models.measurement.cells import Block
from models.measurement.columns import CannotEstimateError, Column
from models.measurement.gaps import find_gaps, gap_data, read_by_effects, sums_over_gaps
from models.structure.layout import NO_CASE, UNIT_SCALE
from models.structure.reading import Node
from models.structure.steps import step_data, step_nodes

type Array = NDArray[np.generic]

FIXED = 1
"""Index into the scales of disturbances of the one that is 0 (``predictor.base_scores``)."""


def node_data(draft: Draft, blocks: Sequence[Block], latent: Array, known: Mapping[Node, float]) -> dict[str, Array]:
    """Arcs, and per node: its case component, the scale of its disturbance, its shift, and its value where one is given.

    blocks : those of the draft, or the same cells with other rows; known : the scores that these give
    latent : what each cell reads (``cellarrays``)
    """
    s, spare = draft.structure, draft.structure.spare_nodes
    size, zero = len(s.nodes) + spare, len(draft.theory.names) * len(s.cases)
    component = np.where(s.case == NO_CASE, zero, s.case * len(draft.theory.names) + s.construct)
    scale = np.where(s.kind == UNIT_SCALE, 0, 2 + s.kind)
    given, is_given = np.zeros(size), np.zeros(size, dtype=bool)
    shift, turned = np.full(size, len(draft.shifted)), np.ones(size)
    missing: dict[int, Column] = {}
    read = read_by_effects(s)
    for n, node in enumerate(s.nodes):
        column = None if node.start else draft.columns.get(node.construct)
        if column is None:
            continue
        if node in known:
            given[n], is_given[n], scale[n] = known[node], True, FIXED
        elif column.family == "continuous":
            shift[n], turned[n] = draft.shifted.index(column.spec.name), column.direction
            scale[n] = 2 + len(s.inner_kinds) + draft.continuous.index(column.spec.name)
        elif node in read:
            missing[n], is_given[n], scale[n] = _summed(column, node), True, FIXED
        else:
            scale[n] = FIXED  # a missing value without effects is nobody's business
    through = step_nodes(s, draft.steps)
    is_given[list(through)], scale[list(through)] = True, FIXED
    shared: dict[str, Array] = {
        **s.arrays,
        "component": np.pad(component, (0, spare), constant_values=zero).astype(np.int64),
        "scale_index": np.pad(scale, (0, spare)).astype(np.int64),
        "node_shift": shift.astype(np.int64),
        "node_direction": turned,
        "is_given": is_given,
    }
    if not sums_over_gaps(s, draft.columns):
        return shared | step_data(s, draft.steps, given[None])
    known_values = is_given.copy()
    known_values[[*missing, *through]] = False
    ordinal = next(block for block in blocks if block.family == "ordinal")
    gaps = find_gaps(s, missing, known_values)
    worlds = gap_data(gaps, missing, given, latent, np.exp(ordinal.log_reading))
    return shared | worlds | step_data(s, draft.steps, worlds["given"])


def disturbance_data(draft: Draft) -> dict[str, Array]:
    """Where each node's disturbance stands among those there are; a node without one reads the first, times 0."""
    nodes, spare = len(draft.structure.nodes), draft.structure.spare_nodes
    found = np.zeros(nodes + spare, dtype=np.int64)
    found[[*draft.disturbed, *range(nodes, nodes + spare)]] = np.arange(len(draft.disturbed) + spare)
    return {"disturbance_index": found}


def _summed(column: Column, node: Node) -> Column:
    if column.levels:
        return column
    raise CannotEstimateError(
        f"{column.spec.name} is missing at {node.unit}, and {node.construct}, a {column.family}, has effects: a missing "
        "number without a finite list of values cannot be summed over. Code it, leave the unit out, or make the construct "
        'kind = "latent".'
    )
