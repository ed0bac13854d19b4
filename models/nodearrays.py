"""The data arrays of nodes: how each score starts out, and which are given because a construct is observed."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from models.columns import CannotEstimateError, values_read
from models.draft import Draft
from models.layout import NO_CASE, UNIT_SCALE
from models.reading import Node

type Array = NDArray[np.generic]


def node_data(draft: Draft) -> dict[str, Array]:
    """Arcs, and per node: its case component, the scale of its disturbance, its shift, and its value where one is given."""
    s, spare = draft.structure, draft.structure.spare_nodes
    zero = len(draft.theory.names) * len(s.cases)
    component = np.where(s.case == NO_CASE, zero, s.case * len(draft.theory.names) + s.construct)
    scale = np.where(s.kind == UNIT_SCALE, 0, 2 + s.kind)
    given, is_given = np.zeros(len(s.nodes) + spare), np.zeros(len(s.nodes) + spare, dtype=bool)
    shift, turned = np.full(len(s.nodes) + spare, len(draft.shifted)), np.ones(len(s.nodes) + spare)
    known = _given(draft)
    for n, node in enumerate(s.nodes):
        column = draft.columns.get(node.construct)
        if node in known:
            given[n], is_given[n], scale[n] = known[node], True, 1
        elif column and column.family == "continuous" and not node.start:
            shift[n], turned[n] = draft.shifted.index(column.spec.name), column.direction
            scale[n] = 2 + len(s.inner_kinds) + draft.continuous.index(column.spec.name)
        elif column and not node.start:
            raise CannotEstimateError(
                f"the observed construct {node.construct} has no row for {node.unit}, and only a continuous column "
                'may have gaps. Code the row, or make the construct kind = "latent".'
            )
    return {
        **s.arrays,
        "component": np.pad(component, (0, spare), constant_values=zero).astype(np.int64),
        "scale_index": np.pad(scale, (0, spare)).astype(np.int64),
        "node_shift": shift.astype(np.int64),
        "node_direction": turned,
        "given": given,
        "is_given": is_given,
    }


def _given(draft: Draft) -> dict[Node, float]:
    """Scores of observed constructs that rows give. Raises CannotEstimateError where rows leave more than one value."""
    found: dict[Node, float] = {}
    for (unit, construct), values in values_read(draft.blocks, draft.columns).items():
        column, node = draft.columns[construct], Node(unit, construct)
        if node not in draft.structure.index:
            raise CannotEstimateError(
                f"{column.spec.name} is read on {unit}, which has no value of the observed construct {construct} of its "
                "own. Move the row to the unit that has one, or add the kind of unit to the construct's `units`."
            )
        if len(values) > 1:
            raise CannotEstimateError(
                f"{column.spec.name} of {unit} may be {len(values)} values, but {construct} is observed: a value is "
                'known. Give one value with confidence 1, or make the construct kind = "latent".'
            )
        found[node] = float(column.score(values[0]))
    return found
