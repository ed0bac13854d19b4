"""Other readings of the same rows, counted by hand on a study of a few rows."""

from dataclasses import replace

import numpy as np
import pytest

from data import recoding
from data.cases import Observation
from data.codebook import Codebook, Indicator, Scale
from data.failures import failed_twin
from data.units import Unit
from tests.models.worlds import row

BOOK = Codebook(
    {"rating": Scale("rating", ("Low", "Medium", "High"))},
    {
        "trust": Indicator("trust", "trust", "ordinal", "rating"),
        "growth": Indicator("growth", "growth", "ordinal", "rating"),
        "survived": Indicator("survived", "growth", "binary"),
        "members": Indicator("members", "trust", "count"),
        "debts": Indicator("debts", "growth", "continuous", reversed=True),
    },
)
ROWS = [
    row("low", "a1", "trust", [0], confidence=0.9, coder="A"),
    row("range", "a1", "growth", [1, 2], confidence=0.6, coder="A"),
    row("second", "a1", "trust", [1], confidence=0.8, coder="B"),
    row("yes", "a1", "survived", value=1.0, coder="A"),
    row("count", "a1", "members", value=30.0, coder="A"),
    row("built", "b1", "trust", [2], role="build", coder="B"),
    row("summary", "b1", "trust", [0], role="summary"),
]
UNITS = {name: Unit(name, name[0], 1.0, "period") for name in ("a1", "b1")}


def named(name: str) -> Observation:
    return next(r for r in ROWS if r.name == name)


def test_a_level_up_moves_every_rating_that_can_move_and_nothing_else() -> None:
    found = recoding.all_moved(ROWS, 1, BOOK)
    assert {n: r.levels for n, r in found.items() if r} == {"low": (1,), "range": (2,), "second": (2,)}
    found = recoding.all_moved(ROWS, -1, BOOK)
    assert {n: (r.levels, r.value) for n, r in found.items() if r} == {
        "range": ((0, 1), None), "second": ((0,), None), "yes": ((), 0.0), "built": ((1,), None),
    }  # fmt: skip


def test_twice_the_doubt_is_twice_the_chance_of_misreading() -> None:
    found = recoding.doubted(ROWS, 2.0)
    assert found["low"] == replace(named("low"), confidence=pytest.approx(0.8))
    assert found["range"] == replace(named("range"), confidence=pytest.approx(0.2))
    assert "summary" not in found


def test_a_range_collapses_to_either_end() -> None:
    assert {n: r.levels for n, r in recoding.collapsed(ROWS, "low").items() if r} == {"range": (1,)}
    assert {n: r.levels for n, r in recoding.collapsed(ROWS, "high").items() if r} == {"range": (2,)}


def test_one_coder_alone_leaves_the_others_rows_out() -> None:
    assert recoding.coders(ROWS) == ("A", "B")
    assert recoding.coder_alone(ROWS, "A") == {"second": None, "built": None}


def test_a_disputed_cell_is_settled_by_its_lowest_or_highest_reading() -> None:
    assert list(recoding.disputed(ROWS, BOOK)) == [("a1", "trust")]
    assert {n: r.levels for n, r in recoding.settled(ROWS, "low", BOOK).items() if r} == {"second": (0,)}
    assert {n: r.levels for n, r in recoding.settled(ROWS, "high", BOOK).items() if r} == {"low": (1,)}


def test_an_outcome_read_off_one_indicator_loses_the_rows_of_the_others() -> None:
    assert recoding.only_indicators(ROWS, "growth", ["survived"], BOOK) == {"range": None}
    assert recoding.without_build(ROWS) == {"built": None}


def test_edits_are_applied_one_after_another_and_what_is_left_out_stays_out() -> None:
    done = recoding.applied(ROWS, recoding.coder_alone(ROWS, "A"), recoding.collapsed(ROWS, "high"))
    assert [r.name for r in done] == ["low", "range", "yes", "count", "summary"]
    edit = recoding.between(ROWS, done)
    assert set(edit) == {"range", "second", "built"}
    assert edit["second"] is None


def test_random_recodings_move_a_row_as_often_as_it_is_misread() -> None:
    rng = np.random.default_rng(1)
    draws = [recoding.plausible(ROWS, BOOK, rng) for _ in range(4000)]

    def share(name: str, levels: tuple[int, ...]) -> float:
        said = [(d.get(name) or named(name)).levels for d in draws]
        return said.count(levels) / len(said)

    assert share("low", (1,)) == pytest.approx(0.1, abs=0.02)  # it has one neighbour
    assert share("second", (0,)) == pytest.approx(0.1, abs=0.02)
    assert share("second", (2,)) == pytest.approx(0.1, abs=0.02)
    # a level of the range each, then .4 misread: from 1 to 0 or 2, from 2 to 1
    assert share("range", (0,)) == pytest.approx(0.5 * 0.2, abs=0.02)
    assert share("range", (1,)) == pytest.approx(0.5 * 0.6 + 0.5 * 0.4, abs=0.03)
    assert all("count" not in d and "summary" not in d for d in draws)


def test_a_failed_twin_has_the_causes_of_its_case_and_the_worst_outcome() -> None:
    rows = [*ROWS, row("owed", "a1", "debts", value=5.0), row("much", "b1", "debts", value=9.0)]
    twin = failed_twin("a", "growth", UNITS, rows, BOOK)
    assert {u.case for u in twin.units.values()} == {"unreported a"}
    assert set(twin.units) == {"unreported a1"}
    said = {r.name.removeprefix("unreported "): (r.levels, r.value) for r in twin.rows}
    assert said == {
        "low": ((0,), None), "range": ((0,), None), "second": ((1,), None), "yes": ((), 0.0), "count": ((), 30.0),
        "owed": ((), 9.0),
    }  # fmt: skip
    assert not {r.evidence_group for r in twin.rows} & {r.evidence_group for r in rows}
