"""A long list of what is wrong is short enough to be read, and leaves no place out."""

import re

from hypothesis import given
from hypothesis import strategies as st

from data.problems import Problem, in_brief, nearest

VALUES = st.sampled_from(["'a'", "'b'", "'c'", "'d'", "'e'"])
FOUND = st.lists(
    st.builds(
        lambda file, line, value, kind: Problem(file, line, f"value is {value}; {kind}."),
        st.sampled_from(["one.csv", "two.csv"]),
        st.integers(1, 60),
        VALUES,
        st.sampled_from(["levels are Low, High", "the source is unknown"]),
    ),
    max_size=80,
    unique=True,
)


def places(text: str) -> set[tuple[str, int]]:
    """Every file and line that a list of problems names."""
    found = set()
    for line in text.splitlines():
        file, numbers = re.match(r"(\S+) lines? ([\d, -]+):", line).groups()  # type: ignore[union-attr]
        for part in numbers.split(", "):
            first, _, last = part.partition("-")
            found |= {(file, n) for n in range(int(first), int(last or first) + 1)}
    return found


@given(FOUND)
def test_every_place_with_a_problem_is_named_and_no_other(problems: list[Problem]) -> None:
    assert places(in_brief(problems)) == {(p.file, p.line) for p in problems}


@given(FOUND)
def test_every_kind_of_problem_is_told_in_full_and_every_value_is_quoted(problems: list[Problem]) -> None:
    text = in_brief(problems)
    for p in problems:
        value, kind = re.match(r"value is (.*?); (.*)", p.message).groups()  # type: ignore[union-attr]
        assert any(kind in line and line.startswith(p.file) for line in text.splitlines())
        assert any(value in line and line.startswith(p.file) for line in text.splitlines())


def test_a_single_problem_reads_as_it_always_did() -> None:
    problem = Problem("units.csv", 4, "period is 'two'; periods are whole numbers. Write 2.")
    assert in_brief([problem]) == str(problem)
    assert in_brief([Problem("theory.toml", None, "is missing.")]) == "theory.toml: is missing."


def test_a_thousand_like_problems_take_four_lines() -> None:
    many = [Problem("observations.csv", n, f"value is '{n}%'; share is continuous.") for n in range(2, 1002)]
    lines = in_brief(many).splitlines()
    assert len(lines) == 4
    assert lines[-1].startswith("observations.csv lines 5-1001: the same of '5%', '6%'")
    assert lines[-1].endswith("and 985 others.")


def test_a_word_in_other_capitals_is_the_nearest() -> None:
    assert nearest("LITERACY", ["industry", "literacy"]) == " Did you mean 'literacy'?"
    assert nearest("x", ["industry", "literacy"]) == ""
