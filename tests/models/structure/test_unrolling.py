"""Which score depends on which, once a theory is laid out over units."""

from dataclasses import replace

import networkx as nx
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from causal.theory import Confounded, Construct, Edge, Theory
from models.simulation.rebuild import walk
from models.structure.layout import NO_CASE, UNIT_SCALE
from models.structure.reading import Node
from models.structure.unrolling import unroll
from tests.models.small import inside, periods, shown, theory

FIRMS = inside(periods("a"), "firm", ["a1"], each=2)


def arcs(world: Theory, construct: str, units: object = None, unmeasured: tuple[str, ...] = ()) -> set[str]:
    return shown(unroll(world, units or periods("a"), unmeasured), construct)  # type: ignore[arg-type]


def test_an_edge_between_outer_constructs_is_one_arc_in_every_outer_unit() -> None:
    structure = unroll(theory(Edge("x", "y")), inside(periods("ab"), "firm", ["a1"]))
    assert shown(structure, "y") == {"a1:x -> a1:y by x->y", "b1:x -> b1:y by x->y"}
    assert len(structure.nodes) == 4


def test_an_inner_effect_reads_its_cause_from_the_unit_that_contains_it() -> None:
    world = theory(Edge("x", "y"), constructs=["x", Construct("y", units=("firm",))])
    structure = unroll(world, FIRMS)
    assert shown(structure, "y") == {f"a1:x -> a1.firm{i}:y by x->y" for i in (0, 1)}
    assert [slope.name for slope in structure.slopes] == ["x->y"]


def test_a_score_inside_another_is_the_container_s_plus_what_the_causes_differ_by() -> None:
    both = ("period", "firm")
    world = theory(Edge("x", "y"), constructs=[Construct("x", units=both), Construct("y", units=both)])
    assert arcs(world, "y", FIRMS) == {"a1:x -> a1:y by x->y"} | {
        arc
        for firm in ("a1.firm0", "a1.firm1")
        for arc in (f"a1:y -> {firm}:y by 1", f"{firm}:x -> {firm}:y by x->y@firm", f"-a1:x -> {firm}:y by x->y@firm")
    }


def test_a_cause_that_does_not_vary_inside_explains_no_difference_inside() -> None:
    world = theory(Edge("x", "y"), constructs=["x", Construct("y", units=("period", "firm"))])
    structure = unroll(world, FIRMS)
    assert shown(structure, "y") == {"a1:x -> a1:y by x->y", "a1:y -> a1.firm0:y by 1", "a1:y -> a1.firm1:y by 1"}
    assert [slope.name for slope in structure.slopes] == ["x->y"], "no coefficient without an arc"


def test_kinds_named_together_share_a_slope_and_the_others_have_their_own() -> None:
    units = inside(inside(periods("a"), "firm", ["a1"]), "guild", ["a1"])
    everywhere = ("period", "firm", "guild")
    constructs = [Construct("x", units=everywhere), Construct("y", units=everywhere)]
    structure = unroll(theory(Edge("x", "y", units=("period", "firm")), constructs=constructs), units)
    kinds = {arc.slope: set[str]() for arc in structure.arcs}
    for arc in structure.arcs:
        kinds[arc.slope].add(units[arc.target.unit].kind)
    assert kinds == {"x->y@period+firm": {"period", "firm"}, "x->y@guild": {"guild"}, "1": {"firm", "guild"}}


def test_two_edges_of_one_pair_on_different_kinds_have_a_slope_each() -> None:
    both = ("period", "firm")
    edges = (Edge("x", "y", "+", units=("period",)), Edge("x", "y", "-", units=("firm",)))
    constructs = [Construct("x", units=both), Construct("y", units=both)]
    slopes = unroll(theory(*edges, constructs=constructs), FIRMS).slopes
    assert [(slope.name, slope.sign, slope.kinds) for slope in slopes] == [
        ("x->y@period", "+", ("period",)),
        ("x->y@firm", "-", ("firm",)),
    ]


def test_a_lagged_cause_is_read_at_the_previous_unit_and_before_the_first_at_a_score_of_its_own() -> None:
    structure = unroll(theory(Edge("x", "y", lag=1)), periods("ab", 2))
    assert shown(structure, "y") == {
        f"{c}{arc}" for c in "ab" for arc in (f"1[start]:x -> {c}1:y by x[-1]->y", f"1:x -> {c}2:y by x[-1]->y")
    }
    assert sum(node.start for node in structure.nodes) == 2
    assert len(structure.nodes) == 2 * 2 * 2 + 2


