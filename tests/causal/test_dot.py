"""A theory drawn: every cause in the list, and Graphviz text with every edge."""

import networkx as nx

from causal.dot import to_dot, to_text
from causal.theory import Construct, Edge, theory_from_edges

LAKE = theory_from_edges(
    [Edge("m", "c", "+", moderator="a", moderation="-"), Edge("a", "c", "-"), Edge("s", "s", "+", lag=1)],
    [("c", "s")],
    [Construct("m", 'the "Maria" port'), "idle"],
)


def test_every_cause_is_listed_with_its_sign_moderator_and_lag() -> None:
    assert to_text(LAKE) == (
        "c <- m (+, - with a), a (-)\ns <- s[-1] (+)\nc <-> s\nwithout an edge: idle\n"
    )  # fmt: skip


def test_graphviz_text_has_every_construct_and_edge() -> None:
    lines = to_dot(LAKE).splitlines()
    assert lines[0] == 'digraph "theory" {'
    assert lines[-1] == "}"
    assert '  "m" [label="the \\"Maria\\" port"];' in lines
    assert '  "m" -> "c" [label="+, - with a"];' in lines
    assert '  "s" -> "s" [label="+, 1 period later", style=dotted, constraint=false];' in lines
    assert '  "c" -> "s" [dir=both, style=dashed];' in lines
    arrows = [line for line in lines if "->" in line]
    assert len(arrows) == len(LAKE.edges) + len(LAKE.confounded)


def test_a_theory_without_edges_is_its_constructs() -> None:
    theory = theory_from_edges([], constructs=["x", "y"])
    assert to_text(theory) == "without an edge: x, y\n"
    assert nx.is_empty(theory.graph)
