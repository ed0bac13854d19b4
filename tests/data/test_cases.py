"""Units and judgements: what a row may say, and how units contain and follow one another."""

import itertools
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from data.cases import Cases, load_cases
from data.codebook import Codebook, Indicator, Scale
from data.files import Problems
from data.rows import Names
from data.values import Value

LEVELS = ("Low", "Medium", "High", "Very high")
CODEBOOK = Codebook(
    {"rating": Scale("rating", LEVELS)},
    {
        "mood": Indicator("mood", "trust", "ordinal", "rating"),
        "strike": Indicator("strike", "trust", "binary"),
        "share": Indicator("share", "trust", "binomial"),
        "visits": Indicator("visits", "trust", "count"),
        "wage": Indicator("wage", "trust", "continuous"),
    },
    default_confidence=0.75,
    broken=frozenset({"unreadable"}),
)
UNITS = "unit,case,period,kind,within,previous\n"
TOWNS = UNITS + "a1,a,1,town,,\na2,a,2,town,,a1\nb1,b,1,town,,\nquay,a,1,district,a1,\npier,a,1,street,quay,\n"
ROWS = "observation,unit,indicator,value,n,coder,confidence,source,locator,evidence_group,role,note\n"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("cases")


def load(
    folder: Path, units: str, rows: str, codebook: Codebook | None = CODEBOOK
) -> tuple[Cases, list[tuple[str, int | None, str]]]:
    (folder / "units.csv").write_text(units, encoding="utf-8")
    (folder / "observations.csv").write_text(rows, encoding="utf-8")
    problems = Problems()
    cases = load_cases(folder, codebook, problems, Names(frozenset({"doe"})))
    return cases, [(problem.file, problem.line, problem.message) for problem in problems.found]


def judged(folder: Path, indicator: str, value: str, n: str = "") -> Value | str:
    """What one row of an indicator says, or the problem with it."""
    cases, problems = load(folder, TOWNS, f'{ROWS}o,a1,{indicator},"{value}",{n},,,doe,p. 1,,,\n')
    if problems:
        ((file, line, message),) = problems
        assert (file, line) == ("observations.csv", 2)
        return message
    (row,) = cases.observations
    assert row.text == value
    assert row.missing == (value == "")
    return Value(row.levels, row.value, row.n)


# ------------------------------------------------------------------------------------------------------------ values


@pytest.mark.parametrize(("low", "high"), list(itertools.combinations_with_replacement(range(len(LEVELS)), 2)))
def test_a_range_of_levels_is_the_set_of_all_levels_between(folder: Path, low: int, high: int) -> None:
    expected = Value(levels=tuple(k for k in range(len(LEVELS)) if low <= k <= high))
    assert judged(folder, "mood", f"{LEVELS[low]}..{LEVELS[high]}") == expected
    assert judged(folder, "mood", f" {LEVELS[low]} .. {LEVELS[high]}".strip()) == expected
    if low == high:
        assert judged(folder, "mood", LEVELS[low]) == expected


@pytest.mark.parametrize(("high", "low"), list(itertools.combinations(LEVELS, 2)))
def test_a_range_upside_down_is_a_problem_that_shows_it_upright(folder: Path, high: str, low: str) -> None:
    said = judged(folder, "mood", f"{low}..{high}")
    assert "upside down" in str(said)
    assert f"Write {high}..{low}." in str(said)


def test_a_range_is_read_right_where_a_level_itself_ends_with_a_dot(folder: Path) -> None:
    dotted = Codebook({"s": Scale("s", ("approx.", ".exact", "all"))}, {"mood": Indicator("mood", "x", "ordinal", "s")})
    for text, levels in [("approx....exact", (0, 1)), ("approx...all", (0, 1, 2)), (".exact..all", (1, 2))]:
        cases, problems = load(folder, TOWNS, f"{ROWS}o,a1,mood,{text},,,,doe,p. 1,,,\n", dotted)
        assert problems == []
        assert cases.observations[0].levels == levels


@given(value=st.floats(allow_nan=False, allow_infinity=False))
def test_any_finite_number_is_a_continuous_value_and_reads_back_exactly(folder: Path, value: float) -> None:
    assert judged(folder, "wage", repr(value)) == Value(value=value)


@given(k=st.integers(-3, 30), n=st.integers(-3, 30))
def test_so_many_of_n_needs_n_of_at_least_one_and_no_more_than_n(folder: Path, k: int, n: int) -> None:
    (folder / "units.csv").write_text(TOWNS)
    cases, problems = load(folder, TOWNS, f"{ROWS}o,a1,share,{k},{n},,,doe,p. 1,,,\n")
    assert (problems == []) == (0 <= k <= n and n >= 1)
    assert [(row.value, row.n) for row in cases.observations] == ([(k, n)] if not problems else [])


