"""Effects by intervention, simulated forward on draws.

Every effect compares worlds that share their disturbances. On the standardised scale a cause moves by one of its own marginal
standard deviations (from half below to half above its mean) and the outcome is counted in its own; on the rating scale the
cause goes from low (-1 sd) to high (+1 sd) and the outcome is the chance that its first indicator stands at its top level.
Arrays of draws have shape (samples,).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from causal.estimands import Given, Level
from causal.query import CaseCounterfactual, DirectEffect, Effect, NaturalEffect, PathEffect, Query
from data.cases import Unit
from models import predictor
from models.blueprint import Blueprint
from models.families import logistic
from models.newcase import NewCase, new_case
from models.rebuild import Theta, cell_cuts, walk

type Floats = NDArray[np.float64]
type Scores = list[Floats]

SD_OF: Mapping[Level, float] = {"low": -1.0, "mean": 0.0, "high": 1.0}
"""What a level of a construct means, in marginal standard deviations of a new case."""

REPLICATES = 128


class CannotAnswer(Exception):
    """A query that this model has no quantity for; the message says why."""


@dataclass(frozen=True)
class Laboratory:
    """The draws on which queries are answered: a new case, and the study's own units for questions about a named case."""

    blueprint: Blueprint
    units: Mapping[str, Unit]
    theta: Theta
    case: NewCase

    @cached_property
    def own(self) -> tuple[list[Floats], list[Floats]]:
        """Base scores and slopes of the study's own units: abduction keeps every unit's disturbances.

        That of an observed score is what its causes leave unexplained, so that it too follows when they are set.
        """
        data = self.blueprint.data
        drawn, coefficients = predictor.base_scores(np, self.theta, data), predictor.all_slopes(np, self.theta, data)
        base = [drawn[:, n] for n in range(drawn.shape[1])]
        slopes = [coefficients[:, k] for k in range(coefficients.shape[1])]
        observed = {int(n): np.full(len(drawn), data["given"][n]) for n in np.flatnonzero(data["is_given"])}
        _, explained = walk(self.blueprint.structure, base, slopes, observed)
        return [observed[n] - explained[n] + b if n in observed else b for n, b in enumerate(base)], slopes


def open_laboratory(
    blueprint: Blueprint,
    units: Mapping[str, Unit],
    theta: Theta,
    rng: np.random.Generator,
    replicates: int = REPLICATES,
) -> Laboratory:
    """Draw the new case that all queries share (common random numbers)."""
    return Laboratory(blueprint, units, theta, new_case(blueprint, units, theta, replicates, rng))


def standardised(lab: Laboratory, query: Query) -> Floats:
    """Draws of a query: marginal sds of the effect per marginal sd of the cause."""
    match query:
        case Effect(case=str()) | DirectEffect(case=str()):
            return _in_case(lab, query)
        case CaseCounterfactual():
            return _as_it_was(lab, query)
        case PathEffect():
            return np.asarray(np.prod(path_steps(lab, query), axis=0))
        case _:
            low, high = _worlds(lab.case, query, 0.5)
            return _difference(lab.case, query.effect, low, high) / lab.case.sd(query.effect)[:, 0]


def path_steps(lab: Laboratory, query: PathEffect) -> Floats:
    """Standardised direct effect of every edge of a path, shape (edges, samples)."""
    pairs = zip(query.nodes, query.nodes[1:], strict=False)
    return np.array([standardised(lab, DirectEffect(a, b, query.given)) for a, b in pairs])


def on_rating_scale(lab: Laboratory, query: Query) -> Floats | None:
    """Change in the chance that the outcome's first indicator is at its top level when the cause goes from low to high.

    For a binomial indicator the change in the share; None where the outcome has no ordinal, binary or binomial indicator,
    for paths (a product of coefficients has no rating scale) and for claims about a named case.
    """
    chance = _top_chance(lab.blueprint, lab.theta, query.effect)
    if (
        chance is None
        or isinstance(query, PathEffect | CaseCounterfactual)
        or (not isinstance(query, NaturalEffect) and query.case)
    ):
        return None
    outcome = lab.case.outcome(query.effect)
    low, high = (world[outcome] for world in _worlds(lab.case, query, 1.0))
    return np.asarray((chance(high) - chance(low)).mean(axis=1))


def _worlds(case: NewCase, query: Effect | DirectEffect | NaturalEffect, step: float) -> tuple[Scores, Scores]:
    """Scores with the cause ``step`` sds below and above its mean, everything else as the query sets or leaves it."""
    sd, outcome = case.sd(query.cause), case.outcome(query.effect)
    held = _held(case, query.given)
    below, above = held | {query.cause: -step * sd}, held | {query.cause: step * sd}
    match query:
        case DirectEffect():
            others = [name for name in case.theory.names if name not in (query.cause, query.effect)]
            still: dict[str, Floats | float] = dict.fromkeys(others, 0.0)
            return case.world(still | below, outcome), case.world(still | above, outcome)
        case NaturalEffect():
            return _cross_worlds(case, query, below, above)
        case _:
            return case.world(below, outcome), case.world(above, outcome)


def _held(case: NewCase, given: Given) -> dict[str, Floats]:
    return {name: SD_OF[level] * case.sd(name) for name, level in given}


