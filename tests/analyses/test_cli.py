"""The casewise command: exit codes, messages, and what it leaves on the disk."""

import json
import random
import shutil
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest
from typer.testing import CliRunner

from analyses import run as run_module
from analyses.cli import app
from models.checks.diagnostics import Diagnostics
from models.estimate import Estimate
from tests.analyses.test_outputs import contents
from tests.fitted import lakes
from tests.models.corruptions import CORRUPTIONS
from tests.studies import read_table, table_text, write_study

ROOT = Path(__file__).parents[2]
RUNNER = CliRunner()


@pytest.fixture(scope="module")
def sound(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_study(tmp_path_factory.mktemp("sound"), cases=3, periods=2)


def never(*_: object) -> Estimate:
    raise AssertionError("nothing may be sampled here")


@pytest.fixture(autouse=True)
def no_sampling(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(run_module, "estimate", never)
    monkeypatch.setattr(run_module, "pooling_table", lambda *_: pd.DataFrame())


def pretend(monkeypatch: pytest.MonkeyPatch, diagnostics: Diagnostics) -> None:
    """Let a run find the shared fit, with these diagnostics, instead of sampling."""
    found = replace(lakes().estimate, diagnostics=diagnostics)
    monkeypatch.setattr(run_module, "estimate", lambda *_: found)


def converged() -> Diagnostics:
    return replace(
        lakes().estimate.diagnostics,
        worst_r_hat=1.0,
        least_ess_bulk=900.0,
        least_ess_tail=900.0,
        divergences=0,
        divergent_share=0.0,
        least_e_bfmi=1.0,
    )


@pytest.mark.parametrize("command", ["check", "run"])
@pytest.mark.parametrize("corruption", CORRUPTIONS[:: len(CORRUPTIONS) // 8], ids=lambda c: c.name)
def test_a_spoilt_study_is_refused_with_its_problem_on_stderr_and_nothing_written(
    sound: Path, tmp_path: Path, command: str, corruption: object
) -> None:
    study = Path(shutil.copytree(sound, tmp_path / "study"))
    line = corruption.spoil(study, random.Random(1).choice)  # type: ignore[attr-defined]
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "report.html").write_text("earlier")
    before = contents(tmp_path)
    done = RUNNER.invoke(app, [command, str(study), *(["--out", str(tmp_path / "out")] if command == "run" else [])])
    assert done.exit_code == 1
    place = corruption.file + (f" line {line}" if line else "")  # type: ignore[attr-defined]
    assert place in done.stderr
    assert corruption.said in done.stderr  # type: ignore[attr-defined]
    assert done.stdout == ""
    assert contents(tmp_path) == before


def test_a_study_spoilt_in_several_places_is_told_all_of_them_at_once(sound: Path, tmp_path: Path) -> None:
    study = Path(shutil.copytree(sound, tmp_path / "study"))
    by_name = {c.name: c for c in CORRUPTIONS}
    for name in ("a range upside down", "a period in words", "a source twice"):
        by_name[name].spoil(study, random.Random(1).choice)
    done = RUNNER.invoke(app, ["check", str(study)])
    assert done.exit_code == 1
    assert len(done.stderr.splitlines()) >= 3


def test_a_folder_that_is_not_there_is_a_wrong_study(tmp_path: Path) -> None:
    done = RUNNER.invoke(app, ["check", str(tmp_path / "nowhere")])
    assert done.exit_code == 1
    assert "no such study folder" in done.stderr


def test_an_unknown_theory_is_refused_with_those_there_are(sound: Path) -> None:
    done = RUNNER.invoke(app, ["check", str(sound), "--theory", "gaer"])
    assert done.exit_code == 1
    assert "gear" in done.stderr


@pytest.mark.parametrize(
    "line",
    [
        "run",
        "run STUDY",
        "run STUDY --out OUT --chains one",
        "run STUDY --out OUT --draws 0",
        "check STUDY --frobnicate",
        "chekc",
    ],
)
def test_a_wrong_command_line_is_a_usage_error(sound: Path, tmp_path: Path, line: str) -> None:
    named = {"STUDY": str(sound), "OUT": str(tmp_path / "out")}
    done = RUNNER.invoke(app, [named.get(word, word) for word in line.split()])
    assert done.exit_code == 2
    assert "Usage" in done.stderr
    assert list(tmp_path.iterdir()) == []


def test_results_cannot_go_where_a_file_stands(sound: Path, tmp_path: Path) -> None:
    (tmp_path / "out").write_text("a file")
    done = RUNNER.invoke(app, ["run", str(sound), "--out", str(tmp_path / "out")])
    assert done.exit_code == 2
    assert (tmp_path / "out").read_text() == "a file"


@pytest.mark.parametrize("command", ["run", "support", "refute", "sensitivity", "trace"])
def test_results_never_go_among_the_files_of_the_study(sound: Path, command: str) -> None:
    before = contents(sound)
    done = RUNNER.invoke(app, [command, str(sound), "--out", str(sound / ".." / sound.name)])
    assert done.exit_code == 1
    assert "the study's own folder" in done.stderr
    assert contents(sound) == before


def test_a_study_of_blank_rows_only_is_told_to_code_one(sound: Path, tmp_path: Path) -> None:
    study = Path(shutil.copytree(sound, tmp_path / "study"))
    columns, rows = read_table(study / "observations.csv")
    blank = [row | {"value": "", "n": ""} for row in rows]
    (study / "observations.csv").write_text(table_text(columns, blank), encoding="utf-8")
    done = RUNNER.invoke(app, ["run", str(study), "--out", str(tmp_path / "out")])
    assert done.exit_code == 1
    assert "Code at least one row" in done.stderr
    assert not (tmp_path / "out").exists()


def test_a_claim_about_a_case_that_the_study_cannot_answer_cannot_speak(
    sound: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    study = Path(shutil.copytree(sound, tmp_path / "study"))
    text = (study / "hypotheses.toml").read_text(encoding="utf-8")
    claim = 'claim = "effect(leadership -> stock) > 0"'
    assert claim in text
    asked = "claim = \"counterfactual(leadership -> stock | case = 'Chala 1') > 0\"".replace("'", '\\"')
    (study / "hypotheses.toml").write_text(text.replace(claim, asked), encoding="utf-8")
    pretend(monkeypatch, converged())
    done = RUNNER.invoke(app, ["run", str(study), "--out", str(tmp_path / "out")])
    assert done.exit_code == 0, (done.stderr, done.exception)
    _, rows = read_table(tmp_path / "out" / "hypotheses.csv")
    row = next(row for row in rows if row["id"] == "leaders")
    assert row["verdict"] == "cannot speak"
    assert "no previous period" in row["reason"]
    assert f"leaders: cannot speak: {row['reason']}" in done.stdout.splitlines()


def test_a_check_says_what_the_study_contains_and_what_is_identified(sound: Path) -> None:
    done = RUNNER.invoke(app, ["check", str(sound)])
    assert done.exit_code == 0, done.stderr
    assert "3 cases (Chala, Žuvintas, São Bento)" in done.stdout
    assert "monitoring -> compliance: identified" in done.stdout
    assert "leaders: effect(leadership -> stock) > 0" in done.stdout


def test_a_check_for_machines_is_one_json_object_with_the_same_lines(sound: Path) -> None:
    text, machine = (RUNNER.invoke(app, ["check", str(sound), *more]) for more in ([], ["--json"]))
    sections = json.loads(machine.stdout)
    assert machine.exit_code == 0
    for title, lines in sections.items():
        assert title in text.stdout
        for line in lines:
            assert line in text.stdout


def test_a_check_of_a_rival_is_about_the_rival(sound: Path) -> None:
    done = RUNNER.invoke(app, ["check", str(sound), "--theory", "gear"])
    assert done.exit_code == 0
    assert "Nets, not norms" in done.stdout
    assert "(not a question to this theory)" in done.stdout


def test_a_run_writes_every_output_and_ends_with_the_report(
    sound: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pretend(monkeypatch, converged())
    done = RUNNER.invoke(app, ["run", str(sound), "--out", str(tmp_path / "out")])
    assert done.exit_code == 0, done.stderr
    written = {p.name for p in (tmp_path / "out").iterdir()}
    assert {"effects.csv", "coefficients.csv", "hypotheses.csv", "ledger.csv", "ratings.csv", "posterior.nc"} <= written
    assert {"diagnostics.json", "manifest.json", "theory.json", "report.html"} <= written
    assert done.stdout.splitlines()[-1] == f"report: {tmp_path / 'out' / 'report.html'}"
    assert [p.name for p in tmp_path.iterdir()] == ["out"]


def test_a_run_that_did_not_converge_is_written_and_marked_and_exits_with_three(
    sound: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pretend(monkeypatch, replace(converged(), worst_r_hat=1.3, worst_r_hat_at="slope[x->y]"))
    done = RUNNER.invoke(app, ["run", str(sound), "--out", str(tmp_path / "out"), "--json"])
    assert done.exit_code == 3
    assert "R-hat of slope[x->y] is 1.300" in done.stderr
    told = json.loads(done.stdout)
    assert told["converged"] is False
    manifest = json.loads((tmp_path / "out" / "manifest.json").read_text(encoding="utf-8"))
    assert manifest["converged"] is False
    assert manifest["failures"] == told["failures"]
    assert (tmp_path / "out" / "report.html").exists()


def test_a_run_whose_report_fails_leaves_earlier_outputs_as_they_were(
    sound: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from analyses import report

    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "effects.csv").write_text("earlier")
    before = contents(tmp_path)
    pretend(monkeypatch, converged())

    def broken(*_: object) -> None:
        raise RuntimeError("the template is broken")

    monkeypatch.setattr(report, "write_report", broken)
    done = RUNNER.invoke(app, ["run", str(sound), "--out", str(tmp_path / "out")])
    assert done.exit_code != 0
    assert contents(tmp_path) == before


@pytest.mark.parametrize("arguments", [["--help"], ["run", "--help"], ["check", "STUDY"]])
def test_what_needs_no_sampler_loads_none(sound: Path, arguments: list[str]) -> None:
    code = (
        "import sys\nfrom analyses.cli import app\n"
        f"try:\n    app({[str(sound) if a == 'STUDY' else a for a in arguments]!r})\nexcept SystemExit as end:\n"
        "    assert not end.code, end.code\n"
        "heavy = {'pymc', 'pytensor', 'arviz', 'dowhy', 'nutpie', 'matplotlib'} & set(sys.modules)\n"
        "assert not heavy, heavy\n"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
