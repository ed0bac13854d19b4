"""Theories one assumption away from a theory."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from causal.contradictions import contradictions
from causal.sensitivity.edits import one_edge_away, turned, with_common_cause, without_edge
from causal.theory import Edge, Theory, theory_from_edges

CHAIN = theory_from_edges([Edge("a", "b", "+"), Edge("b", "c", "+"), Edge("a", "c", "+")])
NAMES = "abcde"


@st.composite
def theories(draw: st.DrawFn) -> Theory:
    pairs = [(x, y) for i, x in enumerate(NAMES) for y in NAMES[i + 1 :] if draw(st.booleans())]
    edges = []
    for cause, effect in pairs:
        others = [x for x, y in pairs if y == effect and x != cause]
        moderator = draw(st.sampled_from([None, *others]))
        edges.append(Edge(cause, effect, "+", moderator=moderator, moderation="-" if moderator else None))
    return theory_from_edges([*edges, Edge("a", "a", lag=1)], constructs=NAMES)


@given(theories())
def test_every_theory_one_edge_away_contradicts_nothing_and_differs_by_one_edge(theory: Theory) -> None:
    for _, other in one_edge_away(theory):
        assert not list(contradictions(other.constructs, other.edges, other.confounded))
        own, others = ({(e.cause, e.effect, e.lag) for e in t.edges} for t in (theory, other))
        assert len(own - others) == 1
        assert len(others - own) <= 1


@given(theories())
def test_every_edge_is_dropped_once(theory: Theory) -> None:
    assert sum(change.startswith("without") for change, _ in one_edge_away(theory)) == len(theory.edges)


def test_an_edge_that_would_close_a_cycle_is_not_turned() -> None:
    first, second, across = CHAIN.edges
    assert turned(CHAIN, across) is None
    assert {(e.cause, e.effect) for e in (turned(CHAIN, first) or CHAIN).edges} == {("b", "a"), ("b", "c"), ("a", "c")}
    assert {(e.cause, e.effect) for e in (turned(CHAIN, second) or CHAIN).edges} == {("a", "b"), ("c", "b"), ("a", "c")}


def test_without_its_own_edge_a_moderator_moderates_nothing() -> None:
    edges = [Edge("a", "b", moderator="m", moderation="-"), Edge("m", "b")]
    (left,) = without_edge(theory := theory_from_edges(edges), theory.edges[1]).edges
    assert (left.cause, left.moderator, left.moderation) == ("a", None, None)


def test_a_supposed_common_cause_replaces_an_admitted_one() -> None:
    admitted = theory_from_edges([Edge("a", "b")], confounded=[("b", "a")])
    (pair,) = with_common_cause(admitted, ("a", "b"), (0.5, -0.5), 0.05).confounded
    assert pair.strengths == (0.5, -0.5)
    assert pair.strength_scale == pytest.approx(0.05)
