"""What the rows of one cell say about its true value."""

from collections.abc import Sequence
from dataclasses import replace
from math import comb, exp, isfinite

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from data.cases import Observation
from data.codebook import Codebook, Indicator, Scale
from models.blueprint import draw_blueprint
from models.families import (
    NUMPY,
    binomial_log_probability,
    continuous_log_probability,
    count_log_probability,
    level_log_likelihood,
    reading_log_likelihood,
)
from models.measurement.cells import BLOCKS, WIDE_SD, Reading, Scaling, build_blocks, read_cell, scalings
from tests.models.small import periods, theory
from tests.models.worlds import row

LEVELS = 4
BOOK = Codebook(
    {"scale": Scale("scale", ("Never", "Yearly", "Monthly", "Weekly")), "short": Scale("short", ("No", "Yes"))},
    {
        i.name: i
        for i in (
            Indicator("rated", "x", "ordinal", "scale"),
            Indicator("short", "x", "ordinal", "short"),
            Indicator("there", "x", "binary"),
            Indicator("share", "x", "binomial"),
            Indicator("count", "x", "count"),
            Indicator("price", "x", "continuous"),
        )
    },
)


def rated(*levels: int, confidence: float = 0.9, name: str = "r", **more: str) -> Observation:
    return row(name, "a1", "rated", levels, confidence=confidence, **more)  # type: ignore[arg-type]


def said(*rows: Observation) -> np.ndarray:
    """Probability of the rows given each level, exp of what enters the model."""
    return np.exp(read_cell(BOOK, "rated", rows, Scaling()).log_reading)


def test_a_certain_level_rules_out_the_others() -> None:
    assert said(rated(2, confidence=1.0)) == pytest.approx([0, 0, 1, 0])


def test_a_row_read_with_less_than_certainty_spreads_what_is_missing_over_all_levels() -> None:
    assert said(rated(2, confidence=0.8)) == pytest.approx([0.05, 0.05, 0.85, 0.05])


def test_a_range_allows_each_of_its_levels_and_never_the_midpoint_alone() -> None:
    # r 1(t in S) + (1 - r) |S| / K with |S| = 2 of K = 4
    assert said(rated(1, 2, confidence=0.8)) == pytest.approx([0.1, 0.9, 0.9, 0.1])


def test_a_range_over_the_whole_scale_says_nothing() -> None:
    assert said(rated(0, 1, 2, 3, confidence=0.3)) == pytest.approx([1, 1, 1, 1])


def test_two_coders_multiply() -> None:
    one, other = rated(1, confidence=0.7), rated(1, 2, name="s", confidence=0.9, coder="B")
    assert said(one, other) == pytest.approx(said(one) * said(other))


def test_contradictory_readings_leave_a_finite_likelihood_unless_both_are_certain() -> None:
    doubtful = read_cell(BOOK, "rated", [rated(0, confidence=0.9), rated(3, name="s", coder="B")], Scaling())
    assert np.isfinite(doubtful.log_reading).all()
    assert doubtful.log_reading.max() > -10
    for sure in (0.9, 1.0):
        rows = [rated(0, confidence=1.0), rated(3, name="s", coder="B", confidence=sure)]
        assert np.isfinite(read_cell(BOOK, "rated", rows, Scaling()).log_reading).all()


def test_one_coder_citing_one_piece_of_evidence_twice_counts_once() -> None:
    once = rated(1, group="report")
    assert said(once, rated(1, name="again", group="report")) == pytest.approx(said(once))


def test_two_coders_of_one_piece_of_evidence_and_one_coder_of_two_pieces_count_twice() -> None:
    once = rated(1, group="report")
    twice = said(once) ** 2
    assert said(once, rated(1, name="s", group="report", coder="B")) == pytest.approx(twice)
    assert said(once, rated(1, name="s", group="memoir")) == pytest.approx(twice)


def test_no_rows_say_nothing() -> None:
    for name in BOOK.indicators:
        reading = read_cell(BOOK, name, [], Scaling())
        if BOOK.indicators[name].family in ("ordinal", "binary"):
            assert reading.log_reading.tolist() == [0.0] * len(reading.log_reading)
        else:
            assert (len(reading.log_reading), reading.log_null) == (0, 0.0)


@st.composite
def readings(draw: st.DrawFn) -> list[Observation]:
    """Up to four rows on one cell, by one to four coders, of one or several pieces of evidence."""
    found = []
    for i in range(draw(st.integers(1, 4))):
        low = draw(st.integers(0, LEVELS - 1))
        levels = range(low, draw(st.integers(low, LEVELS - 1)) + 1)
        confidence = draw(st.floats(0.05, 0.99))
        found.append(rated(*levels, name=f"r{i}", confidence=confidence, coder=draw(st.sampled_from("ABCD"))))
    return found


