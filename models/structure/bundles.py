"""The scores of a study bundled by construct and kind of unit, so that each bundle has one equation.

Nodes and arcs are what a computer walks; a reader wants one equation per construct. A bundle's equation is exact for
every node of it: a term is absent (row -1) where a node has no such arc, as before a case's first period.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from data.cases import Unit
from models.blueprint import Blueprint
from models.structure.layout import NO_CASE, ONE, UNIT_SCALE, Arc
from models.structure.reading import Node
from models.structure.slopes import is_step

type Ints = NDArray[np.int64]

ABSENT = -1


@dataclass(frozen=True)
class Term:
    """weight * slope * source[rows] * moderator[moderator_rows]; ``rows`` has an entry per node of the bundle, -1 for none."""

    slope: str
    weight: float
    source: str
    rows: Ints
    moderator: str | None
    moderator_rows: Ints

    @property
    def is_container(self) -> bool:
        """Whether it is the score of the containing unit, which enters as it is."""
        return self.slope == ONE


@dataclass(frozen=True)
class Bundle:
    """Scores of one construct on the outermost kinds of unit that have one, or (``kind``) on one kind inside them.

    case : index of the case of each node, -1 where it has no case component
    """

    name: str
    construct: str
    kind: str
    nodes: tuple[Node, ...]
    case: Ints
    terms: tuple[Term, ...]

    @property
    def hidden(self) -> bool:
        """Whether it is the shared cause behind a bidirected edge."""
        return "<->" in self.construct


def bundles(blueprint: Blueprint, units: Mapping[str, Unit]) -> tuple[Bundle, ...]:
    """Every score of a blueprint in bundles, causes before effects within a period and containers before what they contain."""
    members = _members(blueprint, units)
    where = {node: (name, i) for name, nodes in members.items() for i, node in enumerate(nodes)}
    into: dict[str, list[Arc]] = {name: [] for name in members}
    for arc in blueprint.structure.arcs:
        into[where[arc.target][0]].append(arc)
    structure = blueprint.structure
    found = []
    for name, nodes in members.items():
        index = [structure.index[node] for node in nodes]
        kind = int(structure.kind[index[0]])
        inner = "" if kind == UNIT_SCALE else structure.inner_kinds[kind]
        case = np.where(structure.case[index] == NO_CASE, ABSENT, structure.case[index])
        found.append(Bundle(name, nodes[0].construct, inner, nodes, case, tuple(_terms(into[name], nodes, where))))
    return tuple(found)


def passes(found: tuple[Bundle, ...]) -> int:
    """How often the equations must be gone through, from scores of 0, until all scores are right: once without lags."""
    order = {bundle.name: i for i, bundle in enumerate(found)}
    needed = {(b.name, n): 1 for b in found for n in range(len(b.nodes))}
    changed = True
    while changed:
        changed = False
        for bundle in found:
            for n in range(len(bundle.nodes)):
                least = max((_after(needed, order, bundle, *read) for read in _reads(bundle, n)), default=1)
                if least > needed[bundle.name, n]:
                    needed[bundle.name, n], changed = least, True
    return max(needed.values(), default=1)


def _after(needed: Mapping[tuple[str, int], int], order: Mapping[str, int], bundle: Bundle, name: str, row: int) -> int:
    """The pass in which a score is right that reads another: a later one if the other's bundle does not come before."""
    return needed[name, row] + (order[name] >= order[bundle.name])


def _reads(bundle: Bundle, n: int) -> Iterator[tuple[str, int]]:
    """Scores that a score waits for; the steps of an observed level wait for none."""
    if is_step(bundle.construct):
        return
    for term in bundle.terms:
        for name, rows in ((term.source, term.rows), (term.moderator, term.moderator_rows)):
            if name is not None and rows[n] != ABSENT:
                yield name, int(rows[n])


def _members(blueprint: Blueprint, units: Mapping[str, Unit]) -> dict[str, tuple[Node, ...]]:
    """Nodes by the name of their bundle, in the order of equations; within a bundle first periods' starts last."""
    structure, place = blueprint.structure, {name: i for i, name in enumerate(units)}
    rank = {name: i for i, name in enumerate(blueprint.theory.order)}
    groups: dict[tuple[int, str, int], list[Node]] = {}
    for node, kind in zip(structure.nodes, structure.kind, strict=True):
        groups.setdefault((rank.get(node.construct, -1), node.construct, int(kind)), []).append(node)
    ordered = sorted(groups, key=lambda key: (key[0], key[2] != UNIT_SCALE, _depth(groups[key], units), key))
    found = {}
    for _, construct, kind in ordered:
        nodes = groups[rank.get(construct, -1), construct, kind]
        name = construct if kind == UNIT_SCALE else f"{construct}@{structure.inner_kinds[kind]}"
        found[name] = tuple(sorted(nodes, key=lambda node: (node.start, place[node.unit])))
    return found


def _depth(nodes: list[Node], units: Mapping[str, Unit]) -> int:
    """How many units contain the innermost of them."""
    depths = []
    for node in nodes:
        depth, unit = 0, units[node.unit]
        while unit.within:
            depth, unit = depth + 1, units[unit.within]
        depths.append(depth)
    return max(depths)


def _terms(arcs: list[Arc], nodes: tuple[Node, ...], where: Mapping[Node, tuple[str, int]]) -> Iterator[Term]:
    """Arcs into a bundle, those of one coefficient, weight and source bundle taken together."""
    place = {node: i for i, node in enumerate(nodes)}
    rows: dict[tuple[str, float, str, str | None], tuple[Ints, Ints]] = {}
    for arc in arcs:
        source, moderator = where[arc.source], where[arc.moderator] if arc.moderator else (None, ABSENT)
        key = (arc.slope, arc.weight, source[0], moderator[0])
        ours, moderators = rows.setdefault(key, (np.full(len(nodes), ABSENT), np.full(len(nodes), ABSENT)))
        ours[place[arc.target]], moderators[place[arc.target]] = source[1], moderator[1]
    for (slope, weight, name, other), (ours, moderators) in sorted(rows.items(), key=_container_first):
        yield Term(slope, weight, name, ours, other, moderators)


def _container_first(item: tuple[tuple[str, float, str, str | None], tuple[Ints, Ints]]) -> bool:
    return item[0][0] != ONE
