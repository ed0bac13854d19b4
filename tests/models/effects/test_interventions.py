"""Effects with the posterior pinned to one point, against path tracing, matrices and hand arithmetic."""

from collections.abc import Mapping
from itertools import pairwise
from math import erf, sqrt

import networkx as nx
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.polynomial.hermite_e import hermegauss

from causal.elements import ModelChoices
from causal.query import DirectEffect, Effect, NaturalEffect, PathEffect, Query
from causal.theory import Construct, Edge
from data.codebook import Codebook, Indicator
from models.blueprint import draw_blueprint
from models.effects.interventions import (
    Laboratory,
    on_both_scales,
    on_rating_scale,
    open_laboratory,
    path_steps,
    standardised,
)
from models.priors import Priors
from tests.models.small import RATING, blueprint, inside, laboratory, periods, pinned, theory
from tests.models.worlds import row

PARTIAL = ModelChoices(pooling="partial")
NAMES = tuple("abcde")


def one(lab: Laboratory, query: Query) -> float:
    (draws,) = standardised(lab, query)
    return float(draws.item())


class Linear:
    """Linear equations with independent disturbances of given variance: Wright's rules, written with matrices."""

    def __init__(self, weights: Mapping[tuple[str, str], float], variance: float = 1.0) -> None:
        self.names = list(dict.fromkeys(n for pair in weights for n in pair))
        self.b = np.zeros((len(self.names), len(self.names)))
        for (cause, effect), weight in weights.items():
            self.b[self.names.index(effect), self.names.index(cause)] = weight
        self.total = np.linalg.inv(np.eye(len(self.names)) - self.b)
        self.sd = np.sqrt(np.diag(self.total @ self.total.T) * variance)

    def standard(self, matrix: np.ndarray, cause: str, effect: str) -> float:
        i, j = self.names.index(effect), self.names.index(cause)
        return float(matrix[i, j] * self.sd[j] / self.sd[i])


@st.composite
def linear_worlds(draw: st.DrawFn) -> dict[tuple[str, str], float]:
    """Weights on a random acyclic graph with at least one edge."""
    order = draw(st.permutations(NAMES))
    pairs = [(a, b) for i, a in enumerate(order) for b in order[i + 1 :]]
    chosen = draw(st.lists(st.sampled_from(pairs), unique=True, min_size=1, max_size=9))
    return {pair: draw(st.floats(-3, 3)) for pair in chosen}


def opened(weights: Mapping[tuple[str, str], float], model: ModelChoices | None = None) -> Laboratory:
    edges = [Edge(a, b) for a, b in weights]
    world = theory(*edges, model=model) if model else theory(*edges)
    slopes = {f"{a}->{b}": weight for (a, b), weight in weights.items()}
    return laboratory(world, periods("abc" if model else "a"), slopes)


@given(linear_worlds())
def test_total_and_direct_effects_are_wright_s_standardised_by_the_implied_covariance(
    weights: dict[tuple[str, str], float],
) -> None:
    lab, truth = opened(weights), Linear(weights)
    for cause in truth.names:
        for effect in truth.names:
            if cause != effect:
                total, direct = one(lab, Effect(cause, effect)), one(lab, DirectEffect(cause, effect))
                assert total == pytest.approx(truth.standard(truth.total, cause, effect), abs=1e-9)
                assert direct == pytest.approx(truth.standard(truth.b, cause, effect), abs=1e-9)


@given(linear_worlds())
def test_a_total_effect_is_the_sum_over_directed_paths_of_the_product_of_their_steps(
    weights: dict[tuple[str, str], float],
) -> None:
    lab, graph = opened(weights), nx.DiGraph(weights.keys())
    for cause, effect in [(a, b) for a in graph for b in graph if a != b]:
        paths = [tuple(path) for path in nx.all_simple_paths(graph, cause, effect)]
        traced = sum(one(lab, PathEffect(path)) for path in paths)
        assert one(lab, Effect(cause, effect)) == pytest.approx(traced, abs=1e-9)


@given(linear_worlds())
def test_in_a_linear_world_natural_direct_and_indirect_effects_add_up_to_the_total(
    weights: dict[tuple[str, str], float],
) -> None:
    lab, truth = opened(weights), Linear(weights)
    for cause, effect in [(a, b) for a in truth.names for b in truth.names if a != b]:
        direct, indirect = (one(lab, NaturalEffect(kind, cause, effect)) for kind in ("direct", "indirect"))  # type: ignore[arg-type]
        assert direct == pytest.approx(truth.standard(truth.b, cause, effect), abs=1e-9)
        assert direct + indirect == pytest.approx(one(lab, Effect(cause, effect)), abs=1e-9)


