"""The bridge from qualitative evidence to the model's odds: likelihood ratios as ranges, combined in decibans.

What is known of an item is that it is between ``low`` and ``high`` times as probable under the theory as under a rival
(Fairfield and Charman 2022, Social Inquiry and Bayesian Inference, argue for ratios stated one by one). Sums of the lower ends
and of the upper ends bound what all items weigh together, whatever the true ratios inside the ranges.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import inf, log10


@dataclass(frozen=True, slots=True)
class Span:
    """A weight of evidence known to lie between two ends, in decibans; positive speaks for the theory."""

    low: float
    high: float

    def __add__(self, other: Span) -> Span:
        return Span(self.low + other.low, self.high + other.high)

    @property
    def turned(self) -> Span:
        """The same evidence seen from the rival."""
        return Span(-self.high, -self.low)


NOTHING = Span(0.0, 0.0)


def heard(low: float, high: float, reliability: float = 1.0) -> Span:
    """The weight of an item that a source reports, which says the same whatever is true with probability 1 - reliability.

    The report is r p + (1 - r) m probable under each theory, p the item's own probability there and m the larger of the two:
    a ratio R >= 1 becomes R / (r + (1 - r) R), at most 1 / (1 - r), and 1 / R becomes the inverse of that.
    """
    return Span(_heard(low, reliability), _heard(high, reliability))


def _heard(ratio: float, r: float) -> float:
    weight = 10 * log10(max(ratio, 1 / ratio))
    size = weight - 10 * log10(r + (1 - r) * 10 ** (weight / 10))
    return size if ratio >= 1 else -size


def package(items: Sequence[Span]) -> Span:
    """Items that rest on one piece of evidence count once, with a weight anywhere between the lowest and highest of them."""
    return Span(min(item.low for item in items), max(item.high for item in items))


def together(packages: Sequence[Span]) -> Span:
    """What independent packages weigh together."""
    return sum(packages, NOTHING)


def favours(total: Span, theory: str, rival: str) -> str:
    """Which of two theories a weight speaks for, or that it may be either."""
    return theory if total.low > 0 else rival if total.high < 0 else "either"


def flipping_bias(model: Span, packages: Sequence[Span], steps: int = 60) -> float | None:
    """How many times as likely evidence for the winning theory must have been to be found, for the result no longer to hold.

    Each package that speaks for the winner is then worth down to that factor less, but never less than nothing: evidence that
    was looked for too eagerly is at worst no evidence. None where neither theory wins; inf where no bias is enough.
    """
    total = model + together(packages)
    if total.low <= 0 <= total.high:
        return None
    if total.high < 0:
        model, packages = model.turned, [p.turned for p in packages]

    def left(bias_db: float) -> float:
        return model.low + sum(max(p.low - bias_db, min(p.low, 0.0)) for p in packages)

    if left(inf) > 0:
        return inf
    low, high = 0.0, max([p.low for p in packages], default=0.0)
    for _ in range(steps):
        middle = (low + high) / 2
        low, high = (middle, high) if left(middle) > 0 else (low, middle)
    return float(10 ** (high / 10))
