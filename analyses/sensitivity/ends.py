"""The two ends of an effect, and an unmeasured common cause of them beside observed ones."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from causal.query import Query
from causal.sensitivity.confounding import (
    MOST_EXPLAINED,
    Partial,
    as_strong_as,
    bias,
    partial,
    slope_on_cause,
    slope_on_outcome,
)
from causal.sensitivity.edits import with_common_cause
from causal.theory import Theory
from models.effects.interventions import Laboratory
from models.effects.moments import Moments, moments

type Floats = NDArray[np.float64]

TIMES = (1.0, 2.0, 3.0)
PLAIN = (0.1, 0.3, 0.5)
"""Shares of cause and outcome explained, where the theory has no observed cause to compare with."""
MOST = 0.9
"""The largest share of the effect that a refit supposes to be explained."""
NARROW = 0.05
"""Prior scale of the slopes of a common cause whose strength is supposed."""


@dataclass(frozen=True)
class Ends:
    """Cause and effect of a query, what is adjusted for around them, and the regression it gives; arrays over draws."""

    pair: tuple[str, str]
    moments: Moments
    fit: Partial

    def loss(self, r2_cause: Floats | float, r2_effect: Floats | float) -> Floats:
        """What a common cause of such strengths would feign of the standardised effect."""
        return bias(self.fit.spread, r2_cause, r2_effect) * self.moments.to_standardised

    def as_strong_as(self, peer: int, times: float) -> tuple[Floats, Floats]:
        """Strengths of a common cause that many times as strong as an adjusted column."""
        found = as_strong_as(self.moments.covariance, 0, 1, self.moments.adjusted, peer, times)
        return found.r2_cause, found.r2_outcome

    def possible(self, peer: int, times: float) -> bool:
        """Whether a common cause can be that many times as strong as an adjusted column, in most draws.

        One like a column that explains over half of what is left of the cause would explain more than all of it.
        """
        return all(np.median(r2) < MOST_EXPLAINED for r2 in self.as_strong_as(peer, times))

    def strongest(self) -> int | None:
        """The adjusted column whose like is possible and would shift the effect most, by the median over draws, if any."""
        peers = [peer for peer in self.moments.adjusted if self.possible(peer, 1.0)]
        losses = {peer: float(np.median(self.loss(*self.as_strong_as(peer, 1.0)))) for peer in peers}
        return max(losses, key=lambda peer: losses[peer]) if losses else None

    def supposed(self, theory: Theory) -> Iterator[tuple[str, Theory]]:
        """Theories with a common cause of the two, in words: as wide a prior as any cause has, and of given strengths.

        Those of given strength are signed to feign the effect that was found.
        """
        named = f"of {self.pair[0]} and {self.pair[1]}"
        wide = with_common_cause(theory, self.pair, (0.0, 0.0), theory.model.prior_scale)
        yield f"{named}, with a prior as wide as any", wide
        for words, r2_cause, r2_effect in self._strengths():
            slopes = self._slopes(theory, r2_cause, r2_effect)
            yield f"{named}, {words}", with_common_cause(theory, self.pair, slopes, NARROW)

    def _strengths(self) -> Iterator[tuple[str, float, float]]:
        """Multiples of the strongest observed cause, or plain shares where there is none."""
        peer = self.strongest()
        if peer is None:
            yield from ((f"explaining {r2:.0%} of each", r2, r2) for r2 in PLAIN)
            return
        for times in (times for times in TIMES if self.possible(peer, times)):
            r2_cause, r2_effect = (float(np.median(r2)) for r2 in self.as_strong_as(peer, times))
            yield f"{times:g} times as strong as {self.moments.names[peer]}", r2_cause, r2_effect

    def _slopes(self, theory: Theory, r2_cause: float, r2_effect: float) -> tuple[float, float]:
        """Slopes of a common cause of such strengths on the two ends."""
        fixed = [theory.construct(end).kind == "observed" for end in self.pair]
        left_cause, left_effect = (float(np.median(left)) for left in (self.fit.left_cause, self.fit.left_outcome))
        toward = 1.0 if np.median(self.fit.slope) >= 0 else -1.0
        on_effect = slope_on_outcome(min(r2_effect, MOST), r2_cause, left_effect, fixed[1])
        return slope_on_cause(r2_cause, left_cause, fixed[0]), toward * on_effect


def ends(lab: Laboratory, query: Query) -> Ends:
    """The ends of a query on the draws of a new case."""
    around = moments(lab, query)
    return Ends((query.cause, query.effect), around, partial(around.covariance, 0, 1, around.adjusted))
