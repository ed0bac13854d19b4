"""Questions about potential outcomes are parsed as the field writes them, and nothing else is."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from causal.potential import (
    Expression,
    Not,
    Number,
    Operation,
    Outcome,
    PotentialError,
    Question,
    is_statement,
    outcomes,
    parse_question,
    parse_statement,
    value,
)

NAMES = st.sampled_from(["X", "Y", "M", "vergüenza", "x_1", "given_name"])
LEVELS = st.integers(0, 3)


def nested(depth: int) -> st.SearchStrategy[Outcome]:
    """Potential outcomes, their settings themselves outcomes of the node that is set."""
    if not depth:
        return st.builds(Outcome, NAMES)
    deeper = nested(depth - 1)

    def settings(name: str) -> st.SearchStrategy[tuple[str, int | Outcome]]:
        return st.one_of(LEVELS, deeper.map(lambda o: Outcome(name, o.do))).map(lambda to: (name, to))

    several = st.lists(NAMES, unique=True, max_size=2).flatmap(lambda names: st.tuples(*map(settings, sorted(names))))
    return st.builds(Outcome, NAMES, several)


NUMBERS = st.integers(0, 9).map(lambda n: Number(float(n)))
SUMS = st.recursive(
    st.one_of(NUMBERS, nested(2)), lambda s: st.builds(Operation, st.sampled_from(["+", "-", "*"]), s, s), max_leaves=4
)
COMPARISONS = st.builds(Operation, st.sampled_from(["==", "!=", "<", "<=", ">", ">="]), SUMS, SUMS)
STATEMENTS = st.recursive(
    COMPARISONS, lambda s: st.one_of(st.builds(Operation, st.sampled_from(["&", "|"]), s, s), st.builds(Not, s)), max_leaves=4
)  # fmt: skip


@given(st.builds(Question, st.one_of(SUMS, STATEMENTS), st.none() | SUMS, st.none() | STATEMENTS))
def test_what_is_printed_is_read_back(question: Question) -> None:
    assert parse_question(str(question)) == question


@given(st.text(alphabet="XY[]=<>!&|()+-*/ 01,given", max_size=20))
def test_any_text_is_a_question_or_an_error_that_says_where(text: str) -> None:
    said = ""
    try:
        parse_question(text)
    except PotentialError as error:
        said = str(error)
    assert not said or ("character " in said and "allowed" in said)


def worth(text: str, **values: float) -> float:
    return float(value(parse_question(text).asked, lambda o: np.asarray(values[o.node])))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("1 - 2 - 3", -4),
        ("2 + 3*4", 14),
        ("X==1 | X==2 & Y==9", 1),
        ("!X==2 & Y==0", 1),
        ("(X>0) - (X<0)", 1),
        ("-X + 1", 0),
        ("X>0 | Y>0", 1),
        ("X!=1", 0),
    ],
)
def test_operators_bind_as_they_do_elsewhere(text: str, expected: float) -> None:
    assert worth(text, X=1, Y=0) == expected


def test_the_notation_of_the_field_is_read() -> None:
    question = parse_question("Y[X=1, M=M[X=0]] > Y[X=0]", given="X==1 & Y==1")
    assert list(outcomes(question.asked)) == [
        Outcome("Y", (("M", Outcome("M", (("X", 0),))), ("X", 1))),
        Outcome("Y", (("X", 0),)),
    ]
    assert question.given is not None
    assert is_statement(question.given)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "character 1 of '': found the end"),
        ("Y = 1", "'=='"),
        ("Y[X==1]", "single '='"),
        ("Y[X=Z]", "what X would be in another world"),
        ("Y[X=1, X=0]", "set already"),
        ("Y[X=0.5]", "a level counted from 0"),
        ("Y given Y", "true or false"),
        ("Y; import os", "character 2"),
        ("Y[X=1", "','"),
        ("Y Y", "or the end"),
    ],
)
def test_what_is_no_question_is_refused_with_the_place_and_what_may_stand_there(text: str, said: str) -> None:
    with pytest.raises(PotentialError) as error:
        parse_question(text)
    assert said in str(error.value)


def test_given_may_be_written_as_the_package_of_the_field_writes_it() -> None:
    assert parse_question("Y[X=1] > Y[X=0] :|: X==1 & Y==1") == parse_question("Y[X=1] > Y[X=0]", given="X==1 & Y==1")


def test_two_conditions_are_refused() -> None:
    with pytest.raises(PotentialError, match="second"):
        parse_question("Y given X==1", given="X==0")


def test_a_number_is_no_statement() -> None:
    with pytest.raises(PotentialError, match="true or false"):
        parse_statement("Y + 1")
    expression: Expression = parse_statement("Y + 1 > 0")
    assert is_statement(expression)
