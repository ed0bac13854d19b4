"""An unmeasured common cause: how strong it would have to be, beside observed ones, and refits with it in the theory."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from analyses.sensitivity.bench import Bench, Row, Variant, standing_columns
from analyses.sensitivity.ends import TIMES, Ends, ends
from causal.claims import spelled_out
from causal.estimands import DirectEffect, Effect
from causal.hypotheses import Hypothesis
from causal.judgement import Thresholds
from causal.query import Comparison
from causal.sensitivity.confounding import robustness_value, tipping
from models.effects.interventions import standardised

type Floats = NDArray[np.float64]

WORRY = "an unmeasured common cause"
GRID = (0.0, 0.05, 0.1, 0.15, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7)
ROBUSTNESS_COLUMNS = (
    "hypothesis", "cause", "effect", "slope", "robustness_value", "robustness_low", "robustness_high", "bar", "tips_at",
    "benchmark", "benchmark_r2_cause", "benchmark_r2_effect", "tips_at_times_benchmark",
)  # fmt: skip
BENCHMARK_COLUMNS = (
    "hypothesis", "cause", "effect", "benchmark", "times", "r2_cause", "r2_effect", "prior_probability", "probability",
    "weight_db", "moved_db", "moved_mcse", "verdict", "stands",
)  # fmt: skip
CONTOUR_COLUMNS = ("hypothesis", "cause", "effect", "r2_cause", "r2_effect", "probability")


@dataclass(frozen=True)
class Link:
    """A comparison of a claim that sets one effect of a new case against a number.

    gap : draws of the comparison, signed so that the claim says gap > 0; rest : of the claim's weakest other comparison
    """

    hypothesis: Hypothesis
    ends: Ends
    gap: Floats
    rest: Floats

    def probability(self, r2_cause: Floats | float, r2_effect: Floats | float) -> float:
        """Probability of the whole claim once a common cause of such strengths has been allowed for, against the claim."""
        weakest = np.minimum(self.gap - self.ends.loss(r2_cause, r2_effect), self.rest)
        return float((weakest > self.hypothesis.smallest_effect).mean())

    @property
    def where(self) -> Row:
        """The first columns of its rows."""
        return {"hypothesis": self.hypothesis.id, "cause": self.ends.pair[0], "effect": self.ends.pair[1]}


def links(bench: Bench) -> list[Link]:
    """Every comparison, of the claims asked, for which the bias has a formula: no moderation, no contrast, no named case."""
    lab = bench.estimate.labs.posterior
    found = []
    for h in bench.asked:
        parts = spelled_out(h.claim, bench.base.theory).parts
        gaps = [_gap(bench, part) for part in parts]
        for n, part in enumerate(parts):
            if _has_formula(part):
                others = [gap for m, gap in enumerate(gaps) if m != n]
                rest = np.min(others, axis=0) if others else np.full_like(gaps[n], np.inf)
                found.append(Link(h, ends(lab, part.left), gaps[n], rest))
    return found


def _has_formula(part: Comparison) -> bool:
    plain = isinstance(part.left, Effect | DirectEffect) and part.left.case is None and not part.left.given
    return plain and isinstance(part.right, int | float)


def _gap(bench: Bench, part: Comparison) -> Floats:
    lab = bench.estimate.labs.posterior
    right = part.right if isinstance(part.right, int | float) else standardised(lab, part.right)[0]
    gap = standardised(lab, part.left)[0] - right
    return gap if part.op == ">" else -gap


def pairs(bench: Bench) -> list[Ends]:
    """The ends of every quantity that the claims speak of, each pair once."""
    lab = bench.estimate.labs.posterior
    claims = [spelled_out(h.claim, bench.base.theory) for h in bench.asked]
    queries = {(q.cause, q.effect): q for claim in claims for q in claim.queries}
    return [ends(lab, query) for query in queries.values()]


def variants(bench: Bench) -> Iterator[Variant]:
    """A refit for each supposed common cause."""
    for around in pairs(bench):
        for change, theory in around.supposed(bench.study.theory):
            on_cause, on_effect = theory.confounded[-1].strengths or (0.0, 0.0)
            details = {"slope_on_cause": on_cause, "slope_on_effect": on_effect}
            yield Variant("confounding", WORRY, change, bench.lay_out(theory), details=details)


def robustness_table(found: Sequence[Link]) -> pd.DataFrame:
    """robustness.csv: for each effect of a claim its robustness value and tipping point, beside the strongest observed cause.

    bar : the probability that the claim must lose to be unsettled, blank where it is less likely than not already
    tips_at : the share of cause and of effect that a common cause must explain for that, blank where none does;
        tips_at_times_benchmark : the same as a multiple of the benchmark's strength
    """
    return pd.DataFrame([_robustness(link) for link in found], columns=list(ROBUSTNESS_COLUMNS))


def _robustness(link: Link) -> Row:
    around, peer = link.ends, link.ends.strongest()
    value, fine = robustness_value(around.fit.f), np.linspace(0.0, 0.95, 96)
    row = link.where | {
        "slope": float(np.median(around.fit.slope * around.moments.to_standardised)),
        "robustness_value": float(np.median(value)),
        "robustness_low": float(np.quantile(value, 0.05)),
        "robustness_high": float(np.quantile(value, 0.95)),
        "bar": _bar(link),
        "tips_at": tipping([link.probability(r2, r2) for r2 in fine], fine.tolist(), _bar(link)),
    }
    if peer is None:
        return row
    times = np.linspace(0.0, 10.0, 101)
    r2_cause, r2_effect = around.as_strong_as(peer, 1.0)
    return row | {
        "benchmark": around.moments.names[peer],
        "benchmark_r2_cause": float(np.median(r2_cause)),
        "benchmark_r2_effect": float(np.median(r2_effect)),
        "tips_at_times_benchmark": tipping(
            [link.probability(*around.as_strong_as(peer, k)) for k in times], times.tolist(), _bar(link)
        ),
    }


def _bar(link: Link) -> float:
    """The probability that a claim must lose to be unsettled: a verdict's, else even odds, else none."""
    own = link.probability(0.0, 0.0)
    return next((bar for bar in (Thresholds().probability, 0.5) if own >= bar), float("nan"))


