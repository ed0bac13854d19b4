"""Agreement between coders, against published numbers, the definition, and brute force."""

import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from data.cases import Cases, Observation
from data.codebook import Codebook, Indicator, Scale
from data.reliability import (
    Code,
    Disagreement,
    Measure,
    agreement,
    alpha,
    closest,
    disagreements,
    furthest,
)
from data.units import Unit

GAP = np.nan
# Krippendorff, "Computing Krippendorff's alpha-reliability" (2011), section C: 4 coders, 12 units, 7 codes missing.
CANONICAL = np.array(
    [
        [1, 2, 3, 3, 2, 1, 4, 1, 2, GAP, GAP, GAP],
        [1, 2, 3, 3, 2, 2, 4, 1, 2, 5, GAP, 3],
        [GAP, 3, 3, 3, 2, 3, 4, 2, 2, 5, 1, GAP],
        [1, 2, 3, 3, 2, 4, 4, 1, 2, 5, 1, GAP],
    ]
)
GOLDEN: list[tuple[Measure, float]] = [("nominal", 0.743), ("ordinal", 0.815), ("interval", 0.849), ("ratio", 0.797)]
LEVELS = ("1", "2", "3", "4", "5")
CODEBOOK = Codebook(
    {"five": Scale("five", LEVELS), "two": Scale("two", ("no", "yes"))},
    {
        "warmth": Indicator("warmth", "x", "ordinal", "five"),
        "height": Indicator("height", "x", "ordinal", "five"),
        "assent": Indicator("assent", "x", "ordinal", "two"),
        "seen": Indicator("seen", "x", "binary"),
        "share": Indicator("share", "x", "binomial"),
        "visits": Indicator("visits", "x", "count"),
        "wage": Indicator("wage", "x", "continuous"),
    },
)


def row(unit: str, indicator: str, coder: str, code: str) -> Observation:
    """A judgement written as its text: a level, a range, a number, `k/n`, or nothing."""
    levels: tuple[int, ...] = ()
    value: float | None = None
    n: int | None = None
    scale = CODEBOOK.levels(indicator)
    if code and scale:
        low, _, high = code.partition("..")
        levels = tuple(range(scale.index(low), scale.index(high or low) + 1))
    elif code:
        k, _, total = code.partition("/")
        value, n = float(k), int(total) if total else None
    name = f"{unit}{indicator}{coder}{code}"
    return Observation(
        name, unit, indicator, levels, value, n, not code, code, coder, 0.9, "s", "p. 1", name, "test", ""
    )  # fmt: skip


def coded(*rows: Observation) -> Cases:
    units = {row.unit: Unit(row.unit, "c", 1, "k") for row in rows}
    return Cases(units, rows)


@pytest.mark.parametrize(("measure", "expected"), GOLDEN)
def test_alpha_of_the_canonical_data_is_the_published_one(measure: Measure, expected: float) -> None:
    assert alpha(CANONICAL, measure) == pytest.approx(expected, abs=5e-4)


def test_coded_rows_give_the_alpha_of_the_matrix_they_fill() -> None:
    rows = [
        row(f"u{unit}", "warmth", coder, str(int(CANONICAL[c, unit])))
        for c, coder in enumerate("ABCD")
        for unit in range(12)
        if not np.isnan(CANONICAL[c, unit])
    ]
    (found,) = agreement(coded(*rows), CODEBOOK)
    assert (found.of, found.measure, found.coders, found.cells) == ("five", "ordinal", tuple("ABCD"), 11)
    assert found.alpha_near == found.alpha_far == pytest.approx(0.815, abs=5e-4)
    pairs = [
        one == other for column in CANONICAL.T for one, other in itertools.combinations(column[~np.isnan(column)], 2)
    ]
    assert (found.pairs, found.agreeing) == (len(pairs), pytest.approx(np.mean(pairs)))
    assert found.identical == found.agreeing


@given(st.lists(st.lists(st.sampled_from([0.0, 1.0, 2.0, 3.0, GAP]), min_size=3, max_size=3), min_size=2, max_size=8))
def test_interval_alpha_is_one_less_observed_over_expected_squared_difference(columns: list[list[float]]) -> None:
    values = np.array(columns).T
    pairable = [[v for v in column if not np.isnan(v)] for column in columns]
    pairable = [column for column in pairable if len(column) > 1]
    pooled = [v for column in pairable for v in column]
    if len(set(pooled)) < 2:
        assert alpha(values, "interval") is None
        return
    within = sum(
        sum((a - b) ** 2 for a, b in itertools.permutations(column, 2)) / (len(column) - 1) for column in pairable
    ) / len(pooled)
    between = sum((a - b) ** 2 for a, b in itertools.permutations(pooled, 2)) / len(pooled) / (len(pooled) - 1)
    assert alpha(values, "interval") == pytest.approx(1 - within / between)


CODES = st.tuples(st.integers(0, 5), st.integers(0, 5)).map(sorted).map(lambda ends: Code(ends[0], ends[1], ""))


