"""Effects by intervention, simulated forward on draws.

Every effect compares worlds that share their disturbances. On the standardised scale a cause moves by one of its own marginal
standard deviations (from half below to half above its mean) and the outcome is counted in its own; on the rating scale the
cause goes from low (-1 sd) to high (+1 sd) and the outcome is the chance that its first indicator stands at its top level.
Arrays of draws have shape (samples,).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from typing import TypeGuard

import numpy as np
from numpy.typing import NDArray

from causal.estimands import SD_OF, Given
from causal.query import CaseCounterfactual, DirectEffect, Effect, NaturalEffect, PathEffect, Query
from data.cases import Unit
from models.blueprint import Blueprint
from models.effects.abduction import OwnUnits, as_it_was, effect_in_case
from models.effects.averages import mean_by_means
from models.effects.newcase import NewCase, Setting, World, new_case
from models.effects.ratings import AsRead, TopChance, top_chance
from models.simulation.rebuild import Theta, walk
from models.structure.slopes import is_step

type Floats = NDArray[np.float64]
type Contrast = Effect | DirectEffect | NaturalEffect

HALF_SD, ONE_SD = 0.5, 1.0
REPLICATES = 128


@dataclass(frozen=True)
class Laboratory:
    """The draws on which queries are answered: a new case, and the study's own units for questions about a named case."""

    blueprint: Blueprint
    units: Mapping[str, Unit]
    theta: Theta
    case: NewCase
    seed: int = 0
    """Of the disturbances that abduction draws for observed levels, shares and counts."""

    @cached_property
    def own(self) -> OwnUnits:
        """The study's own units, with their disturbances."""
        return OwnUnits(self.blueprint, self.units, self.theta, self.case.sds, self.seed)


def open_laboratory(
    blueprint: Blueprint,
    units: Mapping[str, Unit],
    theta: Theta,
    rng: np.random.Generator,
    replicates: int = REPLICATES,
) -> Laboratory:
    """Draw the new case that all queries share (common random numbers)."""
    case = new_case(blueprint, units, theta, replicates, rng)
    return Laboratory(blueprint, units, theta, case, int(rng.integers(2**32)))


def standardised(lab: Laboratory, *queries: Query) -> list[Floats]:
    """Draws of each query: marginal sds of the effect per marginal sd of the cause.

    Ask everything at once: queries that speak of the same worlds share them. Raises CannotAnswer.
    """
    parts = {q: _parts(q) for q in queries}
    wanted = list(dict.fromkeys(part for found in parts.values() for part in found))
    draws = dict(zip(wanted, _by_parts(lab.case, wanted), strict=True))
    return [_product([draws[part] for part in parts[q]]) if parts[q] else _in_case(lab, q) for q in queries]


def path_steps(lab: Laboratory, query: PathEffect) -> Floats:
    """Standardised direct effect of every edge of a path, shape (edges, samples)."""
    return np.array(standardised(lab, *_steps(query)))


def on_rating_scale(lab: Laboratory, *queries: Query) -> list[Floats | None]:
    """Change in the chance that the outcome's first indicator is at its top level when the cause goes from low to high.

    For a binomial indicator the change in the share; None where the outcome has no ordinal, binary or binomial indicator,
    for paths (a product of coefficients has no rating scale) and for claims about a named case.
    """
    asked: dict[Contrast, TopChance | AsRead] = {}
    for query in filter(_is_contrast, queries):
        chance = top_chance(lab.blueprint, lab.theta, query.effect)
        if chance is not None:
            asked[query] = chance
    found: dict[Query, Floats] = dict(zip(asked, _chances_by_parts(lab.case, asked), strict=True))
    return [found.get(query) for query in queries]


def _is_contrast(query: Query) -> TypeGuard[Contrast]:
    """Whether a query compares two worlds of a new case."""
    return isinstance(query, NaturalEffect) or (isinstance(query, Effect | DirectEffect) and query.case is None)


def _parts(query: Query) -> list[Contrast]:
    """The contrasts of a new case whose product answers a query; none for a query about a named case."""
    if isinstance(query, PathEffect):
        return [*_steps(query)]
    return [query] if _is_contrast(query) else []


def _steps(query: PathEffect) -> list[DirectEffect]:
    return [DirectEffect(a, b, query.given) for a, b in pairwise(query.nodes)]


