"""A theory whose slopes between cases are coefficients of their own, beside those within cases.

The slope between cases is that of the case's mean of the cause, entered as a cause of its own (Mundlak 1978): next to it the
plain slope is the one within cases. It runs on the machine code of partial pooling.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from graphlib import TopologicalSorter
from typing import Literal

import networkx as nx
import numpy as np
from numpy.typing import NDArray

from causal.theory import Theory
from data.cases import Unit
from models.blueprint import Blueprint, data_of, draw_blueprint
from models.draft import Draft
from models.simulation.rebuild import Theta, slope_columns
from models.structure.layout import NO_CASE, ONE, UNIT_SCALE, Arc, Structure
from models.structure.nodearrays import FIXED
from models.structure.reading import Node
from models.structure.slopes import Slope
from models.study import Study

type Floats = NDArray[np.float64]
type Way = Literal["within", "between"]

EXTRA = " (between - within)"
"""Suffix of the coefficient by which a slope between cases exceeds the one within them."""


@dataclass
class Additions:
    """Means of nodes, with the arcs and slopes they come with, to add to a structure. A mean has no disturbance."""

    means: list[Node] = field(default_factory=list)
    arcs: list[Arc] = field(default_factory=list)
    slopes: list[Slope] = field(default_factory=list)

    def mean(self, node: Node, of: Sequence[Node]) -> Node:
        """A node that is the mean of others."""
        self.means.append(node)
        self.arcs += [Arc(node, source, None, ONE, 1.0 / len(of)) for source in of]
        return node


def can_differ(units: Mapping[str, Unit]) -> bool:
    """Whether slopes within and between cases are two things: several cases, some of them seen more than once."""
    outer = [unit.case for unit in units.values() if unit.within is None]
    return len(set(outer)) > 1 and len(outer) > len(set(outer))


def within_and_between(study: Study) -> Blueprint:
    """The main theory, pooled partially over cases, with a second coefficient for each slope that may differ between cases."""
    theory = replace(study.theory, model=replace(study.theory.model, pooling="partial"))
    partial = draw_blueprint(theory, study.codebook, study.cases.units, study.cases.observations)
    more = _case_means(partial.structure, theory)
    return _laid_out(partial, study.cases.units, _extended(partial.structure, more), more.means)


def slopes_by_way(blueprint: Blueprint, theta: Theta) -> dict[tuple[str, Way], Floats]:
    """Draws of the slopes within and between cases, by name of the coefficient and by which of the two it is."""
    columns = slope_columns(blueprint, theta)
    own = [name for name in columns if f"{name}{EXTRA}" in columns]
    within: dict[tuple[str, Way], Floats] = {(name, "within"): columns[name] for name in own}
    return within | {(name, "between"): columns[name] + columns[f"{name}{EXTRA}"] for name in own}


def _case_means(structure: Structure, theory: Theory) -> Additions:
    """For each slope the mean of its cause over the case's units, as another cause of the effect.

    Left out where the effect comes back to the cause in a later period: the case's mean would then be its own effect.
    """
    graph = nx.DiGraph([(edge.cause, edge.effect) for edge in theory.edges])
    more = Additions()
    for slope in structure.slopes:
        edge = theory.edges[slope.edge] if slope.edge >= 0 else None
        if edge is None or slope.moderation or nx.has_path(graph, edge.effect, edge.cause):
            continue
        arcs = [arc for arc in structure.arcs if arc.slope == slope.name and _is_outer(structure, arc.target)]
        by_case: dict[int, list[Arc]] = {}
        for arc in arcs:
            by_case.setdefault(int(structure.case[structure.index[arc.target]]), []).append(arc)
        for case, inside in by_case.items():
            node = Node(structure.cases[case], f"mean of {slope.name}")
            mean = more.mean(node, [arc.source for arc in inside])
            more.arcs += [Arc(arc.target, mean, None, f"{slope.name}{EXTRA}") for arc in inside]
        if arcs:
            more.slopes.append(Slope(f"{slope.name}{EXTRA}", slope.edge, slope.kinds, False, "?", slope.scale))
    return more


def _is_outer(structure: Structure, node: Node) -> bool:
    """Whether a score has a case component: it is no score inside another unit's."""
    return bool(structure.case[structure.index[node]] != NO_CASE)


def _extended(structure: Structure, more: Additions) -> Structure:
    arcs = (*structure.arcs, *more.arcs)
    sorter: TopologicalSorter[Node] = TopologicalSorter(dict.fromkeys((*structure.nodes, *more.means), ()))
    for arc in arcs:
        sorter.add(arc.target, arc.source, *([arc.moderator] if arc.moderator else []))
    nodes = tuple(sorter.static_order())
    constructs = (*structure.constructs, *dict.fromkeys(node.construct for node in more.means))

    def carried(values: NDArray[np.int64], otherwise: int) -> NDArray[np.int64]:
        index = structure.index
        return np.array([values[index[node]] if node in index else otherwise for node in nodes], dtype=np.int64)

    return replace(
        structure,
        nodes=nodes,
        arcs=arcs,
        slopes=tuple(sorted((*structure.slopes, *more.slopes), key=lambda slope: slope.fixed_sign != 0)),
        constructs=constructs,
        case=carried(structure.case, NO_CASE),
        kind=carried(structure.kind, UNIT_SCALE),
        construct=np.array([constructs.index(node.construct) for node in nodes], dtype=np.int64),
    )


def _laid_out(
    partial: Blueprint, units: Mapping[str, Unit], structure: Structure, without_disturbance: Sequence[Node]
) -> Blueprint:
    draft = Draft(
        partial.theory, partial.codebook, units, structure, partial.blocks, partial.scaling, partial.indicators,
        partial.priors, partial.columns,
    )  # fmt: skip
    data = data_of(draft)
    scale = data["scale_index"].copy()
    scale[[structure.index[node] for node in without_disturbance]] = FIXED
    return replace(
        partial,
        structure=structure,
        parameters=draft.parameters,
        data=data | {"scale_index": scale},
        coords=draft.coords,
    )
