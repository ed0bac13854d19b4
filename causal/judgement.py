"""How far the draws moved a claim: prior beside posterior, weight of evidence, and a verdict by stated thresholds."""

import math
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from causal.ess import effective_sample_size
from causal.html import table

type Draws = NDArray[np.floating]
type Verdict = Literal["supported", "contradicted", "undecided", "cannot speak"]
type Bound = Literal["exact", "at least", "at most", "unknown"]

DECIBANS = 10 / math.log(10)  # of one unit of log odds
MISSED = 0.05  # the chance with which a bound may fail

# Jeffreys (1961), Theory of Probability, appendix B: a grade for each half power of ten, which is 5 dB.
GRADES = (
    (20.0, "decisive"),
    (15.0, "very strong"),
    (10.0, "strong"),
    (5.0, "substantial"),
    (0.0, "barely worth a mention"),
)


@dataclass(frozen=True, slots=True)
class Thresholds:
    """When a claim is called supported; `contradicted` is the mirror image. Why: docs/decisions/0003.

    probability : of the claim after the data; .95 is a Bayes factor of 19 at even prior odds
    weight_db : that the data must have added, so that a prior alone supports nothing
    """

    probability: float = 0.95
    weight_db: float = 5.0


@dataclass(frozen=True, slots=True)
class Judgement:
    """A claim before and after the data.

    weight_db : 10 log10(posterior odds / prior odds), in decibans; a limit when `bound` says so, nan when "unknown"
    weight_mcse : its Monte Carlo standard error, of the sides that are not limits
    bound : "at least" or "at most" when all draws, prior or posterior, are on one side of the claim
    below, in_rope, above : posterior mass of the gap below -smallest_effect, within, and above it. The gap of a joint
        claim is that of its weakest part: above means every part holds, below that some part fails beyond the margin
    reason : why the verdict is "cannot speak", else empty
    """

    prior_probability: float
    posterior_probability: float
    weight_db: float
    weight_mcse: float
    bound: Bound
    below: float
    in_rope: float
    above: float
    verdict: Verdict
    reason: str = ""

    @property
    def bayes_factor(self) -> float:
        """Posterior odds over prior odds."""
        return float(10 ** (self.weight_db / 10))

    def _repr_html_(self) -> str:
        facts = (self.prior_probability, self.posterior_probability, self.weight_db, self.weight_mcse, self.verdict)
        return table(
            "A claim before and after the data", ("prior", "posterior", "weight, dB", "MCSE", "verdict"), [facts]
        )


def judge(
    prior_gap: Draws,
    posterior_gap: Draws,
    smallest_effect: float = 0.0,
    *,
    cannot_speak: str = "",
    thresholds: Thresholds | None = None,
) -> Judgement:
    """Judge a claim from draws.

    prior_gap, posterior_gap : shape (parts, chains, draws), left minus right of each comparison, signed so that the
        claim says gap > smallest_effect; a joint claim holds in a draw in which every part holds
    cannot_speak : the reason why the study cannot judge this claim, whatever the numbers
    Raises ValueError on other shapes and on draws that are not finite.
    """
    prior, posterior = _weakest(prior_gap, "prior"), _weakest(posterior_gap, "posterior")
    before, after = _log_odds(prior, smallest_effect), _log_odds(posterior, smallest_effect)
    bound = _difference_bound(after.bound, before.bound)
    weight = math.nan if bound == "unknown" else DECIBANS * (after.value - before.value)
    below, above = float((posterior < -smallest_effect).mean()), float((posterior > smallest_effect).mean())
    reason = cannot_speak or ("prior draws already decide this claim" if bound == "unknown" else "")
    return Judgement(
        prior_probability=float((prior > smallest_effect).mean()),
        posterior_probability=above,
        weight_db=weight,
        weight_mcse=DECIBANS * math.sqrt(before.variance + after.variance),
        bound=bound,
        below=below,
        in_rope=float((np.abs(posterior) <= smallest_effect).mean()),
        above=above,
        verdict="cannot speak" if reason else verdict_of(above, weight, bound, thresholds),
        reason=reason,
    )


def words(weight_db: float) -> str:
    """A weight of evidence in words, on Jeffreys' scale: one grade for every 5 dB, for the claim or against it."""
    if math.isnan(weight_db):
        return "unknown"
    grade = next(word for least, word in GRADES if abs(weight_db) >= least)
    return grade if abs(weight_db) < GRADES[-2][0] else f"{grade} {'for' if weight_db > 0 else 'against'}"


@dataclass(frozen=True, slots=True)
class _LogOdds:
    """Natural log odds of a claim, or a limit to them, with the Monte Carlo variance of the estimate."""

    value: float
    variance: float
    bound: Bound


def _weakest(gap: Draws, which: str) -> Draws:
    """The gap of the weakest part, shape (chains, draws)."""
    if gap.ndim != 3 or 0 in gap.shape:
        raise ValueError(f"the {which} gap has shape {gap.shape}; it must be (parts, chains, draws), none of them 0")
    if not np.isfinite(gap).all():
        raise ValueError(f"the {which} gap has draws that are not finite numbers")
    weakest: Draws = gap.min(axis=0)
    return weakest


def _log_odds(gap: Draws, margin: float) -> _LogOdds:
    """Log odds that gap > margin, its variance by the delta method: 1 / (ess p (1 - p)).

    When every draw is on one side, n effective draws leave a share of at most 1 - .05^(1/n) to the other side, with
    95 % confidence ("rule of three"); n is then the effective size of the gap itself, as a constant indicator has none.
    """
    holds = gap > margin
    share = float(holds.mean())
    if 0 < share < 1:
        size = effective_sample_size(holds.astype(float))
        return _LogOdds(math.log(share / (1 - share)), 1 / (size * share * (1 - share)), "exact")
    size = effective_sample_size(gap)
    other = -math.expm1(math.log(MISSED) / size)
    limit = math.log((1 - other) / other)
    return _LogOdds(limit, 0.0, "at least") if share else _LogOdds(-limit, 0.0, "at most")


def _difference_bound(after: Bound, before: Bound) -> Bound:
    """What after minus before is, each being exact or a limit."""
    flipped: Bound = "at most" if before == "at least" else "at least" if before == "at most" else "exact"
    if after == "exact":
        return flipped
    return after if flipped in ("exact", after) else "unknown"


def verdict_of(
    probability: float, weight: float, bound: Bound = "exact", thresholds: Thresholds | None = None
) -> Verdict:
    """The verdict on a claim of this probability, of which the data added this weight in decibans.

    A limit counts only where it points: "at most 20 dB" supports nothing.
    """
    thresholds = thresholds or Thresholds()
    if probability >= thresholds.probability and weight >= thresholds.weight_db and bound != "at most":
        return "supported"
    if probability <= 1 - thresholds.probability and weight <= -thresholds.weight_db and bound != "at least":
        return "contradicted"
    return "undecided"
