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
from models.effects.drawing import new_case
from models.effects.newcase import NewCase, Read, Setting, World
from models.effects.ratings import AsRead, TopChance, top_chance
from models.simulation.rebuild import Theta, walk
from models.structure.slopes import is_step

type Floats = NDArray[np.float64]
type Contrast = Effect | DirectEffect | NaturalEffect
type Chance = TopChance | AsRead

HALF_SD, ONE_SD = 0.5, 1.0


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
    replicates: int | None = None,
) -> Laboratory:
    """Draw the new case that all queries share (common random numbers). ``replicates``: by default as many as it takes."""
    case = new_case(blueprint, units, theta, rng, replicates)
    return Laboratory(blueprint, units, theta, case, int(rng.integers(2**32)))


def standardised(lab: Laboratory, *queries: Query) -> list[Floats]:
    """Draws of each query: marginal sds of the effect per marginal sd of the cause.

    Ask everything at once: queries that speak of the same worlds share them. Raises CannotAnswer.
    """
    return _put_together(lab, queries, _worked_out(lab.case, _contrasts(queries), {})[0])


def path_steps(lab: Laboratory, query: PathEffect) -> Floats:
    """Standardised direct effect of every edge of a path, shape (edges, samples)."""
    return np.array(standardised(lab, *_steps(query)))


def on_rating_scale(lab: Laboratory, *queries: Query) -> list[Floats | None]:
    """Change in the chance that the outcome's first indicator is at its top level when the cause goes from low to high.

    For a binomial indicator the change in the share; None where the outcome has no ordinal, binary or binomial indicator,
    for paths (a product of coefficients has no rating scale) and for claims about a named case.
    """
    found = _worked_out(lab.case, (), _chances(lab, queries))[1]
    return [found.get(query) for query in queries]


def on_both_scales(lab: Laboratory, *queries: Query) -> tuple[list[Floats], list[Floats | None]]:
    """Draws of each query as ``standardised`` and as ``on_rating_scale`` give them, from the same new cases."""
    contrasts, chances = _worked_out(lab.case, _contrasts(queries), _chances(lab, queries))
    return _put_together(lab, queries, contrasts), [chances.get(query) for query in queries]


def _contrasts(queries: Sequence[Query]) -> list[Contrast]:
    """What has to be known of a new case to answer queries, each once."""
    return list(dict.fromkeys(part for query in queries for part in _parts(query)))


def _chances(lab: Laboratory, queries: Sequence[Query]) -> dict[Contrast, Chance]:
    """The queries that have an answer on the rating scale, and how a score becomes a chance there."""
    found = {query: top_chance(lab.blueprint, lab.theta, query.effect) for query in queries if _is_contrast(query)}
    return {query: chance for query, chance in found.items() if chance is not None}


def _put_together(lab: Laboratory, queries: Sequence[Query], contrasts: Mapping[Query, Floats]) -> list[Floats]:
    """Each query from the contrasts that it is a product of; those about a named case from the study's own units."""
    parts = {query: _parts(query) for query in queries}
    return [_product([contrasts[part] for part in parts[q]]) if parts[q] else _in_case(lab, q) for q in queries]


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


def _worked_out(
    case: NewCase, contrasts: Sequence[Contrast], chances: Mapping[Contrast, Chance]
) -> tuple[dict[Query, Floats], dict[Query, Floats]]:
    """Contrasts in marginal sds of the outcome, and in chances of it; a part of the draws at a time, whose worlds both share."""
    in_sds: dict[Query, Floats] = {query: np.empty(case.samples) for query in contrasts}
    in_chances: dict[Query, Floats] = {query: np.empty(case.samples) for query in chances}
    for part, some in case.parts() if contrasts or chances else ():
        for query in contrasts:
            low, high = _means(some, query, HALF_SD)
            in_sds[query][part] = (high - low) / some.sd(query.effect)[:, 0]
        for query, chance in chances.items():
            low, high = (chance[part](z) for z in _outcomes(some, query, ONE_SD, some.chance))
            in_chances[query][part] = (high - low).mean(axis=1)
    return in_sds, in_chances


def _means(case: NewCase, query: Contrast, step: float) -> tuple[Floats, Floats]:
    """The outcome's mean over replicates in both worlds of a contrast, shape (samples,)."""
    outcome, low, high = case.outcome(query.effect), *_settings(case, query, step)
    if not isinstance(query, NaturalEffect):
        wanted = outcome if isinstance(query, DirectEffect) else None
        below, above = (mean_by_means(case, case.given(setting, wanted), outcome) for setting in (low, high))
        if below is not None and above is not None:
            return below[:, 0], above[:, 0]
    shape = (case.samples, len(case.noise))
    below, above = (np.broadcast_to(z, shape).mean(axis=1) for z in _outcomes(case, query, step, case.score))
    return below, above


def _outcomes(case: NewCase, query: Contrast, step: float, read: Read) -> tuple[Floats, Floats]:
    """The outcome with the cause ``step`` sds below and above its mean, everything else as the query sets or leaves it."""
    outcome, low, high = case.outcome(query.effect), *_settings(case, query, step)
    match query:
        case DirectEffect():
            return read(case.world(low, outcome), outcome), read(case.world(high, outcome), outcome)
        case NaturalEffect():
            return read(case.world(low), outcome), read(_crossed(case, query, low, high), outcome)
        case _:
            return case.mean_outcome(low, outcome, read), case.mean_outcome(high, outcome, read)


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
