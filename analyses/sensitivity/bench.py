"""The workbench of a sensitivity analysis: the study's own fit, variants of its assumptions, and their refits."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from causal.hypotheses import Hypothesis
from causal.sensitivity.standing import Standing, Trial, moved, stand
from causal.theory import Theory
from data.cases import Unit
from data.recoding import Edit
from models.blueprint import Array, Blueprint, Room, draw_blueprint
from models.effects.interventions import open_laboratory
from models.estimate import Estimate
from models.evidence.rivals import shape_of
from models.evidence.without import data_with, removable
from models.refitting.checkpoints import Checkpoints
from models.refitting.pool import Pool
from models.refitting.refits import Finding, Job, Refit, Template, refit_all, seed_of, summarise, weakest_gaps
from models.refitting.starting import started
from models.sampling import Sampler
from models.simulation.rebuild import prior_theta
from models.study import Study

if TYPE_CHECKING:
    from nutpie.compile_pymc import CompiledPyMCModel

type Floats = NDArray[np.float64]
type Row = dict[str, object]

PRIOR_DRAWS = 2000
WORTH_A_START = 3
"""Refits of one shape that save no more than the fit that tells them where to begin."""


@dataclass(frozen=True)
class Variant:
    """One changed assumption, to be refitted.

    table : the file it is reported in; worry : its family; change : what was changed, in words
    edit : of coded rows; changes : of other data arrays; units : where they are not the study's
    about : ids of the hypotheses that it can be asked; empty means all. details : further columns of its row
    control : whether it changes no assumption and only checks the method
    """

    table: str
    worry: str
    change: str
    blueprint: Blueprint
    edit: Edit = field(default_factory=dict)
    changes: Mapping[str, Array] = field(default_factory=dict)
    units: Mapping[str, Unit] | None = None
    about: tuple[str, ...] = ()
    details: Mapping[str, object] = field(default_factory=dict)
    control: bool = False

    @property
    def name(self) -> str:
        """What its refit is called."""
        return f"{self.table}: {self.worry}: {self.change}"


@dataclass(frozen=True)
class Effort:
    """How much to spend: on the study's own fit, on every refit, on random recodings and on the multiverse; and the seed."""

    own: Sampler
    refit: Sampler
    recodings: int = 40
    universes: int = 60
    seed: int = 20261124


@dataclass(frozen=True)
class Bench:
    """The study's own fit on a model with room for its variants, and what refits need."""

    study: Study
    asked: tuple[Hypothesis, ...]
    base: Blueprint
    code: CompiledPyMCModel
    estimate: Estimate
    effort: Effort
    pool: Pool
    checkpoints: Checkpoints | None
    room: Room

    def lay_out(self, theory: Theory) -> Blueprint:
        """A theory on the study's rows, in the room that all variants share."""
        study = self.study
        return draw_blueprint(theory, study.codebook, study.cases.units, study.cases.observations, room=self.room)

    @cached_property
    def gaps(self) -> dict[str, Floats]:
        """Draws of each claim's weakest comparison in the study's own fit, shape (chains, draws)."""
        found = weakest_gaps(self.estimate.labs.posterior, self.asked, self.base.theory)
        return {h.id: gap.reshape(self.estimate.shape()) for h, gap in zip(self.asked, found, strict=True)}

    @cached_property
    def own_prior(self) -> dict[str, float]:
        """Prior probability of each claim under the study's own assumptions."""
        return prior_probabilities(self, self.base, self.study.cases.units)

    @cached_property
    def own(self) -> dict[str, Standing]:
        """Each claim as the study's own fit has it."""
        return {h.id: self.standing(h, summarise(self.gaps[h.id], h.smallest_effect)) for h in self.asked}

    def standing(self, hypothesis: Hypothesis, finding: Finding, prior: float | None = None) -> Standing:
        """A claim judged on a finding; the prior is the study's own unless another is given."""
        before = self.own_prior[hypothesis.id] if prior is None else prior
        draws = finding.probability_ess if 0 < finding.probability < 1 else finding.ess
        return stand(before, finding.probability, draws, PRIOR_DRAWS)

    def at(self, hypothesis: Hypothesis, probability: float, draws: float) -> Standing:
        """A claim judged on a probability found without a refit."""
        return stand(self.own_prior[hypothesis.id], probability, draws, PRIOR_DRAWS)


