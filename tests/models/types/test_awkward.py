"""What a stranger may write by mistake: every mistake is a sentence that says what was found and what to do."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import pytest

from causal.potential import PotentialError
from models.types.answers import query
from models.types.graph import TypesError
from models.types.learning import Plan, clues, gains
from models.types.make import make
from models.types.pieces import ContradictionError
from models.types.posterior import Posterior, update
from models.types.priors import Custom, Flat, Hierarchical, Sparse

CASES = {"Sialkot": {"X": 1, "M": 1, "Y": 1}, "Sinos": {"X": 0, "Y": 0}, "Guadalajara": {"X": 1, "Y": 0}}


@pytest.fixture(scope="module")
def posterior() -> Posterior:
    return update(make("X -> M -> Y; X <-> Y", "increasing(X -> M)"), CASES)


@pytest.mark.parametrize(
    ("written", "said"),
    [
        (lambda: make("X -> Y", priors=Flat), "the prior of 'X' is <class"),  # type: ignore[arg-type]
        (lambda: make("X -> Y", priors={"Y": {"01": 3}}), "Custom"),  # type: ignore[dict-item]
        (lambda: make("X -> Y", levels={"Y": "3"}), "'3' levels; allowed are 2, 3 or 4"),  # type: ignore[dict-item]
        (lambda: make("X -> Y", levels=5), "'X' is given 5 levels"),
        (lambda: make(make("X -> Y").graph, levels=3), "levels; state them only"),
        (lambda: make("X -> Y", priors={"Y": Custom({"X==1": 2})}), "the prior of 'Y' speaks of 'X'"),
        (lambda: Flat(0), "must be a number above 0"),
        (lambda: Sparse(-1), "must be a number above 0"),
        (lambda: Hierarchical(()), "has no totals"),
        (lambda: Custom({"01": 3}, other=0), "other types is 0"),
    ],
)
def test_what_is_no_model_is_said(written: Callable[[], object], said: str) -> None:
    with pytest.raises(TypesError, match=said):
        written()


@pytest.mark.parametrize(
    ("table", "said"),
    [
        ("cases.csv", "cases are a data frame.*found 'cases.csv'"),
        ({"X": 1, "Y": 0}, "found 1"),
        (np.array([[1, 0, 1]]), "found array"),
        (pd.Series([1, 0], name="X"), "found 1"),
        (pd.DataFrame([{"case": "a", "X": 1}]), "no node 'case'.*index of a data frame"),
        (pd.DataFrame([{"X": 1}, {"X": 0}], index=["a", "a"]), "two cases are called 'a'"),
        ([{"X": "1"}], "'X' is '1'; allowed are the numbers 0, 1"),
        ([{"X": 0.5}], "'X' is 0.5"),
        ([{"X": {0: 0.3, 2: 0.7}}], "'X' is 2"),
        ([{"X": set()}], "an empty set"),
    ],
)
def test_what_is_no_case_is_said(posterior: Posterior, table: Any, said: str) -> None:
    with pytest.raises(TypesError, match=said):
        update(posterior.model, table)


def test_what_is_missing_may_be_written_in_any_way(posterior: Posterior) -> None:
    frame = pd.DataFrame({"X": pd.array([1, None], dtype="Int64"), "Y": [np.nan, 1.0]}, index=["a", "b"])
    others = [{"X": 1, "Y": None}, {"X": pd.NA, "Y": True, "M": {0, 1}}]
    assert [str(c) for c in update(posterior.model, frame).cases] == ["X=1", "Y=1"]
    assert [str(c) for c in update(posterior.model, others).cases] == ["X=1", "Y=1"]


def test_coding_in_doubt_is_written_as_how_probable_each_level_is(posterior: Posterior) -> None:
    (case,) = update(posterior.model, [{"X": {0: 0.3, 1: 0.7}, "Y": {1: 1}}]).cases
    assert case.seen == {"X": (0.3, 0.7), "Y": (0.0, 1.0)}


@pytest.mark.parametrize(
    ("asked", "given", "said"),
    [
        ("Y == 2", "", "levels of 'Y' are 0 to 1"),
        ("Y[X=1] - Y[X=0]", "!(3 != M)", "levels of 'M' are 0 to 1"),
        ("Y[X=1] > Y[X=0]", "X=1", "write '=='"),
        ("Y == 1 and X == 1", "", "Write & for and"),
        ("Y(X=1)", "", r"square brackets, Y\[X=1\]"),
        ("Z", "", "there is no node 'Z'"),
    ],
)
def test_what_is_no_question_is_said(posterior: Posterior, asked: str, given: str, said: str) -> None:
    with pytest.raises((TypesError, PotentialError), match=said):
        query(posterior, asked, given)


def test_a_method_a_plan_or_a_selection_that_cannot_be_is_said(posterior: Posterior) -> None:
    with pytest.raises(TypesError, match="the method is 'stan'; allowed are"):
        update(posterior.model, CASES, method="stan")  # type: ignore[arg-type]
    with pytest.raises(TypesError, match="says nothing without cases"):
        update(posterior.model, [], selected="Y==1")
    with pytest.raises(TypesError, match="'Q of a new case': there is no node 'Q'"):
        gains(posterior, "Y[X=1] - Y[X=0]", [Plan(("Q",))])
    with pytest.raises(ContradictionError, match=r"'Guadalajara'.*cannot be as given"):
        clues(posterior, "Y[X=0]==0", "Guadalajara", "X==0")


def test_answers_read_as_sentences(posterior: Posterior) -> None:
    ratio = query(posterior, "(Y[X=1] - Y[X=0]) / (M[X=1] - M[X=0])")
    assert ratio.question == "(Y[X=1] - Y[X=0]) / (M[X=1] - M[X=0])"
    told = str(query(posterior, "Y[X=0]==0", "X==1 & Y==1", case="Sialkot"))
    assert told.startswith("Y[X=0] == 0 given X == 1 & Y == 1 (holds with probability 1), case Sialkot: 0.333 before, ")
    assert "array" not in repr(ratio) + repr(posterior.model)


def test_a_ratio_over_what_may_be_of_either_sign_has_no_mean_and_is_said_to_have_none(posterior: Posterior) -> None:
    over_either = query(update(make("X -> M -> Y"), CASES), "(Y[X=1] - Y[X=0]) / (M[X=1] - M[X=0])")
    assert "no mean" in over_either.notes[-1]
    over_one_sign = query(posterior, "(Y[X=1] - Y[X=0]) / (M[X=1] - M[X=0])")
    assert not over_one_sign.notes


def test_a_prior_that_tells_levels_apart_leaves_one_peak_and_no_warning() -> None:
    """A restriction on another node whose name contains the unseen one's does not."""
    rows = [{"X": i % 2, "MX": 1, "Y": i % 2} for i in range(4)]
    graph = "X -> M -> Y; X -> MX"
    assert query(update(make(graph, "drop(MX[X=1] == 0)"), rows), "M[X=1] - M[X=0]").notes
    told = make(graph, priors={"Y": Custom({"Y[M=1] > Y[M=0]": 5.0})})
    assert not query(update(told, rows), "M[X=1] - M[X=0]").notes
