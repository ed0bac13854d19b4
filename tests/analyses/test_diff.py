"""What moved between two runs is said, and so is a claim that was changed in between."""

import json
from pathlib import Path

import pandas as pd
import pytest
from typer.testing import CliRunner

from analyses.cli import app
from analyses.diff import changed_inputs, in_words, moved, not_converged

COLUMNS = ("id", "claim", "smallest_effect", "prior_probability", "posterior_probability", "weight_db", "verdict")


def _run(folder: Path, rows: list[tuple[object, ...]], inputs: dict[str, str]) -> Path:
    folder.mkdir()
    pd.DataFrame(rows, columns=list(COLUMNS)).to_csv(folder / "hypotheses.csv", index=False)
    (folder / "manifest.json").write_text(json.dumps({"inputs": inputs}), encoding="utf-8")
    return folder


@pytest.fixture
def runs(tmp_path: Path) -> tuple[Path, Path]:
    before = [
        ("h1", "effect(a -> b) > 0", 0.1, 0.4, 0.7, 5.0, "undecided"),
        ("h2", "effect(a -> c) > 0", 0.1, 0.4, 0.5, 2.0, "undecided"),
        ("h3", "effect(b -> c) > 0", 0.1, None, None, None, "not asked"),
    ]
    after = [
        ("h1", "effect(a -> b) > 0", 0.1, 0.4, 0.97, 17.0, "supported"),
        ("h2", "effect(a -> c) > 0", 0.0, 0.5, 0.6, 1.8, "undecided"),
        ("h4", "effect(c -> d) > 0", 0.0, 0.5, 0.5, 0.0, "undecided"),
    ]
    old = _run(tmp_path / "old", before, {"observations.csv": "1", "theory.toml": "x"})
    return old, _run(tmp_path / "new", after, {"observations.csv": "2", "theory.toml": "x"})


def test_each_hypothesis_shows_how_far_it_moved(runs: tuple[Path, Path]) -> None:
    table = moved(*runs).set_index("id")
    assert table.loc["h1", "posterior_probability_moved"] == pytest.approx(0.27)
    assert table.loc["h1", "weight_db_moved"] == pytest.approx(12.0)
    assert (table.loc["h1", "verdict_before"], table.loc["h1", "verdict_after"]) == ("undecided", "supported")


def test_a_threshold_changed_between_runs_is_named(runs: tuple[Path, Path]) -> None:
    declared = moved(*runs).set_index("id")["declared"].to_dict()
    assert declared == {"h1": "as before", "h2": "smallest_effect changed", "h3": "withdrawn", "h4": "new"}


def test_the_files_that_differ_are_named(runs: tuple[Path, Path]) -> None:
    assert changed_inputs(*runs) == ["observations.csv"]


def test_the_largest_movement_is_told_first(runs: tuple[Path, Path]) -> None:
    lines = in_words(moved(*runs), changed_inputs(*runs)).splitlines()
    assert lines[0] == "changed files: observations.csv"
    assert lines[1] == "h1: undecided -> supported, probability 0.70 -> 0.97 (+12.0 dB)"
    assert any(line.startswith("h2") and line.endswith("smallest_effect changed") for line in lines)


def test_a_hypothesis_of_one_run_only_is_absent_from_the_other(runs: tuple[Path, Path]) -> None:
    lines = in_words(moved(*runs), []).splitlines()
    assert "h3: not asked -> absent; withdrawn" in lines
    assert "h4: absent -> undecided; new" in lines


@pytest.mark.parametrize("written", ["\n", "id,claim,smallest_effect,verdict\n"])
def test_a_run_without_hypotheses_is_compared_like_any_other(runs: tuple[Path, Path], written: str) -> None:
    (runs[1] / "hypotheses.csv").write_text(written, encoding="utf-8")
    assert set(moved(*runs)["declared"]) == {"withdrawn"}
    assert in_words(moved(runs[1], runs[1]), []) == "changed files: none"


def test_a_run_that_did_not_converge_is_named(runs: tuple[Path, Path]) -> None:
    (runs[1] / "manifest.json").write_text(json.dumps({"inputs": {}, "converged": False}), encoding="utf-8")
    assert not_converged(*runs) == ["later"]
    told = CliRunner().invoke(app, ["diff", *map(str, runs)]).stdout
    assert told.startswith("the later run did not converge: do not use its numbers\n")


def test_the_command_prints_it_and_refuses_a_folder_without_a_run(runs: tuple[Path, Path], tmp_path: Path) -> None:
    good = CliRunner().invoke(app, ["diff", *map(str, runs)])
    assert good.exit_code == 0
    assert "h1: undecided -> supported" in good.stdout
    bad = CliRunner().invoke(app, ["diff", str(runs[0]), str(tmp_path)])
    assert bad.exit_code == 1
    assert "hypotheses.csv" in bad.output
