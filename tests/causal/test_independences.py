"""An implied independence is judged by the posterior of the edge it forbids, in a world whose posterior is known exactly."""

from collections.abc import Sequence

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.stats import norm

from causal.implications import Independence
from causal.independences import Count, JudgedIndependence, Standard, judge_counts, judge_independence

type Floats = NDArray[np.float64]

PAIR = Independence("a", "b")
PRIOR_PRECISION = 1 / 10**2


def refit(independence: Independence, data: Sequence[Floats]) -> list[Floats]:
    """Posteriors of the slope of b on a under a wide normal prior and unit noise: conjugate."""
    return [posterior(a, b) for a, b in data]


def posterior(a: Floats, b: Floats) -> Floats:
    precision = PRIOR_PRECISION + a @ a
    return norm.ppf((np.arange(2000) + 0.5) / 2000, a @ b / precision, 1 / np.sqrt(precision))  # type: ignore[no-any-return]


def world(n: int):  # type: ignore[no-untyped-def]
    """Data of n units in which b has that slope on a."""

    def simulate(independence: Independence, edge: float, seed: int) -> Floats:
        rng = np.random.default_rng(seed)
        a = rng.normal(size=n)
        return np.array([a, edge * a + rng.normal(size=n)])

    return simulate


def judged(n: int, edge: float, standard: Standard | None = None) -> JudgedIndependence:
    simulate = world(n)
    return judge_independence(PAIR, simulate(PAIR, edge, 7), refit, simulate, standard, seed=1000)


def test_many_units_and_no_edge_hold() -> None:
    found = judged(60, 0.0)
    assert (found.verdict, found.detected) == ("holds", Count(20, 20))
    assert found.low < 0 < found.high


def test_many_units_and_an_edge_fail() -> None:
    found = judged(60, 0.8)
    assert found.verdict == "fails"
    assert found.mean == pytest.approx(0.8, abs=0.4)
    assert found.prob_positive > 0.975


def test_few_units_say_that_they_cannot_know_and_stop_as_soon_as_that_is_clear() -> None:
    found = judged(3, 0.0)
    assert found.verdict == "uninformative"
    assert found.detected.of < 20
    assert found.detected.of - found.detected.found > 4
    assert f"in only {found.detected}" in found.reason


def test_edges_that_are_not_there_are_found_as_often_as_the_standard_says() -> None:
    found = judged(30, 0.0, Standard(simulations=400))
    assert found.false_alarms.of == 400
    assert found.false_alarms.share == pytest.approx(0.05, abs=0.033)


def test_power_is_that_of_the_z_test() -> None:
    """With unit noise and slope 1 the chance of |z| > 1.96 at n = 9, averaged over the spread of the cause."""
    found = judged(9, 0.0, Standard(simulations=400, power=0.0))
    spread = np.sqrt(np.random.default_rng(0).chisquare(9, 100_000))
    exact = (norm.sf(1.96 - spread) + norm.cdf(-1.96 - spread)).mean()
    assert found.detected.of == 400
    assert found.power == pytest.approx(exact, abs=0.07)


@pytest.mark.parametrize(
    ("found", "detected", "false_alarms", "verdict"),
    [
        (False, 16, 0, "holds"),
        (False, 15, 0, "uninformative"),
        (True, 0, 2, "fails"),
        (True, 20, 3, "uninformative"),
    ],
)
def test_a_test_counts_only_as_far_as_it_can_tell(found: bool, detected: int, false_alarms: int, verdict: str) -> None:
    assert judge_counts(found, Count(detected, 20), Count(false_alarms, 20), Standard())[0] == verdict
