"""Cells whose scores stay as they are: what each would answer, and how likely any of its rows are, per draw."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from data.cases import Observation
from models.blueprint import Blueprint
from models.density import predictor
from models.evidence.without import block_arrays
from models.families import NUMPY, category_probability
from models.measurement.cells import read_cell, stack
from models.simulation.rebuild import Rebuilt, Theta, rebuild, row_cuts

type Floats = NDArray[np.float64]
type Rows = tuple[Observation, ...]


@dataclass(frozen=True)
class Standing:
    """Draws prepared for reading cells one at a time. Cells count through all blocks."""

    blueprint: Blueprint
    theta: Theta

    @cached_property
    def now(self) -> Rebuilt:
        """Scores and predictors at every draw."""
        return rebuild(self.blueprint, self.theta)

    @cached_property
    def rows(self) -> list[Sequence[Observation]]:
        """The rows of every cell."""
        return [rows for block in self.blueprint.blocks for rows in block.rows]

    @cached_property
    def cell_of(self) -> dict[str, int]:
        """The cell of every row."""
        return {row.name: c for c, rows in enumerate(self.rows) for row in rows}

    @cached_property
    def cuts(self) -> Floats:
        """Cutpoints of every scale, shape (samples, scales, longest scale - 1)."""
        return row_cuts(self.blueprint, self.theta)

    def answers(self, cell: int) -> Floats | None:
        """The chance of every answer of a cell, group errors included, shape (samples, answers); None when it has no list."""
        family, (_, indicator) = self._places[cell]
        if family != "ordinal":
            return None
        return category_probability(
            self._predictors[cell], self._cuts_of(cell, self.blueprint.codebook.answers(indicator))
        )

    def log_likelihood(self, cell: int, rows: Rows) -> Floats:
        """Of a cell as some rows read it, shape (samples,). Kept, as many sets of rows leave the same rows in a cell."""
        if (cell, rows) not in self._known:
            self._known[cell, rows] = self._read(cell, rows) if rows else np.zeros(len(self.now.cells))
        return self._known[cell, rows]

    @cached_property
    def _known(self) -> dict[tuple[int, Rows], Floats]:
        return {}

    @cached_property
    def _places(self) -> list[tuple[str, tuple[str, str]]]:
        """Family, unit and indicator of every cell."""
        return [(block.family, key) for block in self.blueprint.blocks for key in block.keys]

    @cached_property
    def _predictors(self) -> Floats:
        """Of every cell, shape (cells, samples): cells are read one at a time."""
        return np.ascontiguousarray(self.now.cells.T)

    def _cuts_of(self, cell: int, levels: int) -> Floats:
        """Cutpoints between the levels that an ordinal cell has; ordinal cells come first."""
        return self.cuts[:, self.blueprint.data["cut_row"][cell], : levels - 1]

    def _read(self, cell: int, rows: Rows) -> Floats:
        family, key = self._places[cell]
        reading = read_cell(self.blueprint.codebook, key[1], rows, self.blueprint.scaling[key[1]])
        block = stack(family, (key,), (rows,), np.zeros(1, dtype=np.int64), [reading])
        arrays = block_arrays(block)
        if family == "continuous":
            arrays["residual_index"] = self.blueprint.data["residual_index"][
                [cell - self.blueprint.slices[family].start]
            ]
        cuts = self._cuts_of(cell, len(reading.log_reading))[:, None] if family == "ordinal" else np.zeros(0)
        eta = self._predictors[cell][:, None]
        return np.asarray(predictor.block_log_likelihood(NUMPY, family, arrays, self.theta, eta, cuts)[:, 0])
