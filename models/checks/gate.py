"""What the prior believes before any row is read, in words and on the scale of ratings.

A prior that expects every case to be rated alike, or that calls a level all but impossible, would speak in place of the data. The
gate draws ratings from the prior alone and says what it finds before anything is sampled.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from models.blueprint import Blueprint
from models.measurement.cells import Block
from models.simulation.rebuild import predict, prior_theta, rebuild

type Floats = NDArray[np.float64]

DRAWS = 1000
RARE, ALIKE = 0.02, 0.5
"""A level expected in fewer than RARE of ratings; an indicator expected to be one level everywhere in ALIKE of studies."""


@dataclass(frozen=True, slots=True)
class Belief:
    """What the prior expects of the indicators on one verbal scale.

    shares : of each level among ratings; alike : chance that all ratings of one indicator in a study are the same level
    """

    scale: str
    levels: tuple[str, ...]
    shares: tuple[float, ...]
    alike: float

    @property
    def troubling(self) -> bool:
        """Whether the prior all but rules out a level, or expects no variation."""
        return min(self.shares) < RARE or self.alike > ALIKE

    @property
    def sentence(self) -> str:
        spread = ", ".join(f"{level} {share:.0%}" for level, share in zip(self.levels, self.shares, strict=True))
        alike = f"an indicator is the same in all its cells in {self.alike:.0%} of imagined studies"
        verdict = ". The prior speaks too loudly: widen it before believing the posterior" if self.troubling else ""
        return f"before any row is read, ratings on '{self.scale}' are expected to be {spread}; {alike}{verdict}"


def prior_beliefs(blueprint: Blueprint, seed: int) -> tuple[Belief, ...]:
    """Beliefs on every verbal scale in use (yes/no indicators as a scale of two), from prior predictive draws."""
    block = next((b for b in blueprint.blocks if b.family == "ordinal"), None)
    if block is None:
        return ()
    rng = np.random.default_rng(seed)
    theta = prior_theta(blueprint, DRAWS, rng)
    drawn = predict(blueprint, theta, rebuild(blueprint, theta).cells, rng)["ordinal"]
    scales: dict[str, tuple[str, ...]] = {}
    for _, name in block.keys:
        spec = blueprint.codebook.indicators[name]
        scale = spec.scale or "yes/no"
        scales[scale] = blueprint.codebook.scales[scale].levels if spec.scale else ("no", "yes")
    return tuple(_belief(blueprint, block, drawn, scale, levels) for scale, levels in scales.items())


def _belief(blueprint: Blueprint, block: Block, drawn: Floats, scale: str, levels: tuple[str, ...]) -> Belief:
    columns: dict[str, list[int]] = {}
    for c, (_, name) in enumerate(block.keys):
        if (blueprint.codebook.indicators[name].scale or "yes/no") == scale:
            columns.setdefault(name, []).append(c)
    every = drawn[:, [c for cells in columns.values() for c in cells]]
    shares = tuple(float((every == k).mean()) for k in range(len(levels)))
    several = [cells for cells in columns.values() if len(cells) > 1]
    alike = [float((drawn[:, cells] == drawn[:, cells[:1]]).all(axis=1).mean()) for cells in several]
    return Belief(scale, levels, shares, float(np.mean(alike)) if alike else 0.0)