@pytest.mark.parametrize(
    ("indicator", "value", "n", "expected"),
    [
        ("strike", "0", "", Value(value=0)),
        ("strike", "1", "", Value(value=1)),
        ("visits", "0", "", Value(value=0)),
        ("visits", "12.0", "", Value(value=12)),  # as a spreadsheet exports a column with gaps
        ("share", "37", "60.0", Value(value=37, n=60)),
        ("wage", "-1.5e3", "", Value(value=-1500)),
        *((name, "", "", Value()) for name in CODEBOOK.indicators),
    ],
)
def test_every_family_has_its_values_and_may_be_silent(
    folder: Path, indicator: str, value: str, n: str, expected: Value
) -> None:
    assert judged(folder, indicator, value, n) == expected


@pytest.mark.parametrize(
    ("indicator", "value", "n", "said"),
    [
        ("mood", "Hgh", "", "Did you mean 'High'?"),
        ("mood", "high", "", "Did you mean 'High'?"),
        ("mood", "medium-high", "", "Write Medium..High."),
        ("mood", "Low to High", "", "Write Low..High."),
        ("mood", "Low..", "", "value is '' in 'Low..'"),
        ("mood", "Low..Hihg", "", "value is 'Hihg' in 'Low..Hihg'"),
        ("mood", "Low...High", "", "value is '.High' in 'Low...High'"),
        ("mood", "2", "", "scale rating allows Low, Medium, High, Very high"),
        ("strike", "2", "", "allows 0 (no) or 1 (yes)"),
        ("strike", "0.5", "", "allows 0 (no) or 1 (yes)"),
        ("strike", "yes", "", "allows 0 (no) or 1 (yes)"),
        ("visits", "-1", "", "whole numbers from 0"),
        ("visits", "2.5", "", "whole numbers from 0"),
        ("visits", "1e999", "", "whole numbers from 0"),
        ("wage", "nan", "", "finite numbers"),
        ("wage", "inf", "", "finite numbers"),
        ("wage", "3,5", "", "finite numbers with a decimal point"),
        ("wage", "1_000", "", "finite numbers"),
        ("wage", "٣", "", "finite numbers"),
        ("share", "61.6", "60", "Turn a percentage into a number of cases"),
        ("share", "61", "60", "at most n"),
        ("share", "6", "", "n is blank"),
        ("share", "0", "0", "a whole number from 1"),
        ("share", "6", "9.5", "a whole number from 1"),
        ("share", "", "60", "value is blank, but n is '60'"),
        ("mood", "High", "60", "only a binomial has n"),
        ("wage", "", "60", "only a binomial has n"),
        ("nosuch", "1", "", "the indicator 'nosuch' is unknown"),
        ("strik", "1", "", "Did you mean 'strike'?"),
    ],
)
def test_a_value_outside_its_family_is_a_problem_that_says_what_is_allowed(
    folder: Path, indicator: str, value: str, n: str, said: str
) -> None:
    message = judged(folder, indicator, value, n)
    assert isinstance(message, str), f"accepted as {message}"
    assert said in message


# -------------------------------------------------------------------------------------------------------------- rows


def test_blank_cells_take_their_stated_defaults(folder: Path) -> None:
    cases, problems = load(folder, TOWNS, f"{ROWS}o1,a1,strike,1,,,,,,,,\no2,a1,strike,,,AB,1,doe,p. 2,g,build,why\n")
    assert problems == []
    one, two = cases.observations
    assert (one.confidence, one.evidence_group, one.role, one.coder, one.source) == (0.75, "o1", "test", "", "")
    assert (two.confidence, two.evidence_group, two.role, two.coder, two.note) == (1, "g", "build", "AB", "why")
    assert (one.line, two.line) == (2, 3)


@pytest.mark.parametrize(
    ("row", "said"),
    [
        (",a1,strike,1,,,,doe,p. 1,,,", "observation is blank"),
        ("o9,,strike,1,,,,doe,p. 1,,,", "unit is blank"),
        ("o9,a1,,1,,,,doe,p. 1,,,", "indicator is blank"),
        ("o9,a3,strike,1,,,,doe,p. 1,,,", "the unit 'a3' is unknown"),
        ("o1,a1,strike,1,,,,doe,p. 1,,,", "already on line 2"),
        ("o9,a1,strike,1,,,0,doe,p. 1,,,", "confidence is '0'"),
        ("o9,a1,strike,1,,,1.01,doe,p. 1,,,", "confidence is '1.01'"),
        ("o9,a1,strike,1,,,90%,doe,p. 1,,,", "confidence is '90%'"),
        ("o9,a1,strike,1,,,,dow,p. 1,,,", "Did you mean 'doe'?"),
        ("o9,a1,strike,1,,,,doe,,,,", "has no locator"),
        ("o9,a1,strike,1,,,,,p. 1,,,", "has no source"),
        ("o9,a1,strike,1,,,,doe,p. 1,,tests,", "Did you mean 'test'?"),
    ],
)
def test_one_mistake_in_a_row_is_one_problem_at_its_line(folder: Path, row: str, said: str) -> None:
    cases, problems = load(folder, TOWNS, f"{ROWS}o1,a1,strike,1,,,,doe,p. 1,,,\n{row}\n")
    ((file, line, message),) = problems
    assert (file, line) == ("observations.csv", 3)
    assert said in message
    assert [row.name for row in cases.observations] == ["o1"]


