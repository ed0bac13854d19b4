"""A refit of which only some claims are wanted: few draws, no retry, its convergence judged on those claims alone.

A ledger needs hundreds of posteriors and of each only whether the claims hold in its draws. So nothing else is computed:
no predictive draws, no other effects, no second attempt. What a refit cost in precision is in its Monte Carlo error,
what went wrong in its R-hat and its share of divergent draws.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from causal.claims import gaps, spelled_out
from causal.hypotheses import Hypothesis
from data.cases import Unit
from models.blueprint import Blueprint
from models.effects import open_laboratory, standardised
from models.rebuild import Theta, theta_of
from models.sampling import Sampler, sample, swap
from models.without import data_without, swapped

if TYPE_CHECKING:
    from nutpie.compile_pymc import CompiledPyMCModel

type Floats = NDArray[np.float64]

LEAN = Sampler(draws=400, tune=250, chains=2, cores=1)


@dataclass(frozen=True, slots=True)
class LeanLimits:
    """What a refit must keep to for its weights to be read: the R-hat of each claim's gap, the share of divergent draws."""

    r_hat: float = 1.05
    divergent_share: float = 0.01


@dataclass(frozen=True)
class LeanFit:
    """The margins of claims in the draws of a refit: how far each claim is over its smallest effect, (chains, draws).

    theta : the draws themselves, where they were asked for
    """

    margins: Mapping[str, Floats]
    r_hat: Mapping[str, float]
    divergent_share: float
    theta: Theta = field(default_factory=dict)

    def holds(self, name: str) -> NDArray[np.bool_]:
        """Whether a claim holds, shape (chains, draws)."""
        return np.asarray(self.margins[name] > 0)

    def converged(self, name: str, limits: LeanLimits | None = None) -> bool:
        """Whether the refit can be read for a claim."""
        limits = limits or LeanLimits()
        return self.r_hat[name] <= limits.r_hat and self.divergent_share <= limits.divergent_share


@dataclass(frozen=True)
class Lean:
    """What is needed to refit a compiled theory without some of its rows.

    keep : whether the fits hold on to their draws
    """

    blueprint: Blueprint
    units: Mapping[str, Unit]
    hypotheses: Sequence[Hypothesis]
    sampler: Sampler = LEAN
    keep: bool = False

    def __call__(self, code: CompiledPyMCModel, removed: frozenset[str]) -> LeanFit:
        """The posterior without ``removed`` rows. Raises CannotEstimateError as ``data_without`` does."""
        changes = data_without(self.blueprint, removed)
        trace = sample(swap(code, changes), self.sampler)
        posterior = trace["posterior"].to_dataset()
        theta = theta_of(self.blueprint, posterior)
        found = margins(swapped(self.blueprint, changes), self.units, theta, self.hypotheses, self.sampler.seed)
        shape = (posterior.sizes["chain"], posterior.sizes["draw"])
        shaped = {name: margin.reshape(shape) for name, margin in found.items()}
        diverged = float(trace["sample_stats"]["diverging"].to_numpy().mean())
        return LeanFit(
            shaped, {name: _r_hat(margin) for name, margin in shaped.items()}, diverged, theta if self.keep else {}
        )


def margins(
    blueprint: Blueprint, units: Mapping[str, Unit], theta: Theta, hypotheses: Sequence[Hypothesis], seed: int
) -> dict[str, Floats]:
    """How far the weakest part of every claim is over its smallest effect, per draw, shape (samples,)."""
    lab = open_laboratory(blueprint, units, theta, np.random.default_rng(seed))
    claims = {h.id: spelled_out(h.claim, blueprint.theory) for h in hypotheses}
    wanted = list(dict.fromkeys(query for claim in claims.values() for query in claim.queries))
    known = dict(zip(wanted, standardised(lab, *wanted), strict=True))
    return {
        h.id: np.asarray(gaps(claims[h.id], lambda query: known[query][None]).min(axis=(0, 1)) - h.smallest_effect)
        for h in hypotheses
    }


def _r_hat(draws: Floats) -> float:
    from arviz_stats.base.array import array_stats

    return float(array_stats.rhat(draws)) if np.ptp(draws) > 0 else 1.0
