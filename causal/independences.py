"""Whether the independences that a theory implies are borne out, each judged by the posterior of the edge it forbids.

The theory says that a and b are independent given the rest, so an edge a -> b is forbidden. The test adds that edge, refits,
and asks whether the posterior is sure of its sign. What the answer is worth at this number of units is found by simulation:
studies of the same size are drawn from the fitted theory with the forbidden edge at a stated strength, and with none,
refitted and counted. So a test that could not have failed is not passed, and one that fails true theories refutes none.

Nothing here knows a model: `refit` and `simulate` are functions, `Data` is whatever they pass to one another. For another use
(``casewise refute``): `judge_independence(independence, observed, refit, simulate)`, once per independence of
`causal.implications.implied_independences`; models/forbidden.py has the two functions for a study.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from causal.implications import Independence

type Draws = NDArray[np.float64]
type IndependenceVerdict = Literal["holds", "fails", "uninformative"]

type Refit[Data] = Callable[[Independence, Data, int], Draws]
"""Independence, data and seed to draws of the coefficient a -> b, shape (samples,), in the theory with that edge added."""

type Simulate[Data] = Callable[[Independence, float, int], Data]
"""Independence, coefficient of the forbidden edge and seed to data of a study of the same size, drawn from the fitted theory."""


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
class JudgedIndependence:
    """An implied independence, the posterior of the coefficient it forbids, and what such a posterior is worth.

    low, high : equal-tailed 90 % interval
    detected, false_alarms : of `simulations` studies with the stated edge, and without, those in which an edge is found
    """

    independence: Independence
    mean: float
    sd: float
    low: float
    high: float
    prob_positive: float
    edge: float
    detected: int
    false_alarms: int
    simulations: int
    verdict: IndependenceVerdict
    reason: str

    @property
    def power(self) -> float:
        """Share of simulated studies with the stated edge in which it is found."""
        return self.detected / self.simulations

    @property
    def forbidden(self) -> str:
        """The edge that must not be there."""
        return f"{self.independence.a}->{self.independence.b}"


def judge_independence[Data](
    independence: Independence,
    observed: Data,
    refit: Refit[Data],
    simulate: Simulate[Data],
    standard: Standard | None = None,
    seed: int = 0,
) -> JudgedIndependence:
    """Judge one independence; 1 + 2 x simulations refits."""
    standard = standard or Standard()
    draws = refit(independence, observed, seed)

    def found(edge: float, offset: int) -> int:
        seeds = [seed + offset + i for i in range(standard.simulations)]
        return sum(standard.finds(refit(independence, simulate(independence, edge, s), s)) for s in seeds)

    detected, false_alarms = found(standard.edge, 1), found(0.0, 1 + standard.simulations)
    verdict, reason = judge_counts(standard.finds(draws), detected, false_alarms, standard)
    low, high = np.quantile(draws, [0.05, 0.95])
    return JudgedIndependence(
        independence, float(draws.mean()), float(draws.std()), float(low), float(high), float((draws > 0).mean()),
        standard.edge, detected, false_alarms, standard.simulations, verdict, reason,
    )  # fmt: skip


def judge_counts(found: bool, detected: int, false_alarms: int, standard: Standard) -> tuple[IndependenceVerdict, str]:
    """Verdict and reason from whether the edge is found in the data, and in how many simulated studies with and without it."""
    n = standard.simulations
    if found and false_alarms > standard.false_alarms * n:
        return "uninformative", f"an edge is found, but also in {false_alarms} of {n} simulated studies that have none"
    if found:
        return "fails", f"an edge is found, against {false_alarms} of {n} simulated studies that have none"
    if detected < standard.power * n:
        return "uninformative", (
            f"no edge is found, but one of {standard.edge:g} would be in only {detected} of {n} simulated studies"
        )
    return "holds", f"no edge is found, and one of {standard.edge:g} would be in {detected} of {n} simulated studies"