@given(readings(), st.floats(-4, 4))
def test_a_cell_s_likelihood_is_the_sum_over_its_true_level(rows: list[Observation], eta: float) -> None:
    """Brute force: the true level, then for each row whether it was read right, and what it says if it was not."""
    cuts = np.array([[-1.0, 0.3, 1.7]])
    below = [0.0, *(1 / (1 + exp(eta - c)) for c in cuts[0]), 1.0]
    total = 0.0
    for t in range(LEVELS):
        chance = below[t + 1] - below[t]
        for r in rows:
            right = 1.0 if t in r.levels else 0.0
            chance *= r.confidence * right + (1 - r.confidence) * len(r.levels) / LEVELS
        total += chance
    reading = np.exp(read_cell(BOOK, "rated", rows, Scaling()).log_reading)[None]
    found = level_log_likelihood(reading, np.array([eta]), cuts)
    assert np.exp(found[0]) == pytest.approx(total, rel=1e-9)


@given(readings())
def test_what_rows_say_together_does_not_depend_on_their_order(rows: list[Observation]) -> None:
    assert said(*rows) == pytest.approx(said(*reversed(rows)))


def test_a_binary_value_is_a_level_of_two() -> None:
    reading = read_cell(BOOK, "there", [row("r", "a1", "there", value=1.0, confidence=0.6)], Scaling())
    assert np.exp(reading.log_reading) == pytest.approx([0.2, 0.8])


def share(k: int, n: int, confidence: float = 0.9, coder: str = "A") -> Observation:
    return row(f"r{coder}{k}", "a1", "share", value=float(k), n=n, confidence=confidence, coder=coder)


def likelihood(reading: Reading, log_probability: np.ndarray) -> float:
    found = reading_log_likelihood(log_probability, reading.log_reading[None], np.array([reading.log_null]))
    return float(np.exp(found[0]))


def of_share(reading: Reading, eta: float) -> float:
    parts = (reading.value[None], reading.trials[None], reading.constant[None])
    return likelihood(reading, binomial_log_probability(NUMPY, np.array([eta]), *parts))


def test_a_share_read_wrongly_could_have_been_any() -> None:
    found = of_share(read_cell(BOOK, "share", [share(7, 10)], Scaling()), 0.3)
    assert found == pytest.approx(0.9 * stats.binom.pmf(7, 10, 1 / (1 + exp(-0.3))) + 0.1 / 11)


@given(
    st.lists(st.tuples(st.integers(0, 6), st.floats(0.05, 1.0), st.sampled_from("ABCD")), min_size=1, max_size=4),
    st.floats(-3, 3),
)
def test_the_likelihood_of_shares_is_the_sum_over_the_true_number(
    seen: list[tuple[int, float, str]], eta: float
) -> None:
    """Brute force over all true numbers, every coder with evidence of its own."""
    n, p = 6, 1 / (1 + exp(-eta))
    rows = [row(f"r{i}", "a1", "share", value=float(k), n=n, confidence=r, coder=c) for i, (k, r, c) in enumerate(seen)]
    total = 0.0
    for t in range(n + 1):
        chance = comb(n, t) * p**t * (1 - p) ** (n - t)
        for k, r, _ in seen:
            chance *= r * (k == t) + (1 - r) / (n + 1)
        total += chance
    assert of_share(read_cell(BOOK, "share", rows, Scaling()), eta) == pytest.approx(total, rel=1e-9, abs=1e-300)


def test_a_count_read_wrongly_is_geometric_about_the_mean_count() -> None:
    scaling = Scaling(float(np.log(4.0)), 1.0)
    reading = read_cell(BOOK, "count", [row("r", "a1", "count", value=3.0, confidence=0.7)], scaling)
    log_probability = count_log_probability(NUMPY, np.array([0.5]), reading.value[None], reading.constant[None])
    wrong = stats.geom.pmf(4, 1 / 5.0)  # scipy counts from 1: failures 3, mean of failures 4
    assert likelihood(reading, log_probability) == pytest.approx(0.7 * stats.poisson.pmf(3, exp(0.5)) + 0.3 * wrong)


def test_a_measured_value_read_wrongly_is_a_wide_normal() -> None:
    scaling = Scaling(10.0, 2.0)
    reading = read_cell(BOOK, "price", [row("r", "a1", "price", value=13.0, confidence=0.7)], scaling)
    log_probability = continuous_log_probability(NUMPY, np.array([0.2]), reading.value[None], np.array([0.6]))
    right, wrong = stats.norm.pdf(1.5, 0.2, 0.6), stats.norm.pdf(1.5, 0.0, WIDE_SD)
    assert likelihood(reading, log_probability) == pytest.approx(0.7 * right + 0.3 * wrong)


