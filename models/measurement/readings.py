"""What a reading would say: the probability of each possible answer of a rating or yes/no cell, per draw."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from data.cases import Unit
from models.blueprint import Blueprint
from models.families import category_probability
from models.measurement.cells import Block
from models.simulation.rebuild import Rebuilt, Theta, rebuild, row_cuts
from models.structure.reading import Node, Reader

type Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Readings:
    """Draws prepared for asking what cells would say. Answers have shape (samples, answers)."""

    blueprint: Blueprint
    units: Mapping[str, Unit]
    theta: Theta

    @cached_property
    def rebuilt(self) -> Rebuilt:
        return rebuild(self.blueprint, self.theta)

    @cached_property
    def block(self) -> Block | None:
        """The cells that have finitely many answers; None when there are none."""
        return next((block for block in self.blueprint.blocks if block.family == "ordinal"), None)

    @cached_property
    def asked(self) -> tuple[str, ...]:
        """The rating and yes/no indicators of latent constructs, in the order of their first cell."""
        names = dict.fromkeys(key[1] for key in self.block.keys) if self.block else {}
        return tuple(name for name in names if name in self.blueprint.coords["loaded"])

    def unread(self, unit: Unit, indicator: str) -> Floats | None:
        """Answers of a cell that nobody has read; None where the unit has no score of the construct."""
        owner = Reader(self.blueprint.theory, self.units).owner(unit, self._measures(indicator))
        if owner is None:
            return None
        node = self.blueprint.structure.index[Node(owner.name, self._measures(indicator))]
        return np.asarray(self.at(self.rebuilt.z[:, [node]], indicator)[:, 0])

    def at(self, score: Floats, indicator: str) -> Floats:
        """Answers at scores of shape (samples, n), shape (samples, n, answers)."""
        spec = self.blueprint.codebook.indicators[indicator]
        shift = self.theta["shift"][:, [list(self.blueprint.coords["shifted"]).index(indicator)]]
        loading = self.theta["loading"][:, [list(self.blueprint.coords["loaded"]).index(indicator)]]
        eta = shift + (-1.0 if spec.reversed else 1.0) * loading * score
        return self.scaled(eta, indicator)

    def scaled(self, predictor: Floats, indicator: str) -> Floats:
        """Answers at linear predictors of shape (samples, n), on the scale of an indicator, shape (samples, n, answers)."""
        cuts = self._cuts_of(self._first_cell[indicator])
        return category_probability(predictor, cuts[..., : self.blueprint.codebook.answers(indicator) - 1])

    def _measures(self, indicator: str) -> str:
        return self.blueprint.codebook.indicators[indicator].measures

    def _cuts_of(self, cell: int) -> Floats:
        """Cutpoints of an ordinal cell, shape (samples, 1, longest scale - 1)."""
        return self._cuts[:, [int(self.blueprint.data["cut_row"][cell])]]

    @cached_property
    def _cuts(self) -> Floats:
        return row_cuts(self.blueprint, self.theta)

    @cached_property
    def _first_cell(self) -> dict[str, int]:
        keys = self.block.keys if self.block else ()
        return {key[1]: c for c, key in reversed(list(enumerate(keys)))}


def misread(answers: Floats, confidence: float) -> Floats:
    """Probability of what a reader writes down who is right with this confidence, and else says anything."""
    return np.asarray(confidence * answers + (1 - confidence) / answers.shape[-1])