def test_a_cause_two_periods_back_has_two_scores_before_the_first_unit() -> None:
    structure = unroll(theory(Edge("x", "y", lag=2)), periods("a", 3))
    sources = [arc.source for t in (1, 2, 3) for arc in structure.arcs if arc.target == Node(f"a{t}", "y")]
    assert len(set(sources)) == 3
    assert [source.start > 0 for source in sources] == [True, True, False]
    assert sources[2] == Node("a1", "x")


def test_scores_before_the_first_unit_are_told_apart_whatever_units_are_called() -> None:
    names = ("a", "a-2")  # two cases; the second is called as the first's score two periods back might be
    units = {name: replace(unit, name=name) for name, unit in zip(names, periods("ab").values(), strict=True)}
    edges = (Edge("x", "y", lag=1), Edge("x", "z", lag=2))
    starts = [node for node in unroll(theory(*edges), units).nodes if node.start]
    assert len(starts) == 2 * 2


def test_feedback_over_periods_is_a_chain() -> None:
    world = theory(Edge("x", "y"), Edge("y", "x", lag=1))
    structure = unroll(world, periods("a", 3))
    graph = nx.DiGraph((str(arc.source), str(arc.target)) for arc in structure.arcs)
    assert nx.dag_longest_path(graph) == ["a1[start]:y", "a1:x", "a1:y", "a2:x", "a2:y", "a3:x", "a3:y"]


def test_a_unit_without_past_of_its_own_starts_at_its_container_s_past() -> None:
    both = ("period", "firm")
    units = inside(periods("a", 2), "firm", ["a2"])
    structure = unroll(theory(Edge("y", "y", lag=1), constructs=[Construct("y", units=both)]), units)
    assert {arc for arc in shown(structure, "y") if "firm" in arc} == {
        "a2:y -> a2.firm0:y by 1",
        "a2.firm0[start]:y -> a2.firm0:y by y[-1]->y@firm",
        "-a1:y -> a2.firm0:y by y[-1]->y@firm",
        "a1:y -> a2.firm0[start]:y by 1",
    }
    start = structure.index[Node("a2.firm0", "y", 1)]
    assert structure.kind[start] == structure.inner_kinds.index("firm")
    assert structure.case[start] == NO_CASE


def test_an_inner_unit_without_past_is_never_less_like_its_container_than_the_others() -> None:
    """What its first score differs by is only what was drawn for it: nothing of its container's past is left over."""
    both = ("period", "firm")
    units = inside(periods("a", 2), "firm", ["a2"])
    structure = unroll(theory(Edge("y", "y", lag=1), constructs=[Construct("y", units=both)]), units)
    base = [np.array(5.0 if "firm" not in node.unit else 0.0) for node in structure.nodes]
    slopes = [np.array(1.0 if slope == "1" else 0.7) for slope in [*(s.name for s in structure.slopes), "1"]]
    z, _ = walk(structure, base, slopes, {})
    assert z[structure.index[Node("a2.firm0", "y")]] == pytest.approx(z[structure.index[Node("a2", "y")]])


def test_a_moderated_edge_has_a_product_arc_beside_its_main_one() -> None:
    world = theory(Edge("m", "y", "-"), Edge("x", "y", "+", moderator="m", moderation="-"))
    assert arcs(world, "y") == {
        "a1:m -> a1:y by m->y",
        "a1:x -> a1:y by x->y",
        "a1:x * a1:m -> a1:y by x*m->y",
    }
    (product,) = [slope for slope in unroll(world, periods("a")).slopes if slope.moderation]
    assert product.sign == "-"


def test_a_moderator_that_varies_outside_only_still_changes_the_slope_inside() -> None:
    both = ("period", "firm")
    world = theory(
        Edge("m", "y"),
        Edge("x", "y", moderator="m"),
        constructs=["m", Construct("x", units=both), Construct("y", units=both)],
    )
    firm = {arc for arc in arcs(world, "y", FIRMS) if "-> a1.firm0:y" in arc}
    assert firm == {
        "a1:y -> a1.firm0:y by 1",
        "a1.firm0:x -> a1.firm0:y by x->y@firm",
        "-a1:x -> a1.firm0:y by x->y@firm",
        "a1.firm0:x * a1:m -> a1.firm0:y by x*m->y@firm",
        "-a1:x * a1:m -> a1.firm0:y by x*m->y@firm",
    }


