"""Refutation tests: what each does to the data, what should happen if the conclusion holds, and what its outcome is worth.

A test asks one question of one number: how sure is the posterior of the conclusion once the data are altered? Some
alterations leave nothing to find, and the conclusion must vanish; others leave what carries it, and it must stay. Whether an
outcome says anything at this number of units is found by simulation: the same alteration of studies drawn from the fitted
theory, in which the conclusion is right, and of studies in which the worry is. A test is worth the ratio of the two rates,

    rejected:      worry 10 log10(power / false alarms) dB heavier,
    not rejected:  conclusion 10 log10((1 - false alarms) / (1 - power)) dB heavier,

and an outcome worth less than `Standard.weight_db` is uninformative, whichever way it points. Thresholds are fixed, not fitted.
Nothing here knows a model: what is refitted comes in as numbers.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

type Verdict = Literal["survives", "fails", "uninformative"]
type Must = Literal["vanish", "stay"]


@dataclass(frozen=True, slots=True)
class Standard:
    """The fixed thresholds.

    sure : probability of the conclusion at which data that hold nothing to find reject it
    shaken : probability below which the conclusion has not stayed
    weight_db : what an outcome must be worth to be called one; 10 dB is ten to one, "strong" on Jeffreys' scale
    """

    sure: float = 0.95
    shaken: float = 0.8
    weight_db: float = 10.0

    def rejects(self, must: Must, probability: float) -> bool:
        """Whether one refit, with this probability of the conclusion, speaks against it."""
        return probability >= self.sure if must == "vanish" else probability < self.shaken


@dataclass(frozen=True, slots=True)
class Test:
    """A refutation test, in the words in which it is reported.

    family : tests of a family share their calibration
    worry : what a reader may fear; done : what was done to the data; expected : what should happen if the conclusion holds
    """

    family: str
    name: str
    worry: str
    done: str
    expected: str
    must: Must

    __test__ = False  # for pytest: this is no test of ours


@dataclass(frozen=True, slots=True)
class Rates:
    """How often a test rejected, of `sets` studies each, where the conclusion is right and where the worry is."""

    false_alarms: int
    detected: int
    sets: int

    @property
    def power(self) -> float:
        """Share of studies in which the worry is right that are rejected."""
        return self.detected / self.sets

    @property
    def false_alarm_rate(self) -> float:
        """Share of studies in which the conclusion is right that are rejected."""
        return self.false_alarms / self.sets

    def worth(self, rejected: bool) -> float:
        """Weight of an outcome in decibans, for what it points to. Rates are (count + 1/2) / (sets + 1), so never 0 or 1."""
        alarm, power = ((count + 0.5) / (self.sets + 1) for count in (self.false_alarms, self.detected))
        return 10 * math.log10(power / alarm if rejected else (1 - alarm) / (1 - power))


@dataclass(frozen=True, slots=True)
class Refutation:
    """A test with its outcome.

    probabilities : of the conclusion, one for each refit of altered data
    before : of the conclusion in the data as they are; mean : of the effect, averaged over the refits
    """

    test: Test
    probabilities: tuple[float, ...]
    before: float
    mean: float
    rejected: bool
    worth_db: float
    rates: Rates
    verdict: Verdict
    reason: str

    @property
    def observed(self) -> str:
        """What happened, in a sentence."""
        if len(self.probabilities) == 1:
            return f"Its probability is {self.probabilities[0]:.2f}; it was {self.before:.2f}."
        ordered = sorted(self.probabilities)
        middle, matched = ordered[len(ordered) // 2], sum(p >= self.before for p in ordered)
        spread = f"Over {len(ordered)} refits its probability is {middle:.2f} ({ordered[0]:.2f} to {ordered[-1]:.2f})"
        return f"{spread}; it was {self.before:.2f}, which {matched} of them reach."


def judge_test(
    test: Test,
    probabilities: Sequence[float],
    before: float,
    mean: float,
    rates: Rates,
    standard: Standard | None = None,
) -> Refutation:
    """The verdict on a test: what its outcome is worth, and whether that is enough to be one.

    A test that was refitted several times rejects when at least half of its refits do.
    """
    standard = standard or Standard()
    rejected = sum(standard.rejects(test.must, p) for p in probabilities) * 2 >= len(probabilities)
    worth = rates.worth(rejected)
    verdict, reason = _verdict(rejected, worth, rates, standard)
    if before < standard.shaken:
        verdict, reason = "uninformative", f"the data conclude nothing that a test could overturn ({before:.2f})"
    return Refutation(test, tuple(probabilities), before, mean, rejected, worth, rates, verdict, reason)


def _verdict(rejected: bool, worth: float, rates: Rates, standard: Standard) -> tuple[Verdict, str]:
    counts = (
        f"it rejects {rates.detected} of {rates.sets} simulated studies in which the worry is right, "
        f"{rates.false_alarms} of {rates.sets} in which the conclusion is"
    )
    if worth < standard.weight_db:
        return "uninformative", f"an outcome worth {worth:.0f} dB: {counts}"
    return ("fails" if rejected else "survives"), f"worth {worth:.0f} dB: {counts}"
