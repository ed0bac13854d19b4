"""Units nobody has coded: scores of another period of a known case, or of a case that is new, simulated on posterior draws."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from data.cases import Unit
from models.blueprint import Blueprint
from models.density import predictor
from models.effects.drawing import disturbance
from models.simulation.observed import fresh_responses
from models.simulation.rebuild import Theta, rebuild, slope_columns, walk
from models.structure.layout import NO_CASE, ONE, Structure
from models.structure.unrolling import unroll

type Floats = NDArray[np.float64]


def next_period(case: str, units: Mapping[str, Unit]) -> tuple[Unit, ...]:
    """One more outermost unit of a case, after its last one; none for a case without outermost units."""
    outer = [unit for unit in units.values() if unit.case == case and unit.within is None]
    if not outer:
        return ()
    last = max(outer, key=lambda unit: unit.period)
    return (Unit(f"{case}, next period", case, last.period + 1, last.kind, None, last.name),)


def another_case(units: Mapping[str, Unit]) -> tuple[Unit, ...]:
    """The outermost units of a case like those of the study: as many periods as the longest has."""
    outer = [unit for unit in units.values() if unit.within is None]
    longest = max((unit.case for unit in outer), key=lambda case: sum(unit.case == case for unit in outer))
    like = sorted((unit for unit in outer if unit.case == longest), key=lambda unit: unit.period)
    names = [f"another case, period {t}" for t in range(1, len(like) + 1)]
    before = [None, *names[:-1]]
    return tuple(
        Unit(name, "another case", float(t), unit.kind, None, previous)
        for t, (name, unit, previous) in enumerate(zip(names, like, before, strict=True), start=1)
    )


def scores_of(
    blueprint: Blueprint,
    units: Mapping[str, Unit],
    theta: Theta,
    added: Sequence[Unit],
    replicates: int,
    rng: np.random.Generator,
) -> dict[tuple[str, str], Floats]:
    """Scores of added units by (unit, construct), shape (samples, replicates): fresh disturbances, the case's own component.

    Known units keep the scores that they have in each draw. The disturbances are the same in all draws.
    """
    structure = unroll(blueprint.theory, dict(units) | {unit.name: unit for unit in added}, blueprint.unmeasured)
    known = rebuild(blueprint, theta).z
    noise = rng.standard_normal((replicates, len(structure.nodes) + len(structure.constructs)))
    given = {
        n: known[:, [blueprint.structure.index[node]]]
        for n, node in enumerate(structure.nodes)
        if node in blueprint.structure.index
    }
    base = [
        given[n] if n in given else _base(blueprint, theta, structure, n, noise) for n in range(len(structure.nodes))
    ]
    columns = slope_columns(blueprint, theta)
    slopes = [columns[slope.name][:, None] for slope in structure.slopes] + [columns[ONE][:, None]]
    z, _ = walk(structure, base, slopes, given, respond=fresh_responses(blueprint, structure, theta, noise, rng))
    shape = (len(known), replicates)
    new = {unit.name for unit in added}
    return {
        (node.unit, node.construct): np.broadcast_to(z[structure.index[node]], shape)
        for node in structure.nodes
        if node.unit in new and not node.start
    }


def _base(blueprint: Blueprint, theta: Theta, structure: Structure, n: int, noise: Floats) -> Floats:
    """A fresh score before its causes, shape (samples, replicates)."""
    d = disturbance(blueprint, theta, structure, n)
    fresh = d.location + d.scale * noise[None, :, n]
    case = structure.cases[structure.case[n]] if structure.case[n] != NO_CASE else None
    if case in blueprint.structure.cases and "case_deviation" in theta:
        at = (blueprint.structure.cases.index(case), int(structure.construct[n]))
        return np.asarray(fresh + predictor.case_components(theta)[:, at[0], at[1]][:, None])
    return np.asarray(fresh + d.case_scale * noise[None, :, d.case])
