"""The rating scale: the chance that a construct's first indicator stands at its best level, as a function of the score."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from models.blueprint import Blueprint
from models.density import predictor
from models.families import logistic
from models.simulation.rebuild import Theta

type Floats = NDArray[np.float64]


@dataclass(frozen=True)
class TopChance:
    """logistic(center + slope * score), both of shape (samples, 1)."""

    center: Floats
    slope: Floats

    def __call__(self, score: Floats) -> Floats:
        """Chances at scores of shape (samples, replicates)."""
        return np.asarray(logistic(self.center + self.slope * score))

    def __getitem__(self, part: slice) -> TopChance:
        return TopChance(self.center[part], self.slope[part])


@dataclass(frozen=True)
class AsRead:
    """The chance of an observed outcome, which its own response gives."""

    def __call__(self, score: Floats) -> Floats:
        return score

    def __getitem__(self, part: slice) -> AsRead:
        return self


def top_chance(blueprint: Blueprint, theta: Theta, construct: str) -> TopChance | AsRead | None:
    """The chance of the best level of a construct's first ordinal, binary or binomial indicator; None when it has none.

    The best level is the top one, or the bottom one of a reversed indicator.
    """
    loaded = list(blueprint.coords["loaded"])
    if construct in blueprint.columns:
        return None if blueprint.columns[construct].family in ("count", "continuous") else AsRead()
    for name in blueprint.indicators:
        spec = blueprint.codebook.indicators[name]
        if spec.measures == construct and spec.family in ("ordinal", "binary", "binomial") and name in loaded:
            direction = -1.0 if spec.reversed else 1.0
            shift = theta["shift"][:, [list(blueprint.coords["shifted"]).index(name)]]
            center = direction * (shift - _best_cut(blueprint, theta, name))
            return TopChance(center, theta["loading"][:, [loaded.index(name)]])
    return None


def _best_cut(blueprint: Blueprint, theta: Theta, name: str) -> Floats:
    """The cutpoint below the level that counts as the construct's best, shape (samples, 1)."""
    spec = blueprint.codebook.indicators[name]
    if spec.family != "ordinal":
        return np.zeros((len(theta["shift"]), 1))
    block = next(b for b in blueprint.blocks if b.family == "ordinal")
    cell = next(i for i, key in enumerate(block.keys) if key[1] == name)
    levels = len(blueprint.codebook.scales[str(spec.scale)].levels)
    width = blueprint.data["ordinal_reading"].shape[1] - 1
    cuts = predictor.cutpoints(np, theta, blueprint.data, blueprint.cut_sizes, width)
    row = int(blueprint.data["cut_row"][cell])
    return np.asarray(cuts[:, row, [0 if spec.reversed else levels - 2]])
