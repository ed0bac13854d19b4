"""A model small enough to compile in a few seconds, and a process that obtains its machine code and samples it.

python -m tests.models.toy FOLDER UNITS
"""

import json
import sys
from pathlib import Path

import numpy as np
import pymc as pm

from models.density.code_store import Store


def model(units: int = 4, scale: float = 2.0) -> pm.Model:
    """Unit means around a common one; the data are 0, 1, 2, ..."""
    with pm.Model(coords={"unit": range(units), "level": range(3), "one": [0]}) as toy:
        values = pm.Data("values", np.arange(units, dtype=float))
        centre = pm.Normal("centre", 0.0, scale, dims="one")
        spread = pm.HalfNormal("spread", 1.0, dims="one")
        shares = pm.Dirichlet("shares", a=np.ones(3), dims=("one", "level"))
        mean = pm.Normal("mean", 0.0, 1.0, dims="unit")
        pm.Normal("value", centre[0] + spread[0] * mean + shares[0, 0], 1.0, observed=values)
    return toy


def main(folder: str, units: str) -> None:
    from models.density.binding import bind
    from models.density.callbacks import outline
    from models.density.machine_code import obtain
    from models.sampling import Sampler, sample

    toy = model(int(units))
    outlined = outline(toy)
    found = obtain(outlined, Store(Path(folder)) if folder else None)
    trace = sample(bind(toy, outlined, found), Sampler(draws=50, tune=100, chains=2, seed=1, cores=1))
    draws = {name: trace["posterior"][name].values.tolist() for name in ("centre", "spread", "shares", "mean")}
    print(json.dumps({"origin": found.origin, "draws": draws}))


if __name__ == "__main__":
    main(*sys.argv[1:])
