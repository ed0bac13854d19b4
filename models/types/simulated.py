"""Units drawn from what is known: shares from the posterior, a type for every node, and the levels that follow."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from models.types.make import Model
from models.types.posterior import Posterior

type Levels = NDArray[np.int64]


def simulate(posterior: Posterior, size: int, rng: np.random.Generator) -> dict[str, Levels]:
    """The levels of every node in so many units, each of a population of its own, shape (size,)."""
    model, shares = posterior.model, posterior.shares()
    population = rng.integers(len(next(iter(shares.values()))), size=size)
    types: dict[str, Levels] = {}
    found: dict[str, Levels] = {}
    for node in model.graph.nodes:
        rows = _index(model, node, types, size)
        steps = np.cumsum(shares[node][population, rows], axis=1)
        types[node] = (rng.random((size, 1)) * steps[:, -1:] > steps).sum(axis=1)
        at = np.zeros(size, dtype=np.int64)
        for parent in model.graph.parents[node]:
            at = at * model.graph.levels[parent] + found[parent]
        found[node] = model.types[node][types[node], at].astype(np.int64)
    return found


def _index(model: Model, node: str, types: dict[str, Levels], size: int) -> Levels:
    """The row of shares of each unit's node, by the types of the nodes that it is confounded with."""
    row = np.zeros(size, dtype=np.int64)
    for other in model.graph.confounded[node]:
        row = row * len(model.types[other]) + types[other]
    return row
