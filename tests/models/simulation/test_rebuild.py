"""Draws rebuilt a few at a time are those rebuilt at once, simulated values included."""

import numpy as np
import pytest

from models.blueprint import draw_blueprint
from models.simulation import rebuild
from tests.models.worlds import codebook, observations, theory, units


def test_how_many_draws_are_worked_on_at_once_changes_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    blue = draw_blueprint(theory(), codebook(), units(), observations())
    theta = rebuild.prior_theta(blue, 11, np.random.default_rng(1))

    def found() -> list[np.ndarray]:
        whole = rebuild.rebuild(blue, theta)
        said = rebuild.log_likelihood(blue, theta, whole.cells)
        drawn = rebuild.predict(blue, theta, whole.cells, np.random.default_rng(2))
        return [whole.z, whole.eta, whole.cells, *said.values(), *drawn.values()]

    at_once = found()
    monkeypatch.setattr(rebuild, "PART", 4)
    assert len(at_once) == 3 + 2 * len(blue.blocks)
    for one, other in zip(at_once, found(), strict=True):
        np.testing.assert_array_equal(one, other)
