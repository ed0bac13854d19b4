"""A study's questions of its cases are read with their lines, or follow from what its hypotheses claim."""

from pathlib import Path

import pytest

from causal.asking import load_questions, questions_from
from causal.hypotheses import Hypothesis
from causal.query import parse_claim
from causal.theory import Construct, Edge, Theory
from data.problems import Problems

ASKED = """
[[questions]]
name = "rain caused floods"
ask = "flood[rain=0] < flood"
given = "rain > 0"

[[questions]]
name = "effect"
ask = "flood[rain=1] - flood[rain=0]"
"""


def read(root: Path, text: str) -> tuple[list[str], list[str]]:
    """The questions that a trace.toml asks, and what is wrong with it."""
    (root / "trace.toml").write_text(text, encoding="utf-8")
    problems = Problems()
    found = load_questions(root, problems)
    return [f"{named.name}: {named.question}" for named in found], [str(problem) for problem in problems.found]


def test_questions_have_names_and_conditions(tmp_path: Path) -> None:
    found, wrong = read(tmp_path, ASKED)
    assert found == [
        "rain caused floods: flood[rain=0] < flood given rain > 0",
        "effect: flood[rain=1] - flood[rain=0]",
    ]
    assert not wrong


def test_a_study_need_not_ask(tmp_path: Path) -> None:
    assert load_questions(tmp_path, Problems()) == ()


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("flood[rain=0] < flood", "flood[rain==0]", "trace.toml line 4: character 11"),
        ('"rain > 0"', '"rain"', "trace.toml line 5"),
        ("ask =", "asks =", "unknown key 'asks'"),
        ('"effect"', '"rain caused floods"', "is asked twice"),
        ("[[questions]]", "[[question]]", "unknown key 'question'"),
    ],
)
def test_what_is_no_question_is_reported_with_its_line(tmp_path: Path, old: str, new: str, said: str) -> None:
    _, wrong = read(tmp_path, ASKED.replace(old, new))
    assert any(said in problem for problem in wrong), wrong


def hypothesis(claim: str) -> Hypothesis:
    return Hypothesis("h", "A claim.", parse_claim(claim))


NAMES = ("rain", "dam", "flood", "harvest")
THEORY = Theory(
    "floods",
    "Floods",
    tuple(Construct(name) for name in NAMES),
    (Edge("rain", "dam", "-"), Edge("dam", "flood", "-"), Edge("rain", "flood", "+"), Edge("flood", "harvest", "-")),
)


@pytest.mark.parametrize(
    ("claim", "name", "question"),
    [
        ("effect(rain -> flood) > 0", "rain caused flood", "flood[rain=0] < flood given rain > 0 & flood > 0"),
        (
            "effect(flood -> harvest) < 0",
            "flood held down harvest",
            "harvest[flood=0] > harvest given flood > 0 & harvest < 1",
        ),
        (
            "path(rain -> dam -> flood) > 0",
            "rain caused flood, through dam",
            "flood[rain=0] < flood & flood[dam=dam[rain=0]] < flood given rain > 0 & flood > 0",
        ),
        (
            "path(rain -> dam -> flood -> harvest) > 0",
            "rain held down harvest, through dam and flood",
            "harvest[rain=0] > harvest & harvest[flood=flood[dam=dam[rain=0]]] > harvest given rain > 0 & harvest < 1",
        ),
    ],
)
def test_a_claimed_effect_asks_of_each_case_whether_it_happened_there(claim: str, name: str, question: str) -> None:
    (named,) = questions_from([hypothesis(claim)], THEORY)
    assert named.name == name
    assert str(named.question) == question


def test_claims_under_conditions_or_between_effects_ask_nothing_of_one_case() -> None:
    claims = [
        "effect(rain -> flood | dam = high) > 0",
        "effect(rain -> flood) > effect(dam -> flood)",
        "effect(rain -> flood) > 0.2",
        "effect(snow -> flood) > 0",
    ]
    assert questions_from(map(hypothesis, claims), THEORY) == ()


def test_a_claim_made_twice_is_asked_once() -> None:
    claims = ["effect(rain -> flood) > 0 & effect(dam -> flood) < 0", "effect(rain -> flood) > 0"]
    assert [named.name for named in questions_from(map(hypothesis, claims), THEORY)] == [
        "rain caused flood",
        "dam held down flood",
    ]