def confounded(*edges: Edge, between: tuple[str, str], constructs: tuple[Construct, ...]) -> Theory:
    return Theory("c", "c", constructs, edges, (Confounded(between),))


def test_a_bidirected_edge_is_a_latent_cause_of_both_ends_with_one_sign_fixed() -> None:
    world = confounded(between=("x", "y"), constructs=(Construct("x"), Construct("y")))
    structure = unroll(world, periods("ab"))
    assert shown(structure, "x") == {f"{u}:x<->y -> {u}:x by x<->y:x" for u in ("a1", "b1")}
    assert shown(structure, "y") == {f"{u}:x<->y -> {u}:y by x<->y:y" for u in ("a1", "b1")}
    assert {slope.name: slope.fixed_sign for slope in structure.slopes} == {"x<->y:x": 1, "x<->y:y": 0}
    hidden = structure.index[Node("a1", "x<->y")]
    assert (structure.case[hidden], structure.kind[hidden]) == (NO_CASE, UNIT_SCALE)


@pytest.mark.parametrize(
    ("x", "y", "home_of_x", "home_of_y"),
    [
        ((), ("firm",), "a1", "a1"),
        (("firm",), (), "a1", "a1"),
        (("firm",), ("firm",), "a1.firm0", "a1.firm0"),
        (("firm",), ("guild",), "a1", "a1"),
        (("period", "firm"), ("firm",), "a1", "a1"),
    ],
)
def test_no_admitted_confounding_is_lost_where_its_ends_vary_on_different_kinds(
    x: tuple[str, ...], y: tuple[str, ...], home_of_x: str, home_of_y: str
) -> None:
    units = inside(inside(periods("a"), "firm", ["a1"]), "guild", ["a1"])
    world = confounded(between=("x", "y"), constructs=(Construct("x", units=x), Construct("y", units=y)))
    structure = unroll(world, units)
    for end, home in (("x", home_of_x), ("y", home_of_y)):
        sources = {arc.source.unit for arc in structure.arcs if arc.target.construct == end and arc.slope != "1"}
        assert sources == {home}


def test_a_construct_that_a_theory_does_not_use_is_an_isolated_score_with_a_case_component() -> None:
    structure = unroll(theory(Edge("x", "y"), constructs=["idle"]), periods("ab"))
    assert shown(structure, "idle") == set()
    assert [structure.case[structure.index[Node(u, "idle")]] for u in ("a1", "b1")] == [0, 1]


@pytest.mark.parametrize(("sign", "fixed"), [("+", 1), ("-", -1), ("?", 0)])
def test_a_construct_that_nothing_measures_takes_its_direction_from_one_signed_edge(sign: str, fixed: int) -> None:
    world = theory(Edge("x", "u", "?"), Edge("u", "y", sign), Edge("u", "z", "+"))  # type: ignore[arg-type]
    found = {slope.name: slope.fixed_sign for slope in unroll(world, periods("a"), ["u"]).slopes}
    carrier = "u->y" if fixed else "u->z"
    assert found == {"x->u": 0, "u->y": 0, "u->z": 0} | {carrier: fixed or 1}


def test_coefficients_of_fixed_sign_come_after_the_free_ones() -> None:
    world = theory(Edge("u", "y", "+"), Edge("x", "y"))
    assert [slope.name for slope in unroll(world, periods("a"), ["u"]).slopes] == ["x->y", "u->y"]


def test_scores_inside_others_have_the_scale_of_their_kind_and_no_case_component_of_their_own() -> None:
    structure = unroll(theory(constructs=[Construct("y", units=("period", "firm"))]), FIRMS)
    outer, inner = structure.index[Node("a1", "y")], structure.index[Node("a1.firm0", "y")]
    assert structure.inner_kinds == ("firm",)
    assert (structure.kind[outer], structure.kind[inner]) == (UNIT_SCALE, 0)
    assert (structure.case[outer], structure.case[inner]) == (0, NO_CASE)


def test_an_inner_construct_without_a_score_outside_has_a_case_component_and_unit_scale() -> None:
    structure = unroll(theory(constructs=[Construct("y", units=("firm",))]), FIRMS)
    assert structure.inner_kinds == ()
    assert set(structure.kind) == {UNIT_SCALE}
    assert set(structure.case) == {0}


NAMES = tuple("abcdef")


