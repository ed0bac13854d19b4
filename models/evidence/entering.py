"""Draws of a posterior without some rows, into which any of the rows can be weighed again.

Weighing in is the easy direction: the likelihood of a rating is bounded, so that no draw can take over. One refit serves all
subsets of the rows, which entry-order shares need by the thousand.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from causal.judgement import DECIBANS
from models.blueprint import Blueprint
from models.effects.interventions import open_laboratory
from models.evidence.removal import Removal
from models.evidence.without import data_without, swapped
from models.refitting.refits import Template, weakest_gaps
from models.sampling import swap
from models.sides import IN_REFITS, sample_sides
from models.simulation.rebuild import theta_of

if TYPE_CHECKING:
    from nutpie.compile_pymc import CompiledPyMCModel

type Floats = NDArray[np.float64]
type Rows = frozenset[str]


@dataclass(frozen=True)
class Entering:
    """Draws without some rows.

    holds : whether each claim holds, by its id, shape (samples,)
    gains : for every cell that has such rows, by the rows of it that are kept: log p(data with them) - log p(data with none
        of them), shape (samples,)
    """

    holds: Mapping[str, NDArray[np.bool_]]
    gains: Sequence[Mapping[Rows, Floats]]

    def worth(self, claim: str, draws: NDArray[np.intp] | None = None) -> Callable[[Rows], float]:
        """The log odds of a claim, in decibans, as a function of the rows weighed in; on some of the draws, or all."""
        holds = self.holds[claim]
        chosen = np.arange(len(holds)) if draws is None else draws

        def log_odds(inside: Rows) -> float:
            log_weight = np.zeros(len(chosen))
            for cell in self.gains:
                kept = max(cell, key=len) & inside
                if kept:
                    log_weight += cell[kept][chosen]
            return _log_odds(np.exp(log_weight - log_weight.max()), holds[chosen])

        return log_odds


def refit_without(template: Template, code: CompiledPyMCModel, rows: Rows, seed: int) -> Entering:
    """Sample the posterior without ``rows``. Raises CannotEstimateError as ``data_without`` does."""
    blueprint = template.blueprint
    changes = data_without(blueprint, rows)
    rest = swapped(blueprint, changes)
    ready, sampler, (turned, metric) = swap(code, rest.data), template.beginning(seed), template.footing(rest)
    sides = sample_sides(rest, ready, sampler, turned=turned, worth=IN_REFITS, metric=metric)
    theta = theta_of(blueprint, sides.trace["posterior"].to_dataset())
    lab = open_laboratory(rest, template.units, theta, np.random.default_rng(seed))
    found = weakest_gaps(lab, template.asked, blueprint.theory)
    holds = {h.id: gap > h.smallest_effect for h, gap in zip(template.asked, found, strict=True)}
    return Entering(holds, entering_gains(blueprint, theta, rows))


def entering_gains(blueprint: Blueprint, theta: Mapping[str, Floats], rows: Rows) -> list[dict[Rows, Floats]]:
    """What each subset of a cell's rows would add to the log likelihood of draws that have none of ``rows``."""
    removal, gains = Removal(blueprint, theta), []
    for cell in (frozenset(row.name for row in cell) for block in blueprint.blocks for cell in block.rows):
        inside = cell & rows
        if inside:
            none = removal.log_ratio(inside)
            gains.append({kept: removal.log_ratio(inside - kept) - none for kept in _subsets(inside)})
    return gains


def _log_odds(weights: Floats, holds: NDArray[np.bool_]) -> float:
    """In decibans; half a draw on either side keeps the odds of few draws finite."""
    weights = weights / weights.sum()
    half = 0.5 * float((weights**2).sum())
    share = (float(weights[holds].sum()) + half) / (1 + 2 * half)
    return float(DECIBANS * (np.log(share) - np.log1p(-share)))


def _subsets(items: Rows) -> Iterator[Rows]:
    names = sorted(items)
    for bits in range(1, 2 ** len(names)):
        yield frozenset(name for i, name in enumerate(names) if bits >> i & 1)
