"""Slopes between cases are coefficients of their own: the equations hold to rounding, and all else is as the theory has it."""

from dataclasses import replace
from pathlib import Path

import numpy as np

from causal.theory import Edge, ModelChoices, Theory
from data.cases import Cases, Unit
from models.blueprint import Blueprint, draw_blueprint
from models.checks.pooling import EXTRA, can_differ, slopes_by_way, within_and_between
from models.simulation.rebuild import prior_theta, rebuild
from models.study import Study
from tests.models import small

PAIR = small.theory(Edge("x", "m", "+"), Edge("m", "y", "+"), Edge("x", "y", moderator="m", moderation="-"))


def study_of(theory: Theory, units: dict[str, Unit]) -> Study:
    names = [construct.name for construct in theory.constructs]
    cases = Cases(units, small.ratings(units, *names))
    return Study(Path("pair"), theory, {}, small.rated(*names), cases, (), {}, {})


PERIODS = small.periods("abc", 3)
STUDY = study_of(PAIR, PERIODS)


def drawn(blueprint: Blueprint, seed: int = 1) -> dict[str, np.ndarray]:
    return prior_theta(blueprint, 4, np.random.default_rng(seed))


def scores(blueprint: Blueprint, theta: dict[str, np.ndarray]) -> dict[tuple[str, str], np.ndarray]:
    z = rebuild(blueprint, theta).z
    return {(node.unit, node.construct): z[:, i] for i, node in enumerate(blueprint.structure.nodes)}


def test_without_a_difference_between_cases_it_is_the_model_of_partial_pooling() -> None:
    both = within_and_between(STUDY)
    partial = replace(PAIR, model=ModelChoices(pooling="partial"))
    model = draw_blueprint(partial, STUDY.codebook, PERIODS, STUDY.cases.observations)
    theta = drawn(both)
    names = list(both.coords["coefficient"])
    theta["slope"][:, [name.endswith(EXTRA) for name in names]] = 0.0
    own = {p.name: theta[p.name] for p in model.parameters}
    own["slope"] = theta["slope"][:, [names.index(name) for name in model.coords["coefficient"]]]
    own["disturbance"] = theta["disturbance"][:, [both.structure.index[node] for node in model.structure.nodes]]
    found, expected = scores(both, theta), scores(model, own)
    assert all(np.allclose(found[key], expected[key]) for key in expected)


def test_the_effect_of_a_cause_s_mean_is_the_slope_between_minus_the_slope_within() -> None:
    """By hand: m = b x + d mean(x) + a + e, so b within a case and b + d between the cases' means."""
    both = within_and_between(STUDY)
    theta = drawn(both, 2)
    z = scores(both, theta)
    base = both.data["scale_index"]
    names = list(both.coords["coefficient"])
    b, d = (theta["slope"][:, names.index(name)] for name in ("x->m", f"x->m{EXTRA}"))
    e = {n: theta["disturbance"][:, i] for i, n in enumerate(both.structure.nodes)}
    a = theta["case_sd"][:, None, :] * theta["case_deviation"]
    for c, case in enumerate("abc"):
        mean = np.mean([z[f"{case}{t}", "x"] for t in (1, 2, 3)], axis=0)
        for t in (1, 2, 3):
            node = next(n for n in e if (n.unit, n.construct) == (f"{case}{t}", "m"))
            expected = b * z[f"{case}{t}", "x"] + d * mean + a[:, c, PAIR.names.index("m")] + e[node]
            assert np.allclose(z[f"{case}{t}", "m"], expected)
    assert (base == 1).sum() == 9  # three slopes, three cases
    by_way = slopes_by_way(both, theta)
    assert np.allclose(by_way["x->m", "between"] - by_way["x->m", "within"], d)


def test_no_slope_between_cases_where_the_effect_comes_back_to_its_cause() -> None:
    theory = replace(PAIR, edges=(Edge("x", "m"), Edge("m", "y"), Edge("y", "m", lag=1), Edge("x", "x", lag=1)))
    both = within_and_between(study_of(theory, PERIODS))
    own = {name for name, _ in slopes_by_way(both, drawn(both))}
    assert own == {"x->m"}


def test_cases_seen_once_have_no_slope_within() -> None:
    assert can_differ(PERIODS)
    assert not can_differ(small.periods("abc", 1))
    assert not can_differ(small.periods("a", 3))


def test_inside_units_have_no_say_in_the_case_s_mean() -> None:
    theory = small.theory(Edge("x", "y"), constructs=[replace(c, units=("period", "firm")) for c in PAIR.constructs])
    units = small.inside(PERIODS, "firm", ["a1", "b2"], each=2)
    both = within_and_between(study_of(theory, units))
    means = [node for node in both.structure.nodes if node.construct.startswith("mean of")]
    assert len(means) == 3
    assert all(
        not arc.source.unit.endswith(("firm0", "firm1")) for arc in both.structure.arcs if arc.target in set(means)
    )
