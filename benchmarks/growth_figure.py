"""The figure of docs/speed.md: seconds against size for every part that ``benchmarks.growth`` has measured.

python -m benchmarks.growth_figure
"""

from __future__ import annotations

import csv
from pathlib import Path

import matplotlib.pyplot as plt

from benchmarks.checkpoints import RESULTS

FIGURE = Path(__file__).parents[1] / "docs" / "figures" / "growth.svg"
LABELS = {
    "units": "units, latent constructs",
    "rows": "units, observed columns",
    "table": "rows of a table taken together",
    "constructs": "constructs, 12 units",
    "graph": "nodes, ten effects identified",
    "parents": "causes of a node of causal types",
    "nodes": "nodes of a chain of causal types",
}


def main() -> None:
    measured = {part: _read(RESULTS / f"growth_{part}.csv") for part in LABELS}
    shown = {part: rows for part, rows in measured.items() if rows}
    figure, axes = plt.subplots(1, len(shown), figsize=(2.6 * len(shown), 2.6), sharey=True, layout="constrained")
    for ax, (part, rows) in zip(list(axes), shown.items(), strict=True):
        ax.loglog([size for size, _ in rows], [max(seconds, 0.01) for _, seconds in rows], marker="o", color="black")
        ax.set_xlabel(LABELS[part], fontsize=8)
        ax.grid(alpha=0.3)
    axes[0].set_ylabel("seconds of processor")
    figure.savefig(FIGURE, metadata={"Date": None})
    print(FIGURE)


def _read(path: Path) -> list[tuple[float, float]]:
    if not path.exists():
        return []
    with path.open(encoding="utf-8", newline="") as file:
        return [(float(row["size"]), float(row["seconds"])) for row in csv.DictReader(file) if row["seconds"]]


if __name__ == "__main__":
    main()
