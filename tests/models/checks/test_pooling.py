"""Every pooling over cases is data of one compiled model: each says exactly what the model of that pooling says."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from causal.theory import Edge, Theory
from data.cases import Cases, Unit
from models.blueprint import Blueprint, draw_blueprint
from models.checks.pooling import EXTRA, can_differ, slopes_by_way, variants
from models.evidence.rivals import shape_of
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
FOUND = variants(STUDY)


def drawn(blueprint: Blueprint, seed: int = 1) -> dict[str, np.ndarray]:
    return prior_theta(blueprint, 4, np.random.default_rng(seed))


def scores(blueprint: Blueprint, theta: dict[str, np.ndarray]) -> dict[tuple[str, str], np.ndarray]:
    z = rebuild(blueprint, theta).z
    return {(node.unit, node.construct): z[:, i] for i, node in enumerate(blueprint.structure.nodes)}


def as_pooled(pooling: str) -> Blueprint:
    theory = replace(PAIR, model=replace(PAIR.model, pooling=pooling))  # type: ignore[arg-type]
    return draw_blueprint(theory, STUDY.codebook, PERIODS, STUDY.cases.observations)


def disturbances(theta: dict[str, np.ndarray], here: Blueprint, there: Blueprint) -> np.ndarray:
    """The disturbances of one blueprint's nodes, taken from the draws of another's."""
    return theta["disturbance"][:, [there.structure.index[node] for node in here.structure.nodes]]


def test_all_variants_share_machine_code() -> None:
    assert len({shape_of(blueprint) for blueprint in FOUND.values()}) == 1
    assert len({blueprint.data["given"].shape for blueprint in FOUND.values()}) == 1


@pytest.mark.parametrize("pooling", ["partial", "complete", "none"])
def test_a_variant_gives_the_scores_of_the_model_of_that_pooling(pooling: str) -> None:
    ours, model = FOUND[pooling], as_pooled(pooling)  # type: ignore[index]
    theta = drawn(ours)
    own = {p.name: theta[p.name] for p in model.parameters if p.name != "slope"}
    own["disturbance"] = disturbances(theta, model, ours)
    own["slope"] = theta["slope"][:, : len(model.coords["coefficient"])]
    if pooling == "none":
        z = scores(ours, theta)
        free = [[z[case, f"{name} of the case"] for name in PAIR.names] for case in "abc"]
        own["case_deviation"] = model.data["free_case_sd"] * np.stack(free).transpose(2, 0, 1)
    expected = scores(model, own)
    found = scores(ours, theta)
    assert all(np.allclose(found[key], expected[key]) for key in expected)


def test_the_effect_of_a_cause_s_mean_is_the_slope_between_minus_the_slope_within() -> None:
    """By hand: m = b x + d mean(x) + a + e, so b within a case and b + d between the cases' means."""
    both = FOUND["within and between"]
    theta = drawn(both, 2)
    z = scores(both, theta)
    base = FOUND["within and between"].data["scale_index"]
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
    by_way = slopes_by_way("within and between", both, theta)
    assert np.allclose(by_way["x->m", "between"] - by_way["x->m", "within"], d)


def test_no_slope_between_cases_where_the_effect_comes_back_to_its_cause() -> None:
    theory = replace(PAIR, edges=(Edge("x", "m"), Edge("m", "y"), Edge("y", "m", lag=1), Edge("x", "x", lag=1)))
    both = variants(study_of(theory, PERIODS))["within and between"]
    own = {name for name, _ in slopes_by_way("within and between", both, drawn(both))}
    assert own == {"x->m"}


def test_cases_seen_once_have_no_slope_within() -> None:
    assert can_differ(PERIODS)
    assert not can_differ(small.periods("abc", 1))
    assert not can_differ(small.periods("a", 3))


def test_inside_units_have_no_say_in_the_case_s_mean() -> None:
    theory = small.theory(Edge("x", "y"), constructs=[replace(c, units=("period", "firm")) for c in PAIR.constructs])
    units = small.inside(PERIODS, "firm", ["a1", "b2"], each=2)
    both = variants(study_of(theory, units))["within and between"]
    means = [node for node in both.structure.nodes if node.construct.startswith("mean of")]
    assert len(means) == 3
    assert all(
        not arc.source.unit.endswith(("firm0", "firm1")) for arc in both.structure.arcs if arc.target in set(means)
    )
