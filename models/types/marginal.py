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
from models.types.circuit import Ints, by_row, forward, masks
from models.types.exact import Exact
from models.types.gibbs import backward
from models.types.graph import TypesError
from models.types.laws import LEAST, Floats
from models.types.make import Model
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


def leave_one_out(posterior: Posterior) -> dict[str, LogProbability]:
    """Log probability of what was seen of each case, given all other cases."""
    found = {}
    anyone = Question(Number(1.0))
    for case in posterior.cases:
        rest = without(posterior, case.name)
        ready = compile_question(posterior.model, anyone, case.evidence)
        if isinstance(rest.known, Exact):
            found[case.name] = LogProbability(log(float(rest.known.expect(ready.circuit).sum())))
        else:
            p = rest.last_states(ready.circuit).sum(axis=0)
            effective = rest.known.effort.chains
            found[case.name] = LogProbability(log(p.mean()), float(p.std() / p.mean() / np.sqrt(effective)))
    return found


def impute(model: Model, parts: Sequence[Piece], particles: int, rng: np.random.Generator) -> LogProbability:
    """The estimate by sequential imputation."""
    index, own = numbered(parts)
    events = list(index)
    held = {row: masks(model, [events[i] for i in at]) for row, at in by_row(events).items()}
    rows = [
        GroupedRow(row, np.array(at), held[row], model.laws[row[0]], particles) for row, at in by_row(events).items()
    ]
    if (values := particles * max(row.members.shape[1] for row in rows)) > MOST_VALUES:
        raise TypesError(f"the estimate would hold {values} counts, more than {MOST_VALUES}; use fewer particles.")
    total, log_weight = 0.0, np.zeros(particles)
    spread = 0.0
    for piece, numbers in _one_by_one(parts, own):
        p = _predicted(rows, len(events))[numbers]
        weights = forward(piece.circuit, p)
        log_weight += np.log(weights[-1].sum(axis=0) + LEAST)
        met = np.zeros((len(events), particles), dtype=np.int64)
        met[numbers] = backward(piece.circuit, p, weights, np.ones((1, particles), dtype=np.int64), rng)
        for row in rows:
            row.place(met, row.law.mean(row.counts), rng)
        w = np.exp(log_weight - log_weight.max())
        if w.sum() ** 2 / (w**2).sum() < particles / 2:
            total += float(logsumexp(log_weight)) - log(particles)
            spread += float(w.var() / w.mean() ** 2 / particles)
            chosen = rng.choice(particles, size=particles, p=w / w.sum())
            for row in rows:
                row.counts = row.counts[chosen]
            log_weight = np.zeros(particles)
    w = np.exp(log_weight - log_weight.max())
    spread += float(w.var() / w.mean() ** 2 / particles)
    return LogProbability(total + float(logsumexp(log_weight)) - log(particles), float(np.sqrt(spread)))


def _one_by_one(parts: Sequence[Piece], own: Sequence[Ints]) -> Iterator[tuple[Piece, Ints]]:
    """Every piece as often as it was met; those that leave nothing to guess first."""
    for open_ones in (False, True):
        for piece, numbers in zip(parts, own, strict=True):
            if (piece.certain is None) == open_ones:
                for _ in range(piece.count):
                    yield piece, numbers


def _predicted(rows: Sequence[GroupedRow], events: int) -> Floats:
    """The probability of each event for the next unit, shape (events, particles)."""
    p = np.empty((events, len(rows[0].counts)))
    for row in rows:
        p[row.numbers] = row.members.astype(float) @ row.law.mean(row.counts).T
    return p
