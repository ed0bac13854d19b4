"""Refutation of one conclusion: fit it, alter the data, refit, calibrate on simulated studies, judge."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from causal.refute import Standard
from data.cases import Observation
from models.blueprint import Blueprint
from models.effects.interventions import open_laboratory
from models.measurement.columns import CannotEstimateError
from models.measurement.recode import recoded
from models.refitting.refits import (
    Finding,
    Job,
    Refit,
    Template,
    seed_of,
    summarise,
    weakest_gaps,
)
from models.refitting.templates import REFIT_SAMPLER
from models.refutation.bench import Alteration, Bench, Family, Layout
from models.refutation.refutations import families
from models.sampling import Sampler
from models.sides import sample_sides
from models.simulation.rebuild import theta_of
from models.simulation.replicates import replicate, transferred

if TYPE_CHECKING:
    from nutpie.compile_pymc import CompiledPyMCModel

type Floats = NDArray[np.float64]

STANDARD = Standard()
CALIBRATION_SAMPLER = Sampler(draws=250, tune=300, chains=2)
UNALTERED = "as simulated"


@dataclass(frozen=True, slots=True)
class Effort:
    """How much to spend: the refits of altered data, those of simulated studies, how many of these, and the seed.

    only : families of tests by key; empty means all
    """

    sampler: Sampler = REFIT_SAMPLER
    calibration: Sampler = CALIBRATION_SAMPLER
    calibration_ess: float = 100.0
    sets: int = 40
    seed: int = 20261124
    only: frozenset[str] = frozenset()

    def wants(self, family: str) -> bool:
        """Whether a family of tests is to be done."""
        return not self.only or family in self.only


@dataclass(frozen=True)
class Fitted:
    """The study as it is: compiled code, draws, what they say of the claim, and the draws in which the conclusion is right."""

    code: CompiledPyMCModel
    theta: Mapping[str, Floats]
    finding: Finding
    right: NDArray[np.int64]
    divergences: int = 0

    @property
    def converged(self) -> bool:
        """Whether the chains agree on the claim."""
        return Refit("as it is", {"": self.finding}, self.divergences, len(next(iter(self.theta.values())))).converged

    @property
    def sign(self) -> int:
        """Whether the conclusion is the claim (1) or its opposite (-1)."""
        return leaning(self.finding)

    @property
    def certainty(self) -> float:
        """Probability of the conclusion."""
        return self.finding.probability if self.sign > 0 else self.finding.below


@dataclass(frozen=True)
class Refuting:
    """Everything needed to name, run and judge the tests of one conclusion."""

    bench: Bench
    fitted: Fitted
    effort: Effort

    @cached_property
    def families(self) -> list[Family]:
        """The families of tests, without the tests that cannot be done."""
        possible = [(f, tuple(a for a, refusal in tried if not refusal)) for f, tried in self._tried]
        return [replace(f, alterations=alterations) for f, alterations in possible if alterations]

    @cached_property
    def not_done(self) -> dict[str, str]:
        """The tests that cannot be done on this study, each with the reason."""
        return {a.test.name: refusal for _, tried in self._tried for a, refusal in tried if refusal}

    @cached_property
    def _tried(self) -> list[tuple[Family, list[tuple[Alteration, str]]]]:
        """Every family, each of its tests with the reason why it cannot be done, empty when it can."""
        wanted = families(self.bench, self.fitted.sign, self.effort.seed)
        return [(f, [(a, self._refused(f, a)) for a in f.alterations]) for f in wanted if self.effort.wants(f.key)]

    def _refused(self, family: Family, alteration: Alteration) -> str:
        """Why an alteration is not possible; empty when it is."""
        try:
            self.bench.job("try", 0, family, alteration.ways[0](self.bench.rows, np.random.default_rng(0)))
        except CannotEstimateError as error:
            return str(error)
        return ""

    def template(self, layout: Layout, calibrating: bool) -> Template:
        """What the refits of a layout share."""
        bench, effort = self.bench, self.effort
        asked = (bench.hypothesis,)
        blueprint, units = bench.laid_out(layout), bench.study.cases.units
        if calibrating:
            return Template(blueprint, units, asked, effort.calibration, effort.calibration_ess)
        return Template(blueprint, units, asked, effort.sampler)

    def rejects(self, family: Family, refit: Refit) -> bool:
        """Whether one refit speaks against the conclusion."""
        return STANDARD.rejects(family.must, self.certainty(refit))

    def certainty(self, refit: Refit) -> float:
        """The probability of the conclusion after a refit."""
        found = refit.findings[self.bench.hypothesis.id]
        return found.probability if self.fitted.sign > 0 else found.below

    def altered(self, family: Family) -> Iterator[Job]:
        """The refits of altered data, each alteration in all its ways."""
        for alteration in family.alterations:
            for i, way in enumerate(alteration.ways):
                name = altered_name(family, alteration, i)
                rng = np.random.default_rng(seed_of(self.effort.seed, name))
                yield self.bench.job(name, self.effort.seed, family, way(self.bench.rows, rng))

    def simulated(self, family: Family, worried: bool) -> Iterator[Job]:
        """Refits of altered studies in which the conclusion is right, or the worry; one alteration of the family for each."""
        for k in range(self.effort.sets):
            name = simulated_name(family, worried, k)
            rng = np.random.default_rng(seed_of(self.effort.seed, name))
            rows = self._study(family.source if worried else self.bench.plain, family.worry if worried else {}, k)
            alteration = family.alterations[int(rng.integers(len(family.alterations)))]
            way = alteration.ways[int(rng.integers(len(alteration.ways)))]
            yield self.bench.job(name, self.effort.seed, family, way(rows, rng))

    def unaltered(self) -> Iterator[Job]:
        """Refits of studies in which the conclusion is right, as they are."""
        for k in range(self.effort.sets):
            name = f"{UNALTERED} {k + 1}"
            rows = self._study(self.bench.plain, {}, k)
            yield Job(name, seed_of(self.effort.seed, name), recoded(self.bench.plain, rows))

    def _study(self, source: Blueprint, setting: Mapping[str, float], k: int) -> tuple[Observation, ...]:
        """The k-th simulated study: the same draw and the same seed for every test."""
        rng = np.random.default_rng([self.effort.seed, 2, k])
        draw = int(rng.choice(self.fitted.right))
        one = transferred(
            {name: values[[draw]] for name, values in self.fitted.theta.items()}, self.bench.plain, source
        )
        return replicate(source, one, 0, setting, rng)


def leaning(finding: Finding) -> int:
    """1 where a claim is likelier than its opposite, else -1."""
    return 1 if finding.probability >= finding.below else -1


def altered_name(family: Family, alteration: Alteration, way: int) -> str:
    """What the refit of one way of altering the data is called."""
    return f"{family.key}: {alteration.test.name} {way + 1}"


def simulated_name(family: Family, worried: bool, k: int) -> str:
    """What the refit of the k-th simulated study is called."""
    return f"{family.key}: {'worry' if worried else 'conclusion'} right {k + 1}"


def fit_as_it_is(bench: Bench, code: CompiledPyMCModel, effort: Effort) -> Fitted:
    """Sample the study as it is."""
    trace = sample_sides(bench.plain, code, replace(effort.sampler, seed=effort.seed)).trace
    posterior = trace["posterior"].to_dataset()
    theta = theta_of(bench.plain, posterior)
    lab = open_laboratory(bench.plain, bench.study.cases.units, theta, np.random.default_rng(effort.seed))
    (gap,) = weakest_gaps(lab, (bench.hypothesis,), bench.study.theory)
    finding = summarise(
        gap.reshape(posterior.sizes["chain"], posterior.sizes["draw"]), bench.hypothesis.smallest_effect
    )
    right = np.flatnonzero(leaning(finding) * gap > bench.hypothesis.smallest_effect)
    diverged = int(trace["sample_stats"].to_dataset()["diverging"].sum())
    return Fitted(code, theta, finding, right if len(right) else np.arange(len(gap)), diverged)