@given(linear_worlds())
def test_holding_a_mediator_leaves_what_does_not_go_through_it(weights: dict[tuple[str, str], float]) -> None:
    lab, truth = opened(weights), Linear(weights)
    graph = nx.DiGraph(weights.keys())
    cause, effect = next(iter(weights))
    for held in set(truth.names) - {cause, effect}:
        kept = {pair: weight for pair, weight in weights.items() if pair[1] != held}
        severed = np.zeros_like(truth.b)
        for (a, b), weight in kept.items():
            severed[truth.names.index(b), truth.names.index(a)] = weight
        total = np.linalg.inv(np.eye(len(truth.names)) - severed)
        found = one(lab, Effect(cause, effect, ((held, "high"),)))
        assert found == pytest.approx(truth.standard(total, cause, effect), abs=1e-9)
    assert graph.has_edge(cause, effect)


@given(linear_worlds())
def test_the_case_component_of_partial_pooling_is_part_of_a_marginal_sd(weights: dict[tuple[str, str], float]) -> None:
    lab, truth = opened(weights, PARTIAL), Linear(weights, variance=2.0)  # case_sd is pinned at 1
    for name in truth.names:
        assert lab.case.sd(name).item() == pytest.approx(truth.sd[truth.names.index(name)], abs=1e-9)


def test_the_steps_of_a_path_are_its_standardised_edges() -> None:
    weights = {("a", "b"): 2.0, ("b", "c"): -0.5, ("a", "c"): 1.0}
    lab, truth = opened(weights), Linear(weights)
    found = path_steps(lab, PathEffect(("a", "b", "c")))[:, 0]
    assert found == pytest.approx([truth.standard(truth.b, "a", "b"), truth.standard(truth.b, "b", "c")], abs=1e-9)


MODERATED = theory(Edge("m", "x"), Edge("m", "y"), Edge("x", "y", moderator="m"))


def moderated(replicates: int = 128, **slopes: float) -> Laboratory:
    names = {"mx": "m->x", "my": "m->y", "b": "x->y", "g": "x*m->y"}
    return laboratory(MODERATED, periods("a"), {names[k]: v for k, v in slopes.items()}, replicates)


@given(st.floats(-2, 2), st.floats(-2, 2), st.floats(-2, 2))
def test_a_moderated_effect_is_the_slope_at_that_level_of_the_moderator(b: float, g: float, my: float) -> None:
    lab = moderated(mx=0.0, my=my, b=b, g=g)
    ratio = (lab.case.sd("x") / lab.case.sd("y")).item()
    for level, sds in (("low", -1.0), ("mean", 0.0), ("high", 1.0)):
        found = one(lab, Effect("x", "y", (("m", level),)))  # type: ignore[arg-type]
        assert found == pytest.approx((b + g * sds) * ratio, abs=1e-9)
    assert one(lab, Effect("x", "y")) == pytest.approx(b * ratio, abs=1e-9)


def test_the_spread_of_a_moderated_outcome_includes_that_of_the_product() -> None:
    lab = moderated(20_000, mx=0.0, my=0.5, b=1.0, g=0.8)
    assert lab.case.sd("y").item() ** 2 == pytest.approx(1 + 0.5**2 + 1.0**2 + 0.8**2, rel=0.02)


def test_setting_a_moderator_by_intervention_does_not_move_what_causes_it() -> None:
    world = theory(Edge("u", "m"), Edge("m", "y"), Edge("u", "x"), Edge("x", "y", moderator="m"))
    lab = laboratory(world, periods("a"), {"u->m": 2.0, "m->y": 1.0, "u->x": 1.0, "x->y": 0.5, "x*m->y": 0.5})
    worlds = lab.case.world((("m", 1.0),))[0]
    assert worlds[lab.case.outcome("u")] is lab.case.base[lab.case.outcome("u")]


