"""A hypotheses file loads as written, and no claim passes that its theory could not be asked."""

from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from causal.hypotheses import Hypothesis, check_claims, expected_sign, gaps, load_hypotheses, spelled_out
from causal.query import Query, parse_claim
from causal.theory import Construct, Edge, Theory, theory_from_edges
from data.files import Problem, Problems

TEXT = """\
[[hypotheses]]
id = "H1"
statement = "Trust raises settlement."
claim = "effect(trust -> settlement) > 0"
smallest_effect = 0.1
rivals = ["presence"]

[[hypotheses]]
id = "H2"
statement = "Through talk."
claim = "path(trust -> talk -> settlement) > 0"
"""

THEORY = theory_from_edges(
    [
        Edge("trust", "talk", "+"),
        Edge("talk", "settlement", "-", moderator="power", moderation="-"),
        Edge("power", "settlement"),
        Edge("settlement", "trust", lag=1),
        Edge("arms", "power"),
    ],
    constructs=["alone"],
    name="war",
)


def load(folder: Path, text: str) -> tuple[tuple[Hypothesis, ...] | None, tuple[Problem, ...]]:
    path = folder / "hypotheses.toml"
    path.write_text(text)
    problems = Problems()
    return load_hypotheses(path, folder, problems), problems.found


def test_a_sound_file_loads_as_written(tmp_path: Path) -> None:
    hypotheses, problems = load(tmp_path, TEXT)
    assert problems == ()
    assert hypotheses is not None
    claim = parse_claim("effect(trust -> settlement) > 0")
    assert hypotheses[0] == Hypothesis("H1", "Trust raises settlement.", claim, 0.1, ("presence",), 4)
    assert [hypothesis.line for hypothesis in hypotheses] == [4, 11]


@pytest.mark.parametrize(
    ("found", "replacement", "line", "message"),
    [
        ('id = "H2"', 'id = "H1"', 9, "hypothesis 'H1' is declared twice"),
        ('id = "H2"\n', "", 8, "a hypothesis has no 'id'"),
        ('statement = "Through talk."', 'statement = " "', 10, 'statement is " "; it must be a text that is not blank'),
        ("effect(trust ->", "effect(trust >", 4, "character 14 of the claim"),
        (
            "smallest_effect = 0.1",
            "smallest_effect = -0.1",
            5,
            "smallest_effect is -0.1; it must be a number of at least 0",
        ),
        ("smallest_effect = 0.1", "smallest = 0.1", 5, "unknown key 'smallest' in [[hypotheses]]"),
        ('["presence"]', '"presence"', 6, 'rivals is "presence"; it must be a list of texts'),
        ("[[hypotheses]]", "[[hypothesis]]", 1, "unknown key 'hypothesis'"),
    ],
)
def test_each_mistake_is_named_at_its_line(
    tmp_path: Path, found: str, replacement: str, line: int, message: str
) -> None:
    assert found in TEXT
    hypotheses, problems = load(tmp_path, TEXT.replace(found, replacement, 1))
    assert hypotheses is None
    assert (line, True) in [(problem.line, message in problem.message) for problem in problems]


def test_a_file_without_hypotheses_is_refused(tmp_path: Path) -> None:
    _, problems = load(tmp_path, "hypotheses = []\n")
    assert "there are no hypotheses" in problems[0].message


def reported(claim: str, theory: Theory = THEORY) -> list[str]:
    problems = Problems()
    check_claims([Hypothesis("H1", "", parse_claim(claim), line=4)], theory, problems)
    assert all((problem.file, problem.line) == ("hypotheses.toml", 4) for problem in problems.found)
    return [problem.message for problem in problems.found]


