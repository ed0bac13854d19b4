"""Effects in a named case by abduction, and those of measured columns, with the posterior pinned to one point."""

from collections.abc import Mapping
from math import sqrt

import numpy as np
import pytest

from causal.query import CaseCounterfactual, DirectEffect, Effect, Query
from causal.theory import Construct, Edge
from data.cases import Unit
from data.codebook import Codebook, Indicator
from models.blueprint import Blueprint, draw_blueprint
from models.effects.abduction import CannotAnswer
from models.effects.interventions import Laboratory, open_laboratory, standardised
from tests.models.small import blueprint, inside, periods, pinned, theory
from tests.models.worlds import row

MODERATED = theory(Edge("m", "x"), Edge("m", "y"), Edge("x", "y", moderator="m"))


def one(lab: Laboratory, query: Query) -> float:
    (draws,) = standardised(lab, query)
    return float(draws.item())


# one case, by abduction


def own_case(slopes: Mapping[str, float], disturbances: Mapping[str, float], units: dict[str, Unit]) -> Laboratory:
    """x -> m -> y and x -> y, with the named nodes' own disturbances pinned."""
    blue = blueprint(theory(Edge("x", "m"), Edge("m", "y"), Edge("x", "y")), units)
    theta = pinned(blue, slopes)
    for node, value in disturbances.items():
        theta["disturbance"][:, list(blue.coords["node"]).index(node)] = value
    return open_laboratory(blue, units, theta, np.random.default_rng(1))


SLOPES = {"x->m": 2.0, "m->y": 0.5, "x->y": -0.25}
OWN = {"a1:x": 0.3, "a2:x": 1.1, "a2:m": 0.4, "a2:y": -0.7, "b2:x": 9.0}
SD_Y = sqrt(0.75**2 + 0.5**2 + 1)


def test_had_the_cause_stayed_as_it_was_the_outcome_would_have_been_less_by_its_total_effect() -> None:
    lab = own_case(SLOPES, OWN, periods("ab", 2))
    found = one(lab, CaseCounterfactual("a", "x", "y"))
    assert found == pytest.approx((2.0 * 0.5 - 0.25) * (1.1 - 0.3) / SD_Y)


def test_had_the_cause_been_low_every_period_s_score_is_set_low() -> None:
    lab = own_case(SLOPES, OWN, periods("ab", 2))
    found = one(lab, CaseCounterfactual("a", "x", "y", "low"))
    assert found == pytest.approx((2.0 * 0.5 - 0.25) * (1.1 - -1.0) / SD_Y)


def test_the_last_period_is_the_latest_however_the_units_are_listed() -> None:
    for order in (1, -1):
        units = dict(list(periods("a", 3).items())[::order])
        lab = own_case(SLOPES, {"a1:x": 5.0, "a2:x": 1.0, "a3:x": 4.0}, units)
        assert one(lab, CaseCounterfactual("a", "x", "y")) == pytest.approx(0.75 * (4.0 - 1.0) / SD_Y)


def test_in_a_linear_world_the_effect_in_one_case_is_that_in_any() -> None:
    lab = own_case(SLOPES, OWN, periods("ab", 2))
    for case in ("a", "b", "a1"):
        assert one(lab, Effect("x", "y", case=case)) == pytest.approx(one(lab, Effect("x", "y")))
        assert one(lab, DirectEffect("x", "y", case=case)) == pytest.approx(one(lab, DirectEffect("x", "y")))


def test_in_a_moderated_world_the_effect_in_one_case_is_that_at_its_own_moderator() -> None:
    units = periods("a", 1)
    blue = blueprint(MODERATED, units)
    theta = pinned(blue, {"x->y": 0.5, "x*m->y": 0.25})
    theta["disturbance"][:, list(blue.coords["node"]).index("a1:m")] = 3.0
    lab = open_laboratory(blue, units, theta, np.random.default_rng(1))
    ratio = (lab.case.sd("x") / lab.case.sd("y")).item()
    assert one(lab, Effect("x", "y", case="a")) == pytest.approx((0.5 + 0.25 * 3.0) * ratio)
    assert one(lab, Effect("x", "y", (("m", "low"),), case="a")) == pytest.approx((0.5 - 0.25) * ratio)


