"""What a plain PyMC script inlines: units, coefficients, indicators and what was read, as Python literals."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from models.blueprint import Blueprint
from models.measurement.cells import Block
from models.structure.bundles import ABSENT, Bundle
from models.structure.reading import Node
from models.structure.steps import places

type Array = NDArray[np.generic]


def literal(value: object) -> str:
    """A number with nine digits, a text, or a tuple of them, as Python reads it."""
    if isinstance(value, tuple):
        return f"({', '.join(map(literal, value))}{',' if len(value) == 1 else ''})"
    if isinstance(value, list):
        return f"[{', '.join(map(literal, value))}]"
    return f"{value + 0.0:.9g}" if isinstance(value, float) else repr(value)  # no -0


def vector(values: Array) -> str:
    """Numbers as one number when they are all the same, else as a list."""
    plain = [float(v) for v in np.ravel(values)]
    return literal(plain[0]) if plain and len(set(plain)) == 1 else literal(plain)


def listing(name: str, entries: Iterable[str], brackets: str = "[]") -> list[str]:
    """An assignment of a list or dictionary, one entry a line."""
    return [f"{name} = {brackets[0]}", *(f"    {entry}," for entry in entries), brackets[1]]


@dataclass
class Rows:
    """Row numbers by which one bundle reads another, each list named once: R1, R2, ..."""

    names: dict[tuple[int, ...], str] = field(default_factory=dict)

    def read(self, source: Bundle, rows: Array, times: str = "z") -> str:
        """Source text of a bundle's scores at some rows; the bundle itself when they are its own, in order."""
        if np.array_equal(rows, np.arange(len(source.nodes))):
            return f"{times}[{source.name!r}]"
        name = self.names.setdefault(tuple(int(r) for r in rows), f"R{len(self.names) + 1}")
        return f"at({times}[{source.name!r}], {name})"

    @property
    def lines(self) -> list[str]:
        return [f"{name} = {literal(list(rows))}" for rows, name in self.names.items()]


def unit_lines(bundles: Sequence[Bundle], cases: Sequence[str]) -> list[str]:
    """UNITS: for every bundle its units, each with the case whose component it has; equal lists are written once."""
    named: dict[tuple[tuple[str, str | None], ...], str] = {}
    entries = []
    for b in bundles:
        rows = tuple(
            (str(node).removesuffix(f":{node.construct}"), None if c == ABSENT else cases[c])
            for node, c in zip(b.nodes, b.case, strict=True)
        )
        entries.append(f"{b.name!r}: {named.setdefault(rows, f'U{len(named) + 1}')}")
    lists = [line for rows, name in named.items() for line in listing(name, map(literal, rows))]
    return [*lists, *listing("UNITS", entries, "{}")]


def slope_lines(blueprint: Blueprint) -> list[str]:
    """SLOPES: prior location and scale of every free coefficient; SIGNED: direction and scale of those of fixed sign."""
    data = blueprint.data
    free = zip(blueprint.coords["coefficient"], data["slope_location"], data["slope_scale"], strict=True)
    signed = zip(blueprint.coords["signed_coefficient"], data["fixed_sign"], data["signed_slope_scale"], strict=True)

    def entries(values: Iterable[tuple[str, Array, Array]]) -> list[str]:
        return [f"{name!r}: {literal((float(one), float(other)))}" for name, one, other in values]

    lines = listing("SLOPES", entries(free), "{}")
    return lines + listing("SIGNED", entries(signed), "{}") if blueprint.has("signed_slope") else lines


def indicator_lines(blueprint: Blueprint) -> list[str]:
    """INDICATORS: sd of the shift (None: it is 0), median of the loading (None: fixed at 1)."""
    loaded, shifted, data = list(blueprint.coords["loaded"]), list(blueprint.coords["shifted"]), blueprint.data
    entries = []
    for name in blueprint.indicators:
        median = float(np.exp(data["loading_log_median"][loaded.index(name)])) if name in loaded else None
        shift = float(data["shift_sd"][shifted.index(name)]) if name in shifted else None
        entries.append(f"{name!r}: {literal((shift, median))}")
    return listing("INDICATORS", entries, "{}")


@dataclass(frozen=True)
class Table:
    """Cells of one verbal scale or family, by their place in the block."""

    name: str
    block: Block
    cells: tuple[int, ...]
    levels: int = 0
    stretch: float = 1.0


