"""Whether a verdict stands when an assumption changes, and on which assumptions it depends most."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from causal.judgement import DECIBANS, MISSED, Bound, Thresholds, Verdict, verdict_of


@dataclass(frozen=True, slots=True)
class Standing:
    """A claim judged from probabilities alone.

    weight_db : posterior odds over prior odds; odds_db : posterior odds. Limits where all draws are on one side
    odds_mcse : Monte Carlo standard error of ``odds_db``, 0 for a limit
    """

    prior_probability: float
    probability: float
    weight_db: float
    odds_db: float
    odds_mcse: float
    verdict: Verdict


def stand(
    prior_probability: float,
    probability: float,
    draws: float,
    prior_draws: float,
    thresholds: Thresholds | None = None,
) -> Standing:
    """Judge a claim from its probability before and after the data, as ``causal.judgement.judge`` does from draws.

    draws, prior_draws : effective draws behind each probability
    """
    after, bound = _odds_db(probability, draws)
    before, prior_bound = _odds_db(prior_probability, prior_draws)
    weight = after - before
    whole: Bound = bound if bound == "exact" or prior_bound != bound else "unknown"
    verdict = "cannot speak" if whole == "unknown" else verdict_of(probability, weight, whole, thresholds)
    return Standing(prior_probability, probability, weight, after, _odds_mcse(probability, draws), verdict)


def _odds_db(probability: float, draws: float) -> tuple[float, Bound]:
    """Odds in decibans; with every draw on one side the 95 % limit of the other side's share."""
    if 0 < probability < 1:
        return DECIBANS * (math.log(probability) - math.log1p(-probability)), "exact"
    other = -math.expm1(math.log(MISSED) / max(draws, 1.0))
    limit = DECIBANS * (math.log1p(-other) - math.log(other))
    return (limit, "at least") if probability >= 1 else (-limit, "at most")


def _odds_mcse(probability: float, draws: float) -> float:
    """Delta method: the log odds of a share p of n draws have variance 1 / (n p (1 - p))."""
    spread = probability * (1.0 - probability)
    return DECIBANS / math.sqrt(max(draws, 1.0) * spread) if spread > 0 else 0.0


@dataclass(frozen=True, slots=True)
class Trial:
    """A claim under one changed assumption.

    worry : the family of assumptions, in the user's words; change : what was changed
    moved_mcse : Monte Carlo standard error of how far it moved the odds, where that is known better than from two separate fits
    """

    worry: str
    change: str
    standing: Standing
    moved_mcse: float | None = None


@dataclass(frozen=True, slots=True)
class Dependence:
    """How far a conclusion depends on one family of assumptions.

    worst : the trial that moved the odds furthest, among those that changed the verdict if any did
    moved_db : by how much it moved the posterior odds; moved_mcse : its Monte Carlo standard error
    changed : how many of the trials changed the verdict
    """

    worry: str
    worst: Trial
    moved_db: float
    moved_mcse: float
    changed: int
    trials: int

    @property
    def stands(self) -> bool:
        """Whether the verdict stands under every trial of the family."""
        return self.changed == 0

    @property
    def felt(self) -> bool:
        """Whether the furthest trial moved the odds beyond what the best of so many trials would by simulation error alone.

        The bound on the largest of n standard normal errors is sqrt(2 log n), and at least 2.
        """
        return abs(self.moved_db) > max(2.0, math.sqrt(2.0 * math.log(self.trials))) * self.moved_mcse


def dependences(base: Standing, trials: Sequence[Trial]) -> list[Dependence]:
    """Families of assumptions, those that change the verdict first, then by how far they move the odds."""
    families: dict[str, list[Trial]] = {}
    for trial in trials:
        families.setdefault(trial.worry, []).append(trial)
    found = [_dependence(base, worry, members) for worry, members in families.items()]
    return sorted(found, key=lambda d: (d.stands, -abs(d.moved_db)))


def _dependence(base: Standing, worry: str, trials: Sequence[Trial]) -> Dependence:
    changed = [trial for trial in trials if trial.standing.verdict != base.verdict]
    worst = max(changed or trials, key=lambda trial: abs(moved(base, trial.standing)))
    error = math.hypot(base.odds_mcse, worst.standing.odds_mcse) if worst.moved_mcse is None else worst.moved_mcse
    return Dependence(worry, worst, moved(base, worst.standing), error, len(changed), len(trials))


def moved(base: Standing, other: Standing) -> float:
    """How far the posterior odds moved, in decibans."""
    return other.odds_db - base.odds_db


def share_interval(stands: int, trials: int) -> tuple[float, float, float]:
    """A share with its 90 % interval: the posterior of a proportion from a uniform prior (Laplace 1774)."""
    from scipy.stats import beta

    posterior = beta(stands + 1, trials - stands + 1)
    return stands / trials, float(posterior.ppf(0.05)), float(posterior.ppf(0.95))
