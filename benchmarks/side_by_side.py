"""One model on the same data by several programs, each in a process of its own: processor seconds, and the total effect found.

    python -m benchmarks.side_by_side [--pathmc PYTHON]

x -> m -> y and x -> y among columns of figures; asked is the total effect of x on y. ``PYTHON`` is an interpreter that has
pathmc, by default this one; programs that are not installed are left out, with a word. Time only: the programs differ in
priors and in what else they do (semopy maximises a likelihood; casewise also draws from the prior, checks convergence and
simulates every effect).
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from benchmarks.spent import write

if TYPE_CHECKING:
    import pymc as pm

CHAINS, DRAWS, TUNE = 4, 1000, 1000
SIZES = (75, 1000)
SPEC = "m ~ x\ny ~ m + x"


def by_casewise(data: pd.DataFrame, together: bool = False) -> float:
    from causal.theory import Construct, Edge, ModelChoices, Theory
    from data.cases import Observation, Unit
    from data.codebook import Codebook, Indicator
    from models.aggregation import COUNT, aggregated
    from models.blueprint import draw_blueprint
    from models.estimate import estimate
    from models.sampling import Sampler

    names = ("x", "m", "y")
    edges = (Edge("x", "m", "+"), Edge("m", "y", "+"), Edge("x", "y", "+"))
    constructs = tuple(Construct(name, kind="observed") for name in names)
    theory = Theory("side", "side by side", constructs, edges, (), model=ModelChoices(pooling="complete"))
    book = Codebook({}, {name: Indicator(name, name, "continuous", None) for name in names})
    data = aggregated(data, theory, dict.fromkeys(names, "continuous")) if together else data.assign(**{COUNT: 1.0})
    units = {f"u{i}": Unit(f"u{i}", f"u{i}", 1.0, "unit", count=float(n)) for i, n in data[COUNT].items()}
    rows = [
        Observation(f"u{i}:{n}", f"u{i}", n, (), float(v), None, False, "", "A", 1.0, "s", "p", f"u{i}:{n}", "test", "")
        for n in names
        for i, v in data[n].items()
    ]
    blueprint = draw_blueprint(theory, book, units, rows)
    fitted = estimate(blueprint, units, Sampler(DRAWS, TUNE, CHAINS, 1, cores=1))
    (effect,) = (a.posterior.mean() for a in fitted.answers if str(a.query) == "effect(x -> y)")
    return float(effect)


def by_pathmc(data: pd.DataFrame) -> float:
    import pathmc

    model = pathmc.model(SPEC, data=data)
    model.fit(draws=DRAWS, tune=TUNE, chains=CHAINS, cores=1, random_seed=1, progressbar=False)
    return float(np.asarray(model.ate("y", "x", values=(0, 1)).mean()).mean())


def _plain(data: pd.DataFrame) -> pm.Model:
    import pymc as pm

    with pm.Model() as model:
        a, b, c = (pm.Normal(name, 0, 1) for name in "abc")
        start_m, start_y = pm.Normal("start_m", 0, 1), pm.Normal("start_y", 0, 1)
        sd_m, sd_y = pm.HalfNormal("sd_m", 1), pm.HalfNormal("sd_y", 1)
        x, m, y = (data[name].to_numpy() for name in "xmy")
        pm.Normal("m", start_m + a * x, sd_m, observed=m)
        pm.Normal("y", start_y + b * m + c * x, sd_y, observed=y)
        pm.Deterministic("total", a * b + c)
    return model


def by_pymc(data: pd.DataFrame, sampler: str = "pymc") -> float:
    import pymc as pm

    with _plain(data):
        trace = pm.sample(
            DRAWS, tune=TUNE, chains=CHAINS, cores=1, random_seed=1, progressbar=False, nuts_sampler=sampler
        )
    return float(trace["posterior"]["total"].mean())


def by_semopy(data: pd.DataFrame) -> float:
    import semopy

    model = semopy.Model(SPEC)
    model.fit(data)
    found = model.inspect().set_index(["lval", "rval"])["Estimate"]
    return float(found["m", "x"] * found["y", "m"] + found["y", "x"])


WAYS: dict[str, Callable[[pd.DataFrame], float]] = {
    "casewise": by_casewise,
    "casewise, rows taken together": lambda data: by_casewise(data, together=True),
    "pathmc": by_pathmc,
    "PyMC, own NUTS": by_pymc,
    "PyMC, nutpie": lambda data: by_pymc(data, "nutpie"),
    "semopy": by_semopy,
}


def one(way: str, path: str) -> None:
    began = time.perf_counter()
    effect = WAYS[way](pd.read_csv(path))
    print(json.dumps({"effect": effect, "processor": sum(os.times()[:2]), "clock": time.perf_counter() - began}))


def made(units: int) -> pd.DataFrame:
    """Standardised columns: the total effect of x on y is about .5 * .6 + .3, divided by the sd of y."""
    rng = np.random.default_rng(units)
    x = rng.normal(size=units)
    m = 0.5 * x + rng.normal(size=units)
    y = 0.6 * m + 0.3 * x + rng.normal(size=units)
    frame = pd.DataFrame({"x": x, "m": m, "y": y})
    return (frame - frame.mean()) / frame.std()


def tried(
    way: str, data: Path, interpreter: str, folder: str, label: str, keep: bool = True
) -> tuple[str, dict[str, float]] | None:
    environment = {**os.environ, "CASEWISE_CACHE_DIR": f"{folder}/code", "CASEWISE_CACHE": "on" if keep else "off"}
    command = [interpreter, "-m", "benchmarks.side_by_side", "--one", way, str(data)]
    ended = subprocess.run(command, capture_output=True, text=True, env=environment, check=False)
    if ended.returncode:
        print(f"{way} is left out: {(ended.stderr.strip().splitlines() or ['no message'])[-1]}", flush=True)
        return None
    found = json.loads(ended.stdout.splitlines()[-1])
    print(label, found, flush=True)
    return label, {name: float(value) for name, value in found.items()}


def main(interpreter: str) -> None:
    rows = []
    with tempfile.TemporaryDirectory() as folder:
        for units in SIZES:
            path = Path(folder) / f"{units}.csv"
            made(units).to_csv(path, index=False)
            here = [
                tried("casewise", path, sys.executable, folder, "casewise, the first time", keep=False),
                tried("casewise", path, sys.executable, folder, "casewise, filling the store"),
                tried("casewise", path, sys.executable, folder, "casewise"),
                *(
                    tried(way, path, interpreter if way == "pathmc" else sys.executable, folder, way)
                    for way in WAYS
                    if way != "casewise"
                ),
            ]
            found = dict(each for each in here if each is not None and each[0] != "casewise, filling the store")
            own = found["casewise"]["processor"]
            rows += [
                {"units": units, "program": program, "seconds": f"{row['processor']:.2f}"}
                | {"times_casewise": f"{row['processor'] / own:.3g}", "total_effect": f"{row['effect']:.3f}"}
                for program, row in found.items()
            ]
    write("side_by_side", rows)


if __name__ == "__main__":
    if sys.argv[1:2] == ["--one"]:
        one(sys.argv[2], sys.argv[3])
    else:
        main(sys.argv[2] if sys.argv[1:2] == ["--pathmc"] else sys.executable)
