"""Monotone effects of an ordinal cause: the levels of a column enter an effect at distances that are estimated.

With K levels the value by which level t enters is  sign * ((K - 1) (s_1 + ... + s_t) - mean) / sd,  s a simplex of K - 1 steps
with a flat Dirichlet prior (Bürkner and Charpentier 2020, equation 3). Equal steps are the plain standardised level, so the
coefficient keeps its meaning. Every unit has a node for it, which reads the cause and is read by the effect.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from causal.theory import Theory
from models.measurement.columns import CannotEstimateError, Column
from models.structure.layout import Structure
from models.structure.slopes import step_name

type Array = NDArray[np.generic]
type Floats = NDArray[np.float64]


def stepped(theory: Theory, columns: Mapping[str, Column]) -> dict[str, Column]:
    """The column of each monotone edge's cause, by the name of its nodes. Raises CannotEstimateError where it has no steps."""
    found = {}
    for edge in theory.edges:
        if edge.monotone:
            column = columns.get(edge.cause)
            if column is None or column.family != "ordinal" or column.levels < 3:
                raise CannotEstimateError(
                    f"the edge {edge.name} is monotone, but {edge.cause} is not an observed ordinal construct of three or more "
                    "levels, whose steps could differ. Remove `monotone`, or make the cause such a column."
                )
            found[step_name(edge)] = column
    return found


def step_data(structure: Structure, columns: Mapping[str, Column], given: Array) -> dict[str, Array]:
    """What the compiled model adds to given scores: gain and place of the cumulated step of every node.

    given : (worlds, nodes); place 0 is a zero, then come the cumulated steps of every monotone edge, by number of levels
    """
    gain, place = np.zeros(given.shape[1]), np.zeros(given.shape, dtype=np.int64)
    first = dict(zip(columns, places(columns), strict=True))
    values = np.array(given, dtype=float)
    for n, (source, column) in step_nodes(structure, columns).items():
        level = np.rint(column.center + column.direction * column.spread * values[:, source]).astype(np.int64)
        place[:, n] = first[structure.nodes[n].construct] + np.clip(level, 0, column.levels - 1)
        gain[n] = column.direction * (column.levels - 1) / column.spread
        values[:, n] = -column.direction * column.center / column.spread
    return {"given": values, "step_gain": gain, "step_place": place}


def by_levels(columns: Mapping[str, Column]) -> dict[int, list[str]]:
    """Names of monotone edges' nodes by the number of levels of their cause."""
    sizes = sorted({column.levels for column in columns.values()})
    return {size: [name for name, column in columns.items() if column.levels == size] for size in sizes}


def places(columns: Mapping[str, Column]) -> list[int]:
    """Where the cumulated steps of each edge start in the vector of all, in the order of ``columns``."""
    start, found = 1, {}
    for size, names in by_levels(columns).items():
        for name in names:
            found[name] = start
            start += size
    return [found[name] for name in columns]


def step_nodes(structure: Structure, columns: Mapping[str, Column]) -> dict[int, tuple[int, Column]]:
    """Nodes of monotone effects, each with the node of its cause and the cause's column."""
    causes = {
        structure.index[arc.target]: structure.index[arc.source]
        for arc in structure.arcs
        if arc.target.construct in columns
    }
    return {n: (source, columns[structure.nodes[n].construct]) for n, source in causes.items()}


@dataclass(frozen=True)
class Steps:
    """The answer of a monotone effect's node to its cause's score; between levels it is interpolated, beyond them flat.

    reached : cumulated steps from 0 to 1, shape (samples, levels)
    """

    column: Column
    reached: Floats

    def __getitem__(self, part: slice) -> Steps:
        return replace(self, reached=self.reached[part])

    def value(self, eta: Floats) -> Floats:
        column, last = self.column, self.column.levels - 1
        place = np.clip(column.center + column.direction * column.spread * eta, 0.0, last)
        flat = np.broadcast_to(place.reshape(len(place), -1), (len(self.reached), max(1, place[0].size)))
        below = np.minimum(np.floor(flat + 1e-9), last - 1).astype(np.int64)
        low, high = (np.take_along_axis(self.reached, below + k, axis=1) for k in (0, 1))
        found = (low + (flat - below) * (high - low)).reshape((len(self.reached), *place.shape[1:]))
        return column.score(last * found)

    def expected(self, eta: Floats) -> Floats:
        return self.value(eta)

    def variance(self, eta: Floats) -> Floats:
        return np.zeros_like(eta)

    def best(self, eta: Floats) -> Floats | None:
        return None


def step_responses(
    structure: Structure, theta: Mapping[str, Floats], columns: Mapping[str, Column]
) -> dict[int, Steps]:
    """Responses of the nodes of monotone effects at every draw."""
    reached: dict[str, Floats] = {}
    for size, names in by_levels(columns).items():
        steps = theta[f"steps_{size}"]
        cumulated = np.concatenate([np.zeros_like(steps[..., :1]), np.cumsum(steps, axis=-1)], axis=-1)
        reached |= {name: cumulated[:, e] for e, name in enumerate(names)}
    nodes = step_nodes(structure, columns)
    return {n: Steps(column, reached[structure.nodes[n].construct]) for n, (_, column) in nodes.items()}
