"""What a refit costs beside the sampler alone, how many effective draws it gives, and whether memory stays flat.

Leaves each row of a simulated study out in turn. Times are of the processor, not of the clock, so that a busy machine does not
blur them; memory is the peak of the process after a quarter of the refits and after all.

    python -m benchmarks.refits [design] [units] [refits]
"""

from __future__ import annotations

import resource
import sys
import time
from dataclasses import replace

import numpy as np

from benchmarks.designs import DESIGNS
from models.compile import machine_code, pymc_model
from models.evidence.without import data_without
from models.refitting.pool import Pool
from models.refitting.refits import REFIT_SAMPLER, Job, Refit, Template, about, refit_all
from models.sampling import sample, swap
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
        ready = swap(code, dict(shared.blueprint.data) | dict(job.changes))  # type: ignore[arg-type]
        nutpie.sample(
            ready, draws=sampler.draws, tune=sampler.tune, chains=sampler.chains, cores=1, seed=job.seed,
            target_accept=sampler.target_accept, save_warmup=False, progress_bar=False, return_raw_trace=True,
        )  # fmt: skip
    return time.process_time() - began


def peak() -> float:
    """Peak memory of this process, in MB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def main(design: str = "chain", units: str = "12", refits: str = "24") -> None:
    shared, rows = template(design, int(units))
    code = machine_code(pymc_model(shared.blueprint))
    names = (rows * (1 + int(refits) // len(rows)))[: int(refits)]
    jobs = [Job(f"{i}", i, data_without(shared.blueprint, {name})) for i, name in enumerate(names)]
    shared = shared.paced_by(sample(swap(code, shared.blueprint.data), REFIT_SAMPLER))
    refit_all(shared, jobs[:1], code=code)  # first use of everything
    memory: list[float] = []
    began, clock = time.process_time(), time.perf_counter()
    found = list(refit_all(shared, jobs, Pool(), finished=lambda _: memory.append(peak()), code=code).values())
    spent, waited = time.process_time() - began, time.perf_counter() - clock
    alone = sampler_alone(code, shared, found, jobs)
    ess = [min(f.ess for f in refit.findings.values()) for refit in found]
    again = sum(refit.draws > shared.sampler.draws * shared.sampler.chains for refit in found)
    print(
        f"{design}, {units} units, {len(found)} refits: {spent / len(found):.2f} s of processor each, {waited:.0f} s in all"
    )
    print(f"  the sampler alone, same final draws: {alone / len(found):.2f} s; ratio {spent / alone:.2f}")
    print(
        f"  effective draws of the effects: least {min(ess):.0f}, median {np.median(ess):.0f}; {again} sampled again for more"
    )
    print(f"  memory: {memory[len(memory) // 4]:.0f} MB after a quarter, {memory[-1]:.0f} MB after all")


if __name__ == "__main__":
    main(*sys.argv[1:4])
