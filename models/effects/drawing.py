"""Drawing a case nobody has seen, with the parameters of every draw.

The synthetic case has as many periods as the longest case of the study, one unit of every kind in each, nested as the study's
units are.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from causal.theory import Theory
from data.cases import Unit
from models.blueprint import Blueprint
from models.effects.newcase import Disturbance, NewCase
from models.simulation.observed import answers_by_itself, fresh_responses
from models.simulation.rebuild import Theta, slope_columns
from models.structure.layout import NO_CASE, ONE, UNIT_SCALE, Structure
from models.structure.reading import Node, outermost_kinds
from models.structure.unrolling import unroll

type Floats = NDArray[np.float64]

FEWEST, MOST, STEP = 96, 512, 32
"""Replicates of the new case."""
ROOM = 1.4
"""Pairs of replicates per column. With 32 pairs for 40 columns effects in the first study were off by up to half their sd."""


def new_case(
    blueprint: Blueprint,
    units: Mapping[str, Unit],
    theta: Theta,
    rng: np.random.Generator,
    replicates: int | None = None,
) -> NewCase:
    """Draw the new case of every posterior (or prior) draw several times; ``replicates``: by default as many as it takes.

    Disturbances are antithetic and shared by all draws, so that a linear effect is free of simulation error and a standard
    deviation differs between draws only because the parameters do.
    """
    synthetic = synthetic_units(blueprint.theory, units)
    structure = unroll(blueprint.theory, synthetic, blueprint.unmeasured)
    columns = slope_columns(blueprint, theta)
    slopes = [columns[slope.name][:, None] for slope in structure.slopes] + [columns[ONE][:, None]]
    disturbances = [disturbance(blueprint, theta, structure, n) for n in range(len(structure.nodes))]
    still = np.zeros((1, len(structure.nodes) + len(structure.constructs)))
    undrawn = NewCase(blueprint.theory, synthetic, structure, slopes, disturbances, still, {}, blueprint.columns)
    noise = _noise(rng, undrawn, replicates)
    return replace(undrawn, noise=noise, respond=fresh_responses(blueprint, structure, theta, noise, rng))


def _noise(rng: np.random.Generator, case: NewCase, replicates: int | None) -> Floats:
    """Standard normal numbers for all that the case reads; what it does not read stays as it is."""
    read = sorted({column for n in case.readable for column in (n, case.disturbances[n].case)})
    noise = np.zeros((replicates or enough(len(read)), case.noise.shape[1]))
    noise[:, read] = _balanced(rng, len(noise), len(read))
    return noise


def enough(columns: int) -> int:
    """Replicates that can be made free of correlation between so many columns, with room to spare."""
    return int(np.clip(STEP * np.ceil(ROOM * 2 * columns / STEP), FEWEST, MOST))


def synthetic_units(theory: Theory, units: Mapping[str, Unit]) -> dict[str, Unit]:
    """Units of the synthetic case: one of every kind per period; periods only matter when an edge is lagged."""
    lagged = any(edge.lag for edge in theory.edges)
    outer = outermost_kinds(units)
    spans = Counter((unit.case, unit.kind) for unit in units.values() if unit.kind in outer)
    periods = max(spans.values(), default=1) if lagged else 1
    containers = {unit.kind: units[unit.within].kind for unit in units.values() if unit.within}
    found: dict[str, Unit] = {}
    for t in range(1, periods + 1):
        for kind in dict.fromkeys(unit.kind for unit in units.values()):
            inside = f"{containers[kind]} {t}" if kind in containers else None
            before = f"{kind} {t - 1}" if t > 1 else None
            name = f"{kind} {t}"
            found[name] = Unit(name, "new case", float(t), kind, inside, before)
    return found


def disturbance(blueprint: Blueprint, theta: Theta, structure: Structure, n: int) -> Disturbance:
    construct, kind = int(structure.construct[n]), int(structure.kind[n])
    location = np.zeros((len(theta["disturbance"]), 1))
    scale = location + 1.0 if kind == UNIT_SCALE else theta["kind_sd"][:, [kind]]
    measured = _measured(blueprint, theta, structure.nodes[n])
    has_case = structure.case[n] != NO_CASE and "case_sd" in theta
    case_scale = theta["case_sd"][:, [construct]] if has_case else location
    return Disturbance(*(measured or (location, scale)), case_scale, len(structure.nodes) + construct)


def _measured(blueprint: Blueprint, theta: Theta, node: Node) -> tuple[Floats, Floats] | None:
    """Location and scale of an observed construct around its causes; those of levels and counts are in their responses.

    None for a latent score.
    """
    column = blueprint.columns.get(node.construct)
    if node.construct in blueprint.steps or answers_by_itself(blueprint, node.construct, node.start):
        nothing = np.zeros((len(theta["disturbance"]), 1))
        return nothing, nothing
    if column is None or column.family != "continuous" or node.start:
        return None
    shift = theta["shift"][:, [list(blueprint.coords["shifted"]).index(column.spec.name)]]
    sd = theta["residual_sd"][:, [list(blueprint.coords["continuous_indicator"]).index(column.spec.name)]]
    return column.direction * shift, sd


def _balanced(rng: np.random.Generator, replicates: int, columns: int) -> Floats:
    """Standard normal columns with mean 0, variance 1 and no correlation, exactly, so that linear worlds have exact moments.

    Falls back on antithetic columns when there are more columns than replicates can decorrelate.
    """
    half = rng.standard_normal((replicates // 2, columns))
    noise = np.concatenate([half, -half])
    if noise.shape[0] // 2 <= columns:
        return noise
    q, _ = np.linalg.qr(half)
    q = q * np.sqrt(half.shape[0])
    return np.concatenate([q, -q])
