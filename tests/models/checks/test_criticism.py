"""Model criticism finds what is planted, stays quiet about data of the theory's own making, and says when it cannot tell."""

from collections import Counter
from collections.abc import Sequence

import numpy as np
import pytest
from scipy import stats

from data.cases import Observation
from data.codebook import Codebook, Indicator
from models.blueprint import Blueprint, draw_blueprint
from models.checks.criticism import Check, concordance, criticise, replicate, tail_probability
from models.simulation.rebuild import Theta, prior_theta
from models.simulation.simulate import reread, simulate_rows
from tests.models.small import COMPLETE, RATING, periods, pinned, theory
from tests.models.worlds import codebook, observations, row, units
from tests.models.worlds import theory as mixed

UNITS = periods("abcdefghij", 3)
NAMES = ("good", "bad")
BOOK = Codebook(
    {"rating": RATING},
    {
        "good": Indicator("good", "y", "ordinal", "rating"),
        "bad": Indicator("bad", "y", "ordinal", "rating", reversed=True),
    },
)
DRAWS = 400


def study(levels: Sequence[Sequence[int]], count: int = len(UNITS)) -> Blueprint:
    """One construct with an indicator and a reversed one, rated as given."""
    chosen = list(UNITS)[:count]
    rows = [
        row(f"{u}.{n}", u, n, [level])
        for n, given in zip(NAMES, levels, strict=True)
        for u, level in zip(chosen, given, strict=True)
    ]
    return draw_blueprint(theory(constructs=["y"], model=COMPLETE), BOOK, {u: UNITS[u] for u in chosen}, rows)


def checks(blue: Blueprint, theta: Theta | None = None, seed: int = 1) -> dict[tuple[str, str, str], Check]:
    theta = pinned(blue, {}, DRAWS) if theta is None else theta
    found = criticise(blue, UNITS, theta, np.random.default_rng(seed))
    return {(c.what, c.subject, c.other): c for c in found}


def pinned_strong(blue: Blueprint) -> Theta:
    theta = pinned(blue, {}, DRAWS)
    theta["loading"] = theta["loading"] * 3.0
    return theta


def alternating(count: int) -> list[int]:
    return [(0, 1, 2)[i % 3] for i in range(count)]


def test_indicators_that_move_against_their_theory_are_unusual() -> None:
    y = alternating(len(UNITS))
    against = checks(blue := study([y, y]), pinned_strong(blue))["association", "good", "bad"]
    rng = np.random.default_rng(4)
    truth = {name: draws[:1] for name, draws in pinned_strong(blue).items()}
    truth["disturbance"] = rng.normal(size=truth["disturbance"].shape)
    own = simulate_rows(blue, truth, rng)
    along = checks(reread(blue, UNITS, own), pinned_strong(blue))["association", "good", "bad"]
    assert against.verdict == "unusual"
    assert against.observed < 0 < against.low  # the reversed one is turned round
    assert along.verdict == "as expected"


def test_a_level_that_is_never_used_is_unusual_when_there_are_rows_enough() -> None:
    y = [(0, 2)[i % 2] for i in range(len(UNITS))]
    found = checks(study([y, [2 - v for v in y]]))
    assert found["level", "good", "Medium"].verdict == "unusual"
    assert found["level", "good", "Medium"].observed == 0


def test_three_readings_cannot_tell() -> None:
    found = checks(study([[0, 0, 0], [2, 2, 2]], 3))
    assert {c.verdict for c in found.values() if c.what == "level"} == {"cannot tell"}


def test_a_case_rated_unlike_the_others_is_unusual_and_reversed_indicators_count_the_other_way() -> None:
    good, bad = [1] * len(UNITS), [1] * len(UNITS)
    good[:3], bad[:3] = [2] * 3, [0] * 3  # high on both, the second being reversed
    blue = study([good, bad])
    theta = pinned(blue, {}, DRAWS)
    theta["loading"] = theta["loading"] * 0.1
    theta["category_3"] = np.tile([0.05, 0.9, 0.05], (DRAWS, 1, 1))
    found = checks(blue, theta)
    assert found["case", "a", ""].observed == 1
    assert found["case", "a", ""].verdict == "unusual"
    assert found["case", "b", ""].verdict == "as expected"


def test_false_alarms_come_no_more_often_than_stated() -> None:
    rng = np.random.default_rng(9)
    first = draw_blueprint(mixed(), codebook(), units(), observations())
    verdicts: Counter[str] = Counter()
    for _ in range(25):
        truth = prior_theta(first, 1, rng)
        blue = reread(first, units(), simulate_rows(first, truth, rng))
        theta = {name: np.repeat(value, DRAWS, axis=0) for name, value in truth.items()}
        verdicts += Counter(c.verdict for c in criticise(blue, units(), theta, rng))
    told = verdicts["unusual"] + verdicts["as expected"]
    assert told > 500
    assert 0 < verdicts["unusual"] / told < 0.015


def test_replicated_readings_are_as_frequent_as_the_pinned_theory_has_it() -> None:
    blue = study([alternating(30), alternating(30)])
    theta = pinned(blue, {}, 4000)
    theta["loading"] = np.zeros_like(theta["loading"])
    readings = replicate(blue, theta, np.random.default_rng(2))
    assert readings is not None
    # with no loading a rating has its category probabilities, stretched cutpoints aside, and confidence .9 mixes in 1/3
    cut = blue.data["cut_stretch_3"][0] * np.log(2)
    chance = 0.9 * stats.logistic.cdf(-cut) + 0.1 / 3
    np.testing.assert_allclose(readings.replicated[:, :, 0].mean(axis=0), chance, atol=0.03)


def test_ranges_share_themselves_among_their_levels() -> None:
    blue = draw_blueprint(mixed(), codebook(), units(), observations())
    readings = replicate(blue, prior_theta(blue, 50, np.random.default_rng(3)), np.random.default_rng(4))
    assert readings is not None
    np.testing.assert_allclose(readings.observed.sum(axis=-1), 1)
    np.testing.assert_allclose(readings.replicated.sum(axis=-1), 1)
    wide = next(i for i, r in enumerate(readings.rows) if len(r.levels) == 2)
    assert sorted(readings.observed[wide])[-2:] == [0.5, 0.5]


def test_a_study_without_ratings_has_nothing_to_criticise() -> None:
    book = Codebook({}, {"p": Indicator("p", "y", "continuous")})
    rows: list[Observation] = [row(f"{u}.p", u, "p", value=float(i)) for i, u in enumerate(UNITS)]
    blue = draw_blueprint(theory(constructs=["y"]), book, UNITS, rows)
    assert criticise(blue, UNITS, prior_theta(blue, 10, np.random.default_rng(0)), np.random.default_rng(1)) == []


def test_concordance_is_kendall_s_tau_where_nothing_ties() -> None:
    x, y = np.random.default_rng(5).normal(size=(2, 12))
    assert concordance(x, y) == pytest.approx(stats.kendalltau(x, y).statistic)


def test_the_tail_counts_what_lies_as_far_out_on_either_side() -> None:
    copies = np.arange(99.0)
    assert tail_probability(-1.0, copies) == pytest.approx(0.02)
    assert tail_probability(98.0, copies) == pytest.approx(0.04)
    assert tail_probability(49.0, copies) == 1.0