def _cross_worlds(
    case: NewCase, query: NaturalEffect, below: Mapping[str, Floats], above: Mapping[str, Floats]
) -> tuple[Scores, Scores]:
    """Natural effects: the cause in one world, its mediators as they would have been in another (Pearl 2001)."""
    low, high = case.world(below), case.world(above)
    mediators = [
        n for n, node in enumerate(case.structure.nodes)
        if not node.start and node.construct not in (query.cause, query.effect) and node.construct not in below
    ]  # fmt: skip
    frozen = {n: (low if query.kind == "direct" else high)[n] for n in mediators}
    setting = above if query.kind == "direct" else below
    crossed = walk(case.structure, case.base, case.slopes, case.given(setting) | frozen)[0]
    return low, crossed


def _difference(case: NewCase, effect: str, low: Scores, high: Scores) -> Floats:
    outcome = case.outcome(effect)
    return np.broadcast_to(high[outcome] - low[outcome], case.base[outcome].shape).mean(axis=1)


def _case_nodes(lab: Laboratory, case: str, construct: str) -> list[int]:
    """Nodes of a construct in a case (or in one unit, when a unit is named), in period order."""
    nodes = lab.blueprint.structure.nodes
    found = [
        n
        for n, node in enumerate(nodes)
        if node.construct == construct
        and not node.start
        and case in (node.unit, lab.units[node.unit].case)
        and (case == node.unit or lab.units[node.unit].within is None or not _outer_score(lab, case, construct))
    ]
    return sorted(found, key=lambda n: lab.units[nodes[n].unit].period)


def _outer_score(lab: Laboratory, case: str, construct: str) -> bool:
    return any(
        node.construct == construct
        and not node.start
        and lab.units[node.unit].case == case
        and lab.units[node.unit].within is None
        for node in lab.blueprint.structure.nodes
    )


def _own_world(lab: Laboratory, setting: Mapping[int, Floats]) -> Scores:
    base, slopes = lab.own
    return walk(lab.blueprint.structure, base, slopes, setting)[0]


def _in_case(lab: Laboratory, query: Effect | DirectEffect) -> Floats:
    """Effect in one case by abduction: its own disturbances kept, the cause moved in all its periods, the outcome in the last."""
    case = str(query.case)
    causes, outcomes = _case_nodes(lab, case, query.cause), _case_nodes(lab, case, query.effect)
    if not causes or not outcomes:
        raise CannotAnswer(f"{query}: {case} has no score for {query.cause if not causes else query.effect}.")
    held = {
        n: np.broadcast_to(v[:, 0], v.shape[:1])
        for name, v in _held(lab.case, query.given).items()
        for n in _case_nodes(lab, case, name)
    }
    actual = _own_world(lab, {})
    if isinstance(query, DirectEffect):
        held = {n: actual[n] for n in range(len(actual)) if n not in (*causes, *outcomes)} | held
    sd = lab.case.sd(query.cause)[:, 0]
    low, high = (_own_world(lab, held | dict.fromkeys(causes, step * sd)) for step in (-0.5, 0.5))
    return (high[outcomes[-1]] - low[outcomes[-1]]) / lab.case.sd(query.effect)[:, 0]


def _as_it_was(lab: Laboratory, query: CaseCounterfactual) -> Floats:
    """How much higher the outcome stood than it would have, had the cause stayed as in the previous period (or at a level)."""
    causes, outcomes = _case_nodes(lab, query.case, query.cause), _case_nodes(lab, query.case, query.effect)
    if not causes or not outcomes:
        raise CannotAnswer(f"{query}: {query.case} has no score for {query.cause if not causes else query.effect}.")
    actual = _own_world(lab, {})
    if query.set_to is not None:
        instead = {n: SD_OF[query.set_to] * lab.case.sd(query.cause)[:, 0] for n in causes}
    else:
        unit = lab.units[lab.blueprint.structure.nodes[causes[-1]].unit]
        before = _case_nodes(lab, unit.previous, query.cause) if unit.previous else []
        if not before:
            raise CannotAnswer(f"{query}: {unit.name} has no previous period; name a level, {query.cause} = low.")
        instead = {causes[-1]: actual[before[-1]]}
    return (actual[outcomes[-1]] - _own_world(lab, instead)[outcomes[-1]]) / lab.case.sd(query.effect)[:, 0]


def _top_chance(blueprint: Blueprint, theta: Theta, construct: str) -> Callable[[Floats], Floats] | None:
    """Chance of the top level of a construct's first indicator as a function of its score, (samples, replicates) to same."""
    for j, name in enumerate(blueprint.indicators):
        spec = blueprint.codebook.indicators[name]
        if (
            spec.measures == construct
            and spec.family in ("ordinal", "binary", "binomial")
            and name in blueprint.coords["loaded"]
        ):
            shift = theta["shift"][:, [j]]
            loading = theta["loading"][:, [list(blueprint.coords["loaded"]).index(name)]]
            direction = -1.0 if spec.reversed else 1.0
            cut = _top_cut(blueprint, theta, name)
            return lambda z: logistic(direction * (shift + direction * loading * z) - direction * cut)
    return None


def _top_cut(blueprint: Blueprint, theta: Theta, name: str) -> Floats:
    """The cutpoint below the level that counts as the construct's best: the top one, or the bottom of a reversed indicator."""
    spec = blueprint.codebook.indicators[name]
    if spec.family != "ordinal":
        return np.zeros((len(theta["shift"]), 1))
    block = next(b for b in blueprint.blocks if b.family == "ordinal")
    cell = next(i for i, key in enumerate(block.keys) if key[1] == name)
    levels = len(blueprint.codebook.scales[str(spec.scale)].levels)
    return cell_cuts(blueprint, theta)[:, cell, [0 if spec.reversed else levels - 2]]
