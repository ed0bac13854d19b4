"""Was the cause necessary, would it have been sufficient, for how an outcome was rated in one named case?

Probability of necessity (Pearl 1999): given that the rating stands at or above the level it had, the chance that it would have
stood below it, had the cause been otherwise. Probability of sufficiency is the converse for a level that it did not reach: given
that the rating stands below it, the chance that it would have reached it, had the cause been high.

Both are counterfactual: unit and rating keep their own disturbances. Those of the unit are parameters of the model. That of the
rating is y - eta, y being the latent rating that falls between the cutpoints of the true level; it is known as far as the rows
tell which level that is. The chances are overlaps of intervals of a logistic variable at every draw; nothing is simulated:

    P(t, y below cut c | rows) = p(rows | t) P(cut[t-1] < y < min(cut[t], c)) / sum over levels k of p(rows | k) p(k)

Without the model's equations data only bound these chances (Tian and Pearl 2000); with them they are numbers, no better than
the model is.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from causal.estimands import Level
from causal.query import CaseCounterfactual
from data.codebook import Indicator
from models.density import predictor
from models.effects.abduction import CannotAnswer, OwnUnits, ends, instead_of
from models.families import logistic
from models.measurement.cells import Block

type Floats = NDArray[np.float64]

HIGH: Level = "high"


@dataclass(frozen=True, slots=True)
class Chance:
    """The chance that a rating would have been on the other side of a level, given on which side it is.

    given : chance that the rating is on that side; chance : that it would not have been, if so
    """

    level: str
    given: float
    chance: float


@dataclass(frozen=True, slots=True)
class Attribution:
    """Necessity and sufficiency of a cause for a rating of one unit.

    necessity : None where the rating is at the lowest level already; sufficiency : None at the highest
    """

    query: CaseCounterfactual
    unit: str
    indicator: str
    read: str
    necessity: Chance | None
    sufficiency: Chance | None


@dataclass(frozen=True)
class Rating:
    """One rated cell at every draw, in the direction of its construct: better is higher.

    eta : linear predictor, shape (samples,); gain : change of it per unit of the construct's score
    cuts : shape (samples, levels - 1), ascending; reading : chance of the rows given each true level, shape (levels,)
    """

    spec: Indicator
    levels: tuple[str, ...]
    eta: Floats
    gain: Floats
    cuts: Floats
    reading: Floats

    @property
    def likeliest(self) -> int:
        """The level that the rows say most clearly; the lowest of several."""
        return int(np.argmax(self.reading))

    def below(self, level: int, higher: Floats) -> Floats:
        """Chance of each true level together with a latent rating that, ``higher`` by so much, still falls short of ``level``.

        Shape (samples, levels); with an infinitely negative ``higher`` the chance of each level itself.
        """
        edge = np.full((len(self.eta), 1), np.inf)
        lower, upper = (
            np.concatenate(ends, axis=1) for ends in ((-edge, self.cuts), (self.cuts, edge))
        )  # fmt: skip
        limit = (self.cuts[:, level - 1] - higher)[:, None]
        eta = self.eta[:, None]
        inside = logistic(np.minimum(upper, limit) - eta) - logistic(np.minimum(lower, limit) - eta)
        whole = (logistic(upper - eta) - logistic(lower - eta)) @ self.reading
        return np.asarray(inside * self.reading / whole[:, None])


def attribution(own: OwnUnits, query: CaseCounterfactual) -> Attribution:
    """Necessity of the cause against the query's own alternative (low, where that is high), sufficiency of a high cause.

    Raises CannotAnswer where no row rates the outcome's first ordinal or yes/no indicator on that unit.
    """
    causes, outcomes = ends(own, query, query.case)
    last = outcomes[-1]
    unit = own.blueprint.structure.nodes[last].unit
    rating = rating_of(own, unit, query.effect)
    other = CaseCounterfactual(query.case, query.cause, query.effect, "low") if query.set_to == HIGH else query
    raised = CaseCounterfactual(query.case, query.cause, query.effect, HIGH)
    without, with_ = (
        rating.gain * (own.world(instead_of(own, q, causes))[last] - own.actual[last]) for q in (other, raised)
    )
    level, top = rating.likeliest, len(rating.levels) - 1
    return Attribution(
        other,
        unit,
        rating.spec.name,
        rating.levels[level],
        _necessity(rating, level, without) if level > 0 else None,
        _sufficiency(rating, level + 1, with_) if level < top else None,
    )


def _necessity(rating: Rating, level: int, change: Floats) -> Chance:
    """Among ratings at ``level`` or above, those that the change would have put below it."""
    chances = rating.below(level, np.full_like(change, -np.inf))[:, level:].sum(axis=1).mean()
    lost = rating.below(level, change)[:, level:].sum(axis=1).mean()
    return Chance(rating.levels[level], float(chances), float(lost / chances))


def _sufficiency(rating: Rating, level: int, change: Floats) -> Chance:
    """Among ratings below ``level``, those that the change would have put at it or above."""
    chances = rating.below(level, np.full_like(change, -np.inf))[:, :level].sum(axis=1).mean()
    kept = rating.below(level, change)[:, :level].sum(axis=1).mean()
    return Chance(rating.levels[level], float(chances), float(1.0 - kept / chances))


def rating_of(own: OwnUnits, unit: str, construct: str) -> Rating:
    """The first ordinal or yes/no indicator of a latent construct that rows rate on a unit. Raises CannotAnswer."""
    blueprint = own.blueprint
    block = next((b for b in blueprint.blocks if b.family == "ordinal"), None)
    for name in blueprint.indicators if block and construct not in blueprint.columns else ():
        spec = blueprint.codebook.indicators[name]
        if block and spec.measures == construct and (unit, name) in block.keys:
            return _rating(own, block, block.keys.index((unit, name)), spec)
    raise CannotAnswer(f"no row rates {construct} on {unit} by an ordinal or yes/no indicator.")


def _rating(own: OwnUnits, block: Block, cell: int, spec: Indicator) -> Rating:
    blueprint, theta = own.blueprint, own.theta
    levels: Sequence[str] = blueprint.codebook.scales[spec.scale].levels if spec.scale else ("no", "yes")
    eta = own.rebuilt.cells[:, blueprint.slices["ordinal"].start + cell]
    loading = theta["loading"][:, list(blueprint.coords["loaded"]).index(spec.name)]
    width = blueprint.data["ordinal_reading"].shape[1] - 1
    stacked = predictor.cutpoints(np, theta, blueprint.data, blueprint.cut_sizes, width)
    cuts = stacked[:, int(blueprint.data["cut_row"][cell]), : len(levels) - 1]
    reading = np.exp(block.log_reading[cell, : len(levels)])
    if spec.reversed:  # eta falls as the construct rises: turned round, better is higher
        return Rating(spec, tuple(levels[::-1]), -eta, loading, -cuts[:, ::-1], reading[::-1])
    return Rating(spec, tuple(levels), eta, loading, cuts, reading)
