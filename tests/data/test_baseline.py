"""The baseline counts what the ratings order, and only that."""

from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import kendalltau

from data.baseline import baseline
from data.cases import Cases, Observation, Unit
from data.codebook import Codebook, Indicator, Scale

LEVELS = ("a", "b", "c", "d", "e")


def _study(x: list[tuple[int, int]], y: list[tuple[int, int]], reversed_y: bool = False) -> tuple[Cases, Codebook]:
    book = Codebook(
        {"five": Scale("five", LEVELS)},
        {
            "cause": Indicator("cause", "X", "ordinal", "five"),
            "effect": Indicator("effect", "Y", "ordinal", "five", reversed=reversed_y),
        },
    )
    units = {f"u{i}": Unit(f"u{i}", f"c{i // 3}", float(i % 3), "period") for i in range(len(x))}
    rows = [
        Observation(
            f"{name}{i}", f"u{i}", name, tuple(range(low, high + 1)), None, None, False, "",
            "A", 0.9, "s", "p", f"{name}{i}", "test", "",
        )
        for name, spans in (("cause", x), ("effect", y))
        for i, (low, high) in enumerate(spans)
    ]  # fmt: skip
    return Cases(units, tuple(rows)), book


@given(st.lists(st.tuples(st.integers(0, 4), st.integers(0, 4)), min_size=2, max_size=9))
def test_on_single_levels_concordance_is_kendall_s(codes: list[tuple[int, int]]) -> None:
    found = baseline(*_study([(x, x) for x, _ in codes], [(y, y) for _, y in codes]), "X", "Y")
    assert found is not None
    signs = [(a[0] - b[0]) * (a[1] - b[1]) for a, b in combinations(codes, 2)]
    assert found.concordant == sum(s > 0 for s in signs)
    assert found.discordant == sum(s < 0 for s in signs)
    if 0 not in signs:
        tau = kendalltau([x for x, _ in codes], [y for _, y in codes]).statistic
        assert found.gamma == pytest.approx(tau)


def test_overlapping_ranges_order_nothing() -> None:
    found = baseline(*_study([(0, 2), (1, 3)], [(0, 0), (4, 4)]), "X", "Y")
    assert found is not None
    assert (found.concordant, found.discordant, found.undetermined) == (0, 0, 1)
    assert found.gamma is None


def test_within_cases_only_successive_periods_are_compared() -> None:
    x = [(0, 0), (2, 2), (1, 1), (4, 4), (3, 3), (3, 3)]
    y = [(0, 0), (1, 1), (2, 2), (0, 0), (1, 1), (2, 2)]
    found = baseline(*_study(x, y), "X", "Y")
    assert found is not None
    assert (found.within_same, found.within_opposite, found.within_undetermined) == (1, 2, 1)


def test_a_reversed_indicator_is_turned_round() -> None:
    found = baseline(*_study([(0, 0), (4, 4)], [(0, 0), (4, 4)], reversed_y=True), "X", "Y")
    assert found is not None
    assert (found.concordant, found.discordant) == (0, 1)


def test_a_construct_without_ratings_has_no_baseline() -> None:
    assert baseline(*_study([(0, 0)], [(0, 0)]), "X", "Z") is None
