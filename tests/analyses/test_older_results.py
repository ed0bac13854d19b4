"""A results folder that another version wrote: what is missing is named, and what can be read is read."""

import shutil
from pathlib import Path

import pytest
from typer.testing import CliRunner

from analyses.cli import app
from analyses.commands.shared import renew_report
from analyses.report import write_report
from analyses.results import OlderResultsError, command_of
from models.study import load_study
from tests.analyses.folders import write_folder, write_table
from tests.analyses.invented import lakes
from tests.analyses.pages import read_page
from tests.analyses.test_refutations_chapter import row
from tests.studies import read_table, write_study


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("older")
    return write_folder(load_study(write_study(root / "study")), root / "out")


@pytest.fixture
def copy(folder: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(folder, tmp_path / "out"))


def forget(path: Path, column: str) -> None:
    """Write a table again as a version did that had no such column."""
    _, rows = read_table(path)
    assert column in rows[0]
    write_table(path, [{name: cell for name, cell in row.items() if name != column} for row in rows])


@pytest.mark.parametrize(
    ("table", "column"),
    [("effects", "prior_hdi_low"), ("hypotheses", "prior_probability"), ("ledger", "pareto_k"), ("ratings", "coder")],
)
def test_a_table_of_a_run_without_a_column_is_named_with_the_column_and_the_remedy(
    copy: Path, table: str, column: str
) -> None:
    write_report(copy)
    before = (copy / "report.html").read_bytes()
    forget(copy / f"{table}.csv", column)
    with pytest.raises(OlderResultsError) as caught:
        write_report(copy)
    assert f"{table}.csv has no column '{column}'" in str(caught.value)
    assert "run `casewise run` again" in str(caught.value)
    assert (copy / "report.html").read_bytes() == before


def test_a_missing_entry_of_the_manifest_is_named_too(copy: Path) -> None:
    path = copy / "manifest.json"
    path.write_text(path.read_text(encoding="utf-8").replace('"sampler"', '"sampled_by"'), encoding="utf-8")
    with pytest.raises(OlderResultsError, match=r"manifest\.json has no entry 'sampler'"):
        write_report(copy)


def test_a_table_that_another_command_wrote_costs_its_own_chapter_only(copy: Path) -> None:
    write_table(copy / "refutations.csv", [row("without case A", "fails")])
    whole = read_page(write_report(copy))
    assert whole.find("section", id="refutations")
    forget(copy / "refutations.csv", "probability_before")
    page = read_page(write_report(copy))
    (left_out,) = page.find("section", id="older-refutations")
    assert "refutations.csv has no column 'probability_before'" in left_out.text
    assert "casewise refute" in left_out.text
    assert str(copy.parent) not in left_out.text
    assert {s.attributes["id"] for s in whole.find("section")} - {s.attributes["id"] for s in page.find("section")} == {
        "refutations"
    }


def test_a_reply_made_from_an_older_table_says_so(copy: Path) -> None:
    first = read_table(copy / "hypotheses.csv")[1][0]["id"]
    write_table(copy / "tipping.csv", [{"hypothesis": first, "conclusion": "undecided"}])
    answer = read_page(write_report(copy)).find("section", id="answer")[0]
    assert "tipping.csv has no column" in answer.text


def test_commands_end_with_the_message_and_no_traceback(copy: Path, tmp_path: Path) -> None:
    forget(copy / "coefficients.csv", "prob_positive")
    done = CliRunner().invoke(app, ["plot", str(copy), "--out", str(tmp_path / "figures")])
    assert done.exit_code == 1
    assert "coefficients.csv has no column 'prob_positive'" in done.stderr
    assert not (tmp_path / "figures").exists()


def test_a_command_whose_results_are_written_says_that_only_the_report_is_not(
    copy: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    import typer

    forget(copy / "coefficients.csv", "prob_positive")
    with pytest.raises(typer.Exit) as ended:
        renew_report(copy, "trace", lakes())
    assert ended.value.exit_code == 1
    assert "The results are written, the report is as it was." in capsys.readouterr().err


@pytest.mark.parametrize(
    ("path", "command"),
    [
        ("effects.csv", "run"),
        ("rivals.csv", "support"),
        ("trace_clues.csv", "trace"),
        ("refutations.csv", "refute"),
        ("sensitivity/verdict.csv", "sensitivity"),
    ],
)
def test_the_remedy_names_the_command_that_writes_the_file(path: str, command: str) -> None:
    assert command_of(Path("out") / path) == command
