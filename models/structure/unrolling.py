"""From a theory and the units of a study to nodes and arcs: which score depends on which.

Rules (design.md, section 3): a unit owns a score for the constructs that vary on its kind and reads the others from the unit
that contains it. An own score inside a container that has one is the container's score plus what differs inside: the
difference is explained by how far the causes differ, with slopes of that kind. A lagged cause is read at the previous
unit; before a case's first unit stands an initial score, which is a parameter.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from graphlib import TopologicalSorter

import numpy as np
from numpy.typing import NDArray

from causal.theory import Edge, Theory
from data.cases import Unit
from data.units import containers
from models.structure.layout import NO_CASE, ONE, UNIT_SCALE, Arc, Structure
from models.structure.reading import Node, Reader
from models.structure.slopes import Slope, hidden_name, slopes_of, step_name

type Ints = NDArray[np.int64]


def unroll(theory: Theory, units: Mapping[str, Unit], unmeasured: Sequence[str] = ()) -> Structure:
    """Lay a theory out over the units of a study.

    unmeasured : constructs without rows; the sign of each is fixed by one edge whose sign the theory declares
    """
    reader = Reader(theory, units)
    slopes = slopes_of(theory, units, unmeasured)
    arcs = [arc for unit in units.values() for arc in _arcs_into(reader, unit, slopes)]
    arcs = list(dict.fromkeys(arcs)) if any(edge.monotone for edge in theory.edges) else arcs
    arcs += _starts(reader, arcs)
    arcs += _shared_causes(reader, slopes)
    owned = [Node(unit.name, name) for unit in units.values() for name in theory.names if reader.owns(unit, name)]
    nodes = _causal_order(owned, arcs)
    used = {arc.slope for arc in arcs}
    hidden = tuple(hidden_name(pair.between) for pair in theory.confounded)
    constructs = (*theory.names, *hidden, *dict.fromkeys(step_name(edge) for edge in theory.edges if edge.monotone))
    return Structure(
        nodes=nodes,
        slopes=tuple(
            sorted((slope for slope in slopes if slope.name in used), key=lambda slope: slope.fixed_sign != 0)
        ),
        arcs=tuple(arcs),
        constructs=constructs,
        cases=tuple(dict.fromkeys(unit.case for unit in units.values())),
        case=_case_index(nodes, units, reader),
        construct=np.array([constructs.index(node.construct) for node in nodes], dtype=np.int64),
        kind=_kind_index(nodes, units, reader),
        inner_kinds=_inner_kinds(theory, units, reader),
    )


def _arcs_into(reader: Reader, unit: Unit, slopes: Sequence[Slope]) -> list[Arc]:
    arcs: list[Arc] = []
    for slope in slopes:
        if slope.edge < 0 or unit.kind not in slope.kinds:
            continue
        edge = reader.theory.edges[slope.edge]
        target = Node(unit.name, edge.effect)
        container = reader.container(unit, edge.effect)
        here = _term(reader, unit, edge, slope.moderation)
        there = _term(reader, container, edge, slope.moderation) if container else None
        if here is None or here == there:
            continue
        arcs += _read(edge, target, *here, slope.name, 1.0)
        if there is not None:
            arcs += _read(edge, target, *there, slope.name, -1.0)
    for construct in reader.theory.names:
        container = reader.container(unit, construct) if reader.owns(unit, construct) else None
        if container is not None:
            arcs.append(Arc(Node(unit.name, construct), Node(container.name, construct), None, ONE))
    return arcs


def _read(edge: Edge, target: Node, cause: Node, moderator: Node | None, slope: str, weight: float) -> list[Arc]:
    """The arc from a cause; a monotone edge reads it through a node of its own (``steps``)."""
    if not edge.monotone or cause.start:
        return [Arc(target, cause, moderator, slope, weight)]
    steps = Node(cause.unit, step_name(edge))
    return [Arc(steps, cause, None, ONE), Arc(target, steps, moderator, slope, weight)]


def _term(reader: Reader, unit: Unit, edge: Edge, moderation: bool) -> tuple[Node, Node | None] | None:
    cause = reader.node(unit, edge.cause, edge.lag)
    moderator = reader.node(unit, edge.moderator, 0) if moderation and edge.moderator else None
    return None if cause is None or (moderation and moderator is None) else (cause, moderator)


def _starts(reader: Reader, arcs: Sequence[Arc]) -> list[Arc]:
    """A score before the first unit of an inner line is the container's of that time plus what differs inside."""
    found: list[Arc] = []
    waiting = list(dict.fromkeys(arc.source for arc in arcs if arc.source.start))
    for node in waiting:
        container = reader.container(reader.units[node.unit], node.construct)
        outer = reader.node(container, node.construct, node.start) if container else None
        if outer:
            found.append(Arc(node, outer, None, ONE))
            waiting += [outer] if outer.start and outer not in waiting else []
    return found


