"""Causal types as a PyMC model, sampled with gradients: for priors that are not conjugate, and as a check of those that are.

Types are summed over, never sampled: a piece of the likelihood is the sum over its ways of products of probabilities of events.
Types that the cases do not tell apart are one where shares are Dirichlet.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from models.sampling import Sampler
from models.sampling import sample as sample_code
from models.types.circuit import Event, Ints, Row, by_row, masks, told_apart
from models.types.gibbs import Effort, Sampled
from models.types.graph import TypesError
from models.types.laws import Dirichlet, Floats, Law, Parts, UnknownConcentration
from models.types.logistic import Weighed
from models.types.make import Model
from models.types.pieces import Piece, Ways, numbered, ways
from models.types.rows import GroupedDraws, Held

if TYPE_CHECKING:
    import pymc as pm

MOST_WAYS = 4096
MOST_SHARES = 20_000
SAMPLER = Sampler(draws=1000, tune=1000, chains=4, seed=0)


@dataclass(frozen=True)
class Shares:
    """A row of shares in a PyMC model: its name there, the groups of types that each event holds, the group of each type."""

    name: str
    law: Law
    numbers: Ints
    members: Held
    group: Ints


def sample_with_gradients(model: Model, pieces: Sequence[Piece], sampler: Sampler = SAMPLER) -> Sampled:
    """Draws from the posterior of all shares. Raises TypesError for what is too large."""
    import nutpie

    compiled, rows = pymc_model(model, pieces)
    trace = sample_code(nutpie.compile_pymc_model(compiled), sampler)["posterior"]
    kept = {
        row: GroupedDraws(found.law, found.group, trace[found.name].to_numpy().reshape(-1, len(found.members.T)))
        for row, found in rows.items()
    }
    return Sampled(model, kept, Effort(sampler.chains, sampler.tune, sampler.draws, 1), "NUTS")


def pymc_model(model: Model, pieces: Sequence[Piece]) -> tuple[pm.Model, Mapping[Row, Shares]]:
    """The model with the likelihood of the cases' pieces, and where each row of shares that they touch is found in it."""
    import pymc as pm
    import pytensor.tensor as pt

    events = list(numbered(pieces)[0])
    rows = {row: _shares(model, row, events, numbers) for row, numbers in by_row(events).items()}
    if (size := sum(found.members.shape[1] for found in rows.values())) > MOST_SHARES:
        raise TypesError(f"{size} shares are more than gradients are worth ({MOST_SHARES}); restrict the types.")
    fixed, listed = _likelihood(pieces, len(events))
    with pm.Model() as built:
        log_p = pt.zeros(len(events) + 1)  # the last event always happens
        for found in rows.values():
            shares = pm.Deterministic(found.name, _variable(found))
            log_p = pt.set_subtensor(log_p[found.numbers], pt.log(pt.dot(found.members.astype(float), shares)))
        pm.Potential("certain", pt.dot(fixed, log_p))
        for number, (way, count) in enumerate(listed):
            pm.Potential(f"open_{number}", count * pt.logsumexp(log_p[way.events].sum(axis=1) + way.log_weight))
    return built, rows


def _shares(model: Model, row: Row, events: Sequence[Event], numbers: Sequence[int]) -> Shares:
    node, place = row
    held, law = masks(model, [events[i] for i in numbers]), model.laws[node]
    group = np.arange(held.shape[1], dtype=np.intp)
    if isinstance(law, Dirichlet):
        held, group = told_apart(held)
    name = node if model.rows[node] == 1 else f"{node}_{place}"
    return Shares(name, law, np.array(numbers, dtype=np.intp), held, group)


def _likelihood(pieces: Sequence[Piece], events: int) -> tuple[Floats, list[tuple[Ways, int]]]:
    """How often each event certainly happened; and for every other piece its ways, by the numbers of events, and its count."""
    fixed, listed = np.zeros(events + 1), []
    for piece, numbers in zip(pieces, numbered(pieces)[1], strict=True):
        found = ways(piece.circuit, MOST_WAYS)
        if found is None:
            raise TypesError(
                f"a case can have come about in more than {MOST_WAYS} ways, too many for gradients; observe more of its nodes."
            )
        if len(found.events) == 1:
            np.add.at(fixed, numbers[found.events[0]], piece.count)
        else:
            listed.append((Ways(numbers[found.events], found.log_weight), piece.count))
    return fixed, listed


def _variable(found: Shares) -> Any:
    """The shares of the groups of a row, as random variables."""
    import pymc as pm
    import pytensor.tensor as pt

    name, law = f"{found.name}_drawn", found.law
    match law:
        case Dirichlet(alpha):
            return pm.Dirichlet(name, np.bincount(found.group, alpha, found.members.shape[1]))
        case UnknownConcentration(base, grid):
            each = [pm.Dirichlet.dist(total * base) for total in grid]
            return pm.Mixture(name, np.full(len(grid), 1 / len(grid)), each)
        case Parts(alphas):
            shares = pt.ones(1)
            for i, alpha in enumerate(alphas):
                shares = pt.outer(shares, pm.Dirichlet(f"{name}_{i}", alpha)).ravel()
            return shares
        case Weighed(base, moved, causes, types):
            eta = base + types * pm.Normal(f"{name}_types", shape=len(base))
            weights = pm.Normal(f"{name}_causes", 0, causes, shape=moved.shape[1]) if moved.shape[1] else np.zeros(0)
            return pm.math.softmax(eta + pt.dot(moved, weights))
    raise TypeError(f"no variable is known for {type(law).__name__}")
