"""How long causal types take: CPU seconds of each task after import, as multiples of the first. `python -m benchmarks.types`."""

from __future__ import annotations

import time
from collections.abc import Callable

import numpy as np

from models.types.answers import query
from models.types.make import Model, make
from models.types.noisy import NoisyOr
from models.types.posterior import Posterior, update

type Rows = list[dict[str, object]]


def simulated(model: Model, cases: int, missing: float = 0.0) -> Rows:
    """Cases with levels at random, some of them missing."""
    rng = np.random.default_rng(1)
    return [{n: int(rng.integers(2)) for n in model.graph.nodes if rng.random() >= missing} for _ in range(cases)]


def five_nodes() -> Posterior:
    """A chain of four with a second cause, nine cases, every effect of the population and of every case."""
    model = make("A -> B -> C -> D; E -> C")
    posterior = update(model, simulated(model, 9))
    for cause, effect in (("A", "D"), ("A", "C"), ("E", "D"), ("B", "C"), ("E", "C")):
        query(posterior, f"{effect}[{cause}=1] - {effect}[{cause}=0]")
        query(posterior, f"{effect}[{cause}=0]==0", f"{cause}==1 & {effect}==1")
    for case in posterior.cases:
        query(posterior, "D[A=1] > D[A=0]", case=case.name)
    return posterior


def four_causes(cases: int) -> Posterior:
    """A node with four causes and 65 536 types."""
    model = make("; ".join(f"X{i} -> Y" for i in range(4)))
    posterior = update(model, simulated(model, cases))
    query(posterior, "Y[X0=1] - Y[X0=0]")
    return posterior


def chain_of_twenty(cases: int, missing: float) -> Posterior:
    """A chain of twenty nodes, asked from end to end."""
    model = make(" -> ".join(f"N{i}" for i in range(20)))
    posterior = update(model, simulated(model, cases, missing))
    query(posterior, "N19[N0=1] - N19[N0=0]")
    return posterior


def four_levels() -> Posterior:
    """A node of four levels with three causes of four levels: 4^64 types, 32 000 of them by a noisy-or."""
    model = make("A -> Y; B -> Y; C -> Y", priors=NoisyOr(), levels=4)
    rng = np.random.default_rng(1)
    posterior = update(model, [{n: int(rng.integers(4)) for n in model.graph.nodes} for _ in range(9)])
    query(posterior, "Y[A=3] - Y[A=0]")
    return posterior


TASKS: dict[str, Callable[[], Posterior]] = {
    "five nodes, 9 cases, all queries": five_nodes,
    "four causes, 9 cases": lambda: four_causes(9),
    "four causes, 100 cases": lambda: four_causes(100),
    "four causes, 1000 cases": lambda: four_causes(1000),
    "three causes and four levels, noisy-or, 9 cases": four_levels,
    "chain of twenty, 9 cases": lambda: chain_of_twenty(9, 0.0),
    "chain of twenty, 1000 cases": lambda: chain_of_twenty(1000, 0.0),
    "chain of twenty, 1000 cases, a tenth missing": lambda: chain_of_twenty(1000, 0.1),
}


def main() -> None:
    """Print a row per task."""
    first = 0.0
    for name, task in TASKS.items():
        start = time.process_time()
        posterior = task()
        seconds = time.process_time() - start
        first = first or seconds
        print(f"{name:48} {seconds:8.2f} s {seconds / first:8.1f}  {posterior.method}", flush=True)


if __name__ == "__main__":
    main()
