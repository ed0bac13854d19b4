"""Many refits of one compiled structure: a job is data, a name and a seed; what comes back is a small summary."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from time import perf_counter
from typing import TYPE_CHECKING

from models.evidence.without import swapped
from models.refitting.checkpoints import Checkpoints
from models.refitting.findings import Finding, about, summarise, weakest_gaps
from models.refitting.pool import Packed, Pool, pack, spread
from models.refitting.shapes import compiled
from models.refitting.stretches import joined, lacking, stretch
from models.refitting.templates import Job, Refit, Template, seed_of
from models.sampling import swap

if TYPE_CHECKING:
    from nutpie.compile_pymc import CompiledPyMCModel

__all__ = [
    "Finding",
    "Job",
    "Refit",
    "Template",
    "about",
    "refit",
    "refit_all",
    "seed_of",
    "summarise",
    "weakest_gaps",
]


def refit_all(
    template: Template,
    jobs: Iterable[Job],
    pool: Pool | None = None,
    checkpoints: Checkpoints | None = None,
    finished: Callable[[Refit], None] = lambda _: None,
    code: CompiledPyMCModel | None = None,
) -> dict[str, Refit]:
    """Refit every job, on all cores or on a cluster; results by name in the order of ``jobs``, the same wherever they ran.

    checkpoints : where finished jobs are kept; what is there and not stale is not done again
    finished : called in this process with each result as it arrives, kept ones included
    code : compiled code of the template's shape, if there is some already; otherwise it is compiled when first needed
    Interrupted (Ctrl-C), it leaves behind the checkpoints of what is done.
    """
    found: dict[str, Refit | None] = {}

    def receive(refit: Refit, key: str | None = None) -> None:
        if checkpoints and key:
            checkpoints.save(key, refit)
        found[refit.name] = refit
        finished(refit)

    def waiting() -> Iterator[Job]:
        for job in jobs:
            if job.name in found:
                raise ValueError(f"two jobs are called {job.name}")
            found[job.name] = None
            kept = checkpoints.load(template.job_key(job), Refit) if checkpoints else None
            if kept is None:
                yield job
            else:
                receive(kept)

    pool = pool or Pool()
    for refit, key in _done(template, waiting(), pool, code):
        receive(refit, key)
    return {name: refit for name, refit in found.items() if refit is not None}


def refit(template: Template, code: CompiledPyMCModel, job: Job) -> Refit:
    """Sample one job on one core and answer the claims; sampled on, up to twice, where too few draws are effective."""
    began = perf_counter()
    blueprint = swapped(job.blueprint or template.blueprint, job.changes)
    ready, sampler = swap(code, blueprint.data), template.beginning(job.seed)
    found = stretch(template, blueprint, ready, sampler, template.footing(blueprint))
    for again in (1, 2):  # the second time where the first found out that a side had been missed, or was still short
        if missing := lacking(template, found):
            further = replace(sampler, draws=missing, seed=job.seed + again)
            found = joined(found, stretch(template, blueprint, ready, further, found.footing))
    findings = {h.id: summarise(gap, h.smallest_effect) for h, gap in zip(template.asked, found.gaps, strict=True)}
    diverging = found.diverging
    return Refit(job.name, findings, int(diverging.sum()), diverging.size, found.seconds, perf_counter() - began)


def _done(
    template: Template, jobs: Iterator[Job], pool: Pool, code: CompiledPyMCModel | None
) -> Iterator[tuple[Refit, str]]:
    """Results with their keys, in the order in which they are ready."""
    if pool.scheduler:
        packed = pack(template, template.key)
        yield from spread(pool, _refit_there, ((packed, job) for job in jobs))
        return
    first = next(jobs, None)
    if first is None:
        return  # nothing to do, nothing to compile
    here = code or compiled(template)
    yield from spread(pool, _refit_here, ((template, here, job) for job in _with(first, jobs)))


def _with(first: Job, rest: Iterator[Job]) -> Iterator[Job]:
    yield first
    yield from rest


def _refit_here(template: Template, code: CompiledPyMCModel, job: Job) -> tuple[Refit, str]:
    return refit(template, code, job), template.job_key(job)


def _refit_there(packed: Packed[Template], job: Job) -> tuple[Refit, str]:
    """In a worker process: machine code does not travel, so each process compiles once."""
    template, code = packed.opened(compiled)
    return refit(template, code, job), template.job_key(job)
