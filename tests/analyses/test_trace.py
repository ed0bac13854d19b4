"""The trace command: what it prints, what it writes, and that it refuses what cannot be asked."""

import json
from pathlib import Path

import pandas as pd
import pytest
import xarray as xr
from typer.testing import CliRunner

from analyses import trace as trace_module
from analyses.cli import app
from analyses.trace import Ask, questions_of, trace
from models.study import load_study
from models.types.coding import Cut
from models.types.gibbs import Effort
from tests.analyses.test_outputs import contents
from tests.studies import write_study

RUNNER = CliRunner()
QUICK = Effort(chains=20, warm_up=20, draws=10, thin=1)
ASKED = ["--query", "stock[compliance=0]==0", "--given", "compliance==1 & stock==1", "--chains", "20", "--draws", "10"]


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_study(tmp_path_factory.mktemp("lakes"), cases=3, periods=2)


@pytest.fixture(autouse=True)
def few_draws_are_enough(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(trace_module, "WORST_R_HAT", 9.0)


def test_results_are_written_with_a_row_for_every_unit_and_question(root: Path, tmp_path: Path) -> None:
    done = RUNNER.invoke(app, ["trace", str(root), *ASKED, "--out", str(tmp_path / "out")])
    assert done.exit_code == 0, done.output
    cases = pd.read_csv(tmp_path / "out" / "trace.csv")
    assert len(cases) == 6
    assert cases["posterior"].between(0, 1).all()
    assert (cases["least_over_cuts"] <= cases["most_over_cuts"]).all()
    population = pd.read_csv(tmp_path / "out" / "trace_population.csv")
    assert population["prior_sd"].between(0.1, 0.4).all()
    assert set(pd.read_csv(tmp_path / "out" / "trace_coding.csv")["construct"]) >= {"stock", "stock_before"}
    tree = xr.open_datatree(tmp_path / "out" / "trace.nc", engine="h5netcdf")
    assert tree["posterior"]["answer"].dims == ("question", "chain", "draw")
    assert "Gibbs" in tree.attrs["method"]


def test_machines_get_the_same_numbers_as_json(root: Path) -> None:
    done = RUNNER.invoke(app, ["trace", str(root), *ASKED, "--json", "--cut-sd", "0"])
    answer = json.loads(done.stdout)
    assert [row["unit"] for row in answer["cases"]][:2] == ["Chala 1", "Chala 2"]
    assert answer["population"][0]["given"] == "((compliance == 1) & (stock == 1))"


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--query", "stock = 1"], "'=='"),
        (["--query", "fish==1"], "there is no node 'fish'"),
        (["--query", "stock[compliance=2]==1"], "levels of 'compliance' are 0 to 1"),
        (["--query", "stock==1", "--cut", "1.5"], "between 0 and 1"),
        (["--query", "stock==1", "--restrict", "rising(stock)"], "is no restriction"),
        (["--query", "stock==1", "--given", "stock==1", "--given", "stock==0"], "one condition for all"),
    ],
)
def test_what_cannot_be_asked_ends_with_a_sentence_and_nothing_written(
    root: Path, tmp_path: Path, arguments: list[str], said: str
) -> None:
    before = contents(tmp_path)
    done = RUNNER.invoke(app, ["trace", str(root), *arguments, "--out", str(tmp_path / "out")])
    assert done.exit_code == 1
    assert said in done.stderr
    assert contents(tmp_path) == before


def test_one_question_has_the_same_answer_every_time(root: Path) -> None:
    study = load_study(root)
    ask = Ask(questions_of(["stock[compliance=1] - stock[compliance=0]"], []), Cut(sd=0.0), effort=QUICK, seed=3)
    assert trace(study, ask).population.equals(trace(study, ask).population)