def contour_table(found: Sequence[Link]) -> pd.DataFrame:
    """contour.csv: probability of the claim over a grid of strengths of a common cause of each pair."""
    rows = (
        link.where | {"r2_cause": a, "r2_effect": b, "probability": link.probability(a, b)}
        for link in found
        for a in GRID
        for b in GRID
    )
    return pd.DataFrame(rows, columns=list(CONTOUR_COLUMNS))


def benchmark_table(bench: Bench, found: Sequence[Link]) -> pd.DataFrame:
    """benchmarks.csv: each claim with a common cause one, two and three times as strong as each observed cause.

    Without those that are stronger than any common cause can be.
    """
    rows = [
        _benchmark(bench, link, peer, times)
        for link in found
        for peer in link.ends.moments.adjusted
        for times in TIMES
        if link.ends.possible(peer, times)
    ]
    return pd.DataFrame(rows, columns=list(BENCHMARK_COLUMNS))


def _benchmark(bench: Bench, link: Link, peer: int, times: float) -> Row:
    r2_cause, r2_effect = link.ends.as_strong_as(peer, times)
    standing = bench.at(link.hypothesis, link.probability(r2_cause, r2_effect), len(link.gap))
    what: Row = {"benchmark": link.ends.moments.names[peer], "times": times}
    strengths = {"r2_cause": float(np.median(r2_cause)), "r2_effect": float(np.median(r2_effect))}
    return link.where | what | strengths | standing_columns(standing, bench.own[link.hypothesis.id])