@pytest.mark.parametrize("name", ["share", "count", "price"])
def test_the_values_that_a_misreading_may_give_have_total_probability_one(name: str) -> None:
    def wrong(value: float) -> float:
        r = row("r", "a1", name, value=value, n=9 if name == "share" else None, confidence=1e-12)
        return exp(read_cell(BOOK, name, [r], Scaling(0.7, 1.0) if name == "count" else Scaling()).log_null)

    values = {"share": np.arange(10), "count": np.arange(400), "price": np.linspace(-30, 30, 6001)}[name]
    step = 0.01 if name == "price" else 1.0
    assert sum(wrong(float(v)) for v in values) * step == pytest.approx(1.0, abs=1e-6)


def test_two_coders_of_different_values_leave_either_possible() -> None:
    rows = [
        row("r", "a1", "price", value=1.0, confidence=0.9),
        row("s", "a1", "price", value=2.0, coder="B", confidence=0.6),
    ]
    reading = read_cell(BOOK, "price", rows, Scaling())
    assert reading.value.tolist() == [1.0, 2.0]
    u1, u2 = stats.norm.pdf([1.0, 2.0], 0, WIDE_SD)
    assert np.exp(reading.log_reading) == pytest.approx([0.9 * 0.4 * u2, 0.6 * 0.1 * u1])
    assert exp(reading.log_null) == pytest.approx(0.1 * u1 * 0.4 * u2)


def test_certain_values_that_differ_leave_a_finite_likelihood() -> None:
    rows = [row(c, "a1", "price", value=v, coder=c, confidence=1.0) for c, v in (("A", 1.0), ("B", 2.0))]
    reading = read_cell(BOOK, "price", rows, Scaling())
    log_probability = continuous_log_probability(NUMPY, np.array([0.0]), reading.value[None], np.array([1.0]))
    found = reading_log_likelihood(log_probability, reading.log_reading[None], np.array([reading.log_null]))
    assert isfinite(found[0])


MIXED = [
    row("r1", "a1", "rated", [1, 2]),
    row("r2", "a1", "rated", [1], coder="B"),
    row("r3", "a2", "rated", [3]),
    row("b1", "a1", "there", value=1.0),
    row("s1", "a1", "short", [0, 1]),
    row("n1", "a1", "share", value=3.0, n=9),
    row("c1", "a1", "count", value=5.0),
    row("p1", "a2", "price", value=30.0),
    row("p2", "a1", "price", value=10.0),
]


def blocks_of(rows: Sequence[Observation]) -> dict[str, object]:
    return {block.family: block for block in build_blocks(BOOK, rows, scalings(BOOK, rows))}


def test_rows_of_one_unit_and_indicator_are_one_cell() -> None:
    blocks = build_blocks(BOOK, MIXED, scalings(BOOK, MIXED))
    assert tuple(block.family for block in blocks) == BLOCKS
    assert blocks[0].keys == (("a1", "rated"), ("a2", "rated"), ("a1", "there"), ("a1", "short"))
    assert [len(rows) for rows in blocks[0].rows] == [2, 1, 1, 1]
    assert blocks[0].labels[0] == "a1:rated"


def test_levels_that_a_scale_lacks_are_ruled_out() -> None:
    block = build_blocks(BOOK, MIXED, scalings(BOOK, MIXED))[0]
    assert np.exp(block.log_reading[2:, 2:]).max() == 0.0


def test_measured_values_are_standardised_over_the_study_s_rows() -> None:
    block = build_blocks(BOOK, MIXED, scalings(BOOK, MIXED))[3]
    assert block.value[:, 0].tolist() == [1.0, -1.0]
    assert scalings(BOOK, MIXED)["price"] == Scaling(20.0, 10.0)
    assert scalings(BOOK, MIXED)["count"].center == pytest.approx(np.log(5.0))


@pytest.mark.parametrize("same", [[7.0, 7.0], [7.0], [0.0]])
def test_values_that_are_all_the_same_are_still_standardised_to_numbers(same: list[float]) -> None:
    rows = [row(f"p{i}", f"a{i + 1}", "price", value=v) for i, v in enumerate(same)]
    (block,) = build_blocks(BOOK, rows, scalings(BOOK, rows))
    assert block.value[:, 0].tolist() == [0.0] * len(same)


def test_blank_rows_and_summaries_do_nothing() -> None:
    blank = [replace(r, name=f"x{r.name}", missing=True, value=None, levels=()) for r in MIXED]
    summaries = [replace(r, name=f"y{r.name}", role="summary", value=99.0) for r in MIXED]
    alone, with_them = (
        build_blocks(BOOK, rows, scalings(BOOK, rows)) for rows in (MIXED, [*MIXED, *blank, *summaries])
    )
    for one, other in zip(alone, with_them, strict=True):
        assert one.keys == other.keys
        assert one.log_reading.tolist() == other.log_reading.tolist()
        assert one.value.tolist() == other.value.tolist()


def test_a_study_whose_rows_are_all_blank_has_nothing_to_estimate() -> None:
    blank = [replace(r, missing=True) for r in MIXED]
    with pytest.raises(ValueError, match="Code at least one row"):
        draw_blueprint(theory(constructs=["x"]), BOOK, periods("a", 2), blank)
