"""What a refit costs beside the sampler alone, how many effective draws it gives, and whether memory stays flat.

Leaves each row of a simulated study out in turn. Times are of the processor, not of the clock, so that a busy machine does not
blur them; memory is the peak of the process after a quarter of the refits and after all.

    python -m benchmarks.refits [design] [units] [refits]
    python -m benchmarks.refits memory [refits]

memory : ten thousand refits, or as many as said, of two columns of five figures, 20 + 20 draws in two chains each, so that they
    take minutes; what the process holds after each tenth of them is in benchmarks/results/refits_memory.csv
"""

from __future__ import annotations

import resource
import sys
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np

from benchmarks.designs import DESIGNS, Design
from benchmarks.spent import write
from causal.query import Effect, parse_claim
from causal.theory import Construct, Edge, ModelChoices, Theory
from data.cases import Observation, Unit
from data.codebook import Codebook, Indicator
from models.compile import machine_code, pymc_model
from models.evidence.without import data_without
from models.refitting.pool import Pool
from models.refitting.refits import Job, Refit, Template, about, refit_all
from models.refitting.starting import started
from models.refitting.templates import REFIT_SAMPLER
from models.sampling import swap
from models.simulation.rebuild import prior_theta
from models.simulation.simulate import simulate_rows


def template(design: str, units: int) -> tuple[Template, list[str]]:
    """A study of a design with rows drawn from its prior, and the names of these rows."""
    from models.blueprint import draw_blueprint

    made = DESIGNS[design](units)
    rng = np.random.default_rng(1)
    rows = simulate_rows(made.blueprint, prior_theta(made.blueprint, 1, rng), rng)
    blueprint = draw_blueprint(made.theory, made.codebook, made.units, rows)
    return Template(blueprint, made.units, tuple(map(about, made.effects))), [row.name for row in rows]


def sampler_alone(code: object, shared: Template, refits: list[Refit], jobs: list[Job]) -> float:
    """Processor seconds of nutpie for the same draws of the same data, its trace not even read."""
    import nutpie

    began = time.process_time()
    for job, refit in zip(jobs, refits, strict=True):
        sampler = replace(REFIT_SAMPLER, draws=refit.draws // REFIT_SAMPLER.chains)
        ready = swap(code, dict(shared.blueprint.data) | dict(job.changes))
        nutpie.sample(
            ready, draws=sampler.draws, tune=sampler.tune, chains=sampler.chains, cores=1, seed=job.seed,
            target_accept=sampler.target_accept, save_warmup=False, progress_bar=False, return_raw_trace=True,
        )  # fmt: skip
    return time.process_time() - began


def peak() -> float:
    """Peak memory of this process, in MB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def held() -> float:
    """Memory that this process holds now, in MB (of Linux only)."""
    return int(Path("/proc/self/statm").read_text().split()[1]) * resource.getpagesize() / 2**20


def two_columns(n: int) -> Design:
    """x -> y among columns of figures, a unit a case."""
    names, edges = ("x", "y"), (Edge("x", "y", "+"),)
    constructs = tuple(Construct(name, kind="observed") for name in names)
    theory = Theory("columns", "two columns", constructs, edges, (), model=ModelChoices(pooling="complete"))
    book = Codebook({}, {name: Indicator(name, name, "continuous", None) for name in names})
    units = {f"u{i}": Unit(f"u{i}", f"u{i}", 1.0, "unit", None, None) for i in range(n)}
    rows = [
        Observation(u, u, v, (), float(i * i % 7), None, False, "", "A", 1.0, "s", "p", f"{u}:{v}", "test", "")
        for v in names
        for i, u in enumerate(units)
    ]
    return Design(theory, book, units, tuple(rows), (Effect("x", "y"),), (parse_claim("effect(x -> y) > 0"),))


def memory(refits: str = "10000") -> None:
    """Refits of next to no draws, one after another: what is left behind by each would show."""
    made = two_columns(5)
    rows = [row.name for row in made.rows if row.indicator == "y"]
    sampler = replace(REFIT_SAMPLER, draws=20, tune=20)
    shared = Template(made.blueprint, made.units, tuple(map(about, made.effects)), sampler, wanted_ess=0.0)
    code, total = machine_code(pymc_model(shared.blueprint)), int(refits)
    refit_all(shared, [Job("first", 0)], code=code)  # first use of everything
    found: list[dict[str, object]] = []
    began = time.process_time()

    def jobs() -> Iterator[Job]:  # made as they are needed, so that only what refits leave behind is held
        for i in range(total):
            yield Job(f"{i}", i, data_without(shared.blueprint, {rows[i % len(rows)]}))

    def look(_: Refit) -> None:
        done[0] += 1
        if done[0] % max(1, total // 10) == 0 or done[0] == 100:
            spent = time.process_time() - began
            found.append({"refits": done[0], "megabytes": f"{held():.1f}", "peak": f"{peak():.1f}"})
            found[-1]["milliseconds_each"] = f"{1000 * spent / done[0]:.1f}"
            print(found[-1], flush=True)

    done = [0]
    refit_all(shared, jobs(), Pool(threads=1), finished=look, code=code)
    write("refits_memory", found)


def main(design: str = "chain", units: str = "12", refits: str = "24") -> None:
    shared, rows = template(design, int(units))
    code = machine_code(pymc_model(shared.blueprint))
    names = (rows * (1 + int(refits) // len(rows)))[: int(refits)]
    jobs = [Job(f"{i}", i, data_without(shared.blueprint, {name})) for i, name in enumerate(names)]
    shared = started(shared, 1, code=code)
    memory: list[float] = []
    began, clock = time.process_time(), time.perf_counter()
    found = list(refit_all(shared, jobs, Pool(threads=1), finished=lambda _: memory.append(peak()), code=code).values())
    spent, waited = time.process_time() - began, time.perf_counter() - clock
    alone = sampler_alone(code, shared, found, jobs)
    ess = [min(f.ess for f in refit.findings.values()) for refit in found]
    again = sum(refit.draws > shared.beginning(0).draws * shared.sampler.chains for refit in found)
    print(
        f"{design}, {units} units, {len(found)} refits: {spent / len(found):.2f} s of processor each, {waited:.0f} s in all"
    )
    print(f"  the sampler alone, same final draws: {alone / len(found):.2f} s; ratio {spent / alone:.2f}")
    print(
        f"  effective draws of the effects: least {min(ess):.0f}, median {np.median(ess):.0f}; {again} sampled on for more"
    )
    print(f"  memory: {memory[len(memory) // 4]:.0f} MB after a quarter, {memory[-1]:.0f} MB after all")


if __name__ == "__main__":
    if sys.argv[1:2] == ["memory"]:
        memory(*sys.argv[2:3])
    else:
        main(*sys.argv[1:4])
