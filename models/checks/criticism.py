"""Does the fitted theory make data like these? Posterior predictive checks of ratings, per indicator, pair, unit and case.

Each posterior draw keeps its coefficients, loadings and cutpoints and draws everything else anew: scores, case components,
errors shared by evidence groups, true levels, readings (Marshall and Spiegelhalter 2007, "mixed" replication). So a case is
compared with other cases that the theory could have met, not with scores that were fitted to its own ratings. Only ratings
and yes/no indicators are checked.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from data.cases import Observation, Unit
from models.blueprint import Blueprint
from models.measurement.cells import Block
from models.simulation.forward import true_values
from models.simulation.rebuild import Theta, with_new_units

type Floats = NDArray[np.float64]
type Ints = NDArray[np.int64]
type Verdict = Literal["unusual", "as expected", "cannot tell"]

UNUSUAL = 0.01
"""Two-sided tail probability at which an observation counts as unusual."""

FEWEST_SHARED = 4
"""Units on which two indicators must both be read for their association to be looked at."""


@dataclass(frozen=True, slots=True)
class Check:
    """One thing the rows show, beside what the fitted theory expects.

    what : the share of an indicator's readings at a level; the association of two indicators over units (share of pairs of
        units in the same order less share in the opposite one, reversed indicators turned round); the mean reading of a
        unit or case over all constructs (0 lowest, 1 highest on its scale, reversed indicators turned round)
    expected, low, high : mean and central 90 % of replicated data
    tail_probability : how often replicated data lie as far out, both sides counted
    verdict : "cannot tell" when not even the most extreme data there could be would count as unusual
    """

    what: Literal["level", "association", "unit", "case"]
    subject: str
    other: str
    rows: int
    observed: float
    expected: float
    low: float
    high: float
    tail_probability: float
    verdict: Verdict


@dataclass(frozen=True)
class Readings:
    """Ordinal and yes/no rows as coded and as replicated, each as shares of the levels it allows.

    observed : (rows, levels); replicated : (samples, rows, levels), a range sharing itself evenly among its levels
    top : (rows,) the highest level of each row's scale; direction : (rows,) -1 for reversed indicators
    """

    rows: tuple[Observation, ...]
    observed: Floats
    replicated: Floats
    top: Ints
    direction: Floats

    def positions(self, shares: Floats) -> Floats:
        """Where a reading stands between the lowest (0) and highest (1) of its construct, shape (..., rows)."""
        place = (shares * np.arange(shares.shape[-1])).sum(axis=-1) / self.top
        return np.where(self.direction > 0, place, 1.0 - place)


def criticise(blueprint: Blueprint, units: Mapping[str, Unit], theta: Theta, rng: np.random.Generator) -> list[Check]:
    """Every check that the rows allow; none when no row is a rating or a yes or no.

    theta : posterior draws; some hundreds suffice (memory grows with draws times rows)
    """
    readings = replicate(blueprint, theta, rng)
    if readings is None:
        return []
    observed, replicated = readings.positions(readings.observed), readings.positions(readings.replicated)
    return [
        *_levels(blueprint, readings),
        *_associations(readings, observed, replicated),
        *_groups("unit", [row.unit for row in readings.rows], observed, replicated),
        *_groups("case", [units[row.unit].case for row in readings.rows], observed, replicated),
    ]


def replicate(blueprint: Blueprint, theta: Theta, rng: np.random.Generator) -> Readings | None:
    """The ordinal rows, and rows of new units under every draw; None when the study has none."""
    block = next((b for b in blueprint.blocks if b.family == "ordinal"), None)
    if block is None:
        return None
    true = true_values(blueprint, with_new_units(blueprint, theta, rng), rng)["ordinal"].astype(np.int64)
    cell = np.repeat(np.arange(len(block)), [len(rows) for rows in block.rows])
    rows = tuple(row for cell_rows in block.rows for row in cell_rows)
    levels = _levels_of(blueprint, block)[cell]
    confidence = np.array([row.confidence for row in rows])
    width = np.array([max(len(row.levels), 1) for row in rows])
    right = rng.random((len(true), len(rows))) < confidence
    shown = np.where(right, true[:, cell], rng.integers(0, levels, size=right.shape))
    return Readings(
        rows,
        _observed(rows, int(levels.max())),
        _windows(shown, width, levels, rng),
        levels - 1,
        np.array([-1.0 if blueprint.codebook.indicators[row.indicator].reversed else 1.0 for row in rows]),
    )


def _levels_of(blueprint: Blueprint, block: Block) -> Ints:
    """Number of levels of every cell's scale."""
    specs = [blueprint.codebook.indicators[key[1]] for key in block.keys]
    return np.array([len(blueprint.codebook.scales[s.scale].levels) if s.scale else 2 for s in specs], dtype=np.int64)


