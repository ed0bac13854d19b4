"""Whether the independences that a theory implies are borne out, each judged by the posterior of the edge it forbids.

The theory says that a and b are independent given the rest, so an edge a -> b is forbidden. The test adds that edge, refits,
and asks whether the posterior is sure of its sign. What the answer is worth at this number of units is found by simulation:
studies of the same size are drawn from the fitted theory with the forbidden edge at a stated strength, and with none,
refitted and counted. So a test that could not have failed is not passed, and one that fails true theories refutes none.

Nothing here knows a model: `refit` and `simulate` are functions, `Data` is whatever they pass to one another. For another use
(``casewise refute``): `judge_independence(independence, observed, refit, simulate)`, once per independence of
`causal.implications.implied_independences`; models/refutation/forbidden.py has the two functions for a study, and
analyses/independences.py puts both together.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from causal.implications import Independence

type Draws = NDArray[np.float64]
type IndependenceVerdict = Literal["holds", "fails", "uninformative"]

type Refit[Data] = Callable[[Independence, Sequence[Data]], Sequence[Draws]]
"""For each of several data sets, draws of the coefficient of the forbidden edge in the theory with that edge added."""

type Simulate[Data] = Callable[[Independence, float, int], Data]
"""Independence, coefficient of the forbidden edge and seed to data of a study of the same size, drawn from the fitted theory."""

BATCH = 4
"""Simulated studies that are refitted together, between two looks at whether more are needed."""


@dataclass(frozen=True, slots=True)
class Standard:
    """When an edge counts as found, and when the finding counts.

    sure : posterior probability of one sign at which an edge counts as found; .975 finds one in 20 that are not there, if
        the posterior is calibrated under a flat prior, and fewer under a sceptical one
    edge : the coefficient that the test should not miss, in disturbance sds of the effect per unit of the cause; 1 is a
        standardised .71 between two constructs that nothing else moves
    simulations : studies simulated with the edge, and as many without
    power : share of the former in which the edge must be found for a test to be passed
    false_alarms : share of the latter in which it may be found for a test to be failed
    """

    sure: float = 0.975
    edge: float = 1.0
    simulations: int = 20
    power: float = 0.8
    false_alarms: float = 0.1

    def finds(self, draws: Draws) -> bool:
        """Whether draws of a coefficient are sure of its sign."""
        positive = float((draws > 0).mean())
        return max(positive, 1 - positive) >= self.sure


@dataclass(frozen=True, slots=True)
class Count:
    """Simulated studies in which an edge was found, of those that were refitted."""

    found: int
    of: int

    @property
    def share(self) -> float:
        """Share of studies in which an edge was found."""
        return self.found / self.of

    def __str__(self) -> str:
        return f"{self.found} of {self.of} simulated studies"


@dataclass(frozen=True, slots=True)
class JudgedIndependence:
    """An implied independence, the posterior of the coefficient it forbids, and what such a posterior is worth.

    low, high : equal-tailed 90 % interval
    detected : of studies simulated with an edge of the stated strength; false_alarms : of those simulated without
    """

    independence: Independence
    mean: float
    sd: float
    low: float
    high: float
    prob_positive: float
    edge: float
    detected: Count
    false_alarms: Count
    verdict: IndependenceVerdict
    reason: str

    @property
    def power(self) -> float:
        """Share of simulated studies with the stated edge in which it is found."""
        return self.detected.share


def judge_independence[Data](
    independence: Independence,
    observed: Data,
    refit: Refit[Data],
    simulate: Simulate[Data],
    standard: Standard | None = None,
    seed: int = 0,
) -> JudgedIndependence:
    """Judge one independence by at most 1 + 2 x simulations refits.

    Simulation stops early once the rest cannot change the verdict: when too many edges are missed for the stated power, or
    too many found that are not there.
    """
    standard = standard or Standard()
    (draws,) = refit(independence, [observed])

    def count(edge: float, first: int, enough: Callable[[Count], bool]) -> Count:
        found = Count(0, 0)
        while found.of < standard.simulations and not enough(found):
            seeds = range(first + found.of, first + min(found.of + BATCH, standard.simulations))
            some = refit(independence, [simulate(independence, edge, s) for s in seeds])
            found = Count(found.found + sum(map(standard.finds, some)), found.of + len(some))
        return found

    n = standard.simulations
    detected = count(standard.edge, seed, lambda c: c.of - c.found > (1 - standard.power) * n + 1e-9)
    false_alarms = count(0.0, seed + n, lambda c: c.found > standard.false_alarms * n)
    verdict, reason = judge_counts(standard.finds(draws), detected, false_alarms, standard)
    low, high = np.quantile(draws, [0.05, 0.95])
    return JudgedIndependence(
        independence, float(draws.mean()), float(draws.std()), float(low), float(high), float((draws > 0).mean()),
        standard.edge, detected, false_alarms, verdict, reason,
    )  # fmt: skip


def judge_counts(
    found: bool, detected: Count, false_alarms: Count, standard: Standard
) -> tuple[IndependenceVerdict, str]:
    """Verdict and reason from whether the edge is found in the data, and in how many simulated studies with and without it."""
    if found and false_alarms.share > standard.false_alarms:
        return "uninformative", f"an edge is found, but also in {false_alarms} that have none"
    if found:
        return "fails", f"an edge is found, against {false_alarms} that have none"
    if detected.share < standard.power:
        return "uninformative", f"no edge is found, but one of {standard.edge:g} would be in only {detected}"
    return "holds", f"no edge is found, and one of {standard.edge:g} would be in {detected}"
