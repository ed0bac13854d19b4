"""At 200 units: do controls tell an effect from a hidden common cause, and is a theory without any said to be sensitive?

The worlds and theories of ``benchmarks.refutations``, with one column of figures for every construct. Each simulated study is
fitted; where the theory has a negative control and an instrument the edges it forbids are added, with their power at this size;
where it has nothing to test, the share of cause and effect that an unmeasured common cause must explain to unsettle the claim
is given instead. A study already in the file is not done again.

    python -m benchmarks.hidden_causes [units] [studies]
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

import numpy as np
import pandas as pd

from analyses import controls
from analyses.sensitivity.confounding import Link, robustness_table
from analyses.sensitivity.ends import ends
from benchmarks.checkpoints import RESULTS
from benchmarks.refutations import EFFORT, THEORIES, fill, study
from causal.query import Effect
from models.compile import machine_code, pymc_model
from models.effects.interventions import open_laboratory, standardised
from models.refitting.checkpoints import Checkpoints
from models.refitting.pool import Pool
from models.refutation.bench import Bench
from models.refutation.refuting import Refuting, fit_as_it_is

ABOUT = Effect("x", "y")


def judged(theory: str, world: str, units: int, seed: int) -> list[dict[str, object]]:
    """A row for each control of a simulated study, or one with its tipping point."""
    made = study(THEORIES[theory], world, units, seed, figures=True)
    bench = Bench(made, made.hypotheses[0])
    work = Refuting(bench, fit_as_it_is(bench, machine_code(pymc_model(bench.plain)), EFFORT), EFFORT)
    about = {"theory": theory, "world": world, "units": units, "study": seed}
    about["certainty"] = f"{work.fitted.finding.probability:.3f}"
    if theory == "bare":
        return [about | {"test": "tipping point", "verdict": tips(work), "power": "", "false_alarms": ""}]
    with tempfile.TemporaryDirectory() as folder:
        rows = controls.control_rows(work, Pool(), Checkpoints(Path(folder), resume=False))
    return [about | {name: row[name] for name in ("test", "verdict", "power", "false_alarms")} for row in rows]


def tips(work: Refuting) -> str:
    """The share of both ends that a common cause must explain, or that the claim is unsettled as it is."""
    bench = work.bench
    lab = open_laboratory(bench.plain, bench.study.cases.units, work.fitted.theta, np.random.default_rng(0))
    (gap,) = standardised(lab, ABOUT)
    (row,) = robustness_table([Link(bench.hypothesis, ends(lab, ABOUT), gap, np.full_like(gap, np.inf))]).to_dict(
        "records"
    )
    return "unsettled as it is" if np.isnan(row["bar"]) else f"sensitive from {row['tips_at']:.2f}"


def main(units: str = "200", studies: str = "3") -> None:
    path = RESULTS / f"hidden_causes_{units}.csv"
    found = fill(path, int(studies), lambda theory, world, seed: judged(theory, world, int(units), seed))
    print(summary(found))


def summary(frame: pd.DataFrame) -> str:
    """How often each test came to each verdict in each world."""
    counted = frame.groupby(["theory", "world", "test", "verdict"]).size()
    return str(counted.to_string())


if __name__ == "__main__":
    main(*sys.argv[1:3])