@given(st.lists(CODES, min_size=1, max_size=4))
def test_ranges_are_resolved_to_the_closest_and_the_furthest_levels_there_are(codes: list[Code]) -> None:
    def spread(points: tuple[float, ...] | list[float]) -> float:
        return sum(abs(one - other) for one, other in itertools.combinations(points, 2))

    every = list(itertools.product(*(range(int(code.low), int(code.high) + 1) for code in codes)))
    near, far = closest(codes), furthest(codes)
    for points in (near, far):
        assert all(code.low <= point <= code.high for code, point in zip(codes, points, strict=True))
    assert spread(near) == min(map(spread, every))
    assert spread(far) == max(map(spread, every))


def test_ranges_that_overlap_agree_without_being_identical_and_alpha_says_what_hangs_on_them() -> None:
    rows = [row("u1", "warmth", "A", "1..2"), row("u1", "warmth", "B", "2"), row("u2", "warmth", "A", "4")]
    rows += [row("u2", "warmth", "B", "4"), row("u3", "warmth", "A", "1"), row("u3", "warmth", "B", "1")]
    (found,) = agreement(coded(*rows), CODEBOOK)
    assert (found.agreeing, found.identical) == (1, pytest.approx(2 / 3))
    assert found.alpha_near == pytest.approx(1)
    assert found.alpha_far == alpha(np.array([[0, 3, 0], [1, 3, 0]], dtype=float), "ordinal")
    assert found.alpha_far < 1


def test_indicators_are_compared_only_on_a_scale_they_share() -> None:
    texts = {"warmth": "123", "height": "215", "assent": ["no", "yes", "yes"], "seen": "011", "visits": ["4", "0", "9"]}
    texts |= {"wage": ["1.5", "2", "-1"], "share": ["5/10", "1/4", "2/2"]}
    rows = [
        row(f"u{i}", name, coder, code)
        for name, codes in texts.items()
        for i, code in enumerate(codes)
        for coder in "AB"
    ]
    found = {item.of: item for item in agreement(coded(*rows), CODEBOOK)}
    assert {of: (item.measure, item.cells) for of, item in found.items()} == {
        "five": ("ordinal", 6),
        "two": ("ordinal", 3),
        "binary": ("nominal", 3),
        "visits": ("ratio", 3),
        "wage": ("interval", 3),
        "share": ("ratio", 3),
    }
    assert all(item.alpha_near == pytest.approx(1) for item in found.values())


def test_shares_are_compared_as_shares_whatever_their_n() -> None:
    (found,) = agreement(coded(row("u", "share", "A", "5/10"), row("u", "share", "B", "30/60")), CODEBOOK)
    assert found.identical == 1


def test_alpha_is_undefined_and_not_perfect_where_nothing_varies() -> None:
    (found,) = agreement(coded(row("u", "warmth", "A", "3"), row("u", "warmth", "B", "3")), CODEBOOK)
    assert (found.agreeing, found.alpha_near, found.alpha_far) == (1, None, None)


def test_silence_unnamed_coders_and_cells_of_one_coder_are_no_agreement() -> None:
    rows = [row("u1", "warmth", "A", "3"), row("u1", "warmth", "", "3"), row("u2", "warmth", "A", "3")]
    rows += [row("u2", "warmth", "B", "")]
    assert agreement(coded(*rows), CODEBOOK) == ()


def test_one_coder_who_read_two_sources_counts_once_with_what_both_allow_or_else_with_all_they_span() -> None:
    rows = [row("u1", "warmth", "A", "2..4"), row("u1", "warmth", "A", "3..5"), row("u1", "warmth", "B", "3..4")]
    rows += [row("u2", "warmth", "A", "1"), row("u2", "warmth", "A", "4"), row("u2", "warmth", "B", "2")]
    (found,) = agreement(coded(*rows), CODEBOOK)
    assert (found.cells, found.pairs, found.identical, found.agreeing) == (2, 2, 0.5, 1)


def test_disagreements_name_every_cell_on_which_coders_differ_silence_included() -> None:
    rows = [row("u1", "warmth", "A", "3"), row("u1", "warmth", "B", "3")]
    rows += [row("u2", "warmth", "A", "1..2"), row("u2", "warmth", "B", "2")]
    rows += [row("u3", "seen", "A", "1"), row("u3", "seen", "B", "0"), row("u3", "seen", "C", "")]
    rows += [row("u4", "wage", "A", ""), row("u4", "wage", "B", "")]
    rows += [row("u5", "wage", "A", "2"), row("u5", "wage", "B", "")]
    rows += [row("u6", "wage", "A", "2"), row("u6", "wage", "", "5")]
    assert disagreements(coded(*rows)) == (
        Disagreement("u2", "warmth", {"A": "1..2", "B": "2"}, True),
        Disagreement("u3", "seen", {"A": "1", "B": "0", "C": ""}, False),
        Disagreement("u5", "wage", {"A": "2", "B": ""}, True),
    )
