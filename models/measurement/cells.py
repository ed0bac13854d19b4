"""From coded rows to measurement arrays.

A cell is a (unit, indicator): one true value, of which its rows are readings. What the rows say enters as data: for each
candidate value t the log of  prod_i [ r_i 1(t in S_i) + (1 - r_i) |S_i| / K ],  r_i the confidence, S_i what row i allows.
Families without a finite list of values take the distinct values read as candidates and add the case that no row is right.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from math import lgamma, log
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray

from data.cases import Observation
from data.codebook import Codebook, Indicator

type Ints = NDArray[np.int64]
type Floats = NDArray[np.float64]

IMPOSSIBLE = -1e4
"""Stands for log 0 where rows exclude a level: small enough to vanish, finite so that gradients stay defined."""

BLOCKS = ("ordinal", "binomial", "count", "continuous")
"""Order of the measurement blocks; a binary indicator is an ordinal one with two levels and its cutpoint at 0."""

WIDE_SD = 2.0
"""Standard deviation (in those of the indicator) of a continuous value read in error."""


ONCE: Mapping[str, float] = MappingProxyType({})
"""Units that stand for several rows of a table: none."""


def block_of(indicator: Indicator) -> str:
    return "ordinal" if indicator.family == "binary" else indicator.family


@dataclass(frozen=True)
class Block:
    """The cells of one family. Arrays have one row per cell; candidates are padded to the longest list.

    value, trials, constant : (cells, candidates); log_reading : (cells, candidates); log_null : (cells,)
    For ordinal cells the candidates are the levels of the scale and ``value`` is the lowest level read.
    """

    family: str
    keys: tuple[tuple[str, str], ...]
    rows: tuple[tuple[Observation, ...], ...]
    indicator: Ints
    value: Floats
    trials: Floats
    constant: Floats
    log_reading: Floats
    log_null: Floats

    def __len__(self) -> int:
        return len(self.keys)

    @property
    def labels(self) -> list[str]:
        return [f"{unit}:{indicator}" for unit, indicator in self.keys]


@dataclass(frozen=True)
class Scaling:
    """Location and spread by which an indicator's values are standardised: (v - center) / spread; log mean for counts."""

    center: float = 0.0
    spread: float = 1.0


def informative(observations: Sequence[Observation]) -> list[Observation]:
    """Rows that enter the likelihood: those with a value that do not merely summarise others."""
    return [row for row in observations if not row.missing and row.role != "summary"]


def scalings(
    codebook: Codebook, observations: Sequence[Observation], counts: Mapping[str, float] = ONCE
) -> dict[str, Scaling]:
    """Standardisation of every continuous and count indicator, from the rows as first coded.

    counts : for how many rows of a table each unit's rows stand, where it is not one
    """
    found: dict[str, Scaling] = {}
    rows: dict[str, list[Observation]] = {}
    for row in informative(observations):
        rows.setdefault(row.indicator, []).append(row)
    for name, indicator in codebook.indicators.items():
        read = rows.get(name, [])
        values = np.array([row.value for row in read], dtype=float)
        weights = np.array([counts.get(row.unit, 1.0) for row in read])
        if indicator.family == "continuous" and len(values):
            mean, spread = mean_and_sd(values, weights)
            found[name] = Scaling(mean, spread or abs(float(values[0])) or 1.0)
        elif indicator.family == "count" and len(values):
            found[name] = Scaling(float(np.log(max(np.average(values, weights=weights), 0.5))), 1.0)
        else:
            found[name] = Scaling()
    return found


def mean_and_sd(values: Floats, weights: Floats) -> tuple[float, float]:
    """Of values that count so many times each."""
    mean = float(np.average(values, weights=weights))
    return mean, float(np.sqrt(np.average((values - mean) ** 2, weights=weights)))


def build_blocks(
    codebook: Codebook,
    observations: Sequence[Observation],
    scaling: dict[str, Scaling],
    spare: Sequence[tuple[str, str]] = (),
) -> tuple[Block, ...]:
    """Group the informative rows into cells and the cells into blocks by family, in file order.

    spare : cells to make room for, whether they have rows or not
    """
    cells: dict[tuple[str, str], list[Observation]] = {key: [] for key in spare}
    for row in informative(observations):
        cells.setdefault((row.unit, row.indicator), []).append(row)
    indicators = list(codebook.indicators)
    blocks = []
    for family in BLOCKS:
        keys = [key for key in cells if block_of(codebook.indicators[key[1]]) == family]
        if keys:
            rows = tuple(tuple(cells[key]) for key in keys)
            index = np.array([indicators.index(key[1]) for key in keys], dtype=np.int64)
            read = [read_cell(codebook, key[1], cell, scaling[key[1]]) for key, cell in zip(keys, rows, strict=True)]
            blocks.append(stack(family, tuple(keys), rows, index, read))
    return tuple(blocks)


