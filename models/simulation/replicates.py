"""Studies of the same size drawn from a fitted theory: new scores for the same units, and the rows they would show."""

from __future__ import annotations

from collections.abc import Mapping

import networkx as nx
import numpy as np
from numpy.typing import NDArray

from causal.diagram import every_edge
from causal.query import Claim, Query
from causal.theory import Theory
from data.cases import Observation
from models.blueprint import Blueprint
from models.simulation.rebuild import Theta, with_new_units
from models.simulation.simulate import simulate_rows
from models.structure.layout import ONE

type Floats = NDArray[np.float64]


def replicate(
    blueprint: Blueprint, theta: Theta, draw: int, setting: Mapping[str, float], rng: np.random.Generator
) -> tuple[Observation, ...]:
    """Rows of a new study: parameters of one posterior draw, everything that belongs to single units drawn anew.

    theta : draws of ``blueprint``'s own parameters, see ``transferred``
    setting : coefficients that are given another value, by name; setting them to 0 cuts the effect that runs through them
    """
    one = with_new_units(blueprint, {name: np.array(values[[draw]]) for name, values in theta.items()}, rng)
    for name, value in setting.items():
        _set(blueprint, one, name, value)
    return simulate_rows(blueprint, one, rng)


def transferred(theta: Theta, fitted: Blueprint, blueprint: Blueprint) -> dict[str, Floats]:
    """Draws of one theory as draws of another that adds edges or common causes to it; what is added is 0."""
    found = {}
    for p in blueprint.parameters:
        old, label = theta.get(p.name), p.dims[0]
        if label in ("coefficient", "signed_coefficient"):
            names = list(fitted.coords[label])
            samples = len(next(iter(theta.values())))
            column = {name: theta[p.name][:, k] for k, name in enumerate(names)}
            zero = np.zeros(samples)
            found[p.name] = np.stack([column.get(name, zero) for name in blueprint.coords[label]], axis=1)
        elif old is not None:
            found[p.name] = old
    return found


def _set(blueprint: Blueprint, theta: dict[str, Floats], name: str, value: float) -> None:
    free, signed = (list(blueprint.coords[dim]) for dim in ("coefficient", "signed_coefficient"))
    if name in free:
        theta["slope"][0, free.index(name)] = value
    elif name in signed:  # holds the size; its sign is declared
        theta["signed_slope"][0, signed.index(name)] = abs(value)
    else:
        raise ValueError(f"the theory has no coefficient {name}")


def carriers(blueprint: Blueprint, claim: Claim) -> frozenset[str]:
    """Names of the coefficients through which the causes of a claim act on its effects: without them every gap is 0."""
    theory, found = blueprint.theory, set[str]()
    for slope in blueprint.structure.slopes:
        if slope.name != ONE and slope.edge >= 0:
            edge = theory.edges[slope.edge]
            if any(edge.cause == q.cause and _leads(theory, edge.effect, q) for q in claim.queries):
                found.add(slope.name)
    return frozenset(found)


def _leads(theory: Theory, start: str, query: Query) -> bool:
    graph = every_edge(theory)
    return start == query.effect or (start in graph and query.effect in nx.descendants(graph, start))
