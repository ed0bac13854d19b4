"""An implied independence is judged by the posterior of the edge it forbids, in a world whose posterior is known exactly."""

import numpy as np
import pytest
from numpy.typing import NDArray

from causal.implications import Independence
from causal.independences import JudgedIndependence, Standard, judge_counts, judge_independence

type Floats = NDArray[np.float64]

PAIR = Independence("a", "b")
PRIOR_PRECISION = 1 / 10**2


def refit(independence: Independence, data: Floats, seed: int) -> Floats:
    """Posterior of the slope of b on a under a wide normal prior and unit noise: conjugate."""
    a, b = data
    precision = PRIOR_PRECISION + a @ a
    return np.random.default_rng(seed).normal(a @ b / precision, 1 / np.sqrt(precision), 4000)


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
    assert (found.verdict, found.detected) == ("holds", 20)
    assert found.low < 0 < found.high
    assert found.forbidden == "a->b"


def test_many_units_and_an_edge_fail() -> None:
    found = judged(60, 0.8)
    assert found.verdict == "fails"
    assert found.mean == pytest.approx(0.8, abs=0.4)
    assert found.prob_positive > 0.975


def test_few_units_say_that_they_cannot_know() -> None:
    found = judged(3, 0.0)
    assert found.verdict == "uninformative"
    assert found.power < 0.8
    assert f"in only {found.detected} of 20" in found.reason


def test_edges_that_are_not_there_are_found_as_often_as_the_standard_says() -> None:
    found = judged(30, 0.0, Standard(simulations=400))
    assert found.false_alarms / 400 == pytest.approx(0.05, abs=0.033)


def test_power_is_that_of_the_z_test() -> None:
    """With a's spread about 1, P(|z| > 1.96) at n = 9 and slope 1 is E over a of the normal tail beyond 1.96."""
    found = judged(9, 0.0, Standard(simulations=400))
    spread = np.sqrt(np.random.default_rng(0).chisquare(9, 100_000))
    from scipy.stats import norm

    exact = (norm.sf(1.96 - spread) + norm.cdf(-1.96 - spread)).mean()
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
    assert judge_counts(found, detected, false_alarms, Standard())[0] == verdict
