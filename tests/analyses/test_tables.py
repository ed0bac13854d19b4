"""The numbers that tables are made of."""

from types import SimpleNamespace

import arviz as az
import numpy as np
import pytest

from analyses.tables import coefficients_table
from causal.theory import Edge
from models.estimate import assemble
from models.evidence.psis import psis
from models.simulation.rebuild import theta_of
from tests.fitted import invented_trace
from tests.models.columns import observed, table


@pytest.fixture(scope="module")
def estimate() -> SimpleNamespace:
    """Two monotone effects of columns with four levels; the posterior is the prior here."""
    world = observed(Edge("o", "y", monotone=True), Edge("p", "y", monotone=True))
    values = (0.0, 3.0, 1.0, 2.0)
    blue, _ = table(world, dict.fromkeys("opy", "ordinal"), dict.fromkeys("opy", values))
    tree = assemble(blue, invented_trace(blue), np.random.default_rng(1))
    return SimpleNamespace(blueprint=blue, tree=tree, theta=lambda group: theta_of(blue, tree[group].to_dataset()))


def test_every_step_of_a_monotone_effect_is_a_share_named_by_its_two_levels(estimate: SimpleNamespace) -> None:
    found = coefficients_table(estimate)  # type: ignore[arg-type]
    steps = found[found["parameter"] == "step"].set_index("name")
    named = [f"{edge}: {step}" for edge in ("o->y", "p->y") for step in ("none to some", "some to much", "much to all")]
    assert list(steps.index) == named
    assert steps["mean"].to_numpy() == pytest.approx(np.full(6, 1 / 3), abs=0.03)
    assert steps.loc[named[:3], "mean"].sum() == pytest.approx(1.0)
    assert np.isfinite(steps.to_numpy()[:, 1:].astype(float)).all()


def test_every_coefficient_is_told_of_its_own_draws(estimate: SimpleNamespace) -> None:
    found = coefficients_table(estimate)  # type: ignore[arg-type]
    posterior = estimate.tree["posterior"].to_dataset()
    own = [posterior["slope"].sel(coefficient=edge) for edge in ("o->y", "p->y")]
    steps = [posterior["steps_4"].sel(monotone_4=f"steps of {edge}") for edge in ("o->y", "p->y")]
    own += [draws.sel(step_4=step) for draws in steps for step in ("1", "2", "3")]
    assert found["mean"].tolist() == pytest.approx([float(draws.mean()) for draws in own])
    assert found["r_hat"].tolist() == [float(az.rhat(draws)) for draws in own]
    assert found["ess_bulk"].tolist() == [float(az.ess(draws)) for draws in own]


def test_draws_that_make_the_data_without_a_piece_likelier_get_the_larger_weights() -> None:
    log_ratios = np.random.default_rng(1).normal(size=2000)
    log_weights, k = psis(log_ratios)
    assert np.corrcoef(log_weights, log_ratios)[0, 1] > 0.99
    assert np.exp(log_weights).sum() == pytest.approx(1.0)
    assert k < 0.7


def test_smoothed_weights_recover_the_mean_of_a_shifted_normal() -> None:
    # weights exp(0.5 x) turn N(0, 1) into N(0.5, 1)
    x = np.random.default_rng(2).normal(size=20000)
    log_weights, _ = psis(0.5 * x)
    assert (np.exp(log_weights) * x).sum() == pytest.approx(0.5, abs=0.03)


def test_ratios_that_do_not_vary_give_equal_weights() -> None:
    log_weights, k = psis(np.full(500, 1.3))
    assert np.allclose(np.exp(log_weights), 1 / 500)
    assert k == 0.0


def test_a_few_dominant_draws_are_flagged() -> None:
    log_ratios = 4.0 * np.random.default_rng(3).normal(size=4000)
    assert psis(log_ratios)[1] > 0.7
