"""A theory file either loads as written or says everything that is wrong with it, each thing at its line."""

from pathlib import Path

import networkx as nx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from causal.theory import Edge, ModelChoices, Theory, TheoryError, load_theory, theory_from_edges
from data.files import Problem, Problems

SETTLEMENT = """\
name = "mediation"
title = "Mediation and settlement"
main_source = "author2010"

[model]
pooling = "none"
prior_scale = 0.4

[constructs.mediation]
label = "Mediation"
source = "s1.2"

[constructs.trust]
units = ["war", "round"]

[constructs.settlement]
kind = "observed"

[[edges]]
cause = "mediation"
effect = "trust"
sign = "+"
because = "Mediators carry assurances."
source = "author2010, ch. 3"

[[edges]]
cause = "trust"
effect = "settlement"
moderator = "mediation"
moderation = "-"
prior_scale = 0.3

[[edges]]
cause = "mediation"
effect = "settlement"

[[edges]]
cause = "settlement"
effect = "settlement"
lag = 1

[[confounded]]
between = ["mediation", "settlement"]
because = "Resolve."
"""


def load(folder: Path, text: str) -> tuple[Theory | None, tuple[Problem, ...]]:
    path = folder / "theory.toml"
    path.write_bytes(text.encode())
    problems = Problems()
    return load_theory(path, folder, problems), problems.found


def test_a_sound_file_loads_as_written(tmp_path: Path) -> None:
    theory, problems = load(tmp_path, SETTLEMENT)
    assert problems == ()
    assert theory is not None
    assert theory.names == ("mediation", "trust", "settlement")
    assert theory.model == ModelChoices(pooling="none", prior_scale=0.4)
    assert theory.main_source == "author2010"
    assert theory.construct("trust").units == ("war", "round")
    assert theory.construct("settlement").kind == "observed"
    assert theory.edges[1] == Edge("trust", "settlement", moderator="mediation", moderation="-", prior_scale=0.3)
    assert [edge.name for edge in theory.edges][-1] == "settlement[-1]->settlement"
    assert theory.confounded[0].between == ("mediation", "settlement")


def test_byte_order_mark_and_windows_line_ends_change_nothing(tmp_path: Path) -> None:
    plain, _ = load(tmp_path, SETTLEMENT)
    windows, problems = load(tmp_path, "\ufeff" + SETTLEMENT.replace("\n", "\r\n"))
    assert problems == ()
    assert windows == plain


