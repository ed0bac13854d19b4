"""A report made by several commands: where they saw different states of a study, it says so."""

import json
from dataclasses import replace
from pathlib import Path

import pytest

from analyses.provenance import differs, read_record, record
from analyses.report import write_report
from models.study import Study
from tests.analyses.everything import write_everything
from tests.analyses.invented import lakes
from tests.analyses.pages import read_page

MANIFEST = {"theory": "norms", "inputs": {"theory.toml": "1", "observations.csv": "1", "trace.toml": "1"}}


def made(**inputs: str) -> dict[str, object]:
    return {"support": {"theory": "norms", "inputs": MANIFEST["inputs"] | inputs}}  # type: ignore[operator]


@pytest.mark.parametrize("inputs", [{}, {"trace.toml": "2"}, {"CHANGES.md": "1"}])
def test_what_changes_no_number_of_the_fit_is_no_difference(inputs: dict[str, str]) -> None:
    assert differs("support", made(**inputs), MANIFEST) == ""


@pytest.mark.parametrize("inputs", [{"observations.csv": "2"}, {"rivals/gear.toml": "1"}])
def test_a_changed_or_added_file_is_named_with_the_remedy(inputs: dict[str, str]) -> None:
    told = differs("support", made(**inputs), MANIFEST)
    assert f"{next(iter(inputs))} changed" in told
    assert "Run `casewise support` again" in told


def test_another_theory_is_named() -> None:
    told = differs("support", {"support": {"theory": "gear", "inputs": MANIFEST["inputs"]}}, MANIFEST)
    assert "another theory, gear" in told


def test_nothing_is_said_of_a_folder_that_holds_no_record() -> None:
    assert differs("support", {}, MANIFEST) == ""


def test_each_command_keeps_the_record_of_the_others(tmp_path: Path) -> None:
    record(tmp_path, "support", lakes())
    record(tmp_path, "trace", lakes())
    assert set(read_record(tmp_path)) == {"support", "trace"}
    assert read_record(tmp_path)["trace"]["inputs"] == lakes().hashes


def test_a_chapter_of_another_state_is_marked_and_no_other(tmp_path: Path) -> None:
    out = write_everything(tmp_path / "out")
    study: Study = lakes()
    path = out / "manifest.json"
    manifest = json.loads(path.read_text(encoding="utf-8")) | {"inputs": study.hashes}
    path.write_text(json.dumps(manifest), encoding="utf-8")
    record(out, "refute", study)
    assert "of another state of the study" not in read_page(write_report(out)).text
    record(out, "support", replace(study, hashes=study.hashes | {"observations.csv": "earlier"}))
    page = read_page(write_report(out))
    marked = {s.attributes["id"] for s in page.find("section") if "of another state of the study" in s.text}
    assert marked == {"answer", "rivals", "bridge", "independences", "next_evidence"}
    assert "observations.csv changed" in page.find("section", id="rivals")[0].text
