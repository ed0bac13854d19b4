"""Whether the draws of a fit find room in this machine's memory: said before sampling, not by the system after it.

Scores are what grows: each draw holds every score, predictor, disturbance and log density, and every cell twice.
"""

from __future__ import annotations

import os

import numpy as np

from models.blueprint import Blueprint
from models.draft import CannotEstimateError
from models.sampling import Sampler

BYTES, GIGABYTE = 8, 2**30
COPIES = 2
"""The sampler's own arrays stand beside the groups made of them."""
PRIOR_DRAWS = 4000


def physical_memory() -> int | None:
    """Bytes of memory of this machine, where the system says."""
    try:
        return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    except (AttributeError, ValueError, OSError):
        return None


def bytes_of(blueprint: Blueprint, draws: int) -> int:
    """Bytes of every group of a fit with so many posterior draws in all."""
    parameters = sum(int(np.prod(p.shape)) for p in blueprint.parameters)
    nodes, cells = len(blueprint.coords["node"]), sum(len(block) for block in blueprint.blocks)
    after, before = 2 * parameters + 2 * nodes + 2 * cells, parameters + 2 * nodes + cells
    return COPIES * BYTES * (draws * after + PRIOR_DRAWS * before)


def check_memory(blueprint: Blueprint, sampler: Sampler, memory: int | None = None) -> None:
    """Raise CannotEstimateError when a fit's draws would not find room, with the draws that would.

    memory : bytes there are; by default those of this machine
    """
    memory = memory or physical_memory()
    needed = bytes_of(blueprint, sampler.draws * sampler.chains)
    if memory is None or needed <= memory:
        return
    fixed = bytes_of(blueprint, 0)
    each = bytes_of(blueprint, 1) - fixed
    most = int((memory - fixed) / each / sampler.chains)
    remedy = f"Ask for at most {most} draws per chain" if most > 0 else "Ask on a machine with more memory"
    raise CannotEstimateError(
        f"{len(blueprint.coords['node'])} scores and {sum(len(b) for b in blueprint.blocks)} cells at {sampler.chains} x "
        f"{sampler.draws} draws take about {needed / GIGABYTE:.0f} GB; this machine has {memory / GIGABYTE:.0f} GB. {remedy}, "
        'estimate fewer units, make constructs whose value is known kind = "observed", which have no score to draw, or, where '
        "all are, take rows together (casewise import --aggregate)."
    )
