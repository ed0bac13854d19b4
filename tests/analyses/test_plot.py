"""`casewise plot`: the report's own figures as files."""

import xml.etree.ElementTree as ET
from pathlib import Path

import pytest
from typer.testing import CliRunner

from analyses.cli import app
from analyses.report import write_report
from models.study import load_study
from tests.analyses.everything import write_everything
from tests.analyses.folders import write_folder
from tests.analyses.pages import read_page
from tests.studies import write_study

RUNNER = CliRunner()


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("lakes")
    return write_folder(load_study(write_study(root / "study")), root / "out")


def test_every_figure_is_a_drawing_of_its_own_with_a_title(folder: Path, tmp_path: Path) -> None:
    done = RUNNER.invoke(app, ["plot", str(folder), "--out", str(tmp_path / "figures")])
    assert done.exit_code == 0, done.output
    written = {path.stem: path for path in (tmp_path / "figures").glob("*.svg")}
    assert {"support", "theory", "effects_total", "effects_direct", "ledger"} <= set(written)
    for path in written.values():
        root = ET.fromstring(path.read_text(encoding="utf-8"))
        assert root.tag.endswith("svg")
        assert root.find("{http://www.w3.org/2000/svg}title") is not None


def test_no_figure_of_the_report_is_missing_among_the_files(tmp_path: Path) -> None:
    out = write_everything(tmp_path / "out")
    shown = {svg.attributes["aria-labelledby"].split("-title")[0] for svg in read_page(write_report(out)).find("svg")}
    done = RUNNER.invoke(app, ["plot", str(out), "--out", str(tmp_path / "figures")])
    assert done.exit_code == 0, done.output
    drawn = [ET.fromstring(path.read_text(encoding="utf-8")) for path in (tmp_path / "figures").glob("*.svg")]
    assert {root.attrib["aria-labelledby"].split("-title")[0] for root in drawn} == shown
    assert len(drawn) == len(shown) >= 20


def test_one_figure_can_be_asked_for_by_name(folder: Path, tmp_path: Path) -> None:
    RUNNER.invoke(app, ["plot", str(folder), "--out", str(tmp_path / "one"), "--figure", "theory"])
    assert [path.name for path in (tmp_path / "one").iterdir()] == ["theory.svg"]


def test_an_unknown_figure_is_refused_with_those_there_are(folder: Path, tmp_path: Path) -> None:
    done = RUNNER.invoke(app, ["plot", str(folder), "--out", str(tmp_path / "none"), "--figure", "tehory"])
    assert done.exit_code == 1
    assert "theory" in done.stderr
    assert not (tmp_path / "none").exists()
