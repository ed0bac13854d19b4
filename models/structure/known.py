"""Which scores are known because rows give the value of an observed construct."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from models.measurement.cells import Block
from models.measurement.columns import CannotEstimateError, Column, values_read
from models.structure.layout import Structure
from models.structure.reading import Node

type Cell = tuple[str, str]


def known_scores(
    structure: Structure, columns: Mapping[str, Column], blocks: Sequence[Block], among: Collection[Cell] | None = None
) -> dict[Node, float]:
    """Scores of observed constructs that rows give, in all cells or ``among`` some (unit, indicator).

    Raises CannotEstimateError where rows leave several values open, or stand on a unit that has no value of its own.
    """
    found: dict[Node, float] = {}
    for (unit, construct), values in values_read(blocks, columns, among).items():
        column, node = columns[construct], Node(unit, construct)
        if node not in structure.index:
            raise CannotEstimateError(
                f"{column.spec.name} is read on {unit}, which has no value of the observed construct {construct} of its "
                "own. Move the row to the unit that has one, or add the kind of unit to the construct's `units`."
            )
        if len(values) == 1:
            found[node] = float(column.score(values[0]))
    return found
