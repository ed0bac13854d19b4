"""A wide table with as few rows as its likelihood needs, as rows of units.csv and observations.csv (``models.aggregation``)."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from causal.theory import Theory
from data.widetable import KIND, SOURCE, WideTable
from models.aggregation import COUNT, aggregated


def taken_together(wide: WideTable, theory: Theory) -> WideTable:
    """The table with rows that no likelihood tells apart as one, counted. Raises CannotEstimateError as ``aggregated`` does."""
    families = {name: column.family for name, column in wide.families.items()}
    few = aggregated(_frame(wide), theory, families)
    units, observations = [], []
    for number, row in enumerate(few.to_dict("records"), 1):
        unit, count = f"rows {number}", float(row[COUNT])
        about = {"unit": unit, "case": unit, "period": "1", "kind": KIND, "previous": "", "count": f"{count!r}"}
        units.append(about | {"label": f"{count:.6g} row{'s' if count != 1 else ''}"})
        where = {"unit": unit, "n": "", "source": SOURCE, "locator": f"{len(wide.units)} rows taken together"}
        values = ((name, row[name]) for name in families if pd.notna(row[name]))
        observations += [where | {"indicator": name, "value": str(value)} for name, value in values]
    numbered = [{"observation": f"o{i}"} | cell for i, cell in enumerate(observations, 1)]
    return WideTable(wide.families, units, numbered, wide.unused)


def _frame(wide: WideTable) -> pd.DataFrame:
    """A row per unit, a column per construct: numbers where they are measured, else the text of the level."""
    columns: Mapping[str, dict[str, str]] = {name: {} for name in wide.families}
    for cell in wide.observations:
        if cell["value"]:
            columns[cell["indicator"]][cell["unit"]] = cell["value"]
    found = pd.DataFrame(columns, index=[unit["unit"] for unit in wide.units], dtype=object)
    measured = [name for name, column in wide.families.items() if column.family == "continuous"]
    return found.astype(dict.fromkeys(measured, float))
