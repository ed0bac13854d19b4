"""How the command speaks: progress where results are not, as loud as asked, for machines, and to the shell."""

import json
import logging
from collections.abc import Iterator
from pathlib import Path

import pandas as pd
import pytest
from typer.testing import CliRunner, Result

from analyses import run as run_module
from analyses.cli import app
from analyses.commands.voice import voice
from models.study import load_study
from tests.analyses.folders import write_folder
from tests.analyses.test_cli import converged, pretend
from tests.studies import write_study

RUNNER = CliRunner()


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_study(tmp_path_factory.mktemp("sound"), cases=3, periods=2)


@pytest.fixture(autouse=True)
def loggers() -> Iterator[None]:
    """The handlers of the root logger as they were: --verbose adds one."""
    before = logging.root.handlers[:], logging.root.level
    yield
    logging.root.handlers[:], logging.root.level = before


def run(root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, *options: str) -> Result:
    pretend(monkeypatch, converged())
    monkeypatch.setattr(run_module, "pooling_table", lambda *_: pd.DataFrame())
    return RUNNER.invoke(app, ["run", str(root), "--out", str(tmp_path / "out"), *options])


def test_progress_goes_to_stderr_and_results_to_stdout(
    root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    done = run(root, tmp_path, monkeypatch)
    assert "compiling and sampling" in done.stderr
    assert "compiling and sampling" not in done.stdout
    assert "report: " in done.stdout


def test_a_quiet_run_says_its_results_and_nothing_else(
    root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    done = run(root, tmp_path, monkeypatch, "--quiet")
    assert done.stderr == ""
    assert "report: " in done.stdout


def test_a_verbose_run_says_when_each_stage_began(root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    done = run(root, tmp_path, monkeypatch, "-v")
    (line,) = [line for line in done.stderr.splitlines() if "compiling and sampling" in line]
    seconds, unit = line.split()[:2]
    assert float(seconds) >= 0
    assert unit == "s"


def test_machines_hear_of_progress_only_when_they_ask(capsys: pytest.CaptureFixture[str]) -> None:
    for quiet in (None, True):
        voice(quiet, as_json=True).say("on the way")
    assert capsys.readouterr().err == ""
    voice(False, as_json=True).say("on the way")
    heard = capsys.readouterr()
    assert "on the way" in heard.err
    assert heard.out == ""


def test_plot_and_diff_tell_machines_what_they_found(root: Path, tmp_path: Path) -> None:
    results = str(write_folder(load_study(root), tmp_path / "out"))
    paths = json.loads(RUNNER.invoke(app, ["plot", results, "--out", str(tmp_path / "drawn"), "--json"]).stdout)
    assert {"support", "theory"} <= paths.keys()
    assert all(Path(path).is_file() for path in paths.values())
    found = json.loads(RUNNER.invoke(app, ["diff", results, results, "--json"]).stdout)
    assert found["changed_files"] == []
    assert {row["declared"] for row in found["hypotheses"]} == {"as before"}


@pytest.mark.parametrize(
    ("typed", "offered"), [("casewise sen", "sensitivity"), ("casewise show STUDY --as da", "dagitty")]
)
def test_the_shell_completes_commands_and_values(typed: str, offered: str) -> None:
    words = {"COMP_WORDS": typed, "COMP_CWORD": str(len(typed.split()) - 1), "_CASEWISE_COMPLETE": "complete_bash"}
    done = RUNNER.invoke(app, [], prog_name="casewise", env=words)
    assert done.stdout.split() == [offered]