@pytest.mark.parametrize(
    "claim",
    [
        "effect(trust -> settlement) < 0",
        "effect(settlement -> talk) > 0",  # through the lag
        "path(trust -> talk -> settlement) < 0",
        "path(trust -> talk -> settlement) > 0.1",
        "direct(settlement -> trust) > 0",
        "effect(trust -> settlement | power = high) > effect(trust -> settlement | power = low)",
        "effect(trust -> settlement | arms = high) > effect(trust -> settlement | arms = low)",
        "effect(trust -> settlement | talk = mean) > 0",
        "counterfactual(trust -> settlement | case = x) > 0",
    ],
)
def test_a_claim_that_the_theory_can_be_asked_passes(claim: str) -> None:
    assert reported(claim) == []


@pytest.mark.parametrize(
    ("claim", "message"),
    [
        ("effect(turst -> talk) > 0", "speaks of 'turst', which is no construct of theory 'war'"),
        ("effect(turst -> talk) > 0", "Did you mean 'trust'?"),
        ("effect(talk -> trust | zeal = low) > 0", "speaks of 'zeal'"),
        ("effect(trust -> arms) > 0", "has no path from trust to arms, so this is 0 by assumption"),
        ("direct(trust -> settlement) > 0", "has no edge trust -> settlement"),
        ("path(trust -> power -> settlement) > 0", "has no edge trust -> power"),
        ("path(trust -> talk -> settlement) > 0", "multiply to '-'"),
        ("path(arms -> power -> settlement) > 0", "expects no one sign of arms -> power. Give it a sign."),
        ("effect(trust -> talk | alone = high) > 0", "setting 'alone' changes nothing"),
        ("effect(trust -> talk) > effect(trust -> talk)", "compares a quantity with itself"),
    ],
)
def test_a_claim_that_the_theory_cannot_be_asked_is_reported(claim: str, message: str) -> None:
    assert any(message in found for found in reported(claim))


def test_two_negative_edges_make_a_positive_path() -> None:
    theory = theory_from_edges([Edge("a", "b", "-"), Edge("b", "c", "-")])
    claim = parse_claim("path(a -> b -> c) > 0")
    assert reported(str(claim), theory) == []
    assert str(spelled_out(claim, theory)) == "direct(a -> b) < 0 & direct(b -> c) < 0"
    assert "multiply to '+'" in reported("path(a -> b -> c) < 0", theory)[0]


def test_every_fault_of_every_part_is_reported_at_once() -> None:
    assert len(reported("effect(a -> b) > 0 & direct(trust -> settlement) > 0")) == 3


def test_conditions_on_observed_outcomes_are_left_alone() -> None:
    theory = theory_from_edges([("a", "y"), ("b", "y")], constructs=[Construct("y", kind="observed")])
    assert reported("effect(a -> y | b = high) > effect(a -> y | b = low)", theory) == []


def test_a_path_claim_is_that_each_edge_has_its_expected_sign() -> None:
    claim = parse_claim("path(trust -> talk -> settlement) < 0 & effect(trust -> talk) > 0")
    spelled = "direct(trust -> talk) > 0 & direct(talk -> settlement) < 0 & effect(trust -> talk) > 0"
    assert str(spelled_out(claim, THEORY)) == spelled
    product = parse_claim("path(trust -> talk -> settlement) < -0.2")
    assert spelled_out(product, THEORY) == product
    assert expected_sign(THEORY, "arms", "power") == "?"
    assert expected_sign(THEORY, "talk", "settlement") == "-"


def test_gaps_are_signed_as_the_claim_says() -> None:
    rng = np.random.default_rng(0)
    claim = parse_claim("effect(a -> b) > 0.5 & effect(a -> b) < effect(a -> c)")
    known: dict[str, NDArray[np.floating]] = {name: rng.normal(size=(2, 5)) for name in "bc"}
    asked: list[Query] = []

    def evaluate(query: Query) -> NDArray[np.floating]:
        asked.append(query)
        return known[query.constructs[1]]

    found = gaps(claim, evaluate)
    assert np.allclose(found, np.stack([known["b"] - 0.5, known["c"] - known["b"]]))
    assert len(asked) == 2
