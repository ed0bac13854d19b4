"""What a posterior says of a claim, in a handful of numbers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from causal.claims import gaps, spelled_out
from causal.ess import effective_sample_size
from causal.hypotheses import Hypothesis
from causal.query import Claim, Comparison, Query
from causal.theory import Theory
from models.effects.interventions import Laboratory, standardised

type Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Finding:
    """What a posterior says of one claim, through the gap of its weakest comparison (signed so that the claim says gap > 0).

    low, high : 5 % and 95 % quantiles of the gap
    probability : that the gap exceeds the claim's smallest effect; below : that it falls short of minus that
    ess, r_hat : of the gap; probability_ess : effective draws behind ``probability``
    """

    mean: float
    sd: float
    low: float
    high: float
    probability: float
    below: float
    ess: float
    probability_ess: float
    r_hat: float


def about(query: Query) -> Hypothesis:
    """The claim ``query > 0``: the way to ask for an effect."""
    return Hypothesis(str(query), "", Claim((Comparison(query, ">", 0.0),)))


def weakest_gaps(lab: Laboratory, asked: Sequence[Hypothesis], theory: Theory) -> list[Floats]:
    """For each claim draws of the gap of its weakest comparison, shape (samples,); ``theory`` says what path claims mean."""
    claims = [spelled_out(h.claim, theory) for h in asked]
    queries = list(dict.fromkeys(query for claim in claims for query in claim.queries))
    draws = dict(zip(queries, standardised(lab, *queries), strict=True))
    return [np.asarray(gaps(claim, draws.__getitem__).min(axis=0)) for claim in claims]


def summarise(gap: Floats, smallest: float) -> Finding:
    """The finding of a claim from draws of its gap, shape (chains, draws)."""
    from arviz_stats.base.array import array_stats

    holds = gap > smallest
    low, high = np.quantile(gap, [0.05, 0.95])
    return Finding(
        mean=float(gap.mean()), sd=float(gap.std()), low=float(low), high=float(high),
        probability=float(holds.mean()), below=float((gap < -smallest).mean()),
        ess=effective_sample_size(gap), probability_ess=effective_sample_size(holds.astype(float)),
        r_hat=float(array_stats.rhat(gap)) if np.ptp(gap) > 0 else float("nan"),
    )  # fmt: skip
