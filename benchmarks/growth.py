"""How cost grows with a study: seconds and memory at each size, until a size takes longer than its time or breaks.

    python -m benchmarks.growth [PART ...]           all sizes of some parts, each size in a process of its own
    python -m benchmarks.growth --one PART SIZE      one size, its steps printed as JSON

units : latent constructs (a chain of three, one rating each), 10 to 10,000 units
rows : observed constructs (three columns of figures), 100 to 10,000 rows one by one
table : the same and a yes/no, 1,000 to 1,000,000 rows taken together (``models.aggregation``)
constructs : a chain of 5 to 50 latent constructs on 12 units
graph : identification by adjustment on random graphs of 10 to 1,000 nodes
parents : causal types of a node with 1 to 6 binary causes, nine cases
nodes : causal types of a chain of 3 to 100 nodes, nine cases
"""

from __future__ import annotations

import json
import os
import resource
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

from benchmarks.spent import write

if TYPE_CHECKING:
    from causal.theory import Theory
    from data.cases import Observation, Unit
    from data.codebook import Codebook

LIMIT_SECONDS, LIMIT_BYTES = 120, 5 * 2**30
DRAWS = 100
SIZES = {
    "units": (10, 100, 1000, 10_000),
    "rows": (100, 1000, 10_000),
    "table": (1000, 10_000, 100_000, 1_000_000),
    "constructs": (5, 10, 20, 50),
    "graph": (10, 30, 100, 300, 1000),
    "parents": (1, 2, 3, 4, 5, 6),
    "nodes": (3, 10, 30, 100),
}


class Steps:
    """Processor seconds of the steps of one size, in the order in which they were taken."""

    def __init__(self) -> None:
        self.seconds: dict[str, float] = {}

    @contextmanager
    def step(self, name: str) -> Iterator[None]:
        began = sum(os.times()[:2])
        yield
        self.seconds[name] = sum(os.times()[:2]) - began


def latent(constructs: int, units: int, steps: Steps) -> None:
    """A chain of latent constructs, fitted with few draws: what is asked is the cost, not the answer."""
    from causal.theory import Construct, Edge, ModelChoices, Theory
    from data.codebook import Codebook, Indicator, Scale

    names = [f"x{i}" for i in range(constructs)]
    edges = tuple(Edge(a, b, "+") for a, b in pairwise(names))
    choices = ModelChoices(pooling="complete")
    theory = Theory("chain", "chain", tuple(map(Construct, names)), edges, (), model=choices)
    scale = Scale("rating", ("Low", "Medium", "High"))
    book = Codebook({"rating": scale}, {n: Indicator(n, n, "ordinal", "rating") for n in names})
    fitted(theory, book, units, steps)


def observed(rows: int, steps: Steps) -> None:
    """Three observed columns of figures, a -> b -> c and a -> c."""
    from causal.theory import Construct, Edge, ModelChoices, Theory
    from data.codebook import Codebook, Indicator

    names = ("a", "b", "c")
    edges = (Edge("a", "b", "+"), Edge("b", "c", "+"), Edge("a", "c", "+"))
    constructs = tuple(Construct(n, kind="observed") for n in names)
    theory = Theory("columns", "columns", constructs, edges, (), model=ModelChoices(pooling="complete"))
    book = Codebook({}, {n: Indicator(n, n, "continuous", None) for n in names})
    fitted(theory, book, rows, steps)


def table(rows: int, steps: Steps) -> None:
    """Three columns of figures and a yes/no that moves them, rows taken together before they are laid out."""
    import pandas as pd

    from causal.theory import Construct, Edge, ModelChoices, Theory
    from data.cases import Observation, Unit
    from data.codebook import Codebook, Family, Indicator
    from models.aggregation import COUNT, aggregated

    families: dict[str, Family] = {"d": "binary", "a": "continuous", "b": "continuous", "c": "continuous"}
    edges = (Edge("d", "a"), Edge("a", "b"), Edge("b", "c"), Edge("a", "c"), Edge("d", "c"))
    constructs = tuple(Construct(n, kind="observed") for n in families)
    theory = Theory("table", "table", constructs, edges, (), model=ModelChoices(pooling="complete"))
    book = Codebook({}, {n: Indicator(n, n, family, None) for n, family in families.items()})
    rng = np.random.default_rng(1)
    frame = pd.DataFrame({"d": rng.integers(2, size=rows), **{n: rng.normal(size=rows) for n in "abc"}})
    with steps.step("take together"):
        few = aggregated(frame, theory, families)
    units = {f"u{i}": Unit(f"u{i}", f"u{i}", 1.0, "row", count=float(n)) for i, n in few[COUNT].items()}
    cells = ((f"{n}:u{i}", f"u{i}", n, float(value)) for n in families for i, value in few[n].items())
    read = [
        Observation(name, unit, n, (), value, None, False, "", "A", 1.0, "s", "p", name, "test", "")
        for name, unit, n, value in cells
    ]
    sampled(theory, book, units, read, steps)


def fitted(theory: Theory, book: Codebook, units: int, steps: Steps) -> None:
    from data.cases import Observation, Unit

    rng, sure = np.random.default_rng(1), 0.95 if theory.constructs[0].kind == "latent" else 1.0
    with steps.step("rows as objects"):
        where = {f"u{i}": Unit(f"u{i}", f"u{i}", 1.0, "period", None, None) for i in range(units)}
        rows = []
        for unit in where:
            for spec in book.indicators.values():
                levels = (int(rng.integers(3)),) if spec.family == "ordinal" else ()
                value = None if levels else float(rng.normal())
                name = f"{unit}:{spec.name}"
                rows.append(
                    Observation(
                        name, unit, spec.name, levels, value, None, False, "", "A", sure, "s", "p", name, "test", ""
                    )
                )
    sampled(theory, book, where, rows, steps)


