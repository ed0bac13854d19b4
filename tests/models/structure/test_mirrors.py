"""The mirror image of a point: a construct turned round, with every coefficient into and out of it, and nothing else."""

from collections.abc import Mapping
from dataclasses import replace

import numpy as np
import pytest
from numpy.typing import NDArray

from causal.query import DirectEffect, Effect
from causal.theory import Construct, Edge, ModelChoices, Theory
from models.blueprint import Blueprint, draw_blueprint
from models.effects.interventions import open_laboratory, standardised
from models.simulation.rebuild import log_likelihood, prior_log_density, prior_theta, rebuild
from models.structure.mirrors import mirror, mirrors
from tests.models import small

type Floats = NDArray[np.float64]

PARTIAL = ModelChoices(pooling="partial")
UNITS = small.inside(small.periods("ab", 3), "firm", ("a1", "b2"), 2)
CHAIN = small.theory(
    Edge("trust", "action"),
    Edge("action", "success", moderator="crisis", moderation="-"),
    Edge("crisis", "success"),
    Edge("action", "trust", lag=1),
    Edge("action", "action", lag=1),
    constructs=("trust", Construct("action", units=("period", "firm")), "success", "crisis"),
    model=PARTIAL,
)


def drawn(theory: Theory) -> Blueprint:
    return small.blueprint(theory, UNITS)


def turned(theta: Mapping[str, Floats], image: Mapping[str, Floats]) -> dict[str, Floats]:
    return {name: values * image[name] if name in image else values for name, values in theta.items()}


@pytest.mark.parametrize("construct", CHAIN.names)
def test_only_the_scores_of_the_construct_are_turned(construct: str) -> None:
    blueprint = drawn(CHAIN)
    theta = prior_theta(blueprint, 50, np.random.default_rng(1))
    before, after = rebuild(blueprint, theta), rebuild(blueprint, turned(theta, mirror(blueprint, construct)))
    for n, node in enumerate(blueprint.structure.nodes):
        sign = -1.0 if node.construct == construct else 1.0
        assert np.allclose(after.z[:, n], sign * before.z[:, n], atol=1e-9), node


@pytest.mark.parametrize("construct", CHAIN.names)
def test_the_prior_density_of_the_image_is_that_of_the_point(construct: str) -> None:
    blueprint = drawn(CHAIN)
    theta = prior_theta(blueprint, 50, np.random.default_rng(2))
    before, after = (prior_log_density(blueprint, t) for t in (theta, turned(theta, mirror(blueprint, construct))))
    for name, density in before.items():
        assert np.allclose(density, after[name], atol=1e-12), name


def test_what_other_constructs_indicators_say_is_as_it_was() -> None:
    blueprint = drawn(CHAIN)
    theta = prior_theta(blueprint, 20, np.random.default_rng(3))
    image = turned(theta, mirror(blueprint, "trust"))
    before, after = (log_likelihood(blueprint, t, rebuild(blueprint, t).cells)["ordinal"] for t in (theta, image))
    mine = np.array(["trust_rating" in cell for cell in blueprint.coords["ordinal_cell"]])
    assert np.allclose(before[:, ~mine], after[:, ~mine], atol=1e-9)
    assert not np.allclose(before[:, mine], after[:, mine])


def test_the_image_of_the_image_is_the_point() -> None:
    for image in mirrors(drawn(CHAIN)).values():
        for signs in image.values():
            assert np.array_equal(signs * signs, np.ones_like(signs))


def test_a_construct_held_by_a_coefficient_of_fixed_sign_has_no_mirror() -> None:
    """Without rows its sign is that of the one edge which carries it."""
    theory = small.theory(Edge("trust", "action", sign="+"), Edge("action", "success"))
    rows = small.ratings(UNITS, "action", "success")
    blueprint = draw_blueprint(theory, small.rated("action", "success"), UNITS, rows)
    assert set(mirrors(blueprint)) == {"success"}


def test_a_construct_without_arcs_has_no_mirror() -> None:
    theory = small.theory(Edge("trust", "action"), constructs=("trust", "action", "alone"))
    assert set(mirrors(drawn(theory))) == {"trust", "action"}


def test_an_observed_construct_has_no_mirror() -> None:
    theory = small.theory(Edge("trust", "action"), constructs=(Construct("trust", kind="observed"), "action"))
    rows = [replace(row, confidence=1.0) for row in small.ratings(UNITS, "trust", "action")]
    blueprint = draw_blueprint(theory, small.rated("trust", "action"), UNITS, rows)
    assert set(mirrors(blueprint)) == {"action"}


def test_an_effect_is_the_same_whichever_way_round_the_constructs_it_passes_through_are() -> None:
    """What lets a refit look only at the sides of the constructs that a claim names, and of moderators."""
    theory = small.theory(Edge("trust", "action"), Edge("action", "success"), Edge("trust", "success"))
    blueprint, asked = drawn(theory), (Effect("trust", "success"), DirectEffect("trust", "success"))
    theta = prior_theta(blueprint, 200, np.random.default_rng(4))
    images = {name: turned(theta, mirror(blueprint, name)) for name in theory.names}

    def effects(draws: Mapping[str, Floats]) -> Floats:
        return np.stack(standardised(open_laboratory(blueprint, UNITS, draws, np.random.default_rng(0)), *asked))

    assert effects(images["action"]) == pytest.approx(effects(theta), abs=1e-9)
    assert effects(images["trust"]) == pytest.approx(-effects(theta), abs=1e-9)
