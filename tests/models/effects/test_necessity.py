"""Necessity and sufficiency in one case, against Pearl's formulas under monotonicity and against brute-force counterfactuals."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy.special import expit
from scipy.stats import norm

from causal.query import CaseCounterfactual
from causal.theory import Edge
from data.cases import Observation
from data.codebook import Codebook, Indicator
from models.blueprint import draw_blueprint
from models.effects.abduction import CannotAnswer, OwnUnits
from models.effects.interventions import open_laboratory
from models.effects.necessity import attribution, rating_of
from tests.models.small import RATING, periods, pinned, theory
from tests.models.worlds import row

type Floats = NDArray[np.float64]

UNITS = periods("a")
SAMPLES = 2000
NORMAL = norm.ppf((np.arange(SAMPLES) + 0.5) / SAMPLES)
"""The disturbance of y at every draw: its prior, which is its posterior when rows say nothing of it."""


def opened(found: Observation, slope: float, x: float, is_reversed: bool = False) -> OwnUnits:
    """x -> y in one unit, x pinned, y rated by one row."""
    binary = Indicator("r", "y", "binary", reversed=is_reversed)
    ordinal = Indicator("r", "y", "ordinal", "rating", reversed=is_reversed)
    book = Codebook({"rating": RATING}, {"r": ordinal if found.levels else binary})
    blue = draw_blueprint(theory(Edge("x", "y", "+")), book, UNITS, [found])
    theta = pinned(blue, {}, SAMPLES)
    theta["signed_slope" if "signed_slope" in theta else "slope"][:] = slope
    theta["loading"][:] = 1.7
    nodes = list(blue.coords["node"])
    theta["disturbance"][:, nodes.index("a1:x")], theta["disturbance"][:, nodes.index("a1:y")] = x, NORMAL
    return open_laboratory(blue, UNITS, theta, np.random.default_rng(1)).own


def asked(level: str = "low") -> CaseCounterfactual:
    return CaseCounterfactual("a", "x", "y", level)  # type: ignore[arg-type]


def chance_of_yes(x: float, slope: float) -> float:
    return float(expit(1.7 * (slope * x + NORMAL)).mean())


SAYS_NOTHING = row("r", "a1", "r", value=1.0, confidence=1e-9)


@given(slope=st.floats(0.1, 3), x=st.floats(-0.9, 2))
def test_necessity_under_monotonicity_is_the_excess_risk_ratio(slope: float, x: float) -> None:
    """Pearl (1999), theorem on exogeneity and monotonicity: PN = [P(y | x) - P(y | x')] / P(y | x), x' the low cause."""
    found = attribution(opened(SAYS_NOTHING, slope, x), asked())
    factual, low = chance_of_yes(x, slope), chance_of_yes(-1.0, slope)
    assert found.necessity is not None
    assert found.necessity.given == pytest.approx(factual, abs=1e-6)
    assert found.necessity.chance == pytest.approx((factual - low) / factual, abs=1e-6)


@given(slope=st.floats(0.1, 3), x=st.floats(-2, 0.9))
def test_sufficiency_under_monotonicity_is_the_share_of_the_unmoved_that_move(slope: float, x: float) -> None:
    """The same theorem: PS = [P(y | x) - P(y | x')] / P(not y | x'), x' what the cause was."""
    found = attribution(opened(replace(SAYS_NOTHING, value=0.0), slope, x), asked())
    factual, high = chance_of_yes(x, slope), chance_of_yes(1.0, slope)
    assert found.necessity is None
    assert found.sufficiency is not None
    assert found.sufficiency.chance == pytest.approx((high - factual) / (1 - factual), abs=1e-6)


@pytest.mark.parametrize("is_reversed", [False, True])
@pytest.mark.parametrize("slope", [1.2, -1.2])
def test_three_levels_and_a_doubtful_reading_agree_with_brute_force(slope: float, is_reversed: bool) -> None:
    """Ratings drawn with their disturbance, kept as often as the row would read them so, moved with the cause, counted."""
    own = opened(row("r", "a1", "r", [1], confidence=0.8), slope, 0.5, is_reversed)
    found, rating = attribution(own, asked()), rating_of(own, "a1", "y")
    rng, turn = np.random.default_rng(2), -1.0 if is_reversed else 1.0
    score = np.repeat(slope * 0.5 + NORMAL, 400)
    disturbance = rng.logistic(size=len(score))
    cuts = turn * rating.cuts[0][:: int(turn)]  # as the indicator has them, not turned round

    def level(of: Floats) -> Floats:
        read = (turn * 1.7 * of + disturbance)[:, None] > cuts
        return read.sum(axis=1) if turn > 0 else 2 - read.sum(axis=1)

    true = level(score)
    chance = np.where(true == 1, 0.8 + 0.2 / 3, 0.2 / 3)
    # every draw counts alike: its rows are already in the posterior
    share = np.repeat(chance.reshape(SAMPLES, 400).mean(axis=1), 400)
    weight = chance / share
    below, above = level(score + slope * -1.5), level(score + slope * 0.5)
    assert found.necessity is not None
    assert found.sufficiency is not None
    assert found.read == "Medium"
    at_least, short = weight * (true >= 1), weight * (true < 2)
    assert found.necessity.given == pytest.approx(at_least.mean(), abs=0.005)
    assert found.necessity.chance == pytest.approx((at_least * (below < 1)).sum() / at_least.sum(), abs=0.005)
    assert found.sufficiency.level == ("Low" if is_reversed else "High")
    assert found.sufficiency.chance == pytest.approx((short * (above >= 2)).sum() / short.sum(), abs=0.005)


def test_a_cause_without_effect_is_neither_necessary_nor_sufficient() -> None:
    found = attribution(opened(row("r", "a1", "r", [1]), 0.0, 0.5), asked())
    assert found.necessity is not None
    assert found.sufficiency is not None
    assert found.necessity.chance == pytest.approx(0.0, abs=1e-12)
    assert found.sufficiency.chance == pytest.approx(0.0, abs=1e-12)


def test_the_best_level_leaves_nothing_to_reach_and_asking_for_a_high_cause_compares_with_a_low_one() -> None:
    found = attribution(opened(row("r", "a1", "r", [2]), 1.0, 0.5), asked("high"))
    assert found.sufficiency is None
    assert found.query == asked("low")
    assert found.necessity is not None
    assert found.necessity.level == "High"


def test_a_unit_that_nobody_rated_has_no_level_to_lose() -> None:
    own = opened(row("r", "a1", "r", [1]), 1.0, 0.5)
    with pytest.raises(CannotAnswer, match="no row rates x on a1"):
        rating_of(own, "a1", "x")
