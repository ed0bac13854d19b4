"""Altered rows: what moves, what stays, and that every distinct order is seen once."""

from collections import Counter
from dataclasses import replace
from math import factorial

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from data.alterations import FEW, dummy, groups, moved, outermost, part, resample, shuffles, top_of
from data.cases import Observation, Unit

UNITS = {
    unit.name: unit
    for unit in (
        *(Unit(f"{case}{t}", case, float(t), "period") for case in "ab" for t in (1, 2)),
        *(
            Unit(f"{case}{t}.firm{i}", case, float(t), "firm", f"{case}{t}")
            for case in "ab"
            for t in (1, 2)
            for i in (0, 1)
        ),
        Unit("a1.firm2", "a", 1.0, "firm", "a1"),
    )
}


def row(unit: str, indicator: str, level: int, source: str = "s", coder: str = "A") -> Observation:
    name = f"{unit}:{indicator}:{coder}"
    return Observation(
        name, unit, indicator, (level,), None, None, False, "", coder, 0.9, source, "p", name, "test", ""
    )


ROWS = tuple(row(unit, name, i % 3) for i, unit in enumerate(UNITS) for name in ("x", "y"))


def test_moved_rows_keep_their_values_and_the_others_their_places() -> None:
    swapped = {"a1": "b2", "b2": "a1", "a2": "a2", "b1": "b1"}
    new = {r.name: r for r in moved(ROWS, UNITS, swapped, {"x"})}
    assert len(new) == len(ROWS)
    for old in ROWS:
        assert replace(new[old.name], unit=old.unit) == old
        if old.indicator == "y":
            assert new[old.name].unit == old.unit
        else:
            outer = top_of(UNITS[old.unit], UNITS).name
            assert top_of(UNITS[new[old.name].unit], UNITS).name == {v: k for k, v in swapped.items()}[outer]


def test_inner_units_go_to_inner_units_round_and_round() -> None:
    new = {r.name: r.unit for r in moved(ROWS, UNITS, {"b2": "a1"}, {"x"})}
    assert [new[f"a1.firm{i}:x:A"] for i in (0, 1, 2)] == ["b2.firm0", "b2.firm1", "b2.firm0"]


def test_where_there_is_no_inner_unit_the_rows_go_to_the_outer_one() -> None:
    units = {name: unit for name, unit in UNITS.items() if not name.startswith("b2.")}
    new = {r.name: r.unit for r in moved([r for r in ROWS if r.unit in units], units, {"b2": "a1"}, {"x"})}
    assert {new[f"a1.firm{i}:x:A"] for i in (0, 1, 2)} == {"b2"}


def test_a_bootstrap_sample_repeats_rows() -> None:
    new = moved(ROWS, UNITS, {"a1": "a1", "a2": "a1", "b1": "a1", "b2": "b2"}, {"x", "y"})
    assert Counter(r.name for r in new)["a1:x:A"] == 3


@pytest.mark.parametrize(("within", "orders"), [(False, factorial(4) - 1), (True, 2 * 2 - 1)])
def test_few_permutations_are_all_seen_once_but_the_true_one(within: bool, orders: int) -> None:
    found = shuffles(UNITS, within, 100, np.random.default_rng(1))
    assert len({tuple(s.items()) for s in found}) == len(found) == orders <= FEW
    assert {unit.name: unit.name for unit in outermost(UNITS)} not in found
    if within:
        assert all(UNITS[target].case == UNITS[source].case for s in found for target, source in s.items())


@given(cases=st.integers(3, 6), seed=st.integers(0, 5))
def test_many_permutations_are_sampled_without_repeats(cases: int, seed: int) -> None:
    units = {f"{c}{t}": Unit(f"{c}{t}", str(c), float(t), "period") for c in range(cases) for t in (1, 2)}
    found = shuffles(units, False, 19, np.random.default_rng(seed))
    assert len({tuple(s.items()) for s in found}) == 19
    assert all(sorted(s) == sorted(s.values()) for s in found)


def test_units_alone_in_their_case_cannot_be_shuffled_within_it() -> None:
    units = {c: Unit(c, c, 1.0, "period") for c in "abc"}
    assert shuffles(units, True, 19, np.random.default_rng(1)) == []


def test_whole_cases_are_resampled_with_their_periods_in_order() -> None:
    for seed in range(10):
        drawn = resample(UNITS, whole_cases=True, rng=np.random.default_rng(seed))
        assert all(UNITS[source].period == UNITS[target].period for target, source in drawn.items())
        assert all(len({UNITS[drawn[f"{case}{t}"]].case for t in (1, 2)}) == 1 for case in "ab")


def test_a_dummy_outcome_shows_only_values_that_were_coded_and_leaves_the_rest() -> None:
    new = dummy(ROWS, {"y"}, np.random.default_rng(1))
    assert [r for r in new if r.indicator == "x"] == [r for r in ROWS if r.indicator == "x"]
    assert {r.levels for r in new if r.indicator == "y"} <= {r.levels for r in ROWS if r.indicator == "y"}
    assert new != ROWS


def test_every_case_period_source_and_coder_can_be_left_out_but_not_the_only_one() -> None:
    rows = (*ROWS, row("a1", "z", 0, source="t"))
    found = {(by, name): names for by, name, names in groups(rows, UNITS)}
    assert set(found) == {
        ("case", "a"), ("case", "b"), ("period", "1"), ("period", "2"), ("source", "s"), ("source", "t"),
    }  # fmt: skip
    assert found[("source", "t")] == {"a1:z:A"}
    assert found[("case", "a")] | found[("case", "b")] == {r.name for r in rows}


def test_a_subset_leaves_out_whole_units() -> None:
    out = part(ROWS, UNITS, 0.5, np.random.default_rng(1))
    left = {top_of(UNITS[r.unit], UNITS).name for r in ROWS if r.name not in out}
    gone = {top_of(UNITS[r.unit], UNITS).name for r in ROWS if r.name in out}
    assert len(left) == len(gone) == 2
    assert not left & gone
