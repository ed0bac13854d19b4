"""What the report says of rivals, groups, qualitative evidence and what to collect, from tables the code itself wrote."""

import csv
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest

from analyses.chapters import bridge, carrying, collecting, evidence, rivalry, verdict
from analyses.chapters.chapter import Chapter
from analyses.report import write_report
from analyses.results import Results, read_results
from tests.analyses.folders import write_folder
from tests.analyses.invented import lakes, write_support
from tests.analyses.pages import read_page


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = write_folder(lakes(), tmp_path_factory.mktemp("support") / "out")
    write_support(out)
    return out


@pytest.fixture(scope="module")
def results(folder: Path) -> Results:
    return read_results(folder)


def said(chapter: Chapter | None) -> str:
    assert chapter is not None
    return "\n".join(chapter.findings)


def test_the_question_is_answered_with_the_numbers_of_the_files(results: Results) -> None:
    replies = {reply.question: " ".join(reply.sentences) for reply in verdict.replies(results)}
    text = " ".join(replies.values())
    assert "Against “Nets, not norms”" in text
    assert "+17.4 dB ± 0.6" in text  # 4 nats, each of two errors of 0.1
    strongest = max(
        (row for row in results.ledger if row["hypothesis"] == results.hypotheses[0]["id"] and carrying.ranks(row)),
        key=lambda row: float(row["weight_db"]),
    )
    assert strongest["locator"] in replies["On which evidence?"]
    conditional = [row for row in results.hypotheses[1:] if verdict.is_conditional(row["claim"])]
    assert conditional
    assert all(
        f"{row['statement'].rstrip('.')}: {row['verdict']}, probability" in replies["Under which circumstances?"]
        for row in conditional
    )


@pytest.mark.parametrize("numbers", ["", "0.5"])
def test_beside_a_first_hypothesis_that_cannot_speak_no_number_of_another_stands_as_its_own(
    results: Results, numbers: str
) -> None:
    first, *others = results.hypotheses
    silent = dict(first) | {"verdict": "cannot speak", "posterior_probability": numbers, "prior_probability": numbers}
    replies = verdict.replies(replace(results, hypotheses=[silent, *others]))
    assert [reply.question for reply in replies] == ["What of the other claims?", "Against which rivals?"]
    assert first["statement"].rstrip(".") not in " ".join(replies[0].sentences)


def test_a_claim_about_one_case_is_told_by_its_case(results: Results) -> None:
    unit = results.theory["units"][0]
    claim = f'counterfactual(leadership -> stock | case = "{unit["name"]}") > 0'
    assert verdict.cases_of(claim, results) == (unit["case"],)
    assert verdict.cases_of("effect(leadership -> stock) > 0", results) == ()
    rows = [dict(results.hypotheses[0]) | {"claim": claim, "id": "in_it", "verdict": "supported"}]
    told = list(verdict._in_cases(rows, results))
    assert told[0].startswith(f"{unit['case']}: {rows[0]['statement'].rstrip('.')}: supported, probability")
    assert told[1].startswith(f"Supported in {unit['case']}. No claim names ")


def test_the_plain_ratings_stand_beside_the_headline(results: Results) -> None:
    counts = {"concordant": "3", "discordant": "1", "within_same": "1", "within_opposite": "0"}
    row = {"cause": "leadership", "effect": "stock"} | counts
    beside = replace(results, later={"baseline": [row]})
    first = dict(results.hypotheses[0]) | {"claim": "effect(leadership -> stock) > 0"}
    (told,) = verdict._without_latents(first, beside)
    assert told == (
        "In the ratings alone, whichever coder is read, leadership and stock move together in 3 and apart in 1 of 4 pairs of "
        "units that can be compared, and move together in 1 and apart in 0 of 1 step in time of a case that can be compared."
    )
    (silent,) = verdict._without_latents(first, replace(beside, later={"baseline": [row | dict.fromkeys(counts, "0")]}))
    assert "cannot be compared over any pair of units" in silent
    assert not list(verdict._without_latents(first | {"claim": "effect(gear -> stock) > 0"}, beside))


