"""An unmeasured common cause: how strong it would have to be, beside observed ones, and refits with it in the theory."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from analyses.sensitivity.bench import Bench, Row, Variant, standing_columns
from causal.claims import spelled_out
from causal.estimands import DirectEffect, Effect
from causal.hypotheses import Hypothesis
from causal.judgement import Thresholds
from causal.query import Comparison, Query
from causal.sensitivity.confounding import (
    Partial,
    as_strong_as,
    bias,
    partial,
    robustness_value,
    slope_on_cause,
    slope_on_outcome,
    tipping,
)
from causal.sensitivity.edits import with_common_cause
from causal.theory import Theory
from models.effects import standardised
from models.moments import Moments, moments

type Floats = NDArray[np.float64]

WORRY = "an unmeasured common cause"
TIMES = (1.0, 2.0, 3.0)
MOST = 0.9
"""The largest share of the effect that a refit supposes to be explained."""
GRID = (0.0, 0.05, 0.1, 0.15, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7)
PLAIN = (0.1, 0.3, 0.5)
"""Shares of cause and outcome explained, where the theory has no observed cause to compare with."""
ROBUSTNESS_COLUMNS = (
    "hypothesis", "cause", "effect", "slope", "robustness_value", "robustness_low", "robustness_high", "tips_at", "benchmark",
    "benchmark_r2_cause", "benchmark_r2_effect", "tips_at_times_benchmark",
)  # fmt: skip


@dataclass(frozen=True)
class Link:
    """One comparison of a claim that speaks of one effect: what an unmeasured common cause of its two ends would do to it.

    toward : +1 where the claim says the effect is positive, -1 where negative
    gap : draws of the comparison, signed so that the claim says gap > 0; rest : of the claim's other comparisons, the weakest
    """

    hypothesis: Hypothesis
    query: Query
    toward: float
    moments: Moments
    fit: Partial
    gap: Floats
    rest: Floats

    @property
    def pair(self) -> tuple[str, str]:
        return self.query.cause, self.query.effect

    def probability(self, r2_cause: Floats | float, r2_outcome: Floats | float) -> float:
        """Probability of the whole claim once a common cause of such strengths has been allowed for, against the claim."""
        loss = bias(self.fit.spread, r2_cause, r2_outcome) * self.moments.to_standardised
        weakest = np.minimum(self.gap - loss, self.rest)
        return float((weakest > self.hypothesis.smallest_effect).mean())

    def as_strong_as(self, peer: int, times: float) -> tuple[Floats, Floats]:
        """Strengths of a common cause that many times as strong as an adjusted column, per draw."""
        found = as_strong_as(self.moments.covariance, 0, 1, self.moments.adjusted, peer, times)
        return found.r2_cause, found.r2_outcome

    def slopes(self, theory: Theory, r2_cause: float, r2_effect: float) -> tuple[float, float]:
        """Slopes of a common cause of such strengths on the two ends, signed to feign what the claim says."""
        fixed = [theory.construct(end).kind == "observed" for end in self.pair]
        left_cause, left_effect = (float(np.median(left)) for left in (self.fit.left_cause, self.fit.left_outcome))
        on_effect = slope_on_outcome(min(r2_effect, MOST), r2_cause, left_effect, fixed[1])
        return slope_on_cause(r2_cause, left_cause, fixed[0]), self.toward * on_effect

    def strongest(self) -> int | None:
        """The adjusted column whose like would shift the effect most, by the median over draws."""
        losses = {p: float(np.median(bias(self.fit.spread, *self.as_strong_as(p, 1.0)))) for p in self.moments.adjusted}
        return max(losses, key=lambda p: losses[p]) if losses else None


def links(bench: Bench) -> list[Link]:
    """The comparisons of every claim with 0 or another number that speak of one total or direct effect of a new case."""
    lab = bench.estimate.labs.posterior
    found = []
    for h in bench.asked:
        parts = spelled_out(h.claim, bench.base.theory).parts
        gaps = [_gap(bench, part) for part in parts]
        for n, part in enumerate(parts):
            if isinstance(part.left, Effect | DirectEffect) and part.left.case is None and not _given(part):
                around = moments(lab, part.left)
                others = [gap for m, gap in enumerate(gaps) if m != n]
                rest = np.min(others, axis=0) if others else np.full_like(gaps[n], np.inf)
                fit = partial(around.covariance, 0, 1, around.adjusted)
                toward = 1.0 if part.op == ">" else -1.0
                found.append(Link(h, part.left, toward, around, fit, gaps[n], rest))
    return found


def _given(part: Comparison) -> bool:
    return bool(getattr(part.left, "given", ())) or not isinstance(part.right, int | float)


def _gap(bench: Bench, part: Comparison) -> Floats:
    lab = bench.estimate.labs.posterior
    left, *right = standardised(lab, part.left, *([part.right] if not isinstance(part.right, int | float) else []))
    gap = left - (right[0] if right else part.right)
    return gap if part.op == ">" else -gap


def supposed(theory: Theory, found: Sequence[Link]) -> dict[str, Theory]:
    """Theories with a common cause of each pair, by what is supposed of it."""
    theories: dict[str, Theory] = {}
    for link in {link.pair: link for link in found}.values():
        named = f"of {link.pair[0]} and {link.pair[1]}"
        wide = with_common_cause(theory, link.pair, (0.0, 0.0), theory.model.prior_scale)
        theories[f"{named}, as strong as the prior allows any cause"] = wide
        for words, r2_cause, r2_effect in _strengths(link):
            slopes = link.slopes(theory, r2_cause, r2_effect)
            theories[f"{named}, {words}"] = with_common_cause(theory, link.pair, slopes, NARROW)
    return theories


NARROW = 0.05
"""Prior scale of the slopes of a common cause whose strength is supposed."""


def _strengths(link: Link) -> Iterator[tuple[str, float, float]]:
    """Strengths to suppose: multiples of the strongest observed cause, or plain shares where there is none."""
    peer = link.strongest()
    if peer is None:
        yield from ((f"explaining {r2:.0%} of each", r2, r2) for r2 in PLAIN)
        return
    for times in TIMES:
        r2_cause, r2_effect = (float(np.median(r2)) for r2 in link.as_strong_as(peer, times))
        yield f"{times:g} times as strong as {link.moments.names[peer]}", r2_cause, r2_effect


def variants(bench: Bench, found: Sequence[Link]) -> Iterator[Variant]:
    """A refit for each supposed common cause."""
    for change, theory in supposed(bench.study.theory, found).items():
        pair = theory.confounded[-1]
        strengths = pair.strengths or (0.0, 0.0)
        details = {"slope_on_cause": strengths[0], "slope_on_effect": strengths[1]}
        yield Variant("confounding", WORRY, change, bench.lay_out(theory), details=details)


def robustness_table(found: Sequence[Link]) -> pd.DataFrame:
    """robustness.csv: for each effect of a claim its robustness value and tipping point, beside the strongest observed cause.

    tips_at : the share of cause and of effect that a common cause must explain for the claim to fall below the probability
        that a verdict needs or, where it never reached that, below even odds (blank where it is there already);
        tips_at_times_benchmark : the same as a multiple of the benchmark's strength
    """
    return pd.DataFrame([_robustness(link) for link in found], columns=list(ROBUSTNESS_COLUMNS))


def _robustness(link: Link) -> Row:
    value = robustness_value(link.fit.f)
    own = link.probability(0.0, 0.0)
    bar = Thresholds().probability if own >= Thresholds().probability else 0.5 if own >= 0.5 else float("nan")
    fine = np.linspace(0.0, 0.95, 96)
    peer = link.strongest()
    row: Row = {
        "hypothesis": link.hypothesis.id,
        "cause": link.pair[0],
        "effect": link.pair[1],
        "slope": float(np.median(link.fit.slope * link.moments.to_standardised)),
        "robustness_value": float(np.median(value)),
        "robustness_low": float(np.quantile(value, 0.05)),
        "robustness_high": float(np.quantile(value, 0.95)),
        "tips_at": tipping([link.probability(r2, r2) for r2 in fine], fine.tolist(), bar),
    }
    if peer is None:
        return row
    times = np.linspace(0.0, 10.0, 101)
    r2_cause, r2_effect = link.as_strong_as(peer, 1.0)
    return row | {
        "benchmark": link.moments.names[peer],
        "benchmark_r2_cause": float(np.median(r2_cause)),
        "benchmark_r2_effect": float(np.median(r2_effect)),
        "tips_at_times_benchmark": tipping(
            [link.probability(*link.as_strong_as(peer, k)) for k in times], times.tolist(), bar
        ),
    }


def contour_table(found: Sequence[Link]) -> pd.DataFrame:
    """contour.csv: probability of the claim over a grid of strengths of a common cause of each pair."""
    return pd.DataFrame(
        {
            "hypothesis": link.hypothesis.id,
            "cause": link.pair[0],
            "effect": link.pair[1],
            "r2_cause": r2_cause,
            "r2_effect": r2_effect,
            "probability": link.probability(r2_cause, r2_effect),
        }
        for link in found
        for r2_cause in GRID
        for r2_effect in GRID
    )


def benchmark_table(bench: Bench, found: Sequence[Link]) -> pd.DataFrame:
    """benchmarks.csv: each claim with a common cause one, two and three times as strong as each observed cause."""
    return pd.DataFrame(
        _benchmark(bench, link, peer, times) for link in found for peer in link.moments.adjusted for times in TIMES
    )


def _benchmark(bench: Bench, link: Link, peer: int, times: float) -> Row:
    r2_cause, r2_effect = link.as_strong_as(peer, times)
    standing = bench.at(link.hypothesis, link.probability(r2_cause, r2_effect), len(link.gap))
    return {
        "hypothesis": link.hypothesis.id,
        "cause": link.pair[0],
        "effect": link.pair[1],
        "benchmark": link.moments.names[peer],
        "times": times,
        "r2_cause": float(np.median(r2_cause)),
        "r2_effect": float(np.median(r2_effect)),
        **standing_columns(standing, bench.own[link.hypothesis.id]),
    }
