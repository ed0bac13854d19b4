"""Studies simulated from a fitted theory: the effect is there, or cut, and units are new."""

import numpy as np
import pytest

from causal.query import parse_claim
from causal.theory import Confounded, Edge, Theory
from data.codebook import Family
from models.blueprint import Blueprint, draw_blueprint
from models.simulation.replicates import carriers, replicate, transferred
from tests.models import small
from tests.models.columns import observed, table

CASES = [f"c{i}" for i in range(400)]
NAMES = ("x", "m", "y")
CHAIN = small.theory(Edge("x", "m", "+"), Edge("m", "y", "+"), Edge("y", "x", lag=1))


def blueprint(world: Theory) -> Blueprint:
    units = {c: worlds_unit(c) for c in CASES}
    return draw_blueprint(world, small.rated(*NAMES), units, small.ratings(units, *NAMES))


def worlds_unit(name: str) -> small.Unit:
    return small.Unit(name, name, 1.0, "period")


def correlation(blue: Blueprint, setting: dict[str, float], seed: int = 1) -> float:
    """Rank association of the simulated ratings of x and y."""
    theta = small.pinned(blue, {"x->m": 2.0, "m->y": 2.0})
    theta["loading"][:] = 3.0
    rows = replicate(blue, theta, 0, setting, np.random.default_rng(seed))
    level = {(r.unit, r.indicator): r.levels[0] for r in rows}
    return float(np.corrcoef([[level[c, f"{name}_rating"] for c in CASES] for name in ("x", "y")])[0, 1])


def test_the_effect_is_in_the_simulated_rows_and_gone_when_its_carriers_are_cut() -> None:
    blue = blueprint(CHAIN)
    cut = dict.fromkeys(carriers(blue, parse_claim("effect(x -> y) > 0")), 0.0)
    assert cut == {"x->m": 0.0}
    assert correlation(blue, {}) > 0.3
    assert abs(correlation(blue, cut)) < 0.15


def test_an_unmeasured_common_cause_makes_an_association_without_an_effect() -> None:
    plain = blueprint(CHAIN)
    world = blueprint(Theory("h", "h", CHAIN.constructs, CHAIN.edges, (Confounded(("x", "y")),), model=CHAIN.model))
    theta = transferred(small.pinned(plain, {"x->m": 2.0, "m->y": 2.0}), plain, world)
    assert {p.name: p.shape for p in world.parameters if p.name not in ("disturbance",)} == {
        name: values.shape[1:] for name, values in theta.items() if name != "disturbance"
    }
    theta["loading"] = np.full_like(theta["loading"], 3.0)
    setting = {"x->m": 0.0, "x<->y:x": 3.0, "x<->y:y": 5.0}
    rows = replicate(world, theta, 0, setting, np.random.default_rng(1))
    level = {(r.unit, r.indicator): r.levels[0] for r in rows}
    assert np.corrcoef([[level[c, f"{n}_rating"] for c in CASES] for n in ("x", "y")])[0, 1] > 0.3


def test_an_observed_mediator_is_drawn_too_and_no_longer_follows_a_cause_that_was_cut_off() -> None:
    world = observed(Edge("x", "m"), Edge("m", "y"))
    values = [float(i % 2) for i in range(400)]
    families: dict[str, Family] = {"x": "binary", "m": "binary", "y": "continuous"}
    blue, _ = table(world, families, {"x": values, "m": values, "y": values})
    theta = small.pinned(blue, {"x->m": 3.0, "m->y": 2.0})

    def together(setting: dict[str, float]) -> tuple[float, float]:
        rows = replicate(blue, theta, 0, setting, np.random.default_rng(1))
        of = {name: [r.value for r in rows if r.indicator == name] for name in "xmy"}
        return float(np.corrcoef(of["x"], of["m"])[0, 1]), float(np.corrcoef(of["m"], of["y"])[0, 1])

    assert min(together({})) > 0.3
    through, onwards = together({"x->m": 0.0})
    assert abs(through) < 0.15
    assert onwards > 0.3


def test_two_studies_are_two_studies_and_one_seed_gives_one() -> None:
    blue = blueprint(CHAIN)
    assert correlation(blue, {}, 1) != correlation(blue, {}, 2)
    assert correlation(blue, {}, 1) == correlation(blue, {}, 1)


def test_a_lagged_and_a_moderated_path_carry_too() -> None:
    world = small.theory(Edge("x", "m", "+", moderator="w", moderation="+"), Edge("w", "m"), Edge("m", "y", lag=1))
    units = small.periods("ab", 2)
    blue = draw_blueprint(world, small.rated("x", "m", "w", "y"), units, small.ratings(units, "x", "m", "w", "y"))
    assert carriers(blue, parse_claim("effect(x -> y) > 0")) == {"x->m", "x*w->m"}
    with pytest.raises(ValueError, match="no coefficient x->y"):
        replicate(blue, small.pinned(blue, {}), 0, {"x->y": 1.0}, np.random.default_rng(1))