def test_interventions_in_a_moderated_world_agree_with_pm_do_on_a_model_written_in_pymc() -> None:
    import pymc as pm

    mx, my, b, g, loading, top = 0.6, 0.3, 0.7, -0.5, 1.0, Priors().cut_stretch * np.log(2.0)
    steps = np.array([-1.0, -0.5, 0.5, 1.0])  # four worlds side by side
    with pm.Model() as model:
        m = pm.Normal("m", shape=4)
        x = pm.Normal("x", mx * m, shape=4)
        y = pm.Normal("y", my * m + b * x + g * x * m, shape=4)
        pm.Deterministic("chance", pm.math.sigmoid(loading * y - top))
    drawn = pm.draw([model[name] for name in "mxy"], 20_000, random_seed=1)
    natural = {name: float(np.std(values)) for name, values in zip("mxy", drawn, strict=True)}
    lab = moderated(4096, mx=mx, my=my, b=b, g=g)
    for name, sd in natural.items():
        assert lab.case.sd(name).item() == pytest.approx(sd, rel=0.03)
    held = {"m": np.full(4, natural["m"])}
    for query, setting in ((Effect("x", "y"), {}), (Effect("x", "y", (("m", "high"),)), held)):
        cut = pm.do(model, setting | {"x": steps * natural["x"]})
        outcome, chance = (
            np.mean(values, axis=0) for values in pm.draw([cut["y"], cut["chance"]], 40_000, random_seed=2)
        )
        assert one(lab, query) == pytest.approx((outcome[2] - outcome[1]) / natural["y"], abs=0.03)
        (rating,) = on_rating_scale(lab, query)
        assert rating is not None
        assert rating[0] == pytest.approx(chance[3] - chance[0], abs=0.01)


def logistic_normal(mean: float, sd: float) -> float:
    """Mean of logistic(mean + sd * normal), by Gauss-Hermite quadrature."""
    points, weights = hermegauss(60)
    return float((weights / (1 + np.exp(-(mean + sd * points)))).sum() / weights.sum())


@pytest.mark.parametrize("is_reversed", [False, True])
@pytest.mark.parametrize("family", ["ordinal", "binary", "binomial"])
def test_on_the_rating_scale_an_effect_is_the_change_in_the_chance_of_the_best_answer(
    family: str, is_reversed: bool
) -> None:
    indicator = Indicator("of_y", "y", family, "rating" if family == "ordinal" else None, reversed=is_reversed)  # type: ignore[arg-type]
    book = Codebook({"rating": RATING}, {"of_y": indicator})
    found = row("r", "a1", "of_y", [1] if family == "ordinal" else [], value=1.0, n=4 if family == "binomial" else None)
    blue = draw_blueprint(theory(Edge("x", "y", "+")), book, periods("a"), [found])
    theta = pinned(blue, {"x->y": 0.8})
    theta["shift"][:], theta["loading"][:] = 0.4, 1.7
    lab = open_laboratory(blue, periods("a"), theta, np.random.default_rng(1), 20_000)
    (rating,) = on_rating_scale(lab, Effect("x", "y"))
    assert rating is not None
    top = Priors().cut_stretch * np.log(2.0) if family == "ordinal" else 0.0
    shift = (
        -0.4 if is_reversed else 0.4
    )  # best: at or above the top cut, or for a reversed indicator below the bottom one
    chances = [logistic_normal(shift + 1.7 * 0.8 * step - top, 1.7) for step in (1.0, -1.0)]
    assert rating[0] == pytest.approx(chances[0] - chances[1], abs=0.004)


def test_an_outcome_without_a_rating_and_a_path_have_no_effect_on_the_rating_scale() -> None:
    book = Codebook({}, {"price": Indicator("price", "y", "continuous")})
    blue = draw_blueprint(theory(Edge("x", "y", "+")), book, periods("a"), [row("r", "a1", "price", value=1.0)])
    lab = open_laboratory(blue, periods("a"), pinned(blue, {"x->y": 1.0}), np.random.default_rng(1))
    assert on_rating_scale(lab, Effect("x", "y")) == [None]
    assert on_rating_scale(opened({("a", "b"): 1.0}), PathEffect(("a", "b"))) == [None]


def test_both_scales_asked_at_once_say_what_each_says_alone() -> None:
    lab = moderated(64, mx=0.3, my=-0.4, b=0.9, g=0.6)
    high = (("m", "high"),)
    asked = (Effect("m", "y"), Effect("x", "y", high), NaturalEffect("indirect", "m", "y"), PathEffect(("m", "x", "y")))  # type: ignore[arg-type]
    sds, chances = on_both_scales(lab, *asked)
    assert np.array_equal(sds, standardised(lab, *asked))
    alone = on_rating_scale(lab, *asked)
    assert all(np.array_equal(a, b) for a, b in zip(chances[:3], alone[:3], strict=True))  # type: ignore[arg-type]
    assert chances[3] is None
    assert alone[3] is None


