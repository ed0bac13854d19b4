"""What the simulations of ``calibration`` add up to: a table for docs/validation.md, every quantity tested, and a figure.

python -m benchmarks.calibration_report
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from benchmarks.calibration import TOP
from benchmarks.checkpoints import RESULTS
from benchmarks.uniformity import EcdfTest, chi_squared, holm, kept

FIGURE = Path(__file__).parents[1] / "docs" / "figures" / "calibration.svg"
BINS = 20
FEWEST_BINS_OF = 100
"""Simulations below which half as many bins are counted."""


@dataclass(frozen=True)
class Ranked:
    """The simulations of one design and size, and the test of every quantity."""

    name: str
    n: int
    frame: pd.DataFrame
    tests: pd.DataFrame
    ecdf: EcdfTest


def read(path: Path) -> Ranked:
    """A file of simulations, every ranked quantity tested; Holm's adjustment is within the file."""
    _, name, n = path.stem.split("_")
    frame = pd.read_csv(path)
    ecdf = EcdfTest.of(len(frame), TOP, np.random.default_rng(1))
    bins = BINS if len(frame) >= FEWEST_BINS_OF else BINS // 2
    columns = [column for column in frame.columns if column.startswith("rank ")]
    ranks = {column.removeprefix("rank "): frame[column].to_numpy() for column in columns}
    tests = pd.DataFrame(
        {
            "quantity": name,
            "mean_rank": r.mean() / TOP,
            "ecdf": ecdf.p_value(r),
            "chi_squared": chi_squared(r, TOP, bins),
        }
        for name, r in ranks.items()
    )
    return Ranked(name, int(n), frame, tests.assign(holm=holm(tests["ecdf"].tolist())), ecdf)


def summary(ranked: Ranked) -> str:
    """One line of the table of ranks."""
    tests, frame = ranked.tests, ranked.frame
    worst, expected = tests.iloc[tests["ecdf"].argmin()], 0.05 * len(tests)
    uneven = [f"{(tests[test] < 0.05).sum()} ({expected:.1f})" for test in ("ecdf", "chi_squared")]
    cells = [ranked.name, ranked.n, len(frame), len(tests), *uneven, worst["quantity"], f"{worst['ecdf']:.4f}"]
    cells += [
        f"{worst['holm']:.2f}",
        *(f"{(frame[c] > at).mean():.0%}" for c, at in (("worst r_hat", 1.05), ("divergences", 0))),
    ]
    return row(*cells)


def row(*cells: object) -> str:
    return f"| {' | '.join(map(str, cells))} |"


def header(*names: str) -> list[str]:
    return [row(*names), "|" + "---|" * len(names)]


def claims(all_ranked: list[Ranked]) -> list[str]:
    """Lines of the table of claims: the probability given and how often the claim held, by size and in bins."""
    lines = []
    for n in sorted({r.n for r in all_ranked}):
        frames = [r.frame for r in all_ranked if r.n == n]
        numbers = sorted({m[1] for f in frames for c in f.columns if (m := re.fullmatch(r"probability (\d+)", c))})
        p, holds, verdict = (
            np.concatenate([f[f"{what} {i}"] for f in frames for i in numbers])
            for what in ("probability", "holds", "verdict")
        )
        found = kept(p, holds)
        bins = [(p >= low) & (p < high) for low, high in ((0, 0.1), (0.1, 0.3), (0.3, 0.7), (0.7, 0.9), (0.9, 1.01))]
        shares = " | ".join(f"{p[b].mean():.2f} → {holds[b].mean():.2f} ({b.sum()})" if b.any() else "–" for b in bins)
        said = verdict == 1
        right = f"{holds[said].sum()} of {said.sum()}"
        denied = verdict == -1
        wrong = f"{(1 - holds[denied]).sum()} of {denied.sum()}"
        lines.append(
            f"| {n} | {len(p)} | {shares} | {found.p_value:.2f} | {found.slope_p_value:.2f} | {right} | {wrong} |"
        )
    return lines


def draw(all_ranked: list[Ranked], path: Path) -> None:
    """Empirical distribution of ranks less the uniform one, every quantity a line, with the simultaneous 95 % envelope."""
    import matplotlib

    matplotlib.use("svg")
    import matplotlib.pyplot as plt

    sizes, names = sorted({r.n for r in all_ranked}), list(dict.fromkeys(r.name for r in all_ranked))
    figure, axes = plt.subplots(
        len(sizes), len(names), figsize=(9, 2.3 * len(sizes)), sharex=True, sharey="row", squeeze=False
    )
    chance = np.arange(1, TOP + 1) / (TOP + 1)
    for r in all_ranked:
        ax = axes[sizes.index(r.n), names.index(r.name)]
        low, high = r.ecdf.envelope()
        ax.fill_between(chance, low - chance, high - chance, color="#dddddd", step="mid")
        for column in (c for c in r.frame.columns if c.startswith("rank ")):
            curve = np.cumsum(np.bincount(r.frame[column], minlength=TOP + 1))[:TOP] / len(r.frame)
            ax.plot(chance, curve - chance, color="#1d4f91", alpha=0.35, linewidth=0.7)
        ax.set_title(f"{r.name}, n = {r.n}, {len(r.frame)} simulations", fontsize=8)
    figure.tight_layout()
    path.parent.mkdir(exist_ok=True)
    matplotlib.rcParams["svg.hashsalt"] = "casewise"
    figure.savefig(path, metadata={"Date": None})


def main() -> None:
    paths = sorted(RESULTS.glob("calibration_*_*.csv"), key=lambda p: (int(p.stem.split("_")[2]), p.stem))
    all_ranked = [read(path) for path in paths]
    tests = pd.concat([r.tests.assign(design=r.name, n=r.n) for r in all_ranked])
    tests = tests.assign(holm_over_all=holm(tests["ecdf"].tolist())).round(4)
    tests.to_csv(RESULTS / "calibration_tests.csv", index=False, lineterminator="\n")
    text = [
        *header(
            "design", "n", "simulations", "quantities", "ECDF p < .05 (expected)", "χ² p < .05 (expected)", "least uniform",
            "its p", "Holm", "R-hat > 1.05", "divergent",
        ),
        *map(summary, all_ranked),
        f"\n{len(tests)} tests in all; the smallest p adjusted over all of them is {tests['holm_over_all'].min():.2f}.\n",
        *header(
            "n", "claims", "below .1", ".1 to .3", ".3 to .7", ".7 to .9", "above .9", "p level", "p slope",
            "supported, and true", "contradicted, and false",
        ),
        *claims(all_ranked),
    ]  # fmt: skip
    (RESULTS / "calibration.md").write_text("\n".join(text) + "\n", encoding="utf-8")
    draw(all_ranked, FIGURE)
    print("\n".join(text))


if __name__ == "__main__":
    main()
