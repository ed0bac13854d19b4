"""The arithmetic of qualitative evidence, in closed form."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from causal.bridge import NOTHING, Span, favours, flipping_bias, heard, package, together

RATIOS = st.floats(1e-3, 1e3)
SPANS = st.tuples(st.floats(-30, 30), st.floats(0, 20)).map(lambda pair: Span(pair[0], pair[0] + pair[1]))


def test_a_reliable_source_passes_the_ratio_on() -> None:
    assert heard(2.0, 10.0) == Span(pytest.approx(10 * math.log10(2)), pytest.approx(10.0))


@given(RATIOS, st.floats(0.05, 1.0))
def test_a_source_s_report_is_worth_what_the_mixture_gives(ratio: float, r: float) -> None:
    """Under theory and rival the item has probability p and p / ratio; noise has the larger of the two."""
    p = 0.3
    under_theory, under_rival = (p, p / ratio) if ratio >= 1 else (p * ratio, p)
    noise = max(under_theory, under_rival)
    exact = (r * under_theory + (1 - r) * noise) / (r * under_rival + (1 - r) * noise)
    assert heard(ratio, ratio, r).low == pytest.approx(10 * math.log10(exact), abs=1e-9)


@given(RATIOS, st.floats(0.05, 1.0))
def test_doubt_about_the_source_shrinks_a_weight_and_never_turns_it(ratio: float, r: float) -> None:
    plain, doubted = heard(ratio, ratio).low, heard(ratio, ratio, r).low
    assert abs(doubted) <= abs(plain) + 1e-9
    assert doubted * plain >= 0
    if r < 1:
        assert abs(doubted) <= 10 * math.log10(1 / (1 - r)) + 1e-9


@given(RATIOS, st.floats(0.05, 1.0))
def test_the_rival_hears_the_same_evidence_with_the_sign_turned(ratio: float, r: float) -> None:
    assert heard(1 / ratio, 1 / ratio, r).low == pytest.approx(-heard(ratio, ratio, r).low, abs=1e-9)


def test_independent_packages_add_and_dependent_items_count_once() -> None:
    a, b = Span(3.0, 6.0), Span(4.0, 9.0)
    assert together([a, b]) == Span(7.0, 15.0)
    assert package([a, b]) == Span(3.0, 9.0)
    assert package([a, a, a]) == a
    assert together([]) == NOTHING


@given(st.lists(SPANS, min_size=1, max_size=6))
def test_counting_once_never_claims_more_than_the_strongest_item(spans: list[Span]) -> None:
    once = package(spans)
    assert all(once.low <= span.low and span.high <= once.high for span in spans)


def test_what_a_total_favours() -> None:
    assert favours(Span(1.0, 5.0), "a", "b") == "a"
    assert favours(Span(-5.0, -1.0), "a", "b") == "b"
    assert favours(Span(-1.0, 5.0), "a", "b") == "either"


def test_one_item_that_decides_is_flipped_by_a_bias_of_its_margin() -> None:
    """The model is 4 dB behind, the item brings at least 10: at a bias of 6 dB, fourfold, nothing is left."""
    found = flipping_bias(Span(-4.0, -4.0), [Span(10.0, 12.0)])
    assert found == pytest.approx(10 ** (6 / 10))


def test_a_bias_bites_on_every_item_that_favours_the_winner() -> None:
    found = flipping_bias(Span(-4.0, -4.0), [Span(10.0, 12.0), Span(10.0, 10.0), Span(-2.0, 1.0)])
    assert found == pytest.approx(10 ** (7 / 10))  # 20 - 4 - 2 = 14, 7 for each of the two


def test_evidence_that_the_model_does_not_need_cannot_be_biased_into_losing() -> None:
    assert flipping_bias(Span(5.0, 6.0), [Span(10.0, 12.0)]) == math.inf


def test_nothing_flips_where_nobody_wins() -> None:
    assert flipping_bias(Span(-1.0, 1.0), []) is None


@given(SPANS, st.lists(SPANS, max_size=5))
def test_the_winner_s_name_does_not_matter(model: Span, packages: list[Span]) -> None:
    assert flipping_bias(model, packages) == pytest.approx(flipping_bias(model.turned, [p.turned for p in packages]))


@given(SPANS, st.lists(SPANS, max_size=5))
def test_at_the_flipping_bias_nothing_is_left_of_the_margin(model: Span, packages: list[Span]) -> None:
    bias = flipping_bias(model, packages)
    total = model + together(packages)
    if bias is None:
        assert total.low <= 0 <= total.high
    elif math.isfinite(bias) and total.low > 0:
        discount = 10 * math.log10(bias)
        left = model.low + sum(max(p.low - discount, min(p.low, 0.0)) for p in packages)
        assert left == pytest.approx(0.0, abs=1e-6)
