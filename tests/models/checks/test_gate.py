"""The gate says what the prior believes, and objects when it believes too much."""

from dataclasses import replace

import numpy as np
import pytest

from models.blueprint import draw_blueprint
from models.checks.gate import Belief, prior_beliefs
from models.priors import Dirichlet, Priors
from tests.models import worlds

STUDY = (worlds.theory(), worlds.codebook(), worlds.units(), worlds.observations())


def test_the_default_prior_expects_every_level_of_every_scale() -> None:
    beliefs = {b.scale: b for b in prior_beliefs(draw_blueprint(*STUDY), seed=1)}
    assert set(beliefs) == {"rating", "five", "yes/no"}
    for belief in beliefs.values():
        assert sum(belief.shares) == pytest.approx(1.0)
        assert not belief.troubling
    low, _, high = beliefs["rating"].shares
    assert low == pytest.approx(high, abs=0.06)


def test_a_prior_that_expects_one_level_everywhere_is_said_to_speak_too_loudly() -> None:
    blueprint = draw_blueprint(*STUDY, priors=Priors(shift_sd=dict.fromkeys(Priors().shift_sd, 40.0)))
    belief = next(b for b in prior_beliefs(blueprint, seed=1) if b.scale == "five")
    assert belief.troubling
    assert "speaks too loudly" in belief.sentence


def test_a_sentence_names_the_levels_and_their_shares() -> None:
    belief = Belief("rating", ("Low", "High"), (0.25, 0.75), 0.1)
    assert "Low 25%, High 75%" in belief.sentence
    assert replace(belief, alike=0.9).troubling


def test_beliefs_come_from_the_prior_alone_and_repeat_with_the_seed() -> None:
    blueprint = draw_blueprint(*STUDY, priors=Priors(category=Dirichlet(50.0)))
    first, again = (prior_beliefs(blueprint, seed=3) for _ in range(2))
    assert first == again
    assert np.isclose(sum(first[0].shares), 1.0)