def tables(blueprint: Blueprint) -> list[Table]:
    """The cells of a study: a table for each scale with cutpoints, one for binary indicators, one for each other family."""
    found: list[Table] = []
    cut_names = [(name, k) for k in blueprint.cut_sizes for name in blueprint.coords[f"scale_{k}"]]
    for block in blueprint.blocks:
        if block.family != "ordinal":
            found.append(Table(block.family, block, tuple(range(len(block)))))
            continue
        scales: dict[str, list[int]] = {}
        for c, row in enumerate(blueprint.data["cut_row"]):
            scales.setdefault("binary" if row == 0 else cut_names[int(row) - 1][0], []).append(c)
        known = dict(cut_names)
        for scale, cells in scales.items():
            levels = known.get(scale, 2)
            where = list(blueprint.coords[f"scale_{levels}"]).index(scale) if scale in known else 0
            stretch = float(blueprint.data[f"cut_stretch_{levels}"][where]) if scale in known else 1.0
            title = scale if scale == "binary" or scale.startswith("column ") else f"scale {scale}"
            found.append(Table(title, block, tuple(cells), levels, stretch))
    return found


def cell_lines(blueprint: Blueprint, bundles: Sequence[Bundle], table: Table) -> list[str]:
    """CELLS[table]: bundle and unit of the score, indicator, direction, offset, and what was read of it."""
    home = {node: b.name for b in bundles for node in b.nodes}
    entries = [literal((*_head(blueprint, home, table.block, c), *_read(table, c))) for c in table.cells]
    lines = listing(f"CELLS[{table.name!r}]", entries)
    if blueprint.has("group_error"):
        lines += listing(f"GROUPS[{table.name!r}]", _groups(blueprint, table))
    return lines


def _head(blueprint: Blueprint, home: Mapping[Node, str], block: Block, c: int) -> tuple[object, ...]:
    data, structure = blueprint.data, blueprint.structure
    cell = blueprint.slices[block.family].start + c
    node = structure.nodes[int(data["latent"][cell]) % (len(structure.nodes) + structure.spare_nodes)]
    unit = str(node).removesuffix(f":{node.construct}")
    observed = int(data["latent"][cell]) >= len(structure.nodes) + structure.spare_nodes
    bundle = f"expected {home[node]}" if observed else home[node]
    return bundle, unit, block.keys[c][1], int(data["direction"][cell]), float(data["offset"][cell])


def _read(table: Table, c: int) -> tuple[object, ...]:
    block = table.block
    if block.family == "ordinal":
        return ([float(chance) for chance in np.exp(block.log_reading[c, : table.levels])],)
    trials = [int(n) for n in block.trials[c]]
    values = [float(v) if block.family == "continuous" else int(v) for v in block.value[c]]
    return values, trials, [float(right) for right in block.log_reading[c]], float(block.log_null[c])


def _groups(blueprint: Blueprint, table: Table) -> list[str]:
    """(cell, evidence group, share of the cell's rows that rest on it), where a group bears on several cells."""
    data, start = blueprint.data, blueprint.slices[table.block.family].start
    found = []
    for place, c in enumerate(table.cells):
        for g, share in zip(data["group_index"][start + c], data["group_share"][start + c], strict=True):
            if share > 0:
                found.append(literal((place, int(g), float(share))))
    return found


def known_scores(blueprint: Blueprint, bundle: Bundle) -> Mapping[int, float]:
    """Values of an observed construct that rows give, by row of its bundle."""
    index, data = blueprint.structure.index, blueprint.data
    rows = {i: index[node] for i, node in enumerate(bundle.nodes)}
    return {i: float(data["given"][0, n]) for i, n in rows.items() if data["is_given"][n]}


def observed_column(blueprint: Blueprint, bundle: Bundle) -> str | None:
    """The indicator that is the column of an observed construct; None for a latent one."""
    loaded, specs = blueprint.coords["loaded"], blueprint.codebook.indicators
    return next((n for n in blueprint.indicators if n not in loaded and specs[n].measures == bundle.construct), None)


def is_known(blueprint: Blueprint, bundle: Bundle) -> bool:
    """Whether every score of a bundle is a value of its column that was read."""
    return bool(observed_column(blueprint, bundle)) and len(known_scores(blueprint, bundle)) == len(bundle.nodes)


def step_lines(blueprint: Blueprint, bundle: Bundle) -> list[str]:
    """What the levels of a monotone effect's cause count for: the steps up to each, standardised as the level is."""
    data, index, name = blueprint.data, blueprint.structure.index, bundle.construct
    first = dict(zip(blueprint.steps, places(blueprint.steps), strict=True))[name]
    nodes = [index[node] for node in bundle.nodes]
    level = [int(data["step_place"][0, n]) - first for n in nodes]
    lowest, gain = float(data["given"][0, nodes[0]]), float(data["step_gain"][nodes[0]])
    return [
        f"reached = pt.concatenate([[0.0], pt.cumsum(steps[{name!r}])])",
        f"z[{bundle.name!r}] = {literal(lowest)} + {literal(gain)} * reached[{literal(level)}]",
    ]
