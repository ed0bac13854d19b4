"""Many refits of one compiled structure: a job is data, a name and a seed; what comes back is a small summary."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache
from math import ceil
from time import perf_counter
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from causal.ess import effective_sample_size
from models.blueprint import Blueprint
from models.effects.interventions import open_laboratory
from models.evidence.rivals import shape_of
from models.evidence.without import swapped
from models.refitting.checkpoints import Checkpoints
from models.refitting.digests import code_version, digest
from models.refitting.findings import Finding, about, summarise, weakest_gaps
from models.refitting.pool import Packed, Pool, pack, spread
from models.refitting.templates import MOST, Job, Refit, Template, seed_of
from models.sampling import Sampler, swap
from models.sides import IN_REFITS, sample_sides
from models.simulation.rebuild import theta_of

if TYPE_CHECKING:
    from nutpie.compile_pymc import CompiledPyMCModel

type Floats = NDArray[np.float64]

__all__ = [
    "Finding",
    "Job",
    "Refit",
    "Template",
    "about",
    "code_key",
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
    found = _stretch(template, blueprint, ready, sampler)
    for again in (1, 2):  # the second time where the first found out that a side had been missed, or was still short
        if lacking := _lacking(template, found):
            further = replace(sampler, draws=lacking, seed=job.seed + again)
            found = _joined(found, _stretch(template, blueprint, ready, further, found.turned))
    findings = {h.id: summarise(gap, h.smallest_effect) for h, gap in zip(template.asked, found.gaps, strict=True)}
    diverging = found.diverging
    return Refit(job.name, findings, int(diverging.sum()), diverging.size, found.seconds, perf_counter() - began)


@dataclass(frozen=True, slots=True)
class _Stretch:
    """Draws of a job from one start: the gap of each claim, shape (chains, draws), and which draws diverged."""

    gaps: Sequence[Floats]
    diverging: NDArray[np.bool_]
    turned: tuple[str, ...]
    seconds: float


def _stretch(
    template: Template, blueprint: Blueprint, code: CompiledPyMCModel, sampler: Sampler, turned: tuple[str, ...] = ()
) -> _Stretch:
    before = perf_counter()
    sides = sample_sides(blueprint, code, sampler, turned=turned, worth=IN_REFITS, concerning=template.concerned)
    seconds = perf_counter() - before
    posterior = sides.trace["posterior"].to_dataset()
    shape = (posterior.sizes["chain"], posterior.sizes["draw"])
    theta = theta_of(blueprint, posterior)
    lab = open_laboratory(blueprint, template.units, theta, np.random.default_rng(sampler.seed))
    gaps = [gap.reshape(shape) for gap in weakest_gaps(lab, template.asked, template.blueprint.theory)]
    return _Stretch(gaps, sides.trace["sample_stats"]["diverging"].to_numpy(), sides.turned, seconds)


def _lacking(template: Template, found: _Stretch) -> int:
    """Draws per chain that are still to be taken, as far as these allow to say, within the limit; 0 when they are enough."""
    least = min(map(effective_sample_size, found.gaps), default=math.inf)
    drawn = int(found.diverging.shape[1])
    if least >= template.wanted_ess:
        return 0
    enough = ceil(1.3 * drawn * template.wanted_ess / max(least, 1.0))
    return max(0, min(enough, MOST * template.sampler.draws) - drawn)


def _joined(one: _Stretch, more: _Stretch) -> _Stretch:
    """Both stretches, each chain of the second after one of the first; the second alone where the first missed a side.

    A seam between stretches that disagree counts as slow mixing, as it should.
    """
    seconds = one.seconds + more.seconds
    if one.turned != more.turned:
        return replace(more, seconds=seconds)
    gaps = [np.concatenate(pair, axis=1) for pair in zip(one.gaps, more.gaps, strict=True)]
    return _Stretch(gaps, np.concatenate([one.diverging, more.diverging], axis=1), one.turned, seconds)


def code_key(blueprint: Blueprint) -> str:
    """Digest of what two blueprints must share to share machine code."""
    arrays = {name: (array.dtype.str, array.ndim) for name, array in blueprint.data.items()}
    worlds = blueprint.data["given"].shape[0] == 1
    return digest(code_version(), shape_of(blueprint), [len(block) for block in blueprint.blocks], arrays, worlds)


@dataclass(frozen=True, slots=True)
class _Shape:
    """A blueprint, the same as another when the two share machine code."""

    key: str
    blueprint: Blueprint = field(compare=False)


def _compile(template: Template) -> CompiledPyMCModel:
    return _compiled(_Shape(code_key(template.blueprint), template.blueprint))


@lru_cache(maxsize=2)
def _compiled(shape: _Shape) -> CompiledPyMCModel:
    """Machine code, made once for a shape in each process; the last two are remembered."""
    from models.compile import machine_code, pymc_model

    return machine_code(pymc_model(shape.blueprint))


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
    here = code or _compile(template)
    yield from spread(pool, _refit_here, ((template, here, job) for job in _with(first, jobs)))


def _with(first: Job, rest: Iterator[Job]) -> Iterator[Job]:
    yield first
    yield from rest


def _refit_here(template: Template, code: CompiledPyMCModel, job: Job) -> tuple[Refit, str]:
    return refit(template, code, job), template.job_key(job)


def _refit_there(packed: Packed[Template], job: Job) -> tuple[Refit, str]:
    """In a worker process: machine code does not travel, so each process compiles once."""
    template, code = packed.opened(_compile)
    return refit(template, code, job), template.job_key(job)
