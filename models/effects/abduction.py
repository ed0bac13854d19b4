"""Effects in a named case by abduction: its units keep their own disturbances while its causes are set."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from causal.estimands import SD_OF, Level
from causal.query import CaseCounterfactual, DirectEffect, Effect
from data.cases import Unit
from models.blueprint import Blueprint
from models.density import predictor
from models.measurement.columns import away
from models.simulation.observed import own_responses
from models.simulation.rebuild import Rebuilt, Theta, rebuild, walk
from models.simulation.responses import Response
from models.structure.slopes import is_step

type Floats = NDArray[np.float64]
type Scores = list[Floats]


class CannotAnswer(Exception):
    """A query that this model has no quantity for; the message says why."""


@dataclass(frozen=True)
class OwnUnits:
    """The units of the study as they were, at every draw.

    sds : marginal sd of every construct over new cases, shape (samples, 1)
    seed : of the disturbances drawn for observed levels, shares and counts
    """

    blueprint: Blueprint
    units: Mapping[str, Unit]
    theta: Theta
    sds: Mapping[str, Floats]
    seed: int = 0

    @cached_property
    def _respond(self) -> dict[int, Response]:
        """How observed levels, shares and counts would have answered other causes, given what they were."""
        rng = np.random.default_rng(self.seed)
        return own_responses(self.blueprint, self.theta, self.rebuilt, rng)

    @cached_property
    def rebuilt(self) -> Rebuilt:
        """Scores and linear predictors of nodes and cells as the model has them."""
        return rebuild(self.blueprint, self.theta)

    def away(self, construct: str, level: Level) -> Floats:
        """The score that a level of a construct stands for, shape (samples,)."""
        return away(self.blueprint.columns.get(construct), self.sds[construct][:, 0], SD_OF[level])

    @cached_property
    def _disturbances(self) -> tuple[Scores, list[Floats]]:
        """Base scores and slopes.

        The base of an observed score is what its causes leave unexplained, so that it follows when they are set.
        """
        data = self.blueprint.data
        drawn, coefficients = predictor.base_scores(np, self.theta, data), predictor.all_slopes(np, self.theta, data)
        base = [drawn[:, n] for n in range(drawn.shape[1])]
        slopes = [coefficients[:, k] for k in range(coefficients.shape[1])]
        observed = {int(n): self.rebuilt.z[:, n] for n in np.flatnonzero(data["is_given"])}
        _, explained = walk(self.blueprint.structure, base, slopes, observed)
        kept = observed.keys() - self._respond.keys()
        return [observed[n] - explained[n] + b if n in kept else b for n, b in enumerate(base)], slopes

    @cached_property
    def _natural(self) -> tuple[Scores, list[Floats]]:
        """Scores and linear predictors where nothing is set."""
        base, slopes = self._disturbances
        return walk(self.blueprint.structure, base, slopes, {}, respond=self._respond)

    @property
    def actual(self) -> Scores:
        """Scores as they were, one array of shape (samples,) per node."""
        return self._natural[0]

    def world(self, setting: Mapping[int, Floats]) -> Scores:
        """Scores had the nodes of ``setting`` been set."""
        base, slopes = self._disturbances
        structure = self.blueprint.structure
        moved = structure.reached_from(frozenset(setting))
        return walk(structure, base, slopes, setting, moved, self._natural, self._respond)[0]

    def nodes(self, case: str, construct: str) -> list[int]:
        """Nodes of a construct in a case (or in one unit, when a unit is named), in period order."""
        nodes = self.blueprint.structure.nodes
        found = [n for n, node in enumerate(nodes) if node.construct == construct and not node.start]
        mine = [n for n in found if case in (nodes[n].unit, self.units[nodes[n].unit].case)]
        outer = {n for n in mine if self.units[nodes[n].unit].within is None}
        chosen = [n for n in mine if n in outer or case == nodes[n].unit] if outer else mine
        return sorted(chosen, key=lambda n: self.units[nodes[n].unit].period)


def effect_in_case(own: OwnUnits, query: Effect | DirectEffect) -> Floats:
    """The cause moved by one sd in all periods of the case, the outcome read in the last.

    A direct effect holds everything else as it was, the outcome's own earlier periods included.
    """
    causes, outcomes = ends(own, query, str(query.case))
    steps = {name: own.away(name, level) for name, level in query.given}
    held = {n: value for name, value in steps.items() for n in own.nodes(str(query.case), name)}
    if isinstance(query, DirectEffect):
        nodes = own.blueprint.structure.nodes
        rest = (n for n, node in enumerate(nodes) if n not in (*causes, outcomes[-1]) and not is_step(node.construct))
        held = {n: own.actual[n] for n in rest} | held
    sd = own.sds[query.cause][:, 0]
    low, high = (own.world(held | dict.fromkeys(causes, step * sd)) for step in (-0.5, 0.5))
    return np.asarray((high[outcomes[-1]] - low[outcomes[-1]]) / own.sds[query.effect][:, 0])


def as_it_was(own: OwnUnits, query: CaseCounterfactual) -> Floats:
    """How much higher the outcome stood than it would have, had the cause stayed as in the previous period (or at a level)."""
    causes, outcomes = ends(own, query, query.case)
    last, instead = outcomes[-1], own.world(instead_of(own, query, causes))
    return np.asarray((own.actual[last] - instead[last]) / own.sds[query.effect][:, 0])


def instead_of(own: OwnUnits, query: CaseCounterfactual, causes: list[int]) -> dict[int, Floats]:
    """What the cause is set to in the world that did not happen, by node."""
    if query.set_to is not None:
        return dict.fromkeys(causes, own.away(query.cause, query.set_to))
    unit = own.units[own.blueprint.structure.nodes[causes[-1]].unit]
    before = own.nodes(unit.previous, query.cause) if unit.previous else []
    if not before:
        raise CannotAnswer(f"{query}: {unit.name} has no previous period; name a level, {query.cause} = low.")
    return {causes[-1]: own.actual[before[-1]]}


def ends(own: OwnUnits, query: Effect | DirectEffect | CaseCounterfactual, case: str) -> tuple[list[int], list[int]]:
    """Nodes of the cause and of the effect in a case, in period order. Raises CannotAnswer when there are none."""
    causes, outcomes = own.nodes(case, query.cause), own.nodes(case, query.effect)
    if not causes or not outcomes:
        raise CannotAnswer(f"{query}: {case} has no score for {query.cause if not causes else query.effect}.")
    return causes, outcomes
