"""Other rows in the cells of a compiled model: what coders might have said instead, as data to swap."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from causal.theory import Theory
from data.cases import Observation, Unit
from data.codebook import Codebook
from models.blueprint import Array, Blueprint
from models.draft import CannotEstimateError
from models.evidence.without import block_arrays, value_data
from models.measurement.cells import informative, read_cell, stack
from models.structure.reading import Reader


def cells_for(
    theory: Theory,
    codebook: Codebook,
    units: Mapping[str, Unit],
    rows: Sequence[Observation],
    indicators: Collection[str],
) -> tuple[tuple[str, str], ...]:
    """The cells that rows of some indicators may be moved to: every unit of a kind on which the indicator was read, and every
    outermost unit where its construct can be read. Those of observed constructs have no room but their own.
    """
    reader = Reader(theory, units)
    found: dict[tuple[str, str], None] = {}
    for name in (name for name in codebook.indicators if name in indicators):  # a set is ordered anew by every process
        if theory.construct(codebook.indicators[name].measures).kind == "observed":
            continue
        kinds = {units[row.unit].kind for row in informative(rows) if row.indicator == name}
        for unit in units.values():
            readable = reader.owner(unit, codebook.indicators[name].measures) is not None
            if kinds and readable and (unit.kind in kinds or unit.within is None):
                found[(unit.name, name)] = None
    return tuple(found)


def recoded(blueprint: Blueprint, rows: Sequence[Observation]) -> dict[str, Array]:
    """The arrays by which a compiled model reads these rows instead of its own, standardised as its own were.

    Cells without a row say nothing; what evidence groups share stays with the cell. Raises CannotEstimateError for rows of a
    cell that the model has no room for, and for values of observed constructs that may not be missing.
    """
    cells: dict[tuple[str, str], list[Observation]] = {}
    for row in informative(rows):
        cells.setdefault((row.unit, row.indicator), []).append(row)
    changed: dict[str, Array] = {}
    blocks = []
    for block in blueprint.blocks:
        kept = tuple(tuple(cells.pop(key, ())) for key in block.keys)
        read = [
            read_cell(blueprint.codebook, key[1], own, blueprint.scaling[key[1]])
            for key, own in zip(block.keys, kept, strict=True)
        ]
        blocks.append(stack(block.family, block.keys, kept, block.indicator, read))
        changed |= block_arrays(blocks[-1])
    if cells:
        unit, indicator = next(iter(cells))
        raise CannotEstimateError(f"the compiled model has no cell for {indicator} at {unit}")
    return changed | (value_data(blueprint, blocks) if blueprint.columns else {})
