"""Do the refutation tests tell a true effect from none and from a hidden common cause?

Studies are simulated in which x moves y (or not, or something hidden moves both), with two five-level ratings of every
construct, or with one column of figures that is the construct: "bare" theories x -> y, which imply nothing, and theories with
a negative control n and an instrument z. What is hidden moves x, y and n. Each study is refuted with a few simulated sets per
test; rates are kept for the structure. A study already in the file is not done again. Printed is how often each verdict came up.

    python -m benchmarks.refutations FOLDER [units] [studies] [sets] [ratings|figures]
"""

from __future__ import annotations

import csv
import sys
from collections.abc import Callable
from dataclasses import replace
from itertools import product
from pathlib import Path

import numpy as np
import pandas as pd

from analyses.progress import silent
from analyses.refute import Run, refute
from benchmarks.checkpoints import append
from causal.hypotheses import Hypothesis
from causal.query import parse_claim
from causal.theory import Construct, Edge, ModelChoices, Theory
from data.cases import Cases, Observation, Unit
from data.codebook import Codebook, Indicator, Scale
from models.refitting.checkpoints import Checkpoints
from models.refitting.pool import Pool
from models.refutation.refuting import Effort
from models.sampling import Sampler
from models.study import Study

CUTS = np.array([-1.5, -0.5, 0.5, 1.5])
WORLDS = {"effect": (1.0, 0.0), "nothing": (0.0, 0.0), "hidden cause": (0.0, 1.5)}
"""The coefficient of x in y, and that of the hidden cause in x, y and the negative control."""
THEORIES = {
    "bare": Theory("bare", "bare", (Construct("x"), Construct("y")), (Edge("x", "y", "+"),)),
    "controls": Theory(
        "controls",
        "controls",
        tuple(map(Construct, "zxyvn")),
        (Edge("z", "x", "+"), Edge("x", "y", "+"), Edge("v", "n", "+")),
    ),
}
EFFORT = Effort(Sampler(200, 300, 2, cores=1), Sampler(150, 250, 2, cores=1), calibration_ess=60.0)


def study(theory: Theory, world: str, units: int, seed: int, figures: bool = False) -> Study:
    """A study of so many units, each a case of its own, with two ratings of every construct or one observed column."""
    rng = np.random.default_rng([seed, units, sorted(WORLDS).index(world)])
    effect, hidden = WORLDS[world]
    u, z, v = rng.normal(size=(3, units))
    x = z + hidden * u + rng.normal(size=units)
    scores = {"z": z, "x": x, "y": effect * x + hidden * u + rng.normal(size=units), "v": v}
    scores["n"] = v + hidden * u + rng.normal(size=units)
    five = {"five": Scale("five", tuple("abcde"))}
    if figures:
        theory = replace(theory, constructs=tuple(replace(c, kind="observed") for c in theory.constructs))
        book = Codebook({}, {f"{c}1": Indicator(f"{c}1", c, "continuous") for c in theory.names})
    else:
        names = {f"{c}{i}": c for c in theory.names for i in (1, 2)}
        book = Codebook(five, {name: Indicator(name, c, "ordinal", "five") for name, c in names.items()})
    rows = tuple(
        _row(f"u{k}", name, float(scores[spec.measures][k]), rng, figures)
        for k in range(units)
        for name, spec in book.indicators.items()
    )
    cases = Cases({f"u{k}": Unit(f"u{k}", f"c{k}", 1.0, "case") for k in range(units)}, rows)
    claim = Hypothesis("effect", "x raises y", parse_claim("effect(x -> y) > 0"))
    lone = replace(theory, model=ModelChoices(pooling="complete"))
    return Study(Path("simulated"), lone, {}, book, cases, (claim,), {}, {})


def _row(unit: str, indicator: str, score: float, rng: np.random.Generator, figure: bool) -> Observation:
    levels = () if figure else (int((1.2 * score + 0.6 * rng.logistic() > CUTS).sum()),)
    value, sure = (score, 1.0) if figure else (None, 0.97)
    name = f"{indicator}-{unit}"
    return Observation(name, unit, indicator, levels, value, None, False, "", "A", sure, "s", "p", name, "test", "")


def refuted(
    theory: str, world: str, units: int, seed: int, sets: int, figures: bool, out: Path
) -> list[dict[str, object]]:
    """A row for each test of a simulated study."""
    made = study(THEORIES[theory], world, units, seed, figures)
    run = Run(Pool(), Checkpoints(out / "kept", resume=True), lambda _: None, silent)
    found = refute(made, made.hypotheses[0], replace(EFFORT, sets=sets), run, out / f"{theory} {world} {units} {seed}")
    about = {"units": units, "theory": theory, "world": world, "study": seed}
    kept = ("test", "observed", "power", "false_alarms", "verdict")
    rows = found.table.rename(columns={"probability_before": "certainty"}).to_dict("records")
    return [about | {"certainty": f"{row['certainty']:.2f}"} | {name: row[name] for name in kept} for row in rows]


def fill(path: Path, studies: int, rows_of: Callable[[str, str, int], list[dict[str, object]]]) -> pd.DataFrame:
    """Add the rows of every theory, world and study that the file does not have, and read it."""
    done = set()
    if path.exists():
        with path.open(encoding="utf-8", newline="") as file:
            done = {(row["theory"], row["world"], int(row["study"])) for row in csv.DictReader(file)}
    for seed, theory, world in product(range(studies), THEORIES, WORLDS):
        if (theory, world, seed) not in done:
            append(path, rows_of(theory, world, seed))
            print(theory, world, seed, flush=True)
    return pd.read_csv(path)


def main(folder: str, units: str = "9", studies: str = "2", sets: str = "10", what: str = "ratings") -> None:
    out = Path(folder)

    def rows_of(theory: str, world: str, seed: int) -> list[dict[str, object]]:
        return refuted(theory, world, int(units), seed, int(sets), what == "figures", out)

    found = fill(out / f"verdicts_{what}_{units}.csv", int(studies), rows_of)
    found["family"] = found["test"].str.partition(":")[0]
    print(found.groupby(["theory", "world", "family", "verdict"]).size().to_string())


if __name__ == "__main__":
    main(*sys.argv[1:6])
