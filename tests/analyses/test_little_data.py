"""Studies with next to nothing in them: a run ends in tables that say so, or in a message, never in a trace or in silence."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from typer.testing import CliRunner

from analyses import run as module
from analyses.cli import app
from analyses.run import run_study, write_run
from models.study import Study, load_study
from tests.analyses.pages import read_page
from tests.fitted import SAMPLER, draw_up, invented_trace, put_together
from tests.studies import Rows, read_table, table_text, write_study

LEADERSHIP = ("leaders_followed", "leaders_contested")


def changed(root: Path, change: Callable[[Rows], Rows], cases: int = 2, periods: int = 2) -> Path:
    """The lake study with other observations."""
    study = write_study(root, cases=cases, periods=periods)
    columns, rows = read_table(study / "observations.csv")
    (study / "observations.csv").write_text(table_text(columns, change(rows)), encoding="utf-8")
    return study


def ran(study: Study, out: Path) -> pd.DataFrame:
    """hypotheses.csv of a run that took draws of the prior for its posterior; every table and the report are written."""
    blueprint = draw_up(study)
    fitted = put_together(blueprint, study, invented_trace(blueprint, chains=2, draws=200), SAMPLER)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, "estimate", lambda *_: fitted)
        patch.setattr(module, "pooling_table", lambda *_: pd.DataFrame())
        write_run(run_study(study, SAMPLER), out)
    return pd.read_csv(out / "hypotheses.csv").set_index("id")


@pytest.mark.parametrize("command", ["run", "support", "refute", "sensitivity", "show"])
@pytest.mark.parametrize("void", [{"value": "", "n": ""}, {"role": "summary"}], ids=["blank", "summary"])
def test_a_study_without_a_row_for_the_likelihood_is_told_to_code_one(
    tmp_path: Path, command: str, void: dict[str, str]
) -> None:
    study = changed(tmp_path / "study", lambda rows: [row | void for row in rows])
    out = [] if command == "show" else ["--out", str(tmp_path / "out")]
    done = CliRunner().invoke(app, [command, str(study), *out])
    assert done.exit_code == 1
    assert isinstance(done.exception, SystemExit)
    assert "Code at least one row" in done.stderr
    assert not (tmp_path / "out").exists()


def test_a_cause_that_no_row_measures_is_not_spoken_to(tmp_path: Path) -> None:
    root = changed(tmp_path / "study", lambda rows: [row for row in rows if row["indicator"] not in LEADERSHIP])
    found = ran(load_study(root), tmp_path / "out")
    assert found.loc["leaders", "verdict"] == "cannot speak"
    assert found.loc["leaders", "reason"] == "no row measures leadership"
    assert found.loc["rules", "verdict"] != "cannot speak"
    page = read_page(tmp_path / "out" / "report.html")
    assert "Do not read this as a finding" in page.text


@pytest.mark.parametrize("cases", [1, 2])
def test_one_unit_and_two_are_a_study_whose_data_do_not_decide(tmp_path: Path, cases: int) -> None:
    root = changed(tmp_path / "study", lambda rows: [row for row in rows if row["unit"].endswith(" 1")], cases, 1)
    found = ran(load_study(root), tmp_path / "out")
    assert set(found["verdict"]) == {"undecided"}
    assert np.isfinite(found["weight_db"]).all()


def test_an_outcome_that_was_the_same_everywhere_is_a_study(tmp_path: Path) -> None:
    root = changed(
        tmp_path / "study",
        lambda rows: [row | ({"value": "High"} if row["indicator"] == "stock_rating" else {}) for row in rows],
    )
    found = ran(load_study(root), tmp_path / "out")
    assert found.loc["leaders", "verdict"] == "undecided"