def test_conditions_are_recognised_in_claims() -> None:
    assert verdict.is_conditional("effect(a -> b | m = high) > effect(a -> b | m = low)")
    assert not verdict.is_conditional("effect(a -> b) > 0")


def test_rivals_are_told_with_why_they_are_told_apart(results: Results) -> None:
    text = said(rivalry.chapter(results))
    assert "Of one pair of theories the rows tell one apart." in text
    assert "stays the best from 0.5 to 2 times the declared prior scale" in text
    chapter = rivalry.chapter(results)
    assert chapter is not None
    (drawing,) = chapter.drawings
    assert all(row["title"] in drawing.svg for row in results.later["rivals"])


def test_what_built_the_hypotheses_is_told_apart_from_what_tested_them(results: Results) -> None:
    rows = [row for row in results.later["ledger_groups"] if row["group"] == "role"]
    assert {row["name"] for row in rows} == {"build"}
    first, second = evidence._built([row | {"believed": "True"} for row in rows], results)
    assert f"without them {float(rows[0]['probability_without']):.2f}" in first
    assert "Verdicts that hang on what built the hypotheses" in second
    assert "awaits a refit" in list(evidence._built([row | {"believed": "False"} for row in rows], results))[1]
    assert first in said(evidence.chapter(results))


def test_kinds_of_test_are_counted(results: Results) -> None:
    kinds = pd.Series([r["kind"] for r in results.ledger if r["hypothesis"] == results.hypotheses[0]["id"]])
    most = kinds[kinds != ""].mode()[0]
    assert most in said(evidence.chapter(results))


def test_what_to_collect_names_cells_a_case_a_period_and_an_indicator(results: Results) -> None:
    text = said(collecting.chapter(results))
    for words in ("One more case", "One more period", "A further rating"):
        assert words in text
    cell = {
        "indicator": "mesh_width",
        "unit": "Chala 1",
        "question": "How wide?",
        "expected_db": "2.4",
        "most_db": "-5.1",
    }
    (told,) = collecting._cells([cell | {"kind": "hoop"}])
    assert "mesh width in Chala 1 (“How wide?”): 2.4 dB expected, −5.1 dB" in told


def test_qualitative_evidence_is_added_to_the_model_s_odds(results: Results) -> None:
    (row,) = results.later["bridge"]
    assert (row["items"], row["packages"]) == ("3", "2")
    total = [float(row[f"{end}_db"]) for end in ("low", "high")]
    model, error = float(row["model_db"]), float(row["model_mcse"])
    items = [float(row[f"evidence_{end}_db"]) for end in ("low", "high")]
    assert total == pytest.approx([model - 2 * error + items[0], model + 2 * error + items[1]])
    assert "three items in two groups" in said(bridge.chapter(results))


def test_the_report_with_every_chapter_is_whole(folder: Path) -> None:
    page = read_page(write_report(folder))
    for anchor in ("groups", "rivals", "bridge", "next_evidence"):
        assert page.find("section", id=anchor)


def test_until_support_has_weighed_qualitative_evidence_the_report_says_that_it_waits(tmp_path: Path) -> None:
    bare = read_results(write_folder(lakes(), tmp_path / "out"))
    chapter = bridge.chapter(bare)
    assert chapter is not None
    assert "`casewise support` weighs them" in chapter.lead
    assert bridge.chapter(replace(bare, manifest={**bare.manifest, "inputs": {}})) is None


def test_the_chapters_of_support_wait_for_its_files(folder: Path, tmp_path: Path) -> None:
    bare = read_results(write_folder(lakes(), tmp_path / "out"))
    assert verdict.replies(bare)
    assert rivalry.chapter(bare) is None
    assert collecting.chapter(bare) is None
    with (folder / "rivals.csv").open(encoding="utf-8") as file:
        assert len(list(csv.DictReader(file))) == len(lakes().theories)