def _observed(rows: Sequence[Observation], levels: int) -> Floats:
    shares = np.zeros((len(rows), levels))
    for i, row in enumerate(rows):
        allowed = list(row.levels) or [int(row.value or 0)]
        shares[i, allowed] = 1.0 / len(allowed)
    return shares


def _windows(shown: Ints, width: Ints, levels: Ints, rng: np.random.Generator) -> Floats:
    """Shares of levels of rows that allow as many as the coded ones did, cut at random (see ``models.simulation.simulate``)."""
    start = shown - (shown + rng.integers(0, width, size=shown.shape)) % width
    low, high = np.maximum(start, 0), np.minimum(start + width, levels)
    level = np.arange(int(levels.max()))
    inside = (level >= low[..., None]) & (level < high[..., None])
    return np.asarray(inside / inside.sum(axis=-1, keepdims=True), dtype=np.float64)


def _levels(blueprint: Blueprint, readings: Readings) -> Iterator[Check]:
    for name in dict.fromkeys(row.indicator for row in readings.rows):
        at = [i for i, row in enumerate(readings.rows) if row.indicator == name]
        scale = blueprint.codebook.indicators[name].scale
        for k, level in enumerate(blueprint.codebook.scales[scale].levels if scale else ("no", "yes")):
            observed, copies = readings.observed[at, k].mean(), readings.replicated[:, at, k].mean(axis=1)
            yield _check("level", name, level, len(at), float(observed), copies, (0.0, 1.0))


def _groups(
    what: Literal["unit", "case"], names: Sequence[str], observed: Floats, replicated: Floats
) -> Iterator[Check]:
    for name in dict.fromkeys(names):
        at = [i for i, other in enumerate(names) if other == name]
        copies = replicated[:, at].mean(axis=1)
        yield _check(what, name, "", len(at), float(observed[at].mean()), copies, (0.0, 1.0))


def _associations(readings: Readings, observed: Floats, replicated: Floats) -> Iterator[Check]:
    """Pairs of indicators read on units in common; several rows of one cell count as their mean."""
    cells: dict[str, dict[str, list[int]]] = {}
    for i, row in enumerate(readings.rows):
        cells.setdefault(row.indicator, {}).setdefault(row.unit, []).append(i)
    both = np.concatenate([observed[None], replicated])
    means = {name: {unit: both[:, at].mean(axis=1) for unit, at in units.items()} for name, units in cells.items()}
    for a, b in combinations(means, 2):
        shared = [unit for unit in means[a] if unit in means[b]]
        if len(shared) < FEWEST_SHARED:
            continue
        x, y = (np.stack([means[name][unit] for unit in shared], axis=-1) for name in (a, b))
        found = concordance(x, y)
        yield _check("association", a, b, len(shared), float(found[0]), found[1:], (-1.0, 1.0))


def concordance(x: Floats, y: Floats) -> Floats:
    """Kendall's tau-a over the last axis: pairs in the same order less pairs in the opposite, over all pairs; ties count 0."""
    first, second = np.triu_indices(x.shape[-1], 1)
    signs = np.sign(np.round(x[..., first] - x[..., second], 9)) * np.sign(np.round(y[..., first] - y[..., second], 9))
    return np.asarray(signs.mean(axis=-1), dtype=np.float64)


def _check(
    what: Literal["level", "association", "unit", "case"],
    subject: str,
    other: str,
    rows: int,
    observed: float,
    copies: Floats,
    extremes: tuple[float, float],
) -> Check:
    low, high = np.quantile(copies, [0.05, 0.95])
    tail = tail_probability(observed, copies)
    if min(tail_probability(extreme, copies) for extreme in extremes) > UNUSUAL:
        verdict: Verdict = "cannot tell"
    else:
        verdict = "unusual" if tail <= UNUSUAL else "as expected"
    return Check(what, subject, other, rows, observed, float(copies.mean()), float(low), float(high), tail, verdict)


def tail_probability(observed: float, copies: Floats) -> float:
    """Two-sided: twice the smaller share of replicated data at or beyond the observed, at most 1; never quite 0."""
    margin = 1e-9
    below, above = (copies <= observed + margin).sum(), (copies >= observed - margin).sum()
    return float(min(1.0, 2 * (1 + min(below, above)) / (1 + len(copies))))
