"""Draws of a job from one start, and what more it needs: a refit is one stretch, or two or three joined."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from math import ceil
from time import perf_counter
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from causal.ess import effective_sample_size
from models.blueprint import Blueprint
from models.effects.interventions import open_laboratory
from models.metric import Metric
from models.refitting.findings import weakest_gaps
from models.refitting.templates import MOST, NOWHERE, Footing, Template
from models.sampling import Sampler
from models.sides import IN_REFITS, sample_sides
from models.simulation.rebuild import theta_of

if TYPE_CHECKING:
    from nutpie.compile_pymc import CompiledPyMCModel

type Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Stretch:
    """Draws of a job from one start: the gap of each claim, shape (chains, draws), and which draws diverged."""

    gaps: Sequence[Floats]
    diverging: NDArray[np.bool_]
    turned: tuple[str, ...]
    metric: Metric
    seconds: float

    @property
    def footing(self) -> Footing:
        """From where more draws of the same begin."""
        return self.turned, self.metric


def stretch(
    template: Template,
    blueprint: Blueprint,
    code: CompiledPyMCModel,
    sampler: Sampler,
    footing: Footing = NOWHERE,
) -> Stretch:
    """Draws from a new start, on the footing that an earlier fit found."""
    before, (turned, metric) = perf_counter(), footing
    sides = sample_sides(
        blueprint, code, sampler, turned=turned, worth=IN_REFITS, concerning=template.concerned, metric=metric
    )
    seconds = perf_counter() - before
    posterior = sides.trace["posterior"].to_dataset()
    shape = (posterior.sizes["chain"], posterior.sizes["draw"])
    theta = theta_of(blueprint, posterior)
    lab = open_laboratory(blueprint, template.units, theta, np.random.default_rng(sampler.seed))
    gaps = [gap.reshape(shape) for gap in weakest_gaps(lab, template.asked, template.blueprint.theory)]
    diverging = sides.trace["sample_stats"]["diverging"].to_numpy()
    return Stretch(gaps, diverging, sides.turned, sides.metric, seconds)


def lacking(template: Template, found: Stretch) -> int:
    """Draws per chain that are still to be taken, as far as these allow to say, within the limit; 0 when they are enough."""
    least = min(map(effective_sample_size, found.gaps), default=math.inf)
    drawn = int(found.diverging.shape[1])
    if least >= template.wanted_ess:
        return 0
    enough = ceil(1.3 * drawn * template.wanted_ess / max(least, 1.0))
    return max(0, min(enough, MOST * template.sampler.draws) - drawn)


def joined(one: Stretch, more: Stretch) -> Stretch:
    """Both stretches, each chain of the second after one of the first; the second alone where the first missed a side.

    A seam between stretches that disagree counts as slow mixing, as it should.
    """
    seconds = one.seconds + more.seconds
    if one.turned != more.turned:
        return replace(more, seconds=seconds)
    gaps = [np.concatenate(pair, axis=1) for pair in zip(one.gaps, more.gaps, strict=True)]
    return Stretch(gaps, np.concatenate([one.diverging, more.diverging], axis=1), one.turned, more.metric, seconds)
