"""A case nobody has seen: the units on which interventions are simulated.

The synthetic case has as many periods as the longest case of the study, one unit of every kind in each, nested as the study's
units are. Its case component is drawn from the fitted distribution, its disturbances are fresh: an effect computed on it is an
effect for a new case, with common random numbers in the worlds compared.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from causal.theory import Theory
from data.cases import Unit
from models.blueprint import Blueprint
from models.layout import NO_CASE, ONE, UNIT_SCALE, Structure, unroll
from models.reading import Node, outermost_kinds, top_kind
from models.rebuild import Theta, slope_columns, walk

type Floats = NDArray[np.float64]
type Setting = Mapping[str, Floats | float]


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


@dataclass(frozen=True)
class NewCase:
    """Draws of a new case. Arrays per node have shape (samples, replicates); the last period is where outcomes are read."""

    theory: Theory
    units: Mapping[str, Unit]
    structure: Structure
    slopes: list[Floats]
    base: list[Floats]

    def targets(self, construct: str) -> list[int]:
        """The nodes at which a construct is set: its outermost kind, in every period."""
        kind = top_kind(self.theory, construct, self.units)
        return [
            n
            for n, node in enumerate(self.structure.nodes)
            if node.construct == construct and not node.start and self.units[node.unit].kind == kind
        ]

    def outcome(self, construct: str) -> int:
        """The node at which an outcome is read: the last period's."""
        kind = top_kind(self.theory, construct, self.units)
        last = max(int(u.name.rpartition(" ")[2]) for u in self.units.values())
        return self.structure.index[Node(f"{kind} {last}", construct)]

    def given(self, setting: Setting) -> dict[int, Floats]:
        return {
            n: np.broadcast_to(np.asarray(value, dtype=float), self.base[n].shape)
            for construct, value in setting.items()
            for n in self.targets(construct)
        }

    def world(self, setting: Setting, wanted: int | None = None) -> list[Floats]:
        """Scores of every node under do(construct = value) for each entry of ``setting``, held over all periods.

        wanted : the one node that will be read, if only one will
        """
        return walk(self.structure, self.base, self.slopes, self.given(setting), wanted)[0]

    @cached_property
    def natural(self) -> list[Floats]:
        """Scores when nothing is set."""
        return self.world({})

    def sd(self, construct: str) -> Floats:
        """Marginal standard deviation of a construct over new cases, per draw, shape (samples, 1)."""
        return self.natural[self.outcome(construct)].std(axis=1, keepdims=True)


def new_case(
    blueprint: Blueprint, units: Mapping[str, Unit], theta: Theta, replicates: int, rng: np.random.Generator
) -> NewCase:
    """Draw a new case ``replicates`` times for every posterior (or prior) draw.

    Disturbances are antithetic and shared by all draws, so that a linear effect is free of simulation error and a standard
    deviation differs between draws only because the parameters do.
    """
    synthetic = synthetic_units(blueprint.theory, units)
    structure = unroll(blueprint.theory, synthetic, blueprint.unmeasured)
    columns = slope_columns(blueprint, theta)
    slopes = [columns[slope.name][:, None] for slope in structure.slopes] + [columns[ONE][:, None]]
    noise = _balanced(rng, replicates, len(structure.nodes) + len(structure.constructs))
    base = []
    for n, node in enumerate(structure.nodes):
        location, scale = _disturbance(blueprint, theta, node, int(structure.kind[n]))
        value = location + scale * noise[None, :, n]
        if structure.case[n] != NO_CASE and "case_sd" in theta:
            v = int(structure.construct[n])
            value = value + theta["case_sd"][:, [v]] * noise[None, :, len(structure.nodes) + v]
        base.append(np.broadcast_to(value, (len(columns[ONE]), replicates)))
    return NewCase(blueprint.theory, synthetic, structure, slopes, base)


def _disturbance(blueprint: Blueprint, theta: Theta, node: Node, kind: int) -> tuple[Floats | float, Floats | float]:
    """Location and scale of a score around its causes; those of a measured column are its indicator's."""
    for j, name in enumerate(blueprint.coords["continuous_indicator"]):
        observed = (
            blueprint.codebook.indicators[name].measures == node.construct and name not in blueprint.coords["loaded"]
        )
        if observed and not node.start:
            return theta["shift"][:, [list(blueprint.indicators).index(name)]], theta["residual_sd"][:, [j]]
    return 0.0, 1.0 if kind == UNIT_SCALE else theta["kind_sd"][:, [kind]]


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
