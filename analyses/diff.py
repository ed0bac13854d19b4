"""``casewise diff``: what moved between two runs, and what was changed to move it."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pandas as pd

from analyses.wording import probability

COMPARED = ("prior_probability", "posterior_probability", "weight_db", "verdict")
DECLARED = ("claim", "smallest_effect")


def moved(before: Path, after: Path) -> pd.DataFrame:
    """Every hypothesis of either run, with both runs' numbers and how far the probability and the weight moved.

    declared : "as before", or what of the hypothesis itself was changed: a claim or threshold altered after seeing a result
    """
    old, new = (_hypotheses(run) for run in (before, after))
    columns = ["id", "declared", *(f"{column}_{end}" for column in COMPARED for end in ("before", "after"))]
    rows = []
    for name in [*old.index, *(name for name in new.index if name not in old.index)]:
        row: dict[str, object] = {"id": name, "declared": _declared(old, new, name)}
        for column in COMPARED:
            row[f"{column}_before"] = old[column].get(name)
            row[f"{column}_after"] = new[column].get(name)
        rows.append(row)
    table = pd.DataFrame(rows, columns=columns)
    for column in ("posterior_probability", "weight_db"):
        ends = (pd.to_numeric(table[f"{column}_{end}"], errors="coerce") for end in ("after", "before"))
        table[f"{column}_moved"] = next(ends) - next(ends)
    return table


def _hypotheses(run: Path) -> pd.DataFrame:
    """The hypotheses of a run by id; none where an earlier version wrote an empty file for none."""
    path = run / "hypotheses.csv"
    table = pd.read_csv(path) if path.read_text(encoding="utf-8").strip() else pd.DataFrame(columns=["id"])
    return table.set_index("id").reindex(columns=[*DECLARED, *COMPARED])


def _declared(old: pd.DataFrame, new: pd.DataFrame, name: str) -> str:
    if name not in old.index or name not in new.index:
        return "new" if name in new.index else "withdrawn"
    changed = [column for column in DECLARED if old[column].get(name) != new[column].get(name)]
    return f"{' and '.join(changed)} changed" if changed else "as before"


def changed_inputs(before: Path, after: Path) -> list[str]:
    """Files of the study that differ between the runs, by their hashes."""
    old, new = (_manifest(run)["inputs"] for run in (before, after))
    return sorted(name for name in old.keys() | new.keys() if old.get(name) != new.get(name))


def not_converged(before: Path, after: Path) -> list[str]:
    """Which of the runs did not converge."""
    runs = {"earlier": before, "later": after}
    return [which for which, run in runs.items() if not _manifest(run).get("converged", True)]


def _manifest(run: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((run / "manifest.json").read_text(encoding="utf-8"))
    return found


def in_words(table: pd.DataFrame, inputs: list[str], doubtful: Sequence[str] = ()) -> str:
    """A line per hypothesis, the one that moved most first, the files that were changed, and runs that did not converge."""
    lines = [f"the {which} run did not converge: do not use its numbers" for which in doubtful]
    lines.append(f"changed files: {', '.join(inputs) or 'none'}")
    for row in table.sort_values("weight_db_moved", key=abs, ascending=False, na_position="last").to_dict("records"):
        verdicts = (row[f"verdict_{end}"] for end in ("before", "after"))
        words = f"{row['id']}: {' -> '.join(v if isinstance(v, str) else 'absent' for v in verdicts)}"
        if row["weight_db_moved"] == row["weight_db_moved"]:
            before, after = (probability(row[f"posterior_probability_{end}"]) for end in ("before", "after"))
            words += f", probability {before} -> {after} ({row['weight_db_moved']:+.1f} dB)"
        lines.append(words if row["declared"] == "as before" else f"{words}; {row['declared']}")
    return "\n".join(lines)
