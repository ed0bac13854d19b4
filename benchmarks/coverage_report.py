"""What the simulated studies of ``coverage`` add up to: tables for docs/validation.md.

python -m benchmarks.coverage_report
"""

from __future__ import annotations

import numpy as np
import pandas as pd
from scipy import stats

from benchmarks.calibration_report import header, row
from benchmarks.checkpoints import RESULTS
from benchmarks.coverage import Settings


def rate(hits: pd.Series) -> str:
    """A share with its exact 90 % (Clopper-Pearson) interval and its count."""
    k, n = int(hits.sum()), len(hits)
    if n == 0:
        return "–"
    low = stats.beta.ppf(0.05, k, n - k + 1) if k else 0.0
    high = stats.beta.ppf(0.95, k + 1, n - k) if k < n else 1.0
    return f"{k / n:.2f} [{low:.2f}, {high:.2f}] of {n}"


def edges(frame: pd.DataFrame) -> list[str]:
    """By size of the true coefficient: coverage, how often the interval excludes 0 rightly and wrongly, and shrinkage."""
    lines = []
    for size, _ in Settings().sizes:
        part = frame[(frame["what"] == "edge") & (frame["size"] == size)]
        covered = (part["hdi_low"] <= part["truth"]) & (part["truth"] <= part["hdi_high"])
        positive, negative = part["hdi_low"] > 0, part["hdi_high"] < 0
        wrong = (positive & (part["truth"] <= 0)) | (negative & (part["truth"] >= 0))
        right = (positive & (part["truth"] > 0)) | (negative & (part["truth"] < 0))
        width = (part["hdi_high"] - part["hdi_low"]).mean()
        size_in = f"{part['truth'].abs().mean():.2f}"
        estimate = (np.sign(part["truth"]) * part["mean"]).mean() if size != "none" else part["mean"].mean()
        lines.append(row(size, size_in, f"{estimate:.2f}", f"{width:.2f}", rate(covered), rate(right), rate(wrong)))
    return lines


def verdicts(frame: pd.DataFrame) -> list[str]:
    """Verdicts by what is true: of edges by the size of their coefficient, of hypotheses by whether they hold."""
    edge, claim = frame[frame["what"] == "edge"], frame[frame["what"] == "hypothesis"]
    margin = Settings().smallest_effect
    groups = {f"edge, {size}": edge[edge["size"] == size] for size, _ in Settings().sizes}
    groups |= {
        "hypothesis that holds": claim[claim["true_gap"] > margin],
        "hypothesis that does not": claim[claim["true_gap"] <= margin],
        "hypothesis whose effect is 0 exactly": claim[claim["true_gap"].abs() < 1e-9],
    }
    return [
        row(name, *(rate(part["verdict"] == verdict) for verdict in ("supported", "undecided", "contradicted")))
        for name, part in groups.items()
    ]


def main() -> None:
    frame = pd.read_csv(RESULTS / "coverage_ba_clusters.csv")
    fits = frame.groupby("simulation").first()
    text = [
        *header(
            "true coefficient",
            "mean true effect",
            "mean estimate",
            "width",
            "coverage",
            "0 excluded, right sign",
            "wrong sign",
        ),
        *edges(frame),
        "",
        *header("what is true", "supported", "undecided", "contradicted"),
        *verdicts(frame),
        f"\n{len(fits)} simulated studies; R-hat above 1.05 in {(fits['worst_r_hat'] > 1.05).mean():.0%}, "
        f"divergences in {(fits['divergences'] > 0).mean():.0%}.",
    ]
    (RESULTS / "coverage.md").write_text("\n".join(text) + "\n", encoding="utf-8")
    print("\n".join(text))


if __name__ == "__main__":
    main()
