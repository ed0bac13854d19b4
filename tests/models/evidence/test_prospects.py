"""What coding more is expected to tell, against worlds in which it can be computed."""

from functools import cache

import numpy as np
import pytest
from numpy.typing import NDArray

from causal.theory import Edge, ModelChoices
from models.blueprint import draw_blueprint
from models.evidence.collect import movements
from models.evidence.prospects import Prospect, first_indicators, imagine, prospects
from models.measurement.readings import Readings
from models.simulation.rebuild import prior_theta, rebuild
from models.simulation.unseen import another_case, next_period, scores_of
from models.structure.reading import Node
from tests.models import small, worlds

type Floats = NDArray[np.float64]


@cache
def readings() -> Readings:
    blueprint = draw_blueprint(worlds.theory(), worlds.codebook(), worlds.units(), worlds.observations())
    return Readings(blueprint, worlds.units(), prior_theta(blueprint, 400, np.random.default_rng(1)))


def test_one_reading_moves_a_claim_as_far_as_bayes_rule_says() -> None:
    rng = np.random.default_rng(2)
    holds = rng.random(6000) < 0.4
    reading = np.where(holds[:, None], [0.8, 0.2], [0.3, 0.7])
    moved, share = movements(reading, holds)
    exact = float((share * np.abs(moved)).sum())
    found = imagine(Prospect("indicator", "x", [reading[:, None]]), rng, 2000).movement(holds, rng)
    assert found.expected_db == pytest.approx(exact, abs=4 * found.mcse + 0.05)
    assert found.noise_db < 0.5


def test_two_readings_of_one_kind_move_a_claim_as_far_as_their_four_answers() -> None:
    rng = np.random.default_rng(3)
    holds = rng.random(6000) < 0.5
    reading = np.where(holds[:, None], [0.9, 0.1], [0.4, 0.6])
    both = (reading[:, :, None] * reading[:, None, :]).reshape(len(holds), -1)
    moved, share = movements(both, holds)
    found = imagine(Prospect("indicator", "x", [reading[:, None]] * 2), rng, 2000).movement(holds, rng)
    assert found.expected_db == pytest.approx(float((share * np.abs(moved)).sum()), abs=4 * found.mcse + 0.05)


def test_what_a_reading_leaves_unknown_is_averaged_out() -> None:
    """Two replicates per draw, one that tells and one that says anything: the answer's chance is their mean."""
    rng = np.random.default_rng(4)
    holds = rng.random(6000) < 0.5
    telling = np.where(holds[:, None], [0.9, 0.1], [0.1, 0.9])
    replicates = np.stack([telling, np.full_like(telling, 0.5)], axis=1)
    moved, share = movements(replicates.mean(axis=1), holds)
    found = imagine(Prospect("case", "x", [replicates]), rng, 2000).movement(holds, rng)
    assert found.expected_db == pytest.approx(float((share * np.abs(moved)).sum()), abs=4 * found.mcse + 0.05)


def test_answers_that_say_nothing_of_a_claim_move_it_no_further_than_noise() -> None:
    rng = np.random.default_rng(5)
    holds = rng.random(2000) < 0.5
    answers = rng.dirichlet([2.0, 2.0, 2.0], size=(2000, 1))
    found = imagine(Prospect("indicator", "x", [answers] * 4), rng).movement(holds, rng)
    assert found.expected_db < 2 * found.noise_db + 0.1


def test_another_case_has_fresh_scores_and_a_next_period_its_case_s_component() -> None:
    """With case components of known size, a known case's next score is about its component, a new case's about 0."""
    world, units = small.theory(Edge("a", "b"), model=ModelChoices(pooling="partial")), small.periods("pq", 2)
    blueprint = small.blueprint(world, units)
    theta = small.pinned(blueprint, {"a->b": 0.0})
    deviation = theta["case_deviation"].copy()
    deviation[:, 0] = 3.0
    theta = theta | {"case_deviation": deviation}
    added = (*next_period("p", units), *next_period("q", units), *another_case(units))
    found = scores_of(blueprint, units, theta, added, 4000, np.random.default_rng(1))
    means = {key: float(z.mean()) for key, z in found.items()}
    assert means["p, next period", "a"] == pytest.approx(3.0, abs=0.1)
    assert means["q, next period", "a"] == pytest.approx(0.0, abs=0.1)
    assert means["another case, period 1", "a"] == pytest.approx(0.0, abs=0.1)
    assert float(found["another case, period 1", "a"].var()) == pytest.approx(2.0, abs=0.2)
    assert float(found["p, next period", "a"].var()) == pytest.approx(1.0, abs=0.1)


def test_a_lagged_cause_of_the_next_period_is_the_last_period_s_score() -> None:
    world, units = small.theory(Edge("a", "a", lag=1)), small.periods("p", 2)
    blueprint = small.blueprint(world, units)
    (slope,) = blueprint.coords["coefficient"]
    theta = small.pinned(blueprint, {slope: 0.7})
    theta = theta | {"disturbance": np.ones_like(theta["disturbance"])}
    last = rebuild(blueprint, theta).z[0, blueprint.structure.index[Node("p2", "a")]]
    found = scores_of(blueprint, units, theta, next_period("p", units), 4000, np.random.default_rng(1))
    assert float(found["p, next period", "a"].mean()) == pytest.approx(0.7 * last, abs=0.1)


def test_every_scope_is_offered_and_each_reading_is_a_distribution_of_answers() -> None:
    found = list(prospects(readings(), 0.9, np.random.default_rng(1)))
    assert {p.scope for p in found} == {"case", "period", "indicator", "new indicator"}
    assert [p.name for p in found if p.scope == "period"] == ["a", "b", "c"]
    for prospect in found:
        for answers in prospect.answers:
            assert answers.sum(axis=-1) == pytest.approx(1.0)
            assert (answers > 0).all()


def test_what_is_rated_of_a_new_unit_are_constructs_of_the_theory() -> None:
    first = first_indicators(readings())
    assert first["trust"] == "trust_rating"
    assert set(first) <= set(readings().blueprint.theory.names)