def test_every_mistake_of_one_row_is_said_at_once(folder: Path) -> None:
    _, problems = load(folder, TOWNS, f"{ROWS}o1,a9,strike,5,7,,2,dow,,,tests,\n")
    said = " ".join(message for _, _, message in problems)
    assert len(problems) == 6
    for part in ("the unit 'a9'", "n is '7'", "confidence is '2'", "the source 'dow'", "no locator", "role is 'tests'"):
        assert part in said


def test_rows_of_an_indicator_that_the_codebook_gets_wrong_are_not_called_unknown(folder: Path) -> None:
    cases, problems = load(folder, TOWNS, f"{ROWS}o1,a1,unreadable,1,,,,doe,p. 1,,,\n")
    assert (cases.observations, problems) == ((), [])


def test_without_a_codebook_all_that_does_not_need_one_is_still_checked(folder: Path) -> None:
    _, problems = load(folder, TOWNS, f"{ROWS}o1,a9,anything,?,,,2,doe,p. 1,,,\n", codebook=None)
    assert [message.split(";")[0].split(".")[0] for _, _, message in problems] == [
        "the unit 'a9' is unknown",
        "confidence is '2'",
    ]


@given(
    sets=st.lists(st.tuples(st.integers(0, 3), st.integers(0, 3)).map(sorted), min_size=1, max_size=4),
    sure=st.lists(st.booleans(), min_size=4, max_size=4),
    roles=st.lists(st.sampled_from(["test", "build", "summary"]), min_size=4, max_size=4),
)
def test_certain_rows_of_a_cell_must_leave_a_level_possible(
    folder: Path, sets: list[list[int]], sure: list[bool], roles: list[str]
) -> None:
    rows = "".join(
        f"o{i},a1,mood,{LEVELS[low]}..{LEVELS[high]},,,{1 if sure[i] else 0.99},doe,p. 1,,{roles[i]},\n"
        for i, (low, high) in enumerate(sets)
    )
    _, problems = load(folder, TOWNS, ROWS + rows)
    certain = [
        set(range(low, high + 1))
        for (low, high), s, role in zip(sets, sure, roles, strict=False)
        if s and role != "summary"
    ]
    possible = set.intersection(set(range(4)), *certain)
    assert len(problems) == (not possible)
    assert all("so that no level is possible" in message for _, _, message in problems)


def test_certain_rows_that_contradict_each_other_name_one_another(folder: Path) -> None:
    rows = "o1,a1,strike,1,,,1,doe,p. 1,,,\no2,a2,strike,0,,,1,doe,p. 1,,,\no3,a1,strike,0,,,1,doe,p. 2,,,\n"
    _, problems = load(folder, TOWNS, ROWS + rows)
    ((file, line, message),) = problems
    assert (file, line) == ("observations.csv", 4)
    assert "'0' for strike of a1 contradicts '1' on line 2" in message


def test_a_table_without_rows_is_a_problem(folder: Path) -> None:
    _, problems = load(folder, UNITS, ROWS)
    assert [(file, message.split(".")[0]) for file, _, message in problems] == [
        ("units.csv", "there are no units"),
        ("observations.csv", "there are no observations"),
    ]


# ------------------------------------------------------------------------------------------------------------- units


def test_units_know_their_case_order_containers_and_kinds(folder: Path) -> None:
    cases, problems = load(folder, TOWNS, f"{ROWS}o1,pier,strike,1,,,,doe,p. 1,,,\n")
    assert problems == []
    assert cases.cases == ("a", "b")
    assert cases.kinds == ("town", "district", "street")
    assert cases.outermost_kinds == ("town",)
    assert cases.ancestors("pier") == ("quay", "a1")
    assert cases.ancestors("a2") == ()
    assert cases.units["a2"].previous == "a1"
    assert cases.units["a2"].label == "a2"


