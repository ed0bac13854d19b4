"""``casewise refute`` on the command line: which hypothesis, what it says, and what it leaves behind when it cannot."""

import json
from pathlib import Path

import pandas as pd
import pytest
from typer.testing import CliRunner

import analyses.refute
from analyses.cli import app
from analyses.refute import COLUMNS, Refuted, Run
from causal.hypotheses import Hypothesis
from models.study import Study
from tests.studies import read_table, table_text, write_study

RUNNER = CliRunner()


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return write_study(tmp_path / "lakes", cases=3, periods=2)


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Which hypotheses were refuted; nothing is sampled."""
    found: list[str] = []

    def refute(study: Study, hypothesis: Hypothesis, effort: object, run: Run, out: Path) -> Refuted:
        found.append(hypothesis.id)
        row = dict.fromkeys(COLUMNS, "") | {"test": "dummy outcome", "verdict": "survives", "observed": "It fell."}
        return Refuted(pd.DataFrame([row]), converged=study.root.name != "shaky")

    monkeypatch.setattr(analyses.refute, "refute", refute)
    return found


def test_the_first_hypothesis_is_refuted_unless_another_is_named(root: Path, asked: list[str], tmp_path: Path) -> None:
    for extra in ([], ["--hypothesis", "rules"]):
        result = RUNNER.invoke(app, ["refute", str(root), "--out", str(tmp_path / "out"), *extra])
        assert result.exit_code == 0, result.output
        assert "survives: dummy outcome. It fell." in result.output
    assert asked == ["leaders", "rules"]


def test_a_hypothesis_that_is_not_there_is_named_with_those_that_are(
    root: Path, asked: list[str], tmp_path: Path
) -> None:
    result = RUNNER.invoke(app, ["refute", str(root), "--out", str(tmp_path / "out"), "--hypothesis", "kings"])
    assert result.exit_code == 1
    assert "kings" in result.output
    assert "leaders, rules, roads" in result.output
    assert not asked
    assert not (tmp_path / "out").exists()


def test_a_hypothesis_about_what_no_row_measures_is_passed_over(root: Path, asked: list[str], tmp_path: Path) -> None:
    columns, rows = read_table(root / "observations.csv")
    kept = [row for row in rows if row["indicator"] not in ("leaders_followed", "leaders_contested")]
    (root / "observations.csv").write_text(table_text(columns, kept), encoding="utf-8")
    assert RUNNER.invoke(app, ["refute", str(root), "--out", str(tmp_path / "out")]).exit_code == 0
    assert asked == ["rules"]
    result = RUNNER.invoke(app, ["refute", str(root), "--out", str(tmp_path / "out"), "--hypothesis", "leaders"])
    assert result.exit_code == 1
    assert "no row measures leadership" in result.output


def test_machines_get_the_rows_and_nothing_else(root: Path, asked: list[str], tmp_path: Path) -> None:
    result = RUNNER.invoke(app, ["refute", str(root), "--out", str(tmp_path / "out"), "--json"])
    assert [row["verdict"] for row in json.loads(result.output)] == ["survives"]


def test_a_fit_that_did_not_converge_ends_with_3(root: Path, asked: list[str], tmp_path: Path) -> None:
    root = root.rename(root.with_name("shaky"))
    result = RUNNER.invoke(app, ["refute", str(root), "--out", str(tmp_path / "out")])
    assert result.exit_code == 3
    assert "did not converge" in result.output


def test_a_scheduler_that_does_not_answer_ends_with_1(
    root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refute(*_: object) -> Refuted:
        raise OSError("Timed out trying to connect to tcp://nowhere:8786")

    monkeypatch.setattr(analyses.refute, "refute", refute)
    result = RUNNER.invoke(
        app, ["refute", str(root), "--out", str(tmp_path / "out"), "--scheduler", "tcp://nowhere:8786"]
    )
    assert result.exit_code == 1
    assert "nowhere" in result.output


def test_a_test_that_there_is_not_is_named_with_those_that_there_are(
    root: Path, asked: list[str], tmp_path: Path
) -> None:
    result = RUNNER.invoke(app, ["refute", str(root), "--out", str(tmp_path / "out"), "--only", "bootstrap, luck"])
    assert result.exit_code == 2
    assert "luck" in result.output
    assert "placebo cause" in result.output
    assert not asked