@pytest.mark.parametrize(
    ("found", "replacement", "further", "message"),
    [
        ('effect = "trust"', 'effect = "turst"', 0, "effect 'turst' is no construct of this theory"),
        ('effect = "trust"', 'effect = "turst"', 0, "Did you mean 'trust'?"),
        ('sign = "+"', 'sign = "plus"', 0, 'sign is "plus"; allowed are "+", "-", "?".'),
        ('sign = "+"', 'sgin = "+"', 0, "unknown key 'sgin' in [[edges]]; allowed are cause, effect, sign"),
        ('sign = "+"', 'sgin = "+"', 0, "Did you mean 'sign'?"),
        ('title = "Me', 'titel = "Me', 0, "unknown key 'titel' in a theory"),
        ('kind = "observed"', 'kind = "manifest"', 0, 'kind is "manifest"; allowed are "latent", "observed"'),
        ('units = ["war", "round"]', 'units = "war"', 0, 'units is "war"; it must be a list of texts'),
        ('units = ["war", "round"]', 'units = ["war", "war"]', 0, "units names 'war' twice"),
        ("prior_scale = 0.4", "prior_scale = 0", 0, "prior_scale is 0; it must be a number above 0"),
        ("prior_scale = 0.4", "prior_scale = true", 0, "prior_scale is true; it must be a number above 0"),
        ("prior_scale = 0.4", "prior_scale = nan", 0, "prior_scale is nan; it must be a number above 0"),
        ("prior_scale = 0.4", "prior_scale = inf", 0, "prior_scale is inf; it must be a number above 0"),
        ("prior_scale = 0.3", "prior_scale = -1", 0, "prior_scale is -1; it must be a number above 0"),
        ('pooling = "none"', 'pooling = "some"', 0, 'pooling is "some"; allowed are "partial", "none", "complete"'),
        ("lag = 1\n", "lag = 0\n", -1, "makes 'settlement' its own cause"),
        ("lag = 1\n", "lag = -1\n", 0, "lag is -1; it must be a whole number of at least 0"),
        ("lag = 1\n", "lag = 1.0\n", 0, "lag is 1.0; it must be a whole number"),
        ("lag = 1\n", "lag = 1\nmonotone = 1\n", 1, "monotone is 1; it must be true or false"),
        ('moderator = "mediation"', 'moderator = "settlement"', 0, "is moderated by its own end 'settlement'"),
        ('moderator = "mediation"', 'moderator = "mood"', 0, "moderator 'mood' is no construct"),
        ('moderator = "mediation"\n', "", 0, "has a moderation but no moderator"),
        ('["mediation", "settlement"]', '["mediation", "mood"]', 0, "confounded construct 'mood' is no construct"),
        ('["mediation", "settlement"]', '["trust", "trust"]', 0, "'trust' is confounded with itself"),
        ('["mediation", "settlement"]', '["trust"]', 0, "it must be two constructs, such as"),
        ('name = "mediation"\n', "", None, "the theory has no 'name'"),
        ('name = "mediation"', "name = 3", 0, "name is 3; it must be a text"),
        ("[constructs.trust]", '[constructs."trust "]', 0, "construct 'trust ' has a name that claims cannot hold"),
        ("[constructs.trust]", "[constructs.case]", 0, "a construct may not be called 'case'"),
        ("[constructs.trust]", "[constructs.mediation]", 0, "not valid TOML"),
        ('cause = "trust"\n', "", -1, "an edge has no 'cause'"),
    ],
)
def test_each_mistake_is_named_at_its_line(
    tmp_path: Path, found: str, replacement: str, further: int | None, message: str
) -> None:
    before, after = SETTLEMENT.split(found, 1)
    theory, problems = load(tmp_path, before + replacement + after)
    assert theory is None
    line = None if further is None else before.count("\n") + 1 + further
    assert (line, True) in [(problem.line, message in problem.message) for problem in problems]


def test_a_cycle_is_shown_as_a_path_at_the_edge_that_closes_it(tmp_path: Path) -> None:
    closing = '\n[[edges]]\ncause = "settlement"\neffect = "mediation"\n'
    _, problems = load(tmp_path, SETTLEMENT + closing)
    (problem,) = problems
    assert problem.line == SETTLEMENT.count("\n") + 2
    assert "a cycle: settlement -> mediation -> settlement." in problem.message


def test_feedback_with_a_lag_is_no_cycle(tmp_path: Path) -> None:
    theory, problems = load(tmp_path, SETTLEMENT + '\n[[edges]]\ncause = "settlement"\neffect = "mediation"\nlag = 1\n')
    assert problems == ()
    assert theory is not None
    assert theory.order == ("mediation", "trust", "settlement")


def test_a_moderator_must_be_a_cause_of_the_effect(tmp_path: Path) -> None:
    text = SETTLEMENT.replace(
        'cause = "mediation"\neffect = "settlement"', 'cause = "mediation"\neffect = "mediation"\nlag=1'
    )
    _, problems = load(tmp_path, text)
    (problem,) = problems
    assert text.splitlines()[(problem.line or 0) - 1] == 'moderator = "mediation"'
    assert "moderator 'mediation' of trust -> settlement is not itself a cause of 'settlement'" in problem.message
    assert "Add the edge mediation -> settlement" in problem.message


def test_an_edge_declared_twice_is_a_duplicate_unless_its_units_differ(tmp_path: Path) -> None:
    again = '\n[[edges]]\ncause = "mediation"\neffect = "trust"\n'
    _, problems = load(tmp_path, SETTLEMENT + again)
    assert [problem.line for problem in problems] == [SETTLEMENT.count("\n") + 2]
    assert "edge mediation -> trust is declared twice" in problems[0].message

    _, half = load(tmp_path, SETTLEMENT + again + 'units = ["round"]\n')
    assert len(half) == 1

    apart = SETTLEMENT.replace('sign = "+"', 'units = ["war"]') + again + 'units = ["round"]\n'
    theory, problems = load(tmp_path, apart)
    assert problems == ()
    assert theory is not None
    assert [edge.name for edge in theory.edges_into("trust")] == ["mediation->trust@war", "mediation->trust@round"]
    assert theory.parents("trust") == ("mediation",)