@dataclass(frozen=True)
class Reading:
    """What the rows of one cell say: candidate values and the log probability of the rows given each."""

    value: Floats
    trials: Floats
    constant: Floats
    log_reading: Floats
    log_null: float


def read_cell(codebook: Codebook, indicator: str, rows: Sequence[Observation], scaling: Scaling) -> Reading:
    """The reading of a cell by any subset of its rows; no rows at all say nothing (log probability 0)."""
    match codebook.indicators[indicator].family:
        case "ordinal":
            return _read_levels(rows, len(codebook.scales[str(codebook.indicators[indicator].scale)].levels))
        case "binary":
            return _read_levels([replace(row, levels=(int(row.value or 0),)) for row in rows], 2)
        case family:
            return _read_values(rows, family, scaling)


def _exponents(rows: Sequence[Observation]) -> list[float]:
    """One coder citing one piece of evidence twice for one cell counts once."""
    same = Counter((row.evidence_group, row.coder) for row in rows)
    return [1.0 / same[(row.evidence_group, row.coder)] for row in rows]


def _read_levels(rows: Sequence[Observation], levels: int) -> Reading:
    reading = np.zeros(levels)
    for row, exponent in zip(rows, _exponents(rows), strict=True):
        chance = np.full(levels, (1.0 - row.confidence) * len(row.levels) / levels)
        chance[list(row.levels)] += row.confidence
        with np.errstate(divide="ignore"):
            reading += exponent * np.maximum(np.log(chance), IMPOSSIBLE)
    lowest = float(min((min(row.levels) for row in rows), default=0))
    return Reading(np.array([lowest]), np.zeros(1), np.zeros(1), reading, IMPOSSIBLE)


def _read_values(rows: Sequence[Observation], family: str, scaling: Scaling) -> Reading:
    read = [(_standardised(row, family, scaling), float(row.n or 0)) for row in rows]
    candidates = list(dict.fromkeys(read))
    reading, null = np.zeros(len(candidates)), 0.0
    for row, own, exponent in zip(rows, read, _exponents(rows), strict=True):
        wrong = _log(1.0 - row.confidence) + _log_uninformative(own, family, scaling)
        # a whole number read in error may still be the true one; a measured value cannot be
        right = _log(row.confidence) if family == "continuous" else float(np.logaddexp(_log(row.confidence), wrong))
        reading += exponent * np.array([right if own == c else wrong for c in candidates])
        null += exponent * wrong
    if family != "continuous" and candidates:  # that all rows err counts once, in the null, whatever the true value
        with np.errstate(divide="ignore"):
            reading += np.log(-np.expm1(np.minimum(null - reading, 0.0)))
    values, trials = np.array(candidates, dtype=float).reshape(-1, 2).T
    constant = np.array([_constant(value, n, family) for value, n in candidates])
    return Reading(values, trials, constant, np.maximum(reading, IMPOSSIBLE), max(null, IMPOSSIBLE))


def _standardised(row: Observation, family: str, scaling: Scaling) -> float:
    value = float(row.value or 0.0)
    return (value - scaling.center) / scaling.spread if family == "continuous" else value


def _log(p: float) -> float:
    return log(p) if p > 0 else IMPOSSIBLE


def _log_uninformative(read: tuple[float, float], family: str, scaling: Scaling) -> float:
    """Log density of a value read in error: uniform shares, geometric counts about the mean, a wide normal."""
    value, n = read
    if family == "binomial":
        return -log(n + 1.0)
    if family == "count":
        mean = np.exp(scaling.center)
        return float(value * log(mean / (1.0 + mean)) - log(1.0 + mean))
    return float(-0.5 * (value / WIDE_SD) ** 2 - log(WIDE_SD) - 0.5 * log(2 * np.pi))


def _constant(value: float, n: float, family: str) -> float:
    if family == "binomial":
        return lgamma(n + 1) - lgamma(value + 1) - lgamma(n - value + 1)
    return -lgamma(value + 1) if family == "count" else 0.0


def stack(
    family: str,
    keys: tuple[tuple[str, str], ...],
    rows: tuple[tuple[Observation, ...], ...],
    indicator: Ints,
    read: Sequence[Reading],
) -> Block:
    """A block from the readings of its cells."""
    width = max(1, *(len(r.log_reading) for r in read))

    def pad(arrays: Sequence[Floats], fill: float) -> Floats:
        return np.array([np.concatenate([a, np.full(width - len(a), fill)]) for a in arrays])

    return Block(
        family=family,
        keys=keys,
        rows=rows,
        indicator=indicator,
        value=np.array([r.value for r in read]) if family == "ordinal" else pad([r.value for r in read], 0.0),
        trials=np.zeros((len(read), 1)) if family == "ordinal" else pad([r.trials for r in read], 0.0),
        constant=np.zeros((len(read), 1)) if family == "ordinal" else pad([r.constant for r in read], 0.0),
        log_reading=pad([r.log_reading for r in read], IMPOSSIBLE),
        log_null=np.array([r.log_null for r in read]),
    )
