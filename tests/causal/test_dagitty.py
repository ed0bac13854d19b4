"""Theories survive the journey to dagitty's text and to networkx, and wrong texts are refused at their line."""

import networkx as nx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from causal.dagitty import DagittyError, Drawing, from_dagitty, to_dagitty
from causal.networks import from_networkx, to_networkx
from causal.theory import Edge, Sign, Theory, TheoryError, theory_from_edges

NAMES = ("trust", "größe", "信頼", "हिन्दी", "dag", "x1")


SIGN: st.SearchStrategy[Sign] = st.sampled_from(["+", "-", "?"])


@st.composite
def theories(draw: st.DrawFn) -> Theory:
    """Signed and lagged edges, and admitted confounding."""
    pairs = st.tuples(st.integers(0, 5), st.integers(0, 5))
    edges = {
        (NAMES[i], NAMES[j], 0 if i < j else draw(st.integers(1, 3))): draw(SIGN)
        for i, j in draw(st.sets(pairs, max_size=8))
    }
    confounded = [(NAMES[i], NAMES[j]) for i, j in draw(st.sets(pairs, max_size=3)) if i < j]
    signed = [Edge(cause, effect, sign, lag=lag) for (cause, effect, lag), sign in edges.items()]
    return theory_from_edges(signed, confounded, NAMES)


def without_signs(theory: Theory) -> Theory:
    edges = [Edge(edge.cause, edge.effect, lag=edge.lag) for edge in theory.edges]
    return theory_from_edges(edges, [pair.between for pair in theory.confounded], theory.constructs)


@given(theories(), st.sets(st.sampled_from(NAMES)), st.sets(st.sampled_from(NAMES)))
def test_a_theory_comes_back_from_dagitty_without_its_signs(
    theory: Theory, latent: set[str], outcomes: set[str]
) -> None:
    drawing = Drawing(without_signs(theory), frozenset(latent), frozenset(), frozenset(outcomes))
    assert from_dagitty(to_dagitty(drawing)) == drawing


@given(theories())
def test_a_theory_comes_back_from_networkx_with_its_signs(theory: Theory) -> None:
    found = from_networkx(to_networkx(theory))
    assert set(found.edges) == set(theory.edges)
    assert {frozenset(pair.between) for pair in found.confounded} == {
        frozenset(pair.between) for pair in theory.confounded
    }
    assert found.names == theory.names


def test_a_text_from_the_web_editor_reads() -> None:
    text = """
    dag {
    bb="0,0,1,1"                     // the drawing's frame
    X [exposure,pos="0.1,0.2"]
    Y [outcome,pos="0.9,0.2"]
    "U"  [latent,pos="0.5,0.1"]
    X -> { M N } -> Y [beta="0.3"]
    X <- U -> Y; M <-> N  /* admitted */ N <-> M
    Y <- Z
    }
    """
    drawing = from_dagitty(text, "web")
    theory = drawing.theory
    assert (theory.name, theory.names) == ("web", ("X", "Y", "U", "M", "N", "Z"))
    assert {edge.name for edge in theory.edges} == {"X->M", "X->N", "M->Y", "N->Y", "U->X", "U->Y", "Z->Y"}
    assert [pair.between for pair in theory.confounded] == [("M", "N")]
    assert (drawing.latent, drawing.exposures, drawing.outcomes) == (frozenset("U"), frozenset("X"), frozenset("Y"))


def test_the_text_is_dagittys() -> None:
    theory = theory_from_edges([("x", "y"), Edge("y", "x", lag=1)], [("x", "y")])
    expected = 'dag {\n  x [exposure]\n  y\n  x -> y\n  "y[-1]" -> x\n  x <-> y\n}\n'
    assert to_dagitty(Drawing(theory, exposures=frozenset("x"))) == expected


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "line 1 of the dagitty text: found the end; allowed is 'dag'"),
        ("pdag { x -- y }", "found '-- y }'; allowed are the edges ->, <- and <->"),
        ("mag { x -> y }", "found a graph of kind 'mag'; allowed is 'dag'"),
        ("dag {\n x -> \n}", "line 3 of the dagitty text: found '}'; allowed is the name of a node"),
        ("dag {\n x -> y", "line 2 of the dagitty text: found the end; allowed is the name of a node"),
        ("dag { x } y", "found 'y' after the graph; allowed is its end"),
        ("dag x -> y", "found '->'; allowed is '{'"),
        ("dag {\n x [=] }", "line 2 of the dagitty text: found '='; allowed is an attribute"),
    ],
)
def test_a_text_that_is_no_graph_is_refused_at_its_line(text: str, message: str) -> None:
    with pytest.raises(DagittyError) as caught:
        from_dagitty(text)
    assert message in str(caught.value)


@given(st.text('dag{}[]"->< xy=,;\n', max_size=40))
def test_any_text_is_a_theory_or_a_clear_error(text: str) -> None:
    try:
        drawing = from_dagitty(f"dag {{ {text} }}")
    except (DagittyError, TheoryError) as error:
        assert str(error)  # noqa: PT017
    else:
        assert nx.is_directed_acyclic_graph(drawing.theory.graph)


def test_a_drawing_that_is_no_theory_is_refused_with_the_reason() -> None:
    with pytest.raises(TheoryError, match="a cycle: "):
        from_dagitty("dag { x -> y -> x }")
    with pytest.raises(TheoryError, match="'social capital' has a name that claims cannot hold"):
        from_dagitty('dag { "social capital" -> y }')
    with pytest.raises(TheoryError, match="a cycle: "):
        from_networkx(nx.DiGraph([("x", "y"), ("y", "x")]))


def test_a_hidden_node_that_is_no_plain_common_cause_stays_a_construct() -> None:
    graph: nx.DiGraph[str] = nx.DiGraph([("u", "x"), ("u", "y"), ("u", "z")], name="three")
    graph.nodes["u"]["observed"] = False
    theory = from_networkx(graph)
    assert (theory.name, theory.names, theory.confounded) == ("three", ("u", "x", "y", "z"), ())