def _shared_causes(reader: Reader, slopes: Sequence[Slope]) -> list[Arc]:
    """A bidirected edge: a latent cause that enters both ends, in the innermost unit that holds both."""
    names = {slope.name for slope in slopes}
    found: list[Arc] = []
    for pair in reader.theory.confounded:
        hidden = hidden_name(pair.between)
        for end, other in (pair.between, pair.between[::-1]):
            holders = _kinds_around(reader, other)
            for unit in reader.units.values():
                if reader.owns(unit, end) and reader.container(unit, end) is None and f"{hidden}:{end}" in names:
                    home = reader.outermost_owner(unit, other) or (
                        unit if unit.kind in holders else _root(reader, unit)
                    )
                    found.append(Arc(Node(unit.name, end), Node(home.name, hidden), None, f"{hidden}:{end}"))
    return found


def _kinds_around(reader: Reader, construct: str) -> set[str]:
    """The kinds of unit that contain units which own ``construct``."""
    inner = [unit for unit in reader.units.values() if reader.owns(unit, construct)]
    return {outer.kind for unit in inner for outer in containers(unit, reader.units)}


def _root(reader: Reader, unit: Unit) -> Unit:
    return [unit, *containers(unit, reader.units)][-1]


def _causal_order(owned: Sequence[Node], arcs: Sequence[Arc]) -> tuple[Node, ...]:
    sorter: TopologicalSorter[Node] = TopologicalSorter(dict.fromkeys(owned, ()))
    for arc in arcs:
        sorter.add(arc.target, arc.source, *([arc.moderator] if arc.moderator else []))
    return tuple(sorter.static_order())


def _unit_of(node: Node, units: Mapping[str, Unit]) -> Unit:
    return units[node.unit]


def _case_index(nodes: Sequence[Node], units: Mapping[str, Unit], reader: Reader) -> Ints:
    """Case of each node that has a case component: scores with no container, shared causes excepted."""
    cases = {case: i for i, case in enumerate(dict.fromkeys(unit.case for unit in units.values()))}
    index = []
    for node in nodes:
        unit = _unit_of(node, units)
        has = node.construct in reader.theory.names and reader.container(unit, node.construct) is None
        index.append(cases[unit.case] if has else NO_CASE)
    return np.array(index, dtype=np.int64)


def _inner_kinds(theory: Theory, units: Mapping[str, Unit], reader: Reader) -> tuple[str, ...]:
    return tuple(
        dict.fromkeys(
            unit.kind
            for unit in units.values()
            if any(reader.owns(unit, name) and reader.container(unit, name) for name in theory.names)
        )
    )


def _kind_index(nodes: Sequence[Node], units: Mapping[str, Unit], reader: Reader) -> Ints:
    inner = _inner_kinds(reader.theory, units, reader)
    index = []
    for node in nodes:
        unit = _unit_of(node, units)
        inside = node.construct in reader.theory.names and reader.container(unit, node.construct) is not None
        index.append(inner.index(unit.kind) if inside else UNIT_SCALE)
    return np.array(index, dtype=np.int64)
