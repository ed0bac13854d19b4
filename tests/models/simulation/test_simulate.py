"""Simulated readings come as often as the likelihood says they do."""

from collections import Counter
from itertools import pairwise

import numpy as np
import pytest
from scipy.special import expit

from causal.theory import Edge
from data.codebook import Codebook, Family, Indicator, Scale
from models.blueprint import Blueprint, draw_blueprint
from models.simulation.forward import true_values
from models.simulation.rebuild import log_likelihood, prior_theta, rebuild
from models.simulation.simulate import reread, simulate_rows
from tests.models.columns import Value, observed, single_units, table
from tests.models.small import periods, pinned, theory
from tests.models.worlds import codebook, observations, row, units
from tests.models.worlds import theory as mixed

DRAWS = 6000
FIVE = Scale("five", tuple("abcde"))


def _one(family: str, **of_row: object) -> Blueprint:
    """One construct read once."""
    scale = "five" if family == "ordinal" else None
    book = Codebook({"five": FIVE}, {"y": Indicator("y", "y", family, scale)})  # type: ignore[arg-type]
    return draw_blueprint(theory(constructs=["y"]), book, periods(), [row("o", "a1", "y", **of_row)])  # type: ignore[arg-type]


def _shown(blue: Blueprint, theta: dict[str, np.ndarray]) -> Counter[object]:
    rng = np.random.default_rng(3)
    rows = (simulate_rows(blue, theta, rng)[0] for _ in range(DRAWS))
    return Counter(r.levels or r.value for r in rows)


def _chance(blue: Blueprint, theta: dict[str, np.ndarray], **read: object) -> float:
    """What the likelihood gives a reading."""
    family = blue.blocks[0].family
    again = reread(blue, periods(), [row("o", "a1", "y", **read)])  # type: ignore[arg-type]
    return float(np.exp(log_likelihood(again, theta, rebuild(again, theta).cells)[family][0, 0]))


def test_levels_are_shown_as_often_as_their_likelihood() -> None:
    blue = _one("ordinal", levels=[2], confidence=0.7)
    theta = prior_theta(blue, 1, np.random.default_rng(5))
    shown = _shown(blue, theta)
    chances = [_chance(blue, theta, levels=[k], confidence=0.7) for k in range(5)]
    assert sum(chances) == pytest.approx(1)
    for k, chance in enumerate(chances):
        assert shown[(k,)] / DRAWS == pytest.approx(chance, abs=4 * np.sqrt(chance / DRAWS))


def test_ranges_are_shown_as_often_as_their_likelihood_given_where_the_scale_was_cut() -> None:
    blue = _one("ordinal", levels=[1, 2], confidence=0.7)
    theta = prior_theta(blue, 1, np.random.default_rng(6))
    shown = _shown(blue, theta)
    cuts = [(0, 2, 4, 5), (0, 1, 3, 5)]  # two ways to cut five levels into windows of two, chosen with even chances
    for cut in cuts:
        for window in (tuple(range(a, b)) for a, b in pairwise(cut)):
            chance = 0.5 * _chance(blue, theta, levels=window, confidence=0.7)
            assert shown[window] / DRAWS == pytest.approx(chance, abs=4 * np.sqrt(chance / DRAWS))


@pytest.mark.parametrize(("family", "start"), [("binary", {"value": 1.0}), ("binomial", {"value": 3.0, "n": 5})])
def test_whole_numbers_are_shown_as_often_as_their_likelihood(family: str, start: dict[str, float]) -> None:
    blue = _one(family, **start, confidence=0.8)
    theta = prior_theta(blue, 1, np.random.default_rng(7))
    shown = _shown(blue, theta)
    chances = {
        v: _chance(blue, theta, **start | {"value": float(v)}, confidence=0.8) for v in range(6 if "n" in start else 2)
    }
    assert sum(chances.values()) == pytest.approx(1)
    for v, chance in chances.items():
        assert shown[float(v)] / DRAWS == pytest.approx(chance, abs=4 * np.sqrt(chance / DRAWS))


def test_counts_are_shown_as_often_as_their_likelihood() -> None:
    blue = _one("count", value=3.0, confidence=0.8)
    theta = prior_theta(blue, 1, np.random.default_rng(8))
    shown = _shown(blue, theta)
    for v in range(8):
        chance = _chance(blue, theta, value=float(v), confidence=0.8)
        assert shown[float(v)] / DRAWS == pytest.approx(chance, abs=4 * np.sqrt(chance / DRAWS))


def test_rows_reread_as_coded_give_the_blueprint_they_came_from() -> None:
    rows = observations()
    blue = draw_blueprint(mixed(), codebook(), units(), rows)
    again = reread(blue, units(), rows)
    assert again.data.keys() == blue.data.keys()
    for name, value in blue.data.items():
        np.testing.assert_array_equal(again.data[name], value)


def test_what_a_row_is_about_and_how_sure_it_is_stays_as_coded() -> None:
    rows = observations()
    blue = draw_blueprint(mixed(), codebook(), units(), rows)
    simulated = simulate_rows(blue, prior_theta(blue, 1, np.random.default_rng(1)), np.random.default_rng(2))
    kept = ("name", "unit", "indicator", "confidence", "evidence_group", "coder")
    assert sorted(tuple(getattr(r, k) for k in kept) for r in simulated) == sorted(
        tuple(getattr(r, k) for k in kept) for r in rows
    )
    reread(blue, units(), simulated)


def test_rows_of_other_cells_are_refused() -> None:
    blue = _one("ordinal", levels=[2])
    with pytest.raises(ValueError, match="other cells"):
        reread(blue, periods(count=2), [row("o", "a2", "y", levels=[2])])


@pytest.mark.parametrize("family", ["binary", "ordinal", "binomial", "count", "continuous"])
def test_a_simulated_observed_cause_moves_its_simulated_effect(family: Family) -> None:
    """The value drawn for x, not the one that was read, enters y: their simulated correlation is that of the model."""
    values: dict[str, tuple[Value, ...]] = {
        "binary": (1.0, 0.0), "ordinal": (0.0, 3.0), "binomial": ((3, 9), (5, 9)), "count": (3.0, 9.0), "continuous": (1.0, 2.0),
    }  # fmt: skip
    blue, _ = table(observed(Edge("x", "y")), {"x": family, "y": "binary"}, {"x": values[family], "y": (1.0, 0.0)})
    theta = pinned(blue, {"x->y": 4.0}, samples=4000)
    drawn = true_values(blue, theta, np.random.default_rng(1))
    block = "ordinal" if family == "binary" else family
    x = drawn[block][
        :, next(b for b in blue.blocks if b.family == block).keys.index((next(iter(single_units(2))), "x"))
    ]
    y = drawn["ordinal"][
        :, next(b for b in blue.blocks if b.family == "ordinal").keys.index((next(iter(single_units(2))), "y"))
    ]
    x = x / 9 if family == "binomial" else x
    score = blue.columns["x"].score(x)
    for low, high in ((-9.0, -0.3), (0.3, 9.0)):
        some = (score > low) & (score < high)
        if some.sum() > 300:
            assert y[some].mean() == pytest.approx(expit(4.0 * score[some]).mean(), abs=0.05)
    assert np.corrcoef(x, y)[0, 1] > 0.4
