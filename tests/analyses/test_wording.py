"""What the report says of numbers, read as a sceptic reads it: the sentence must follow from the row."""

import pytest

from analyses.chapters.chapter import LONGEST, WIDEST, Table
from analyses.wording import answer, cell, extent, grade, heading, limits, probability, unsettled


def judged(before: float, after: float, weight: float, verdict: str, bound: str = "exact") -> dict[str, str]:
    return {
        "prior_probability": str(before), "posterior_probability": str(after), "weight_db": str(weight), "weight_mcse": "0.2",
        "weight_bound": bound, "verdict": verdict, "reason": "",
    }  # fmt: skip


def test_an_answer_says_what_the_data_did_to_the_odds_and_why_that_is_the_verdict() -> None:
    assert answer(judged(0.19, 0.97, 21.4, "supported")) == (
        "Its probability was 0.19 before the data and is 0.97 after them. The data multiply its odds by 140 (+21.4 dB ± 0.2): "
        "decisive evidence for it. “Supported” takes 0.95 and +5 dB: both are reached."
    )


@pytest.mark.parametrize(
    ("row", "said"),
    [
        (judged(0.06, 0.69, 15.4, "undecided"), "Even so it is undecided: “supported” takes 0.95, “contradicted” 0.05."),
        (judged(0.4, 0.5, 1.8, "undecided"), "multiply its odds by 1.5 (+1.8 dB ± 0.2): barely worth a mention. It is undecided"),
        (judged(0.9, 0.96, 4.3, "undecided"), "undecided all the same: the data themselves must add 5 dB"),
        (judged(0.4, 0.01, -18.2, "contradicted"), "divide its odds by 66 (−18.2 dB ± 0.2): very strong evidence against it."),
        (judged(0.4, 0.01, -18.2, "contradicted"), "“Contradicted” takes 0.05 and −5 dB: both are reached."),
        (judged(0.4, 1.0, 30.0, "supported", "at least"), "multiply its odds by at least 1,000 (at least +30.0 dB"),
        (judged(0.4, 0.5, -3.0, "undecided", "at least"), "known only as at least −3.0 dB ± 0.2: a limit that decides nothing"),
        (judged(0.4, 0.5, float("nan"), "undecided"), "known only as no number: its weight cannot be told"),
    ],
)  # fmt: skip
def test_no_answer_says_more_than_its_row(row: dict[str, str], said: str) -> None:
    assert said in answer(row)


def test_a_claim_that_the_study_cannot_speak_to_is_no_finding() -> None:
    told = answer(judged(0.4, 0.9, 11.0, "cannot speak") | {"reason": "no row measures trust"})
    assert told.startswith("The study cannot speak to it: no row measures trust.")
    assert "multiply" not in told


def test_a_claim_that_cannot_be_answered_has_a_reason_and_no_numbers() -> None:
    told = answer(
        judged(float("nan"), float("nan"), float("nan"), "cannot speak") | {"reason": "name a level, trust = low."}
    )
    assert told == "The study cannot speak to it: name a level, trust = low."


def test_the_grade_is_that_of_the_weight_as_it_is_printed() -> None:
    assert grade(judged(0.4, 0.7, 4.96, "undecided")) == "substantial evidence for it"


@pytest.mark.parametrize(
    ("coders", "said"),
    [([], "No row names its coder"), (["A"], "One coder read every row"), (["A", "B"], "Two coders read")],
)
def test_who_read_the_rows_is_said_as_far_as_the_rows_say_it(coders: list[str], said: str) -> None:
    assert any(said in text for _, text in limits(["x", "y", "z"], coders))


def test_a_probability_that_misses_a_threshold_is_never_rounded_to_it() -> None:
    assert [probability(p) for p in (0.9483, 0.949996, 0.95, 0.0512, 0.05)] == [
        "0.948",
        "0.949996",
        "0.95",
        "0.051",
        "0.05",
    ]


def test_numbers_are_never_rounded_to_certainty() -> None:
    assert [probability(p) for p in (0.0, 0.001, 0.5, 0.999, 1.0)] == ["< 0.01", "< 0.01", "0.50", "> 0.99", "> 0.99"]
    assert (cell("0.12345"), cell("-3.0"), cell("12"), cell(""), cell("NA")) == ("0.123", "−3", "12", "–", "NA")


def test_heads_of_tables_are_words() -> None:
    assert [heading(name) for name in ("prior_hdi_low", "weight_db", "ess_bulk")] == [
        "Prior 90 % low",
        "Weight (dB)",
        "Ess bulk",
    ]


def test_what_every_row_of_a_table_says_alike_is_said_once() -> None:
    rows = [{"claim": "h", "change": change, "note": ""} for change in ("scale", "pooling", "coder")]
    table = Table("Variants", rows)
    assert table.same == {"claim": "h", "note": ""}
    assert table.columns == ["change"]
    assert Table("Two", rows[:2]).columns == ["claim", "change", "note"]
    assert Table("Alike", [rows[0]] * 3).columns == ["claim", "change", "note"]


def test_paper_is_spared_tables_that_it_cannot_hold() -> None:
    assert not Table("Small", [{"a": str(i)} for i in range(LONGEST)]).large
    assert Table("Long", [{"a": str(i)} for i in range(LONGEST + 1)]).large
    assert Table("Wide", [{str(c): str(i + c) for c in range(WIDEST + 1)} for i in range(3)]).large


def test_a_report_s_head_names_a_handful_of_cases_counts_many_and_sums_up_a_table() -> None:
    some, many = ["sialkot", "sinos_valley"], [f"row {i}" for i in range(300)]
    assert extent(some, [{}] * 4, 9) == "Two cases: Sialkot, Sinos valley. 4 units, 9 coded rows."
    assert extent(many, [{"count": 1.0}] * 300, 900) == "300 cases. 300 units, 900 coded rows."
    table = [{"count": 600_000.5}, {"count": 399_999.5}]
    assert extent(["a", "b"], table, 6) == "A table of 1,000,000 rows, taken together as 2 that stand for all of them."
    assert unsettled(some, [{}] * 4) == "two cases"
    assert unsettled(["a", "b"], table) == "a table"
