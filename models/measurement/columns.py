"""Observed constructs: the column of data behind each, and the standardised value by which it enters its effects."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from causal.theory import Theory
from data.cases import Observation
from data.codebook import Codebook, Family, Indicator
from models.measurement.cells import IMPOSSIBLE, ONCE, Block, mean_and_sd

type Floats = NDArray[np.float64]


class CannotEstimateError(ValueError):
    """A valid study that this model has no likelihood for; the message says why and what to do."""


@dataclass(frozen=True, slots=True)
class Column:
    """The column behind an observed construct.

    center, spread : of the values read, by which they are standardised (a level counts as its place on the scale, a share as
        successes over n, a continuous value as the block has it)
    levels : how many values it can take, 0 where they are no finite list
    trials : n of a new unit's share, the median of those read
    varies : whether more than one value was read; the coefficient of a cause that does not vary stays its prior
    """

    spec: Indicator
    center: float
    spread: float
    levels: int
    trials: int = 1
    varies: bool = True

    @property
    def family(self) -> Family:
        return self.spec.family

    @property
    def construct(self) -> str:
        return self.spec.measures

    @property
    def direction(self) -> float:
        """-1 where more of the column is less of the construct."""
        return -1.0 if self.spec.reversed else 1.0

    def score(self, value: Floats | float) -> Floats:
        """The construct's score where the column has that value: standardised, turned round where reversed."""
        return np.asarray(self.direction * (value - self.center) / self.spread)


def away(column: Column | None, sd: Floats, step: float) -> Floats:
    """The score so many marginal sds from the mean; a yes/no goes from no to yes, not from -1 to +1 sd."""
    if column is not None and column.family == "binary" and abs(step) == 1.0:
        return np.broadcast_to(column.score(float(step * column.direction > 0)), sd.shape)
    return step * sd


def columns_of(
    theory: Theory, codebook: Codebook, blocks: Sequence[Block], counts: Mapping[str, float] = ONCE
) -> dict[str, Column]:
    """The column of every observed construct that has rows, by construct. ``counts`` as in ``cells.scalings``."""
    observed = {construct.name for construct in theory.constructs if construct.kind == "observed"}
    found: dict[str, Column] = {}
    for block in blocks:
        for name in dict.fromkeys(key[1] for key in block.keys):
            spec = codebook.indicators[name]
            if spec.measures in observed:
                cells = [c for c, key in enumerate(block.keys) if key[1] == name]
                found[spec.measures] = _column(spec, codebook, block, cells, counts)
    return found


def _column(
    spec: Indicator, codebook: Codebook, block: Block, cells: Sequence[int], counts: Mapping[str, float]
) -> Column:
    levels = codebook.answers(spec.name)
    read = {c: value for c in cells if len(value := values_at(block, c, levels)) == 1}
    known, times = list(read.values()), np.array([counts.get(block.keys[c][0], 1.0) for c in read] or [1.0])
    varies = len({value[0] for value in known}) > 1
    if spec.family == "continuous":
        return Column(spec, 0.0, 1.0, 0, varies=varies)
    values = np.array([value[0] for value in known] or [np.arange(levels).mean() if levels else 0.0])
    center, spread = mean_and_sd(values, times)
    trials = int(np.median(block.trials[list(cells), 0])) if spec.family == "binomial" else 1
    return Column(spec, center, spread or 1.0, levels, trials, varies)


def values_at(block: Block, cell: int, levels: int) -> list[float]:
    """The values that a cell's rows leave possible: levels, or the distinct numbers read (shares of n for a binomial)."""
    if levels:
        return [float(level) for level in np.flatnonzero(block.log_reading[cell, :levels] > IMPOSSIBLE / 2)]
    read = block.log_reading[cell] > IMPOSSIBLE / 2
    over = np.maximum(block.trials[cell], 1.0) if block.family == "binomial" else 1.0
    return [float(value) for value in np.asarray(block.value[cell] / over)[read]]


def values_read(
    blocks: Sequence[Block], columns: Mapping[str, Column], among: Collection[tuple[str, str]] | None = None
) -> dict[tuple[str, str], list[float]]:
    """The value of each cell of an observed construct by (unit, construct); no value where no row is left.

    among : the cells to look at, as (unit, indicator); by default all
    Raises CannotEstimateError where rows leave several values open: an observed value is known or missing.
    """
    by_name = {column.spec.name: column for column in columns.values()}
    found = {}
    for block in blocks:
        for c, (unit, name) in enumerate(block.keys):
            if name in by_name and (among is None or (unit, name) in among):
                levels = by_name[name].levels
                says_nothing = bool(levels) and not block.log_reading[c, :levels].any()
                found[unit, by_name[name].construct] = [] if says_nothing else values_at(block, c, levels)
                if len(found[unit, by_name[name].construct]) > 1:
                    raise _open(by_name[name], unit, block.rows[c])
    return found


def _open(column: Column, unit: str, rows: Sequence[Observation]) -> CannotEstimateError:
    doubt = min((row.confidence for row in rows), default=1.0)
    reason = f"is read with confidence {doubt:g}" if doubt < 1 else "is read as several values"
    return CannotEstimateError(
        f"{column.spec.name} of {unit} {reason}, but {column.construct} is observed: its value is known or missing. Give one "
        'value with confidence 1 (or default_confidence = 1 in codebook.toml), or make the construct kind = "latent".'
    )
