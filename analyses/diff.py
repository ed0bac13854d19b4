"""``casewise diff``: what moved between two runs, and what was changed to move it."""

from __future__ import annotations

import json
from pathlib import Path

import pandas as pd

COMPARED = ("prior_probability", "posterior_probability", "weight_db", "verdict")
DECLARED = ("claim", "smallest_effect")


def moved(before: Path, after: Path) -> pd.DataFrame:
    """Every hypothesis of either run, with both runs' numbers and how far the probability and the weight moved.

    declared : "as before", or what of the hypothesis itself was changed: a claim or threshold altered after seeing a result
    """
    old, new = (pd.read_csv(run / "hypotheses.csv").set_index("id") for run in (before, after))
    rows = []
    for name in [*old.index, *(name for name in new.index if name not in old.index)]:
        row: dict[str, object] = {"id": name, "declared": _declared(old, new, name)}
        for column in COMPARED:
            row[f"{column}_before"] = old[column].get(name)
            row[f"{column}_after"] = new[column].get(name)
        rows.append(row)
    table = pd.DataFrame(rows)
    for column in ("posterior_probability", "weight_db"):
        ends = (pd.to_numeric(table[f"{column}_{end}"], errors="coerce") for end in ("after", "before"))
        table[f"{column}_moved"] = next(ends) - next(ends)
    return table


def _declared(old: pd.DataFrame, new: pd.DataFrame, name: str) -> str:
    if name not in old.index or name not in new.index:
        return "new" if name in new.index else "withdrawn"
    changed = [column for column in DECLARED if old[column].get(name) != new[column].get(name)]
    return f"{' and '.join(changed)} changed" if changed else "as before"


def changed_inputs(before: Path, after: Path) -> list[str]:
    """Files of the study that differ between the runs, by their hashes."""
    old, new = (json.loads((run / "manifest.json").read_text(encoding="utf-8"))["inputs"] for run in (before, after))
    return sorted(name for name in old.keys() | new.keys() if old.get(name) != new.get(name))


def in_words(table: pd.DataFrame, inputs: list[str]) -> str:
    """A line per hypothesis, the one that moved most first, and the files that were changed."""
    lines = [f"changed files: {', '.join(inputs) or 'none'}"]
    for row in table.sort_values("weight_db_moved", key=abs, ascending=False, na_position="last").to_dict("records"):
        words = f"{row['id']}: {row['verdict_before']} -> {row['verdict_after']}"
        if row["weight_db_moved"] == row["weight_db_moved"]:
            before, after = (row[f"posterior_probability_{end}"] for end in ("before", "after"))
            words += f", probability {before:.2f} -> {after:.2f} ({row['weight_db_moved']:+.1f} dB)"
        lines.append(words if row["declared"] == "as before" else f"{words}; {row['declared']}")
    return "\n".join(lines)
