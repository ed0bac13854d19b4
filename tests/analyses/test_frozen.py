"""Hypotheses are frozen by the first results; whatever of them changes later is said."""

import json
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analyses.chapters import frozen as chapter
from analyses.frozen import FILE, changes, declarations, digest_of, freeze
from analyses.outputs import write_json
from analyses.results import read_results
from causal.hypotheses import Hypothesis
from causal.query import parse_claim
from models.study import load_study
from tests.analyses.folders import write_folder
from tests.studies import write_study

FIRST = (
    Hypothesis("h1", "One.", parse_claim("effect(a -> b) > 0"), 0.1, ("rival",)),
    Hypothesis("h2", "Two.", parse_claim("effect(b -> c) > 0")),
)


def test_the_first_results_freeze_what_is_declared(tmp_path: Path) -> None:
    found = freeze(FIRST, tmp_path)
    assert found.changes == ()
    assert found.declared["h1"] == {"claim": "effect(a -> b) > 0", "smallest_effect": 0.1, "rivals": ["rival"]}


@pytest.mark.parametrize(
    ("later", "said"),
    [
        (replace(FIRST[0], smallest_effect=0.05), "h1: smallest effect was 0.1, now 0.05"),
        (replace(FIRST[0], claim=parse_claim("effect(a -> b) < 0")), "now effect(a -> b) < 0"),
        (replace(FIRST[0], rivals=()), "h1: rivals was rival, now none"),
        (replace(FIRST[0], id="h3"), "h1 was withdrawn"),
    ],
)
def test_a_later_change_is_said_and_the_first_declaration_kept(tmp_path: Path, later: Hypothesis, said: str) -> None:
    write_json(tmp_path / FILE, freeze(FIRST, tmp_path))
    second = freeze((later, FIRST[1]), tmp_path)
    assert any(said in change for change in second.changes)
    write_json(tmp_path / FILE, second)
    assert freeze(FIRST, tmp_path).changes == ()
    assert freeze(FIRST, tmp_path).digest == digest_of(declarations(FIRST))


def test_wording_and_order_are_no_changes(tmp_path: Path) -> None:
    write_json(tmp_path / FILE, freeze(FIRST, tmp_path))
    assert freeze((FIRST[1], replace(FIRST[0], statement="Said better.")), tmp_path).changes == ()


@pytest.mark.parametrize("damage", ["", "{", "[]", '{"declared": {"h1": {}}, "digest": "0"}'])
def test_a_damaged_file_freezes_nothing(tmp_path: Path, damage: str) -> None:
    (tmp_path / FILE).write_text(damage, encoding="utf-8")
    assert freeze(FIRST, tmp_path).changes == ()


@given(st.permutations(FIRST))
def test_the_digest_is_that_of_the_claims_in_any_order(order: list[Hypothesis]) -> None:
    assert digest_of(declarations(order)) == digest_of(declarations(FIRST))
    assert digest_of(declarations(order[:1])) != digest_of(declarations(FIRST))


def test_both_ways_nothing_changes_between_the_same_declarations() -> None:
    now = declarations(FIRST)
    assert changes(now, now) == []


def test_the_report_says_what_was_changed(tmp_path: Path) -> None:
    folder = write_folder(load_study(write_study(tmp_path / "study")), tmp_path / "out")
    assert chapter.chapter(read_results(folder)) is None
    manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    said = ["roads: smallest effect was 0.1, now 0.0"]
    write_json(folder / "manifest.json", manifest | {"frozen": {"digest": "ab" * 32, "changes": said}})
    found = chapter.chapter(read_results(folder))
    assert found is not None
    assert "one change" in found.findings[0]
    assert found.findings[1].startswith(said[0])