def _product(draws: Sequence[Floats]) -> Floats:
    return np.asarray(np.prod(draws, axis=0))


def _in_case(lab: Laboratory, query: Query) -> Floats:
    match query:
        case CaseCounterfactual():
            return as_it_was(lab.own, query)
        case Effect() | DirectEffect():
            return effect_in_case(lab.own, query)
        case _:
            raise TypeError(f"{query} does not speak of a named case.")


def _by_parts(case: NewCase, queries: Sequence[Contrast]) -> list[Floats]:
    found = [np.empty(case.samples) for _ in queries]
    for part, some in case.parts() if queries else ():
        for draws, query in zip(found, queries, strict=True):
            low, high = _means(some, query, HALF_SD)
            draws[part] = (high - low) / some.sd(query.effect)[:, 0]
    return found


def _chances_by_parts(case: NewCase, asked: Mapping[Contrast, TopChance | AsRead]) -> list[Floats]:
    found = [np.empty(case.samples) for _ in asked]
    for part, some in case.parts() if asked else ():
        for draws, (query, chance) in zip(found, asked.items(), strict=True):
            low, high = (chance[part](z) for z in _outcomes(some.in_chances, query, ONE_SD))
            draws[part] = (high - low).mean(axis=1)
    return found


def _means(case: NewCase, query: Contrast, step: float) -> tuple[Floats, Floats]:
    """The outcome's mean over replicates in both worlds of a contrast, shape (samples,)."""
    outcome, low, high = case.outcome(query.effect), *_settings(case, query, step)
    if not isinstance(query, NaturalEffect):
        wanted = outcome if isinstance(query, DirectEffect) else None
        below, above = (mean_by_means(case, case.given(setting, wanted), outcome) for setting in (low, high))
        if below is not None and above is not None:
            return below[:, 0], above[:, 0]
    shape = (case.samples, len(case.noise))
    below, above = (np.broadcast_to(z, shape).mean(axis=1) for z in _outcomes(case, query, step))
    return below, above


def _outcomes(case: NewCase, query: Contrast, step: float) -> tuple[Floats, Floats]:
    """The outcome with the cause ``step`` sds below and above its mean, everything else as the query sets or leaves it."""
    outcome, low, high = case.outcome(query.effect), *_settings(case, query, step)
    match query:
        case DirectEffect():
            return case.read(case.world(low, outcome), outcome), case.read(case.world(high, outcome), outcome)
        case NaturalEffect():
            return case.read(case.world(low), outcome), case.read(_crossed(case, query, low, high), outcome)
        case _:
            return case.mean_outcome(low, outcome), case.mean_outcome(high, outcome)


def _settings(case: NewCase, query: Contrast, step: float) -> tuple[Setting, Setting]:
    """What both worlds of a contrast set: the cause, what the query holds, for a direct effect all else at its mean."""
    still = dict.fromkeys(case.theory.names, 0.0) if isinstance(query, DirectEffect) else {}  # the outcome's past too
    below, above = ({**still, **_held(query.given), query.cause: value} for value in (-step, step))
    return _setting(below), _setting(above)


def _held(given: Given) -> dict[str, float]:
    return {name: SD_OF[level] for name, level in given}


def _setting(values: Mapping[str, float]) -> tuple[tuple[str, float], ...]:
    return tuple(sorted(values.items()))


def _crossed(
    case: NewCase, query: NaturalEffect, below: tuple[tuple[str, float], ...], above: tuple[tuple[str, float], ...]
) -> World:
    """Natural effects: the cause in one world, its mediators as they would have been in another (Pearl 2001).

    The outcome's own earlier scores are mediators: what the cause did to them and they carried over is indirect.
    """
    low, high = case.world(below)[0], case.world(above)[0]
    set_ones, outcome = {name for name, _ in below}, case.outcome(query.effect)
    nodes = enumerate(case.structure.nodes)
    mediators = [n for n, node in nodes if not node.start and node.construct not in set_ones and n != outcome]
    mediators = [n for n in mediators if not is_step(case.structure.nodes[n].construct)]
    frozen = {n: (low if query.kind == "direct" else high)[n] for n in mediators}
    setting = above if query.kind == "direct" else below
    held = case.given(setting) | frozen
    moved = case.structure.needed_for(outcome, frozenset(held))  # the others are not read
    return walk(case.structure, case.base, case.slopes, held, moved, case.natural, case.respond)
