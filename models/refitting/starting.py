"""A first fit of a template's own data, from which all its refits learn where to begin and how many draws they need."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from causal.ess import effective_sample_size
from models.refitting.checkpoints import Checkpoints
from models.refitting.digests import digest
from models.refitting.pool import Packed, Pool, pack, spread
from models.refitting.shapes import compiled
from models.refitting.stretches import stretch
from models.refitting.templates import Start, Template
from models.sampling import swap

if TYPE_CHECKING:
    from nutpie.compile_pymc import CompiledPyMCModel


def started(
    template: Template,
    seed: int,
    pool: Pool | None = None,
    checkpoints: Checkpoints | None = None,
    code: CompiledPyMCModel | None = None,
) -> Template:
    """The template, knowing what a first fit of its own data finds: where refits are to begin, and with how many draws.

    Worth the one fit where several refits follow. It is kept like a refit.
    """
    key, pool = digest("start", template.key, seed), pool or Pool()
    found = checkpoints.load(key, Start) if checkpoints else None
    if found is None:
        if pool.scheduler:
            (found,) = spread(pool, _start_there, [(pack(template, template.key), seed)])
        else:
            found = start(template, code or compiled(template), seed)
        if checkpoints:
            checkpoints.save(key, found)
    return template.begun(found)


def start(template: Template, code: CompiledPyMCModel, seed: int) -> Start:
    """Sample the template's own data."""
    sampler = replace(template.sampler, seed=seed, cores=1)
    found = stretch(template, template.blueprint, swap(code, template.blueprint.data), sampler)
    ess = min(map(effective_sample_size, found.gaps), default=template.wanted_ess)
    centre, scale = found.metric.centre.tolist(), found.metric.scale.tolist()
    return Start(seed, list(found.turned), centre, scale, ess, found.diverging.size)


def _start_there(packed: Packed[Template], seed: int) -> Start:
    template, code = packed.opened(compiled)
    return start(template, code, seed)
