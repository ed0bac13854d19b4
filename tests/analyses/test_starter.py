"""`casewise new` and `casewise open`: the first and the last thing a user does."""

import json
import os
from pathlib import Path

import pytest
from typer.testing import CliRunner

from analyses.cli import app
from analyses.starter import STARTER
from causal.hypotheses import Hypothesis
from models.study import load_study
from tests.analyses.test_outputs import contents

RUNNER = CliRunner()


def test_a_new_study_is_sound_and_every_hypothesis_of_it_can_be_asked(tmp_path: Path) -> None:
    done = RUNNER.invoke(app, ["new", str(tmp_path / "mine")])
    assert done.exit_code == 0
    assert f"casewise run {tmp_path / 'mine'}" in done.stdout
    study = load_study(tmp_path / "mine")
    assert len(study.theories) == 2
    unanswered: tuple[Hypothesis, ...] = study.unaskable
    assert not unanswered
    assert not study.unmeasured


def test_the_starter_study_shows_every_family_but_one_and_what_a_range_and_a_blank_are() -> None:
    study = load_study(STARTER)
    assert {i.family for i in study.codebook.indicators.values()} == {"ordinal", "binary", "binomial", "count"}
    rows = study.cases.observations
    assert any(row.missing for row in rows)
    assert any(len(row.levels) > 1 for row in rows)
    assert any(row.role == "build" for row in rows)


def test_a_new_study_never_overwrites_what_is_there(tmp_path: Path) -> None:
    (tmp_path / "kept.txt").write_text("kept")
    before = contents(tmp_path)
    done = RUNNER.invoke(app, ["new", str(tmp_path)])
    assert done.exit_code == 1
    assert "not an empty folder" in done.stderr
    assert contents(tmp_path) == before


def test_open_shows_the_report_that_was_written_last(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    shown: list[str] = []
    monkeypatch.setattr("typer.launch", lambda address: shown.append(address) or 0)
    for age, name in enumerate(("older", "newer")):
        report = tmp_path / name / "report.html"
        report.parent.mkdir()
        report.write_text("<p>report</p>")
        os.utime(report, (age, age))
    assert RUNNER.invoke(app, ["open", str(tmp_path)]).exit_code == 0
    assert shown == [(tmp_path / "newer" / "report.html").as_uri()]
    done = RUNNER.invoke(app, ["open", str(tmp_path), "--path"])
    assert done.stdout.strip().endswith("report.html")
    assert len(shown) == 1


def test_machines_are_told_the_path_and_nothing_else(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("typer.launch", lambda address: pytest.fail("a machine reads no report"))
    made = RUNNER.invoke(app, ["new", str(tmp_path / "städte"), "--json"])
    assert json.loads(made.stdout) == {"study": str(tmp_path / "städte")}
    assert (tmp_path / "städte" / "theory.toml").is_file()
    (tmp_path / "report.html").write_text("<p>report</p>")
    done = RUNNER.invoke(app, ["open", str(tmp_path), "--json"])
    assert json.loads(done.stdout) == {"report": str(tmp_path / "report.html")}


def test_open_without_a_browser_says_which_file_to_open(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("typer.launch", lambda address: 1)
    (tmp_path / "report.html").write_text("<p>report</p>")
    done = RUNNER.invoke(app, ["open", str(tmp_path)])
    assert done.stdout.strip() == str(tmp_path / "report.html")
    assert "Open that file" in done.stderr


def test_open_says_how_to_get_a_report_where_there_is_none(tmp_path: Path) -> None:
    done = RUNNER.invoke(app, ["open", str(tmp_path)])
    assert done.exit_code == 1
    assert "casewise run" in done.stderr
