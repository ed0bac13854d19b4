"""What a refit is, what all refits of a command share, and what comes back of one: values, kept and compared by their digests."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from math import ceil

import numpy as np
from numpy.typing import NDArray

from causal.ess import effective_sample_size
from causal.hypotheses import Hypothesis
from data.cases import Unit
from models.blueprint import Array, Blueprint
from models.metric import Metric, labels_of
from models.refitting.digests import code_version, digest
from models.refitting.findings import Finding
from models.sampling import Sampler

type Floats = NDArray[np.float64]
type Footing = tuple[tuple[str, ...], Metric | None]
"""Constructs to be sampled together with their mirror image, and the metric of a fit in which they were."""

NOWHERE: Footing = ((), None)

REFIT_SAMPLER = Sampler(draws=500, tune=400, chains=2, cores=1)
WANTED_ESS = 400.0
SPARE = 1.2
"""Draws taken beyond those that a fit suggests, as refits differ."""
MOST = 6
"""A refit takes at most this many times the sampler's draws in all, however few of them are effective."""


@dataclass(frozen=True, slots=True)
class Job:
    """One refit.

    changes : arrays that replace the blueprint's own (other rows, rows left out, a prior's scale)
    blueprint : of another theory or other rows with the same shape (``models.evidence.rivals``); None is the template's
    """

    name: str
    seed: int
    changes: Mapping[str, Array] = field(default_factory=dict)
    blueprint: Blueprint | None = None


@dataclass(frozen=True, slots=True)
class Refit:
    """The summary of one refit: a finding per claim asked, by the claim's id. Times do not count when two are compared."""

    name: str
    findings: Mapping[str, Finding]
    divergences: int
    draws: int
    sampling_seconds: float = field(default=0.0, compare=False)
    seconds: float = field(default=0.0, compare=False)

    @property
    def converged(self) -> bool:
        """Whether the chains agree on every claim: R-hat at most 1.05 and a hundred effective draws, few divergences."""
        agree = all(not f.r_hat > 1.05 and f.ess >= 100 for f in self.findings.values())
        return agree and self.divergences <= 0.01 * self.draws


@dataclass(frozen=True, slots=True)
class Start:
    """What refits know from a fit of the template's own data (``models.refitting.starting``): plain values, to be kept.

    seed : of that fit; turned : constructs that had to be sampled together with their mirror image
    centre, scale : of the points that were sampled (``models.metric``)
    ess : effective draws of the claim that had fewest, among ``draws``
    """

    seed: int
    turned: list[str]
    centre: list[float]
    scale: list[float]
    ess: float
    draws: int

    @property
    def metric(self) -> Metric:
        """The units in which refits begin."""
        return Metric(np.array(self.centre), np.array(self.scale))

    @property
    def footing(self) -> Footing:
        """What is passed on to the sampler."""
        return tuple(self.turned), self.metric


@dataclass(frozen=True)
class Template:
    """What all refits share: a blueprint whose machine code serves them, the units, the claims asked, and the effort.

    wanted_ess : effective draws of every claim's gap below which a refit is sampled on
    first : draws per chain that a refit begins with, where a fit has told how many are needed; 0: the sampler's
    start : what a first fit found; without one every refit begins from nothing
    """

    blueprint: Blueprint
    units: Mapping[str, Unit]
    asked: tuple[Hypothesis, ...]
    sampler: Sampler = REFIT_SAMPLER
    wanted_ess: float = WANTED_ESS
    first: int = 0
    start: Start | None = None

    @cached_property
    def key(self) -> str:
        """Digest of everything that can change a result besides the job."""
        settings = (dict(self.units), self.asked, replace(self.sampler, cores=None), self.wanted_ess, self.first, MOST)
        begun = self.start.seed if self.start else None  # all else of it follows from the rest
        return digest(code_version(), _content(self.blueprint), *settings, begun)

    def paced(self, ess: float, draws: int) -> Template:
        """Beginning with more draws, where a fit that had ``ess`` effective ones of the claims among ``draws`` had too few."""
        needed = SPARE * self.wanted_ess * draws / max(ess, 1.0)
        enough = max(self.sampler.draws, ceil(needed / self.sampler.chains))
        return replace(self, first=min(enough, MOST * self.sampler.draws))

    def paced_by(self, gaps: Iterable[Floats]) -> Template:
        """The same, by the claims' gaps in a fit of the template's own blueprint, each of shape (chains, draws)."""
        found = list(gaps)
        least = min(map(effective_sample_size, found), default=self.wanted_ess)
        return self.paced(least, found[0].size if found else 0)

    def begun(self, start: Start) -> Template:
        """The same, knowing what a first fit found."""
        return replace(self.paced(start.ess, start.draws), start=start)

    def start_of(self, blueprint: Blueprint) -> Start | None:
        """What is known of a blueprint's points: nothing where they have other meanings than those of the template."""
        return self.start if blueprint is self.blueprint or labels_of(blueprint) == labels_of(self.blueprint) else None

    def footing(self, blueprint: Blueprint) -> Footing:
        """From where a refit of a blueprint begins."""
        start = self.start_of(blueprint)
        return start.footing if start else NOWHERE

    def beginning(self, seed: int) -> Sampler:
        """How a refit begins to sample."""
        return replace(self.sampler, draws=self.first or self.sampler.draws, seed=seed, cores=1)

    @cached_property
    def concerned(self) -> frozenset[str]:
        """Constructs whose side matters to what is asked: those that a claim names, and moderators.

        Turning any other round turns its slopes in and out, whose product is the effect that passes through it.
        """
        asked = {name for h in self.asked for query in h.claim.queries for name in query.constructs}
        return frozenset(asked | {edge.moderator for edge in self.blueprint.theory.edges if edge.moderator})

    def job_key(self, job: Job) -> str:
        """Digest under which the result of a job may be found again."""
        other = _content(job.blueprint) if job.blueprint else ""
        return digest(self.key, job.name, job.seed, job.changes, other)


def seed_of(seed: int, name: str) -> int:
    """A seed for a named job that depends on nothing but the command's seed and the name."""
    return int(digest(seed, name)[:8], 16) % 2**31


def _content(blueprint: Blueprint) -> str:
    """Digest of a blueprint: its arrays, parameters, theory, codebook and labels."""
    labels = {name: list(values) for name, values in blueprint.coords.items()}
    return digest(blueprint.data, blueprint.parameters, blueprint.theory, blueprint.codebook, labels)