def test_a_first_period_has_no_earlier_one_to_have_stayed_as() -> None:
    lab = own_case(SLOPES, {}, periods("ab", 1))
    with pytest.raises(CannotAnswer, match="no previous period; name a level"):
        standardised(lab, CaseCounterfactual("a", "x", "y"))


def test_a_case_without_scores_of_the_cause_cannot_be_asked() -> None:
    world = theory(Edge("x", "y"), constructs=[Construct("x", units=("firm",)), Construct("y", units=("firm",))])
    units = inside(periods("ab"), "firm", ["a1"])
    book = Codebook({}, {"s": Indicator("s", "y", "binary"), "t": Indicator("t", "x", "binary")})
    blue = draw_blueprint(world, book, units, [row(k, "a1.firm0", k, value=1.0) for k in "st"])
    lab = open_laboratory(blue, units, pinned(blue, {"x->y": 1.0}), np.random.default_rng(1))
    with pytest.raises(CannotAnswer, match="b has no score for x"):
        standardised(lab, Effect("x", "y", case="b"))


# measured columns


def measured(values: Mapping[str, tuple[float | None, ...]]) -> tuple[Blueprint, dict[str, Unit]]:
    """x -> m -> y, each a measured column over the periods of one case; None where nothing was measured."""
    names = tuple(values)
    constructs = [Construct(name, kind="observed") for name in names]
    units = periods("a", max(map(len, values.values())))
    book = Codebook({}, {f"{n}_column": Indicator(f"{n}_column", n, "continuous") for n in names})
    rows = [
        row(f"{n}{t}", f"a{t}", f"{n}_column", value=v, confidence=1.0)
        for n, column in values.items()
        for t, v in enumerate(column, 1)
        if v is not None
    ]
    return draw_blueprint(theory(Edge("x", "m"), Edge("m", "y"), constructs=constructs), book, units, rows), units


COLUMNS = {"x": (-1.0, 1.0), "m": (1.0, -1.0), "y": (-1.0, 1.0)}  # already standardised


def test_in_one_case_a_measured_mediator_and_outcome_follow_when_their_causes_are_set() -> None:
    blue, units = measured(COLUMNS)
    lab = open_laboratory(blue, units, pinned(blue, {"x->m": 2.0, "m->y": 0.5}), np.random.default_rng(1))
    sd_y = lab.case.sd("y").item()
    assert one(lab, CaseCounterfactual("a", "x", "y")) == pytest.approx(2.0 * 0.5 * (1.0 - -1.0) / sd_y)
    assert one(lab, Effect("x", "y", case="a")) == pytest.approx(one(lab, Effect("x", "y")))


def test_what_was_measured_in_a_case_is_what_the_case_s_actual_world_shows() -> None:
    blue, units = measured(COLUMNS)
    lab = open_laboratory(blue, units, pinned(blue, {"x->m": 2.0, "m->y": 0.5}), np.random.default_rng(1))
    z = lab.own.actual
    for n, node in enumerate(blue.structure.nodes):
        assert z[n].item() == pytest.approx(COLUMNS[node.construct][int(node.unit[1:]) - 1])


def test_a_measured_column_varies_by_its_residual_and_not_by_a_latent_score_s_unit() -> None:
    blue, units = measured(COLUMNS)
    theta = pinned(blue, {"x->m": 0.8, "m->y": 0.5})
    theta["residual_sd"][:] = [0.5, 0.6, 0.7]
    lab = open_laboratory(blue, units, theta, np.random.default_rng(1))
    var_m = 0.8**2 * 0.5**2 + 0.6**2
    assert lab.case.sd("x").item() == pytest.approx(0.5, abs=1e-9)
    assert lab.case.sd("m").item() == pytest.approx(sqrt(var_m), abs=1e-9)
    assert lab.case.sd("y").item() == pytest.approx(sqrt(0.5**2 * var_m + 0.7**2), abs=1e-9)
