"""Missing values of observed levels: parameters of a finite kind, summed over exactly.

A missing yes/no or level is whatever its family would have drawn, and its effects read it. Values that bear on one another
(a common effect, or one the cause of the other) form a gap; the joint values of a gap are its worlds, and its likelihood is

    log sum over worlds k of  exp( sum over missing cells log p(t_k | eta_k) + sum over touched cells w log p(y | eta_k) )

Gaps do not bear on one another, so world k of all of them is worked out at once. Given parameters, a gap's world is drawn from
its posterior by the (otherwise unused) disturbance of its first node, a standard normal like any other.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import product

import numpy as np
from numpy.typing import NDArray

from data.codebook import Codebook
from models.measurement.cells import IMPOSSIBLE, Block
from models.measurement.columns import CannotEstimateError, Column
from models.structure.layout import Structure
from models.structure.reading import Node

type Array = NDArray[np.generic]
type Ints = NDArray[np.int64]

MOST_WORLDS = 64
"""Joint values of one gap: six yes/noes."""


def read_by_effects(structure: Structure) -> set[Node]:
    """Nodes whose score enters another."""
    return {end for arc in structure.arcs for end in (arc.source, arc.moderator) if end is not None}


def _levels_of_effects(structure: Structure, columns: Mapping[str, Column]) -> list[Node]:
    """Nodes of columns of levels that have effects, or may have some in another theory of the same compiled code."""
    read = set(structure.nodes) if structure.every_gap else read_by_effects(structure)
    return [
        n
        for n in structure.nodes
        if n in read and not n.start and n.construct in columns and columns[n.construct].levels
    ]


def sums_over_gaps(structure: Structure, columns: Mapping[str, Column]) -> bool:
    """Whether a missing value would have to be summed over: whether a column of levels has effects."""
    return bool(_levels_of_effects(structure, columns))


def with_missing_cells(
    blocks: Sequence[Block], codebook: Codebook, structure: Structure, columns: Mapping[str, Column]
) -> tuple[Block, ...]:
    """The blocks with a cell without rows for every missing level that has effects."""
    read = {key for block in blocks for key in block.keys}
    keys = [(n.unit, columns[n.construct].spec.name) for n in _levels_of_effects(structure, columns)]
    missing = [key for key in keys if key not in read]
    return tuple(_extended(block, codebook, missing) if block.family == "ordinal" else block for block in blocks)


def _extended(block: Block, codebook: Codebook, keys: Sequence[tuple[str, str]]) -> Block:
    indicators = list(codebook.indicators)
    count, width = len(keys), block.log_reading.shape[1]
    reading = np.full((count, width), IMPOSSIBLE)
    for c, (_, name) in enumerate(keys):
        reading[c, : codebook.answers(name)] = 0.0
    nothing = np.zeros((count, 1))
    return replace(
        block,
        keys=(*block.keys, *keys),
        rows=(*block.rows, *(() for _ in keys)),
        indicator=np.concatenate([block.indicator, [indicators.index(name) for _, name in keys]]).astype(np.int64),
        value=np.concatenate([block.value, nothing]),
        trials=np.concatenate([block.trials, nothing]),
        constant=np.concatenate([block.constant, nothing]),
        log_reading=np.concatenate([block.log_reading, reading]),
        log_null=np.concatenate([block.log_null, np.full(count, IMPOSSIBLE)]),
    )


@dataclass(frozen=True)
class Gap:
    """Missing nodes that bear on one another, every node whose score or predictor they touch, and their joint values."""

    missing: tuple[int, ...]
    touched: frozenset[int]
    worlds: tuple[tuple[int, ...], ...]


def find_gaps(structure: Structure, missing: Mapping[int, Column], is_given: NDArray[np.bool_]) -> list[Gap]:
    """Missing nodes in groups that share a touched node. Raises CannotEstimateError where a group has too many joint values.

    missing : the missing nodes that have effects, with their columns; is_given : nodes whose value is known
    """
    effects: dict[int, set[int]] = {}
    for arc in structure.arcs:
        for end in (arc.source, arc.moderator):
            if end is not None:
                effects.setdefault(structure.index[end], set()).add(structure.index[arc.target])
    groups: list[tuple[set[int], set[int]]] = []
    for n in missing:
        members, touched = {n}, _touched(n, effects, missing, is_given)
        apart = []
        for other, reach in groups:
            if reach & touched:
                members, touched = members | other, touched | reach
            else:
                apart.append((other, reach))
        groups = [*apart, (members, touched)]
    return [_gap(structure, sorted(members), touched, missing) for members, touched in groups]


def _touched(
    start: int, effects: Mapping[int, set[int]], missing: Mapping[int, Column], is_given: NDArray[np.bool_]
) -> set[int]:
    """The node and all whose predictor depends on it; a known or missing value passes nothing on."""
    found, frontier = {start}, [start]
    while frontier:
        for n in effects.get(frontier.pop(), set()) - found:
            found.add(n)
            if n not in missing and not is_given[n]:
                frontier.append(n)
    return found


def _gap(structure: Structure, members: Sequence[int], touched: set[int], missing: Mapping[int, Column]) -> Gap:
    sizes = [missing[n].levels for n in members]
    if np.prod(np.array(sizes, dtype=float)) > MOST_WORLDS:
        names = [str(structure.nodes[n]) for n in members]
        raise CannotEstimateError(
            f"{len(members)} missing values bear on one another ({', '.join(names[:6])}{', ...' if names[6:] else ''}) and "
            f"have more than {MOST_WORLDS} joint values, too many to sum over. Code some of them, leave the units out, "
            'or make a construct kind = "latent".'
        )
    return Gap(tuple(members), frozenset(touched), tuple(product(*(range(size) for size in sizes))))


def gap_data(
    gaps: Sequence[Gap], missing: Mapping[int, Column], given: Array, reads: Array, reading: Array
) -> dict[str, Array]:
    """Arrays of the worlds. ``given`` (nodes,) and ``reading`` (ordinal cells, levels) are those without gaps.

    reads : index of the score or predictor that each cell reads (ordinal ones come first)
    """
    latent: Ints = np.asarray(reads, dtype=np.int64)
    nodes, cells, count = len(given), latent % len(given), max(len(gaps), 1)
    depth = max((len(gap.worlds) for gap in gaps), default=1)
    touched = [np.flatnonzero(np.isin(cells, list(gap.touched))) for gap in gaps] or [np.zeros(0, dtype=np.int64)]
    width = max(1, *(len(t) for t in touched))
    values, in_worlds = np.tile(given, (depth, 1)), np.tile(reading, (depth, 1, 1))
    weight, owner = np.full((depth, count), IMPOSSIBLE), np.full(nodes, count)
    weight[0] = 0.0
    for m, gap in enumerate(gaps):
        owner[list(gap.touched)] = m
        weight[: len(gap.worlds), m] = 0.0
        for k in range(depth):
            for n, level in zip(gap.missing, gap.worlds[k if k < len(gap.worlds) else 0], strict=True):
                values[k, n] = missing[n].score(float(level))
                cell = _own_cell(cells, n, latent, nodes)
                in_worlds[k, cell] = 0.0
                in_worlds[k, cell, level] = 1.0
    open_cell = np.isin(latent, [n + nodes for n in missing]).astype(float)
    return {
        "given": values,
        "world_reading": in_worlds,
        "gap_cells": np.array([np.pad(t, (0, width - len(t)), constant_values=len(latent)) for t in touched]),
        "gap_weight": weight,
        "gap_pick": np.array([gap.missing[0] for gap in gaps] or [0], dtype=np.int64),
        "gap_value": np.zeros(count),
        "node_gap": owner,
        "settled": 1.0 - np.isin(cells, [n for gap in gaps for n in gap.touched]).astype(float),
        "is_missing": open_cell,
    }


def _own_cell(cells: Ints, node: int, latent: Ints, nodes: int) -> int:
    """The cell of a column's own value, which reads the node's predictor."""
    return int(np.flatnonzero((cells == node) & (latent >= nodes))[0])
