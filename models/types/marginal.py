"""How well a model predicts its cases: log marginal likelihood, and each case from the others. Compares graphs and restrictions.

Exact where the posterior is. Otherwise sequential imputation (Kong, Liu and Wong 1994): cases are explained one after another by
many particles, each case weighted by how probable the particle found it; the mean of the products is unbiased for the marginal
likelihood, and particles are resampled when few carry the weight.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from math import log

import numpy as np
from scipy.special import logsumexp

from causal.potential import Number, Question
from models.types.answers import compile_question
from models.types.cases import Case, Weights
from models.types.circuit import Ints, by_row, forward, masks, most_classes
from models.types.exact import Exact, enumerate_posterior
from models.types.gibbs import backward
from models.types.graph import TypesError
from models.types.laws import LEAST, Floats
from models.types.make import Model
from models.types.mixture import TooManyError
from models.types.pieces import Piece, numbered, pieces
from models.types.posterior import Posterior, without
from models.types.rows import GroupedRow

PARTICLES = 2000
MOST_VALUES = 2**25


@dataclass(frozen=True, slots=True)
class LogProbability:
    """A log probability and its Monte Carlo standard error, 0 where it is exact."""

    value: float
    mcse: float = 0.0


def log_marginal(posterior: Posterior, particles: int = PARTICLES) -> LogProbability:
    """Log probability of the cases under the model. Raises TypesError where cases were selected."""
    if posterior.selected:
        raise TypesError(
            "with selection the number of units that were not seen is unknown, and so is the marginal likelihood."
        )
    if isinstance(posterior.known, Exact):
        return LogProbability(posterior.known.log_marginal)
    parts = pieces(posterior.model, posterior.cases)
    return impute(posterior.model, parts, particles, np.random.default_rng(posterior.seed))


def score(model: Model, cases: Sequence[Case], particles: int = PARTICLES, seed: int = 0) -> LogProbability:
    """Log probability of cases under a model, without a posterior being sampled: exact where it can be."""
    parts = pieces(model, cases)
    try:
        return LogProbability(enumerate_posterior(model, parts).log_marginal)
    except TooManyError:
        return impute(model, parts, particles, np.random.default_rng(seed))


def foresee(
    model: Model, cases: Sequence[Case], case: Case, particles: int = PARTICLES, seed: int = 0
) -> LogProbability:
    """Log probability of what was seen of a case, given other cases: exact where it can be."""
    parts, own = pieces(model, cases), pieces(model, [case])
    try:
        ready = compile_question(model, Question(Number(1.0)), case.evidence)
        return LogProbability(log(float(enumerate_posterior(model, parts).expect(ready.circuit).sum())))
    except TooManyError:
        rng = np.random.default_rng(seed)
    met = _Particles(model, [*parts, *own], particles, rng)
    met.meet(len(parts))
    weight = np.exp(met.log_weight - logsumexp(met.log_weight))
    chance = np.ones(particles)
    for piece, numbers in zip(own, met.own[len(parts) :], strict=True):
        chance *= forward(piece.circuit, met.predicted(numbers))[-1].sum(axis=0)
    mean = float(weight @ chance)
    return LogProbability(log(mean), float(np.linalg.norm(met.by_origin(weight * (chance / mean - 1)))))


def leave_one_out(posterior: Posterior) -> dict[str, LogProbability]:
    """Log probability of what was seen of each case, given all other cases; equal cases are left out once."""
    found: dict[frozenset[tuple[str, Weights]], LogProbability] = {}
    alike = {case.name: frozenset(case.informative.items()) for case in posterior.cases}
    for case in posterior.cases:
        if alike[case.name] not in found:
            found[alike[case.name]] = _left_out(posterior, case)
    return {name: found[key] for name, key in alike.items()}


def _left_out(posterior: Posterior, case: Case) -> LogProbability:
    rest = without(posterior, case.name)
    ready = compile_question(posterior.model, Question(Number(1.0)), case.evidence)
    if isinstance(rest.known, Exact):
        return LogProbability(log(float(rest.known.expect(ready.circuit).sum())))
    p = rest.last_states(ready.circuit).sum(axis=0)
    return LogProbability(log(p.mean()), float(p.std() / p.mean() / np.sqrt(rest.known.effort.chains)))


def impute(model: Model, parts: Sequence[Piece], particles: int, rng: np.random.Generator) -> LogProbability:
    """The estimate by sequential imputation."""
    met = _Particles(model, parts, particles, rng)
    met.meet(len(parts))
    return met.estimate


class _Particles:
    """Counts of types in many particles, and how well each has foreseen the cases since they were last resampled."""

    def __init__(self, model: Model, parts: Sequence[Piece], particles: int, rng: np.random.Generator) -> None:
        self.parts, self.particles, self.rng = parts, particles, rng
        index, self.own = numbered(parts)
        self.events = list(index)
        if (values := particles * most_classes(model, self.events)) > MOST_VALUES:
            raise TypesError(f"the estimate would hold {values} counts, more than {MOST_VALUES}; use fewer particles.")
        held = {row: masks(model, [self.events[i] for i in at]) for row, at in by_row(self.events).items()}
        self.rows = [
            GroupedRow(row, np.array(at), held[row], model.laws[row[0]], particles)
            for row, at in by_row(self.events).items()
        ]
        self.log_weight, self.total = np.zeros(particles), 0.0
        self.origin = np.arange(particles)

    def meet(self, number: int) -> None:
        """The first so many pieces, each as often as it was met; those that leave nothing to guess first."""
        for piece, numbers in _one_by_one(self.parts[:number], self.own[:number]):
            self._explain(piece, numbers)
            w = np.exp(self.log_weight - self.log_weight.max())
            if w.sum() ** 2 / (w**2).sum() < self.particles / 2:
                self._resample(w)

    def predicted(self, numbers: Ints) -> Floats:
        """The probability of events, by number, for the next unit, shape (events, particles)."""
        p, asked = np.empty((len(self.events), self.particles)), np.zeros(len(self.events), dtype=bool)
        asked[numbers] = True
        for row in self.rows:
            if (here := asked[row.numbers]).any():
                p[row.numbers[here]] = row.members[here].astype(float) @ row.law.mean(row.counts).T
        return p[numbers]

    @property
    def estimate(self) -> LogProbability:
        """Log probability of what was met."""
        value = self.total + float(logsumexp(self.log_weight)) - log(self.particles)
        w = np.exp(self.log_weight - logsumexp(self.log_weight))
        return LogProbability(value, float(np.linalg.norm(self.by_origin(w) - 1 / self.particles)))

    def by_origin(self, each: Floats) -> Floats:
        """Sums over the particles that descend from each of the first: these err together (Chan and Lai 2013)."""
        return np.bincount(self.origin, each, self.particles)

    def _explain(self, piece: Piece, numbers: Ints) -> None:
        weights = forward(piece.circuit, p := self.predicted(numbers))
        self.log_weight += np.log(weights[-1].sum(axis=0) + LEAST)
        met = np.zeros((len(self.events), self.particles), dtype=np.int64)
        once = np.ones((1, self.particles), dtype=np.int64)
        met[numbers] = backward(piece.circuit, p, weights, once, self.rng)
        for row in self.rows:
            if met[row.numbers].any():
                row.place(met, row.law.mean(row.counts), self.rng)

    def _resample(self, w: Floats) -> None:
        self.total += float(logsumexp(self.log_weight)) - log(self.particles)
        chosen = self.rng.choice(self.particles, size=self.particles, p=w / w.sum())
        for row in self.rows:
            row.counts = row.counts[chosen]
        self.origin = self.origin[chosen]
        self.log_weight = np.zeros(self.particles)


def _one_by_one(parts: Sequence[Piece], own: Sequence[Ints]) -> Iterator[tuple[Piece, Ints]]:
    """Every piece as often as it was met; those that leave nothing to guess first."""
    for open_ones in (False, True):
        for piece, numbers in zip(parts, own, strict=True):
            if (piece.certain is None) == open_ones:
                for _ in range(piece.count):
                    yield piece, numbers