def prior_probabilities(bench: Bench, blueprint: Blueprint, units: Mapping[str, Unit]) -> dict[str, float]:
    """Prior probability of each claim that the blueprint's theory can be asked."""
    rng = np.random.default_rng(bench.effort.seed)
    lab = open_laboratory(blueprint, units, prior_theta(blueprint, PRIOR_DRAWS, rng), rng)
    found = weakest_gaps(lab, bench.asked, bench.base.theory)
    return {h.id: float((gap > h.smallest_effect).mean()) for h, gap in zip(bench.asked, found, strict=True)}


@dataclass(frozen=True)
class Outcome:
    """A claim under a variant, refitted."""

    variant: Variant
    hypothesis: Hypothesis
    finding: Finding
    standing: Standing
    converged: bool

    @property
    def trial(self) -> Trial:
        """The outcome as a trial of its family of assumptions."""
        return Trial(self.variant.worry, self.variant.change, self.standing)


def outcomes(bench: Bench, variants: Sequence[Variant], finished: Callable[[str], None]) -> list[Outcome]:
    """Refit every variant, one compiled model for each shape, and judge the claims that it can be asked.

    finished : called with a variant's name when its refit is there
    """
    refits: dict[str, Refit] = {}
    for template, members in _by_shape(bench, variants):
        code = bench.code if shape_of(template.blueprint) == shape_of(bench.base) else None
        if len(members) > WORTH_A_START:
            template = started(template, bench.effort.seed, bench.pool, bench.checkpoints, code)
        jobs = (_job(v, bench.effort.seed) for v in members)
        refits |= refit_all(template, jobs, bench.pool, bench.checkpoints, lambda r: finished(r.name), code)
    return list(_judged(bench, variants, refits))


def _by_shape(bench: Bench, variants: Sequence[Variant]) -> Iterator[tuple[Template, list[Variant]]]:
    groups: dict[tuple[object, ...], list[Variant]] = {}
    for variant in variants:
        own_units = id(variant.units) if variant.units else 0
        groups.setdefault((own_units, shape_of(variant.blueprint)), []).append(variant)
    for members in groups.values():
        own = replace(members[0].blueprint, theory=bench.base.theory)  # whose signs say what a path claims
        units = members[0].units or bench.study.cases.units
        yield Template(own, units, bench.asked, bench.effort.refit).paced_by(bench.gaps.values()), members


def _job(variant: Variant, seed: int) -> Job:
    gone = frozenset(name for name, row in variant.edit.items() if row is None)
    kept = gone - removable(variant.blueprint, gone)  # an observed cause that may not be missing keeps its value
    edit = {name: row for name, row in variant.edit.items() if name not in kept}
    changes = dict(variant.changes) | data_with(variant.blueprint, edit)
    return Job(variant.name, seed_of(seed, variant.name), changes, variant.blueprint)


def _judged(bench: Bench, variants: Sequence[Variant], refits: Mapping[str, Refit]) -> Iterator[Outcome]:
    priors: dict[int, dict[str, float]] = {id(bench.base): bench.own_prior}
    for variant in variants:
        key = id(variant.blueprint)
        if key not in priors:
            priors[key] = prior_probabilities(bench, variant.blueprint, variant.units or bench.study.cases.units)
        refit = refits[variant.name]
        for h in bench.asked:
            if not variant.about or h.id in variant.about:
                finding = refit.findings[h.id]
                yield Outcome(variant, h, finding, bench.standing(h, finding, priors[key][h.id]), refit.converged)


def row_of(bench: Bench, outcome: Outcome) -> Row:
    """An outcome as a row of its table."""
    s, f, h = outcome.standing, outcome.finding, outcome.hypothesis
    return {
        "hypothesis": h.id,
        "worry": outcome.variant.worry,
        "change": outcome.variant.change,
        **outcome.variant.details,
        "gap_mean": f.mean,
        "gap_low": f.low,
        "gap_high": f.high,
        **standing_columns(s, bench.own[h.id]),
        "draws": round(f.probability_ess),
        "converged": outcome.converged,
    }


def standing_columns(standing: Standing, own: Standing) -> Row:
    """How a claim stands, and how far it moved from where the study has it."""
    return {
        "prior_probability": standing.prior_probability,
        "probability": standing.probability,
        "weight_db": standing.weight_db,
        "moved_db": moved(own, standing),
        "moved_mcse": math.hypot(own.odds_mcse, standing.odds_mcse),
        "verdict": standing.verdict,
        "stands": standing.verdict == own.verdict,
    }
