"""What to collect next: movements follow Bayes' rule."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.blueprint import draw_blueprint
from models.evidence.collect import candidates, movements
from models.measurement.readings import Readings
from models.simulation.rebuild import prior_theta
from tests.models import worlds


def test_an_answer_moves_the_odds_by_its_likelihood_ratio() -> None:
    holds = np.array([True] * 60 + [False] * 40)
    reading = np.where(holds[:, None], [0.8, 0.2], [0.3, 0.7])
    moved, share = movements(reading, holds)
    assert moved == pytest.approx(10 * np.log10([0.8 / 0.3, 0.2 / 0.7]))
    assert share == pytest.approx([0.6 * 0.8 + 0.4 * 0.3, 0.6 * 0.2 + 0.4 * 0.7])


@given(st.integers(0, 10_000))
def test_the_expected_posterior_probability_is_the_present_one(seed: int) -> None:
    rng = np.random.default_rng(seed)
    holds = rng.random(50) < 0.5
    holds[:2] = True, False
    reading = rng.dirichlet(np.ones(3), size=50)
    moved, share = movements(reading, holds)
    odds = holds.mean() / (1 - holds.mean()) * 10 ** (moved / 10)
    assert (share * odds / (1 + odds)).sum() == pytest.approx(holds.mean())


def test_only_cells_nobody_has_read_are_candidates() -> None:
    study = (worlds.theory(), worlds.codebook(), worlds.units(), worlds.observations())
    blueprint = draw_blueprint(*study)
    theta = prior_theta(blueprint, 40, np.random.default_rng(1))
    holds = theta["slope"][:, 0] > 0
    found = list(candidates(Readings(blueprint, worlds.units(), theta), holds, 0.9))
    read = {key for block in blueprint.blocks for key in block.keys}
    assert found
    assert not {(c.unit, c.indicator) for c in found} & read
    assert all(c.expected_db >= 0 for c in found)