@given(st.lists(st.floats(-0.9, 0.9), min_size=9, max_size=9), st.integers(2, 5))
def test_a_step_in_a_lagged_cause_builds_up_by_matrix_powers_over_the_periods(weights: list[float], count: int) -> None:
    names = "xyz"
    edges = [Edge(a, b, lag=1) for b in names for a in names]
    matrix = np.array(weights).reshape(3, 3)  # [effect, cause]
    slopes = {f"{a}[-1]->{b}": matrix[j, i] for i, a in enumerate(names) for j, b in enumerate(names)}
    lab = laboratory(theory(*edges, constructs=tuple(names)), periods("a", count), slopes)
    clamped = matrix.copy()
    clamped[0] = 0.0  # x is set in every period
    kick = matrix[:, 0] * [0, 1, 1]
    reached = sum(np.linalg.matrix_power(clamped, k) @ kick for k in range(count - 1))
    covariance = np.eye(3)
    for _ in range(count):
        covariance = matrix @ covariance @ matrix.T + np.eye(3)
    sd = np.sqrt(np.diag(covariance))
    found = [one(lab, Effect("x", effect)) for effect in "yz"]
    assert found == pytest.approx(reached[1:] * sd[0] / sd[1:], abs=1e-9)


def test_an_inner_outcome_moves_with_the_cause_of_the_unit_that_contains_it() -> None:
    world = theory(Edge("x", "y"), constructs=["x", Construct("y", units=("firm",))])
    lab = laboratory_without_ratings_of_y(world, {"x->y": 0.75})
    assert one(lab, Effect("x", "y")) == pytest.approx(0.75 / sqrt(0.75**2 + 1), abs=1e-9)


def laboratory_without_ratings_of_y(world: object, slopes: Mapping[str, float]) -> Laboratory:
    units = inside(periods("a"), "firm", ["a1"], each=2)
    book = Codebook(
        {"rating": RATING}, {"r": Indicator("r", "x", "ordinal", "rating"), "s": Indicator("s", "y", "binary")}
    )
    rows = [row("r", "a1", "r", [1]), row("s", "a1.firm0", "s", value=1.0)]
    blue = draw_blueprint(world, book, units, rows)  # type: ignore[arg-type]
    return open_laboratory(blue, units, pinned(blue, slopes), np.random.default_rng(1))


def test_the_order_in_which_a_construct_s_kinds_are_declared_does_not_change_its_effect() -> None:
    found = []
    for kinds in (("period", "firm"), ("firm", "period")):
        constructs = [Construct("x", units=kinds), Construct("y", units=kinds)]
        units = inside(periods("a"), "firm", ["a1"])
        lab = laboratory(theory(Edge("x", "y"), constructs=constructs), units, {"x->y": 0.5, "x->y@firm": 3.0})
        found.append(one(lab, Effect("x", "y")))
    assert found == pytest.approx([0.5 / sqrt(1.25)] * 2, abs=1e-9)


def test_draws_that_differ_give_each_its_own_answer() -> None:
    blue = blueprint(theory(Edge("x", "y")), periods("a"))
    theta = pinned(blue, {"x->y": 1.0}, samples=3)
    theta["slope"][:, 0] = [-1.0, 0.0, 2.0]
    lab = open_laboratory(blue, periods("a"), theta, np.random.default_rng(1))
    (found,) = standardised(lab, Effect("x", "y"))
    assert found == pytest.approx([b / sqrt(b * b + 1) for b in (-1.0, 0.0, 2.0)])


def test_more_nodes_than_replicates_can_decorrelate_still_give_exact_linear_differences() -> None:
    names = [f"v{i}" for i in range(12)]
    world = theory(*(Edge(a, b) for a, b in pairwise(names)))
    lab = laboratory(world, periods("a"), {f"{e.cause}->{e.effect}": 1.0 for e in world.edges}, replicates=16)
    low, high = (lab.case.world((("v0", step),))[0] for step in (0.0, 1.0))
    last = lab.case.outcome("v11")
    assert (high[last] - low[last]) == pytest.approx(lab.case.sd("v0").item())


def test_the_quadrature_that_judges_the_rating_scale_is_close_to_the_probit_s_closed_form() -> None:
    assert logistic_normal(0.0, 3.0) == pytest.approx(0.5)
    probit = 0.5 * (1 + erf(1.0 / sqrt(2 * (1.702**2 + 2.0**2))))  # logistic(x) is close to Phi(x / 1.702)
    assert logistic_normal(1.0, 2.0) == pytest.approx(probit, abs=0.01)
