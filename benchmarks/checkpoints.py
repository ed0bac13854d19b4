"""Results kept as they come: one comma-separated file to which a benchmark adds rows, and which says what is already done."""

from __future__ import annotations

import csv
from collections.abc import Mapping, Sequence
from pathlib import Path

RESULTS = Path(__file__).parent / "results"


def left_to_do(path: Path, simulations: int) -> list[int]:
    """Numbers of the simulations, from 0, of which the file holds no row yet."""
    done: set[int] = set()
    if path.exists():
        with path.open(encoding="utf-8", newline="") as file:
            done = {int(row["simulation"]) for row in csv.DictReader(file)}
    return [number for number in range(simulations) if number not in done]


def append(path: Path, rows: Sequence[Mapping[str, object]]) -> None:
    """Add rows of the same columns to the file, with a header if it is new."""
    path.parent.mkdir(exist_ok=True)
    new = not path.exists()
    with path.open("a", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]), lineterminator="\n")
        if new:
            writer.writeheader()
        writer.writerows(rows)
