"""Direct and indirect effects against closed forms: with interaction, and where an outcome carries over to its next period."""

from math import sqrt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from causal.query import DirectEffect, Effect, NaturalEffect, Query
from causal.theory import Edge
from models.effects.answers import kind_of, queries
from models.effects.interventions import Laboratory, standardised
from tests.models.small import laboratory, periods, theory

SLOPE = st.floats(-2, 2)


def one(lab: Laboratory, query: Query) -> float:
    (draws,) = standardised(lab, query)
    return float(draws.item())


def natural(theory_edges: list[Edge]) -> set[tuple[str, str, str]]:
    return {(kind_of(q), q.cause, q.effect) for q in queries(theory(*theory_edges)) if isinstance(q, NaturalEffect)}


def test_natural_effects_are_asked_where_something_mediates() -> None:
    assert natural([Edge("x", "m"), Edge("m", "y"), Edge("x", "y")]) == {
        ("natural direct", "x", "y"),
        ("natural indirect", "x", "y"),
    }
    assert natural([Edge("x", "m"), Edge("m", "y")]) == {("natural indirect", "x", "y")}
    assert natural([Edge("x", "y"), Edge("m", "y")]) == set()


def test_a_way_back_through_the_cause_is_no_mediation() -> None:
    assert ("natural indirect", "x", "y") not in natural([Edge("x", "y"), Edge("x", "m"), Edge("m", "x", lag=1)])


@given(a=SLOPE, b=SLOPE, c=SLOPE, g=SLOPE)
def test_with_interaction_they_are_pearl_s_and_differ_from_the_total_by_the_mediated_interaction(
    a: float, b: float, c: float, g: float
) -> None:
    """m = a x + e, y = b x + c m + g x m + e, x moved by one sd (1) from -1/2 to 1/2 (Pearl 2001, equations 14 and 17)."""
    world = theory(Edge("x", "m"), Edge("m", "y"), Edge("x", "y", moderator="m"))
    lab = laboratory(world, periods("a"), {"x->m": a, "m->y": c, "x->y": b, "x*m->y": g})
    sd = lab.case.sd("y").item()
    direct, indirect = (one(lab, NaturalEffect(kind, "x", "y")) * sd for kind in ("direct", "indirect"))  # type: ignore[arg-type]
    assert direct == pytest.approx(b - g * a / 2, abs=1e-8)
    assert indirect == pytest.approx((c - g / 2) * a, abs=1e-8)
    assert one(lab, Effect("x", "y")) * sd == pytest.approx(direct + indirect + g * a, abs=1e-8)


@given(b=SLOPE, rho=st.floats(-0.9, 0.9), count=st.integers(2, 5))
def test_a_direct_effect_is_that_of_one_period_and_what_the_outcome_carries_over_is_indirect(
    b: float, rho: float, count: int
) -> None:
    """y[t] = b x[t] + rho y[t - 1] + e: direct b, total b (1 + rho + ... ), counted in sds of the last period."""
    lab = laboratory(theory(Edge("x", "y"), Edge("y", "y", lag=1)), periods("a", count), {"x->y": b, "y[-1]->y": rho})
    variance = 1.0
    for _ in range(count):
        variance = rho**2 * variance + b**2 + 1
    built_up = sum(rho**k for k in range(count))
    assert one(lab, DirectEffect("x", "y")) == pytest.approx(b / sqrt(variance), abs=1e-9)
    assert one(lab, Effect("x", "y")) == pytest.approx(b * built_up / sqrt(variance), abs=1e-9)
    assert one(lab, NaturalEffect("direct", "x", "y")) == pytest.approx(b / sqrt(variance), abs=1e-9)
    assert one(lab, NaturalEffect("indirect", "x", "y")) == pytest.approx(b * (built_up - 1) / sqrt(variance), abs=1e-9)


def test_a_lagged_cause_has_the_direct_effect_of_its_edge() -> None:
    edges = (Edge("x", "y", lag=1), Edge("x", "m"), Edge("m", "y"), Edge("y", "y", lag=1))
    slopes = {"x[-1]->y": 0.7, "x->m": 2.0, "m->y": -1.0, "y[-1]->y": 0.5}
    lab = laboratory(theory(*edges), periods("a", 4), slopes)
    scale = lab.case.sd("x").item() / lab.case.sd("y").item()
    assert one(lab, DirectEffect("x", "y")) == pytest.approx(0.7 * scale, abs=1e-9)


def test_in_a_named_case_too_the_outcome_s_past_stays_as_it_was() -> None:
    world = theory(Edge("x", "y"), Edge("y", "y", lag=1))
    lab = laboratory(world, periods("ab", 3), {"x->y": 0.8, "y[-1]->y": 0.5})
    scale = lab.case.sd("x").item() / lab.case.sd("y").item()
    assert one(lab, DirectEffect("x", "y", (), "a")) == pytest.approx(0.8 * scale, abs=1e-9)
    assert one(lab, Effect("x", "y", (), "a")) == pytest.approx(0.8 * 1.75 * scale, abs=1e-9)
