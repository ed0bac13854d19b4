"""What share of units each type of a node is expected to have under priors of few causes."""

from __future__ import annotations

import numpy as np

from models.types.graph import Graph
from models.types.laws import Floats
from models.types.responses import Responses, constant_in


def sparse_base(graph: Graph, node: str, table: Responses) -> Floats:
    """The expected share of each type under `Sparse`; groups of types that a restriction has emptied lend theirs to the rest."""
    moved = ~constant_in(graph, node, table)
    group, sizes = np.unique(moved, axis=0, return_inverse=True, return_counts=True)[1:]
    number = moved.sum(axis=1)
    causes = moved.shape[1]
    per_group = np.array([1.0 / np.prod([(causes - i) / (i + 1) for i in range(m)]) for m in range(causes + 1)])
    base = per_group[number] / sizes[group.ravel()]
    return np.asarray(base / base.sum())
