"""Robustness to an unmeasured common cause: closed forms of linear-Gaussian worlds, and published numbers."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from causal.sensitivity.confounding import (
    as_strong_as,
    bias,
    partial,
    partial_r2,
    robustness_value,
    slope_on_cause,
    slope_on_outcome,
    tipping,
)

strengths = st.floats(-2.0, 2.0).filter(lambda x: abs(x) > 0.05)
D, Y, X, U = 0, 1, 2, 3


def world(x_d: float, x_y: float, d_y: float, u_d: float, u_y: float) -> np.ndarray:
    """Covariance of D, Y, X, U:  D = x_d X + u_d U + e,  Y = d_y D + x_y X + u_y U + e, all disturbances of variance 1."""
    weights = np.zeros((4, 4))
    weights[D, X], weights[D, U], weights[Y, D], weights[Y, X], weights[Y, U] = x_d, u_d, d_y, x_y, u_y
    total = np.linalg.inv(np.eye(4) - weights)
    return total @ total.T


@given(strengths, strengths, strengths, strengths, strengths)
def test_the_bias_is_the_slope_without_the_common_cause_minus_the_true_one(
    x_d: float, x_y: float, d_y: float, u_d: float, u_y: float
) -> None:
    cov = world(x_d, x_y, d_y, u_d, u_y)
    short = partial(cov, D, Y, [X])
    size = bias(short.spread, partial_r2(cov, D, U, [X]), partial_r2(cov, Y, U, [X, D]))
    assert float(size) == pytest.approx(abs(float(short.slope) - d_y), rel=1e-8, abs=1e-10)
    assert float(short.slope) - d_y == pytest.approx(u_d * u_y / (1 + u_d**2))


@given(strengths, strengths, strengths)
def test_a_common_cause_as_strong_as_the_robustness_value_takes_the_whole_slope(
    x_d: float, x_y: float, d_y: float
) -> None:
    fit = partial(world(x_d, x_y, d_y, 0.0, 0.0), D, Y, [X])
    f = abs(d_y)  # disturbances of variance 1 on both sides
    closed = (np.sqrt(f**4 + 4 * f**2) - f**2) / 2
    value = robustness_value(fit.f)
    assert float(value) == pytest.approx(closed, rel=1e-9)
    assert float(bias(fit.spread, value, value)) == pytest.approx(abs(d_y), rel=1e-9)
    assert float(bias(fit.spread, 0.9 * value, 0.9 * value)) < abs(d_y)


def test_the_darfur_example_has_its_published_robustness_value() -> None:
    """Cinelli and Hazlett (2020), table 1: directly harmed on peace factor, t = 4.18 with 783 degrees of freedom, RV = 13.9 %."""
    assert float(robustness_value(4.184 / np.sqrt(783))) == pytest.approx(0.139, abs=5e-4)


@given(strengths, strengths, strengths)
def test_the_bound_from_an_observed_cause_holds_for_its_unseen_twin(x_d: float, x_y: float, d_y: float) -> None:
    """U has the coefficients of X: of the cause it explains what the benchmark says, of the outcome no more than it says."""
    cov = world(x_d, x_y, d_y, x_d, x_y)
    found = as_strong_as(cov[:3, :3], D, Y, [X], X, 1.0)
    assert float(found.r2_cause) == pytest.approx(float(partial_r2(cov, D, U, [X])))
    assert float(partial_r2(cov, Y, U, [X, D])) <= min(float(found.r2_outcome), 0.99) + 1e-9


def test_twice_as_strong_is_never_weaker() -> None:
    seen = world(0.8, 0.5, 0.7, 0.0, 0.0)[:3, :3]
    losses = []
    for times in (0.5, 1.0, 2.0, 3.0):
        found = as_strong_as(seen, D, Y, [X], X, times)
        losses.append(float(bias(partial(seen, D, Y, [X]).spread, found.r2_cause, found.r2_outcome)))
    assert losses == sorted(losses)


def test_draws_are_worked_through_together() -> None:
    worlds = np.stack([world(0.5, 0.5, b, 0.0, 0.0) for b in (0.2, 0.7, -1.0)])
    fit = partial(worlds, D, Y, [X])
    assert fit.slope == pytest.approx([0.2, 0.7, -1.0])
    assert robustness_value(fit.f).shape == (3,)


shares = st.floats(0.01, 0.9)


@given(strengths, strengths, strengths, shares, shares)
def test_supposed_slopes_explain_the_shares_they_were_made_for(
    x_d: float, x_y: float, d_y: float, r2_cause: float, r2_outcome: float
) -> None:
    fit = partial(world(x_d, x_y, d_y, 0.0, 0.0), D, Y, [X])
    u_d = slope_on_cause(r2_cause, float(fit.left_cause), fixed=False)
    u_y = slope_on_outcome(r2_outcome, r2_cause, float(fit.left_outcome), fixed=False)
    cov = world(x_d, x_y, d_y, u_d, u_y)
    assert float(partial_r2(cov, D, U, [X])) == pytest.approx(r2_cause)
    assert float(partial_r2(cov, Y, U, [X, D])) == pytest.approx(r2_outcome)


@given(strengths, shares, shares)
def test_where_variances_are_data_a_common_cause_takes_its_share_of_them(
    d_y: float, r2_cause: float, r2_outcome: float
) -> None:
    fit = partial(world(0.0, 0.0, d_y, 0.0, 0.0), D, Y, [])
    a = slope_on_cause(r2_cause, float(fit.left_cause), fixed=True)
    b = slope_on_outcome(r2_outcome, r2_cause, float(fit.left_outcome), fixed=True)
    true = float(fit.slope) - a * b / float(fit.left_cause)
    own = fit.left_outcome - b**2 * (1 - r2_cause)  # what is then left to the outcome's own disturbance
    weights = np.array([[0.0, 0.0, a], [true, 0.0, b], [0.0, 0.0, 0.0]])
    total = np.linalg.inv(np.eye(3) - weights)
    cov = total @ np.diag([float(fit.left_cause) - a**2, float(own), 1.0]) @ total.T
    assert cov[:2, :2] == pytest.approx(world(0.0, 0.0, d_y, 0.0, 0.0)[:2, :2])
    assert abs(float(fit.slope) - true) == pytest.approx(float(bias(fit.spread, r2_cause, r2_outcome)))


def test_the_tipping_point_lies_between_the_last_size_that_holds_and_the_first_that_does_not() -> None:
    assert tipping([0.99, 0.97, 0.93], [0.0, 0.1, 0.2], 0.95) == pytest.approx(0.15)
    assert tipping([0.90, 0.80], [0.0, 0.1], 0.95) == 0.0
    assert np.isnan(tipping([0.99, 0.98], [0.0, 0.1], 0.95))