@pytest.mark.parametrize(
    ("row", "said"),
    [
        ("a3,a,3,town,,a9", "the previous 'a9' is unknown"),
        ("a3,a,3,town,,a3", "the unit itself"),
        ("a3,a,3,town,,b1", "of case 'b', not 'a'"),
        ("a3,a,3,district,,a1", "of kind 'town', not 'district'"),
        ("a3,a,1,town,,a1", "of period 1, not before 1"),
        ("a3,a,1.5,town,,a2", "of period 2, not before 1.5"),
        ("a3,a,3,district,a9,", "the within 'a9' is unknown"),
        ("a3,a,3,district,b1,", "of case 'a' is within 'b1' of case 'b'"),
        ("a3,a,3,district,a3,", "'a3' within 'a3': units cannot contain themselves"),
        ("a1,a,3,town,,", "already on line 2"),
        ("a3,a,p3,town,,", "a number that orders the units of a case in time"),
        ("a3,a,,town,,", "a number that orders the units of a case in time"),
        ("a3,a,nan,town,,", "a number that orders the units of a case in time"),
        ("a3,,3,town,,", "case is blank"),
        ("a3,a,3,,,", "kind is blank"),
        (",a,3,town,,", "unit is blank"),
    ],
)
def test_one_mistake_in_a_unit_is_one_problem_at_its_line(folder: Path, row: str, said: str) -> None:
    _, problems = load(folder, f"{TOWNS}{row}\n", f"{ROWS}o1,a1,strike,1,,,,doe,p. 1,,,\n")
    ((file, line, message),) = problems
    assert (file, line) == ("units.csv", 7)
    assert said in message


@given(st.lists(st.integers(-1, 7), min_size=8, max_size=8))
def test_every_loop_of_containers_is_found_once_and_shown_as_a_path(folder: Path, within: list[int]) -> None:
    rows = "".join(f"u{i},c,1,k,{f'u{j}' if j >= 0 else ''},\n" for i, j in enumerate(within))
    cases, problems = load(folder, UNITS + rows, f"{ROWS}o1,u0,strike,1,,,,doe,p. 1,,,\n")
    loops = set()
    for start in range(8):  # brute force: after 8 steps one is on a loop or outside
        place = start
        for _ in range(8):
            place = within[place] if place >= 0 else -1
        if place >= 0:
            loop = [place]
            while within[loop[-1]] != place:
                loop.append(within[loop[-1]])
            loops.add(frozenset(loop))
    assert {line for _, line, _ in problems} == {min(loop) + 2 for loop in loops}
    assert len(problems) == len(loops)
    for loop in loops:
        path = next(message for _, line, message in problems if line == min(loop) + 2)
        assert all(f"'u{i}'" in path for i in loop)
    assert all(len(cases.ancestors(unit)) < 8 for unit in cases.units)


def test_a_unit_row_that_cannot_be_read_is_the_only_problem_and_not_every_row_about_it(folder: Path) -> None:
    _, problems = load(
        folder, TOWNS.replace("a2,a,2,town,,a1", "a2,a,2,town"), f"{ROWS}o1,a2,strike,1,,,,doe,p. 1,,,\n"
    )
    assert [(file, line) for file, line, _ in problems] == [("units.csv", 3)]


# ------------------------------------------------------------------------------------------------------------- frame


def test_the_frame_has_a_row_per_judgement_and_keeps_silence_apart_from_zero(folder: Path) -> None:
    rows = "o1,a2,visits,0,,,,doe,p. 1,,,\no2,b1,visits,,,,,doe,p. 1,,,\no3,a1,share,3,8,,,doe,p. 1,,,\n"
    cases, _ = load(folder, TOWNS, ROWS + rows)
    frame = cases.frame
    assert list(frame["observation"]) == ["o1", "o2", "o3"]
    assert list(frame["case"]) == ["a", "b", "a"]
    assert list(frame["period"]) == [2, 1, 1]
    assert list(frame["value"].isna()) == [False, True, False]
    assert frame["value"][0] == 0
    assert list(frame["n"]) == [pd.NA, pd.NA, 8]
    assert list(frame["missing"]) == [False, True, False]


def test_cells_hold_the_rows_that_are_evidence(folder: Path) -> None:
    rows = (
        "o1,a1,visits,4,,A,,doe,p. 1,,,\no2,a1,visits,5,,B,,doe,p. 1,,build,\n"
        "o3,a1,visits,,,C,,doe,p. 1,,,\no4,a1,visits,9,,D,,doe,p. 1,,summary,\n"
    )
    cases, _ = load(folder, TOWNS, ROWS + rows)
    assert {cell: [row.name for row in found] for cell, found in cases.cells.items()} == {
        ("a1", "visits"): ["o1", "o2"]
    }