@st.composite
def random_theories(draw: st.DrawFn) -> Theory:
    """Random acyclic theories: random kinds, lags, moderators and confounding."""
    order = draw(st.permutations(NAMES))
    pairs = [(a, b) for i, a in enumerate(order) for b in order[i + 1 :]]
    chosen = draw(st.lists(st.sampled_from(pairs), unique=True, max_size=10))
    edges = [Edge(a, b) for a, b in chosen]
    for i, edge in enumerate(edges):
        partners = [other.cause for other in edges if other.effect == edge.effect and other.cause != edge.cause]
        if partners and draw(st.booleans()):
            edges[i] = Edge(edge.cause, edge.effect, moderator=draw(st.sampled_from(partners)))
    lagged = draw(st.lists(st.tuples(st.sampled_from(NAMES), st.sampled_from(NAMES)), unique=True, max_size=3))
    edges += [Edge(a, b, lag=draw(st.integers(1, 2))) for a, b in lagged]
    kinds = st.sampled_from([(), ("period",), ("firm",), ("period", "firm")])
    constructs = tuple(Construct(name, units=draw(kinds)) for name in NAMES)
    pair = draw(st.lists(st.sampled_from(pairs), unique=True, max_size=2))
    return Theory("random", "random", constructs, tuple(edges), tuple(map(Confounded, pair)))


WORLD_UNITS = inside(periods("ab", 3), "firm", ["a1", "b3"], each=2)


@given(random_theories())
def test_every_cause_comes_before_its_effects_whatever_the_theory(world: Theory) -> None:
    structure = unroll(world, WORLD_UNITS)
    for arc in structure.arcs:
        target = structure.index[arc.target]
        assert structure.index[arc.source] < target
        assert arc.moderator is None or structure.index[arc.moderator] < target


@given(random_theories())
def test_every_unit_owns_exactly_the_scores_of_the_constructs_that_vary_on_its_kind(world: Theory) -> None:
    structure = unroll(world, WORLD_UNITS)
    owned = {(n.unit, n.construct) for n in structure.nodes if not n.start and n.construct in NAMES}
    wanted = {
        (u.name, c.name) for u in WORLD_UNITS.values() for c in world.constructs if u.kind in (c.units or ("period",))
    }
    assert owned == wanted
    assert len(set(structure.nodes)) == len(structure.nodes)


@given(random_theories())
def test_every_slope_is_used_and_every_arc_has_a_slope(world: Theory) -> None:
    structure = unroll(world, WORLD_UNITS)
    assert {arc.slope for arc in structure.arcs} - {"1"} == {slope.name for slope in structure.slopes}
    assert len({slope.name for slope in structure.slopes}) == len(structure.slopes)


@given(random_theories(), st.integers(0, 10**6))
def test_in_a_world_of_zero_slopes_scores_are_what_they_were_before_their_causes(world: Theory, seed: int) -> None:
    structure = unroll(world, WORLD_UNITS)
    base = list(np.random.default_rng(seed).normal(size=len(structure.nodes)))
    slopes = [np.array(0.0)] * len(structure.slopes) + [np.array(1.0)]
    z, _ = walk(structure, base, slopes, {})
    for n, node in enumerate(structure.nodes):
        outer = [structure.index[a.source] for a in structure.arcs if a.target == node and a.slope == "1"]
        assert z[n] == pytest.approx(base[n] + sum(z[m] for m in outer))


@given(random_theories(), st.integers(0, 10**6))
def test_scores_solve_the_simultaneous_equations(world: Theory, seed: int) -> None:
    """Without moderation, z = (I - B)^-1 base with B filled in from the arcs."""
    plain = Theory("plain", "plain", world.constructs, tuple(Edge(e.cause, e.effect, lag=e.lag) for e in world.edges))
    if len(set(plain.edges)) < len(plain.edges):
        return
    structure = unroll(plain, WORLD_UNITS)
    rng = np.random.default_rng(seed)
    base, weights = rng.normal(size=len(structure.nodes)), rng.normal(size=len(structure.slopes))
    value = {slope.name: weights[i] for i, slope in enumerate(structure.slopes)} | {"1": 1.0}
    matrix = np.zeros((len(base), len(base)))
    for arc in structure.arcs:
        matrix[structure.index[arc.target], structure.index[arc.source]] += arc.weight * value[arc.slope]
    z, _ = walk(structure, list(base), [*weights, np.array(1.0)], {})
    assert np.allclose(z, np.linalg.solve(np.eye(len(base)) - matrix, base))