def sampled(theory: Theory, book: Codebook, units: dict[str, Unit], rows: list[Observation], steps: Steps) -> None:
    from models.blueprint import draw_blueprint
    from models.checks.memory import check_memory
    from models.compile import machine_code, pymc_model
    from models.estimate import assemble
    from models.sampling import Sampler, sample

    sampler = Sampler(draws=DRAWS, tune=DRAWS, chains=1, cores=1)
    with steps.step("lay out"):
        blueprint = draw_blueprint(theory, book, units, rows)
    check_memory(blueprint, sampler, LIMIT_BYTES)  # as a run does, with the memory of the machine
    with steps.step("build"):
        model = pymc_model(blueprint)
    with steps.step("load or compile"):
        code = machine_code(model)
    with steps.step(f"sample {DRAWS} + {DRAWS} draws"):
        trace = sample(code, sampler)
    with steps.step("assemble groups"):
        assemble(blueprint, trace, np.random.default_rng(1))


def identified(nodes: int, steps: Steps) -> None:
    """A random graph with three edges per node; effects of five causes on five later nodes, all else observed."""
    from causal.identification import NotIdentifiedError
    from causal.identify import identify
    from causal.query import Effect
    from causal.theory import Construct, Edge, Theory

    rng = np.random.default_rng(1)
    pairs = {tuple(sorted(rng.choice(nodes, 2, replace=False))) for _ in range(3 * nodes)}
    edges = tuple(Edge(f"n{a:04}", f"n{b:04}", "+") for a, b in sorted(pairs))
    theory = Theory("random", "random", tuple(Construct(f"n{i:04}") for i in range(nodes)), edges, ())
    everything = frozenset(theory.names)
    hidden = {f"n{i:04}" for i in rng.choice(nodes // 4, nodes // 20, replace=False)}
    for name, seen in (("five effects", everything), ("a fifth of the earlier nodes unobserved", everything - hidden)):
        with steps.step(name):
            for i in range(5):
                with suppress(NotIdentifiedError):  # an answer too
                    query = Effect(f"n{nodes // 4 + i:04}", f"n{nodes - 1 - i:04}")
                    identify(theory, query, seen)


def types(graph: str, nodes: list[str], question: str, steps: Steps) -> None:
    from models.types.answers import query
    from models.types.make import make
    from models.types.posterior import update

    rng = np.random.default_rng(1)
    with steps.step("make"):
        model = make(graph)
    with steps.step("update"):
        posterior = update(model, [{n: int(rng.integers(2)) for n in nodes} for _ in range(9)])
    with steps.step("query"):
        query(posterior, question)


def parents(count: int, steps: Steps) -> None:
    causes = [f"X{i}" for i in range(count)]
    types("; ".join(f"{x} -> Y" for x in causes), [*causes, "Y"], "Y[X0=1] - Y[X0=0]", steps)


def chain_of_types(count: int, steps: Steps) -> None:
    names = [f"N{i}" for i in range(count)]
    types(" -> ".join(names), names, f"{names[-1]}[N0=1] - {names[-1]}[N0=0]", steps)


PARTS: dict[str, Callable[[int, Steps], None]] = {
    "units": lambda size, steps: latent(3, size, steps),
    "rows": observed,
    "table": table,
    "constructs": lambda size, steps: latent(size, 12, steps),
    "graph": identified,
    "parents": parents,
    "nodes": chain_of_types,
}


def one(part: str, size: int) -> None:
    """Run one size here, within its memory, and print seconds and peak memory."""
    resource.setrlimit(resource.RLIMIT_DATA, (LIMIT_BYTES, LIMIT_BYTES))
    resource.setrlimit(resource.RLIMIT_CPU, (LIMIT_SECONDS, LIMIT_SECONDS + 5))
    steps = Steps()
    try:
        PARTS[part](size, steps)
        said = "done"
    except Exception as error:  # whatever it is, is the result
        said = f"{type(error).__name__}: {str(error).splitlines()[0][:400] if str(error) else ''}"
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(json.dumps({"steps": steps.seconds, "memory": memory, "said": said}))


def tried(part: str, size: int) -> dict[str, object]:
    """One size in a process of its own, as a row."""
    command = [sys.executable, "-m", "benchmarks.growth", "--one", part, str(size)]
    row: dict[str, object] = {"part": part, "size": size}
    ended = subprocess.run(command, capture_output=True, text=True, check=False)
    if ended.returncode == -signal.SIGXCPU:
        return row | {"seconds": "", "memory_mb": "", "steps": "", "outcome": f"more than {LIMIT_SECONDS} s"}
    if ended.returncode:
        said = (ended.stderr.strip().splitlines() or ["no message"])[-1].removeprefix(f"{sys.executable}: ")
        return row | {"seconds": "", "memory_mb": "", "steps": "", "outcome": f"exit code {ended.returncode}: {said}"}
    found = json.loads(ended.stdout.splitlines()[-1])
    steps = "; ".join(f"{name} {seconds:.2f}" for name, seconds in found["steps"].items())
    spent = f"{sum(found['steps'].values()):.2f}"
    return row | {"seconds": spent, "memory_mb": f"{found['memory']:.0f}", "steps": steps, "outcome": found["said"]}


def main(parts: list[str]) -> None:
    for part in parts or list(SIZES):
        rows = []
        for size in SIZES[part]:
            rows.append(tried(part, size))
            print(rows[-1], flush=True)
            if rows[-1]["outcome"] != "done":
                break
        write(f"growth_{part}", rows)


if __name__ == "__main__":
    if sys.argv[1:2] == ["--one"]:
        one(sys.argv[2], int(sys.argv[3]))
    else:
        main(sys.argv[1:])
