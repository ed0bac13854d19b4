"""What the likelihood of draws would be without some rows, or with other rows: log ratios for importance weights.

A row of a cell with several readings is not simply dropped: the other readings of the same true value stay, so the ratio is that
of the whole cell's likelihood without and with the row. A recoded row is read in the place of the old one.

The value of an observed cause is read by its effects, too. With another value, or none, their scores and whatever follows from
these are worked out again from the same disturbances. A missing level is summed over, exactly. A missing number is a parameter:
its disturbance is a draw from its prior.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from numpy.typing import NDArray
from scipy.special import logsumexp, softmax

from data.cases import Observation
from data.recoding import Edit
from models.blueprint import Blueprint
from models.density import predictor
from models.evidence.standing import Standing
from models.evidence.without import data_with, disturbances_read
from models.families import NUMPY
from models.simulation.rebuild import Rebuilt, Theta, walk
from models.structure.steps import Steps, step_responses

type Floats = NDArray[np.float64]
type Ints = NDArray[np.int64]
type Data = Mapping[str, NDArray[np.generic]]

OF_NODES = ("scale_index", "node_direction", "node_shift", "component")
OF_CELLS = ("reading", "log_reading", "log_null", "value", "constant", "trials")


@dataclass(frozen=True)
class Part:
    """The nodes whose scores an edit can change, and the cells whose likelihood it can."""

    nodes: Ints
    cells: Ints


@dataclass(frozen=True)
class Removal:
    """Posterior draws prepared for asking what any set of rows contributes.

    seed : of the disturbances of missing numbers
    """

    blueprint: Blueprint
    theta: Theta
    seed: int = 0

    def log_ratio(self, rows: Collection[str]) -> Floats:
        """log p(data without ``rows`` | draw) - log p(data | draw), shape (samples,).

        Raises CannotEstimateError where the value of an observed cause may not be missing, see ``without.removable``.
        """
        return self.log_ratio_if(dict.fromkeys(rows))

    def log_ratio_if(self, edit: Edit) -> Floats:
        """log p(edited data | draw) - log p(data | draw), shape (samples,)."""
        if "gap_cells" in self.blueprint.data or self.blueprint.given_rows & edit.keys():
            after = dict(self.blueprint.data) | data_with(self.blueprint, edit)
            part = self._part(edit, after)
            return self._log_likelihood(after, part) - self._log_likelihood(self.blueprint.data, part)
        weight, total = self.blueprint.data["cell_weight"], np.zeros(len(self.now.z))
        for c in sorted(self._touched(edit)):
            rows = tuple(self.standing.rows[c])
            left = tuple(now for row in rows if (now := edit.get(row.name, row)) is not None)
            total += float(weight[c]) * (self.standing.log_likelihood(c, left) - self.standing.log_likelihood(c, rows))
        return total

    def answers(self, row: Observation) -> Floats | None:
        """The chance of everything a row could have said, shape (samples, answers); None where that is no list.

        Of the value of an observed cause given all other rows; else at the score its cell has.
        """
        now = self.standing.answers(self.standing.cell_of[row.name])
        if now is None or row.name not in self.blueprint.given_rows:
            return now
        binary = self.blueprint.codebook.indicators[row.indicator].family == "binary"
        levels = range(now.shape[-1])
        others = [replace(row, value=float(k)) if binary else replace(row, levels=(k,)) for k in levels]
        log_chance = np.stack([self.log_ratio_if({row.name: other}) for other in others], axis=1)
        return np.asarray(softmax(log_chance, axis=1))

    @cached_property
    def standing(self) -> Standing:
        """Cells whose scores stay as they are."""
        return Standing(self.blueprint, self.theta)

    @property
    def now(self) -> Rebuilt:
        """Scores and predictors at every draw, as the rows are."""
        return self.standing.now

    @cached_property
    def _latent(self) -> Ints:
        """What each cell reads: the score of a node, or behind all scores its linear predictor."""
        return np.asarray(self.blueprint.data["latent"], dtype=np.int64)

    @property
    def _size(self) -> int:
        return int(self.now.z.shape[1])

    def _part(self, edit: Edit, after: Data) -> Part:
        edited = np.array(sorted(self._touched(edit)), dtype=np.int64)
        start: Iterable[int] = (self._latent[edited] % self._size).tolist()
        if (
            not self.blueprint.given_rows & edit.keys()
        ):  # scores stay as they are, except where a missing value is weighed by this row
            start = [n for n in start if self._gap_of(n, self.blueprint.data)]
        nodes = np.array(sorted(self._affected(start, after)), dtype=np.int64)
        return Part(nodes, np.union1d(edited, np.flatnonzero(np.isin(self._latent % self._size, nodes))))

    def _touched(self, edit: Edit) -> set[int]:
        return {self.standing.cell_of[name] for name in edit if name in self.standing.cell_of}

    @cached_property
    def _effects(self) -> Mapping[int, list[int]]:
        found: dict[int, list[int]] = {}
        index = self.blueprint.structure.index
        for arc in self.blueprint.structure.arcs:
            for end in (arc.source, arc.moderator):
                if end is not None:
                    found.setdefault(index[end], []).append(index[arc.target])
        return found

    def _gap_of(self, node: int, data: Data) -> list[int]:
        """The nodes of the gap that touches a node; none where none does."""
        if "node_gap" not in data or data["node_gap"][node] == data["gap_weight"].shape[1]:
            return []
        return np.flatnonzero(data["node_gap"] == data["node_gap"][node]).tolist()

    def _affected(self, start: Iterable[int], after: Data) -> set[int]:
        """Nodes with all that follows from them and all that is summed over together with them, before or after."""
        found: set[int] = set()
        frontier = set(start)
        while frontier:
            found |= frontier
            near = [m for n in frontier for m in self._effects.get(n, ())]
            near += [m for n in frontier for data in (self.blueprint.data, after) for m in self._gap_of(n, data)]
            frontier = set(near) - found
        return found

    def _log_likelihood(self, data: Data, part: Part) -> Floats:
        """Of the cells of a part, shape (samples,); missing levels are summed over as in the compiled model."""
        weight = np.asarray(data["cell_weight"], dtype=float)[part.cells]
        if "gap_cells" not in data:
            return np.asarray((weight * self._cells(data, part, 0)).sum(axis=1))
        gaps = np.unique(data["node_gap"][part.nodes])
        gaps = gaps[gaps < data["gap_weight"].shape[1]]
        depth = len(data["given"]) if len(gaps) else 1
        worlds = np.stack([self._cells(data, part, k) for k in range(depth)])
        total = (worlds[0] * weight * data["settled"][part.cells]).sum(axis=1)
        missing = np.asarray(data["is_missing"], dtype=float)[part.cells]
        for gap in gaps:
            inside = np.isin(part.cells, data["gap_cells"][gap])
            values = (worlds * (missing + (1.0 - missing) * weight))[..., inside].sum(axis=-1)
            total = total + logsumexp(values + data["gap_weight"][:depth, [gap]], axis=0)
        return np.asarray(total)

    def _cells(self, data: Data, part: Part, world: int) -> Floats:
        """Log likelihood of every cell of a part in a world, shape (samples, cells)."""
        linear = self._predictors(data, part, world)
        found = np.empty(linear.shape)
        for block in self.blueprint.blocks:
            where = self.blueprint.slices[block.family]
            own = (part.cells >= where.start) & (part.cells < where.stop)
            cells = part.cells[own] - where.start
            if not len(cells):
                continue
            names = [f"{block.family}_{name}" for name in OF_CELLS]
            names += ["residual_index"] if block.family == "continuous" else []
            arrays = {name: data[name][cells] for name in names if name in data}
            if block.family == "ordinal" and "world_reading" in data:
                arrays["ordinal_reading"] = data["world_reading"][world][cells]
            cuts = self.standing.cuts[:, data["cut_row"][cells]] if block.family == "ordinal" else np.zeros(0)
            found[:, own] = predictor.block_log_likelihood(
                NUMPY, block.family, arrays, self.theta, linear[:, own], cuts
            )
        return found

    def _predictors(self, data: Data, part: Part, world: int) -> Floats:
        """Linear predictors of the cells of a part: as they are, and changed with the scores that they read."""
        linear = np.array(self.now.cells[:, part.cells])
        if not len(part.nodes):
            return linear
        scores = self._scores(data, part, world)
        for i, cell in enumerate(part.cells):
            node, own = int(self._latent[cell]) % self._size, int(self._latent[cell]) // self._size
            if node in scores:
                was = (self.now.z, self.now.eta)[own][:, node]
                linear[:, i] += self._gain[:, cell] * (scores[node][own] - was)
        return linear

    @cached_property
    def _gain(self) -> Floats:
        """What a cell's predictor gains per unit of the score it reads, shape (samples, cells)."""
        return np.asarray(predictor.cell_gains(np, self.theta, self.blueprint.data))

    def _scores(self, data: Data, part: Part, world: int) -> dict[int, tuple[Floats, Floats]]:
        """Score and linear predictor of every node of a part, with given values as they are in a world."""
        narrowed = {name: data[name][part.nodes] for name in OF_NODES}
        theta = dict(self.theta) | {"disturbance": self._disturbances[:, part.nodes]}
        narrowed["disturbance_index"] = np.arange(len(part.nodes))
        base: list[Floats] = [np.zeros(1)] * self._size
        for n, column in zip(part.nodes, predictor.base_scores(np, theta, narrowed).T, strict=True):
            base[n] = column
        structure, steps = self.blueprint.structure, self._steps
        given = {int(n): data["given"][world, n] for n in part.nodes if data["is_given"][n] and n not in steps}
        z, eta = walk(structure, base, self._slopes, given, set(part.nodes.tolist()), self._natural, steps)
        return {int(n): (z[n], eta[n]) for n in part.nodes}

    @cached_property
    def _disturbances(self) -> Floats:
        """Of every node, shape (samples, nodes): a known value's is a draw from its prior."""
        data, own = self.blueprint.data, self.theta["disturbance"]
        found = np.random.default_rng(self.seed).standard_normal((len(own), self._size))
        read = disturbances_read(data)
        found[:, read] = own[:, data["disturbance_index"][read]]
        return found

    @cached_property
    def _steps(self) -> Mapping[int, Steps]:
        return step_responses(self.blueprint.structure, self.theta, self.blueprint.steps)

    @cached_property
    def _slopes(self) -> list[Floats]:
        return list(predictor.all_slopes(np, self.theta, self.blueprint.data).T)

    @cached_property
    def _natural(self) -> tuple[list[Floats], list[Floats]]:
        return list(self.now.z.T), list(self.now.eta.T)
