"""One theory under every pooling over cases, and its slopes within and between cases, on one compiled model.

All of these are data of the model with partial pooling. Complete pooling points every score at the component that is 0. No
pooling replaces the components by free ones that sum to 0 over cases. The slope between cases is that of the case's mean of the
cause, entered as a cause of its own (Mundlak 1978): next to it the plain slope is the one within cases.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from graphlib import TopologicalSorter
from typing import Literal, get_args

import networkx as nx
import numpy as np
from numpy.typing import NDArray

from causal.theory import Theory
from data.cases import Unit
from models.blueprint import Blueprint, data_of, draw_blueprint, room_for
from models.draft import Draft
from models.simulation.rebuild import Theta, slope_columns
from models.structure.layout import NO_CASE, ONE, UNIT_SCALE, Arc, Structure
from models.structure.nodearrays import FIXED
from models.structure.reading import Node
from models.structure.slopes import Slope
from models.study import Study

type Floats = NDArray[np.float64]
type Variant = Literal["partial", "complete", "none", "within and between"]
type Way = Literal["partial", "complete", "none", "within", "between"]

WAYS: tuple[Way, ...] = get_args(Way.__value__)
EXTRA = " (between - within)"
"""Suffix of the coefficient by which a slope between cases exceeds the one within them."""


@dataclass
class Additions:
    """Nodes, arcs and slopes to add to a structure. ``fixed``: nodes without a disturbance, sums of what they read."""

    free: list[Node] = field(default_factory=list)
    fixed: list[Node] = field(default_factory=list)
    arcs: list[Arc] = field(default_factory=list)
    slopes: list[Slope] = field(default_factory=list)

    def mean(self, node: Node, of: Sequence[Node]) -> Node:
        """A node that is the mean of others."""
        self.fixed.append(node)
        self.arcs += [Arc(node, source, None, ONE, 1.0 / len(of)) for source in of]
        return node


def can_differ(units: Mapping[str, Unit]) -> bool:
    """Whether slopes within and between cases are two things: several cases, some of them seen more than once."""
    outer = [unit.case for unit in units.values() if unit.within is None]
    return len(set(outer)) > 1 and len(outer) > len(set(outer))


def variants(study: Study) -> dict[Variant, Blueprint]:
    """The main theory under every pooling, and with slopes between cases of their own; all of one compiled shape."""
    theory = replace(study.theory, model=replace(study.theory.model, pooling="partial"))
    cases = study.cases
    partial = draw_blueprint(theory, study.codebook, cases.units, cases.observations)
    additions: dict[Variant, Additions] = {
        "partial": Additions(),
        "complete": Additions(),
        "none": _free_components(partial, theory),
        "within and between": _case_means(partial.structure, theory),
    }
    structures = {name: _extended(partial.structure, more) for name, more in additions.items()}
    room = room_for([replace(partial, structure=structure) for structure in structures.values()])
    return {
        name: _laid_out(
            partial,
            cases.units,
            structure,
            room.slopes,
            room.nodes,
            additions[name].fixed,
            name in ("complete", "none"),
        )
        for name, structure in structures.items()
    }


def slopes_by_way(variant: Variant, blueprint: Blueprint, theta: Theta) -> dict[tuple[str, Way], Floats]:
    """Draws of every coefficient of a variant, by name and by what it is a slope of."""
    columns = slope_columns(blueprint, theta)
    names = [slope.name for slope in blueprint.structure.slopes if not slope.name.endswith(EXTRA)]
    if variant != "within and between":
        return {(name, variant): columns[name] for name in names}
    own = [name for name in names if f"{name}{EXTRA}" in columns]
    within: dict[tuple[str, Way], Floats] = {(name, "within"): columns[name] for name in own}
    return within | {(name, "between"): columns[name] + columns[f"{name}{EXTRA}"] for name in own}


def _free_components(partial: Blueprint, theory: Theory) -> Additions:
    """A component per case and construct, all but free, entered as its difference from the mean over cases."""
    more, structure, sd = Additions(), partial.structure, partial.priors.free_case_sd
    for name in theory.names:
        label = f"{name} of the case"
        of = [Node(case, label) for case in structure.cases]
        more.free += of
        mean = more.mean(Node("all cases", label), of)
        for node, case in zip(structure.nodes, structure.case, strict=True):
            if node.construct == name and case != NO_CASE:
                more.arcs += [Arc(node, of[int(case)], None, ONE, sd), Arc(node, mean, None, ONE, -sd)]
    return more


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
    sorter: TopologicalSorter[Node] = TopologicalSorter(dict.fromkeys((*structure.nodes, *more.free, *more.fixed), ()))
    for arc in arcs:
        sorter.add(arc.target, arc.source, *([arc.moderator] if arc.moderator else []))
    nodes = tuple(sorter.static_order())
    constructs = (*structure.constructs, *dict.fromkeys(node.construct for node in (*more.free, *more.fixed)))

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
    partial: Blueprint,
    units: Mapping[str, Unit],
    structure: Structure,
    slopes: int,
    nodes: int,
    fixed: Iterable[Node],
    without_components: bool,
) -> Blueprint:
    """The blueprint of a structure, padded; ``fixed`` nodes have no disturbance, and components may be left out."""
    free = sum(not slope.fixed_sign for slope in structure.slopes)
    structure = replace(structure, spare_slopes=slopes - free, spare_nodes=nodes - len(structure.nodes))
    draft = Draft(
        partial.theory, partial.codebook, units, structure, partial.blocks, partial.scaling, partial.indicators,
        partial.priors, partial.columns,
    )  # fmt: skip
    data = data_of(draft)
    scale = data["scale_index"].copy()
    scale[[structure.index[node] for node in fixed]] = FIXED
    data["scale_index"] = scale
    if without_components:
        data["component"] = np.full_like(data["component"], len(partial.theory.names) * len(structure.cases))
    return replace(partial, structure=structure, parameters=draft.parameters, data=data, coords=draft.coords)