def test_the_same_effect_now_and_later_is_two_edges(tmp_path: Path) -> None:
    theory, problems = load(tmp_path, SETTLEMENT + '\n[[edges]]\ncause = "mediation"\neffect = "trust"\nlag = 1\n')
    assert problems == ()
    assert theory is not None
    assert [edge.lag for edge in theory.edges_into("trust")] == [0, 1]


def test_all_mistakes_are_reported_at_once_and_each_time(tmp_path: Path) -> None:
    text = SETTLEMENT.replace('sign = "+"', 'sign = "plus"').replace("lag = 1", "lag = 0").replace("0.4", "-0.4")
    (tmp_path / "theory.toml").write_text(text)
    problems = Problems()
    for _ in range(2):
        assert load_theory(tmp_path / "theory.toml", tmp_path, problems) is None
        lines = [text.splitlines()[(problem.line or 0) - 1] for problem in problems.found]
        assert sorted(lines) == ['effect = "settlement"', "prior_scale = -0.4", 'sign = "plus"']


def test_a_theory_without_constructs_is_refused(tmp_path: Path) -> None:
    theory, problems = load(tmp_path, 'name = "nothing"\n')
    assert theory is None
    assert "no constructs" in problems[0].message


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('name = "x"\nconstructs = 3\n', "constructs is 3; it must be a table, [constructs]"),
        (
            'name = "x"\nedges = "a"\n[constructs.a]\n',
            'edges is "a"; it must be a list of tables, each headed [[edges]]',
        ),
        ('name = "x"\n[constructs]\na = 1\n', "a is 1; it must be a table, [constructs.a]"),
        ('name = "x"\n[constructs.a]\n[[confounded]]\n', "there is no 'between'"),
    ],
)
def test_a_wrong_shape_of_file_is_said_in_words(tmp_path: Path, text: str, message: str) -> None:
    theory, problems = load(tmp_path, text)
    assert theory is None
    assert any(message in problem.message for problem in problems)


def test_positions_in_the_file_survive_a_malformed_edge_before(tmp_path: Path) -> None:
    text = SETTLEMENT.replace('cause = "mediation"\neffect = "trust"\n', 'effect = "trust"\n', 1).replace(
        "lag = 1", "lag = 0"
    )
    _, problems = load(tmp_path, text)
    line = text[: text.index("lag = 0")].count("\n")
    assert (line, True) in [(problem.line, "its own cause" in problem.message) for problem in problems]


def test_a_theory_made_in_code_is_held_to_the_same_rules() -> None:
    with pytest.raises(TheoryError, match="a cycle: "):
        theory_from_edges([("a", "b"), ("b", "c"), ("c", "a")])
    with pytest.raises(TheoryError, match="'d' of a -> b is not itself a cause of 'b'"):
        theory_from_edges([Edge("a", "b", moderator="d")], constructs=["d"])
    with pytest.raises(KeyError, match="has no construct 'c'; it has a, b"):
        theory_from_edges([("a", "b")]).construct("c")


@given(st.permutations("abcdef"), st.sets(st.tuples(st.integers(0, 5), st.integers(0, 5))))
def test_order_puts_causes_first_and_ties_as_declared(labels: list[str], pairs: set[tuple[int, int]]) -> None:
    theory = theory_from_edges([(labels[i], labels[j]) for i, j in sorted(pairs) if i < j], constructs="abcdef")
    place = {name: position for position, name in enumerate(theory.order)}
    assert all(place[edge.cause] < place[edge.effect] for edge in theory.edges)
    assert sorted(theory.order) == sorted(theory.names)
    free = [name for name in theory.names if not theory.parents(name)]
    assert [name for name in theory.order if name in free] == free


@given(st.sets(st.tuples(st.sampled_from("abcde"), st.sampled_from("abcde")), min_size=1))
def test_exactly_the_graphs_with_a_cycle_are_refused(pairs: set[tuple[str, str]]) -> None:
    if not nx.is_directed_acyclic_graph(nx.DiGraph(list(pairs))):
        with pytest.raises(TheoryError, match=r"a cycle:|its own cause"):
            theory_from_edges(sorted(pairs))
        return
    theory = theory_from_edges(sorted(pairs))
    assert set(theory.graph.edges) == pairs
    assert all(theory.ancestors(name) == nx.ancestors(theory.graph, name) for name in theory.names)
