"""The trace command: what it prints, what it writes, and that it refuses what cannot be asked."""

import json
from pathlib import Path

import pandas as pd
import pytest
import xarray as xr
from typer.testing import CliRunner

from analyses import trace as trace_module
from analyses import trace_rivals
from analyses.cli import app
from analyses.trace import Ask, own_questions, questions_of, trace
from analyses.trace_rivals import compare
from models.study import load_study
from models.types.cuts import Cut
from models.types.gibbs import Effort
from tests.analyses.folders import write_folder
from tests.analyses.pages import read_page
from tests.analyses.test_outputs import contents
from tests.models.types.test_coding import with_rows
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
    monkeypatch.setattr(trace_rivals, "PARTICLES", 200)
    monkeypatch.setattr(trace_rivals, "FEW", 50)


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
    assert (population["flat_prior_sd"] > 0).all()
    clues = pd.read_csv(tmp_path / "out" / "trace_clues.csv")
    assert clues["share_learnt"].between(-1e-9, 1).all()
    assert set(clues["unit"]) <= set(cases["unit"])
    plans = pd.read_csv(tmp_path / "out" / "trace_plans.csv")
    assert set(plans["wide"]) == {True, False}
    assumed = dict(pd.read_csv(tmp_path / "out" / "trace_assumptions.csv").itertuples(index=False))
    assert assumed["cut"] == "0.50"
    assert "tried at 0.50; 0.41; 0.59" in assumed["standard error of the cut"]
    assert (cases["prob_in_all"] - cases["prob_given"] * cases["posterior"]).abs().max() < 1e-9
    tree = xr.open_datatree(tmp_path / "out" / "trace.nc")
    assert tree["posterior"]["answer"].dims == ("chain", "draw", "question")
    assert tree["population"]["mean"].values == pytest.approx(population["mean"].to_numpy())
    for row in cases.itertuples():
        assert float(tree["cases"]["posterior"].sel(unit=row.unit, question=row.name)) == pytest.approx(row.posterior)
    assert tree["coding"]["probability"].sel(construct="stock").sum("level").values == pytest.approx(1)
    assert "Gibbs" in tree.attrs["method"]


def test_machines_get_the_same_numbers_as_json(root: Path) -> None:
    done = RUNNER.invoke(app, ["trace", str(root), *ASKED, "--json", "--cut-sd", "0"])
    answer = json.loads(done.stdout)
    assert [row["unit"] for row in answer["cases"]][:2] == ["Chala 1", "Chala 2"]
    assert answer["population"][0]["given"] == "compliance == 1 & stock == 1"


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--query", "stock = 1"], "'=='"),
        (["--query", "fish==1"], "there is no node 'fish'"),
        (["--query", "stock[compliance=2]==1"], "levels of 'compliance' are 0 to 1"),
        (["--query", "stock==1", "--cut", "1.5"], "between 0 and 1"),
        (["--query", "stock==1", "--restrict", "rising(stock)"], "is no restriction"),
        (["--query", "stock==1", "--given", "stock==1", "--given", "stock==0"], "one condition for all"),
        ([*ASKED, "--against", "fish -> stock"], "'fish' is no coded construct"),
        ([*ASKED, "--against", "stock -> -> fish"], "where a node is due"),
        ([*ASKED, "--compare", "--selected", "stock==1"], "how many were not seen is unknown"),
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


def test_without_a_query_the_hypotheses_are_asked_of_every_case(root: Path) -> None:
    done = RUNNER.invoke(app, ["trace", str(root), "--cut-sd", "0", "--chains", "20", "--draws", "5"])
    assert done.exit_code == 0, done.output
    assert "1. Leadership caused stock\n   stock[leadership=0] < stock given leadership > 0 & stock > 0" in done.stdout
    assert "2. Monitoring caused stock, through compliance" in done.stdout
    assert "a flat prior over types would have been" in done.stdout
    assert "over cuts" not in done.stdout.split("What this rests on")[0]
    assert "Chala 1" in done.stdout


def test_the_questions_of_trace_toml_come_before_the_hypotheses(root: Path, tmp_path: Path) -> None:
    copied = write_study(tmp_path / "lakes", cases=2, periods=1)
    asked = '[[questions]]\nname = "patrols worked"\nask = "compliance[monitoring=0] < compliance"\n'
    (copied / "trace.toml").write_text(asked, encoding="utf-8")
    assert [named.name for named in own_questions(load_study(copied))] == ["patrols worked"]
    assert own_questions(load_study(root))[0].name == "leadership caused stock"


def test_a_unit_that_a_restriction_rules_out_is_named(root: Path, tmp_path: Path) -> None:
    """In Chala 1 leaders were certainly followed and patrols never went out, which the restriction says cannot be."""
    row = {"unit": "Chala 1", "confidence": "1"}
    rows = [{"indicator": "leaders_followed", "value": "High"}, {"indicator": "patrols", "value": "Never"}]
    study = with_rows(root, tmp_path / "lakes", *(row | more for more in rows)).root
    asked = ["--query", "monitoring==1", "--cut-sd", "0", "--restrict", "drop(monitoring[leadership=1] == 0)"]
    done = RUNNER.invoke(app, ["trace", str(study), *asked, "--out", str(tmp_path / "out")])
    assert done.exit_code == 1
    assert "case 'Chala 1' (leadership=1, monitoring=0) cannot be" in done.stderr
    assert "Correct the coding, or drop a restriction." in done.stderr
    assert not (tmp_path / "out").exists()


def test_two_peaks_of_a_construct_without_rows_are_said_and_no_failure_to_converge(
    root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Chains sit on either peak, however long they run: more draws would not help."""
    monkeypatch.setattr(trace_module, "WORST_R_HAT", 1.05)
    copied = write_study(tmp_path / "lakes", cases=4, periods=3)
    rows = pd.read_csv(copied / "observations.csv", dtype=str, keep_default_na=False)
    rows[~rows["indicator"].isin(["rules_kept", "households_complying"])].to_csv(
        copied / "observations.csv", index=False
    )
    ask = Ask(questions_of(["compliance[monitoring=1] - compliance[monitoring=0]"], []), Cut(sd=0.0), effort=QUICK)
    traced = trace(load_study(copied), ask)
    assert "two peaks" in traced.notes[0]
    assert traced.population["r_hat"].isna().all()
    assert traced.converged


def test_rivals_are_compared_on_the_same_units_and_what_cannot_be_is_said(root: Path) -> None:
    study = load_study(root)
    ask = Ask(questions_of(["stock==1"], []), Cut(sd=0.0), effort=QUICK, seed=3)
    found = compare(study, ask, ["leadership -> stock", "increasing(leadership -> monitoring)"])
    own, rival = study.theory.name, next(iter(study.rivals))
    assert set(found.rivals["model"]) == {
        own,
        f"{own}, with its signs",
        rival,
        "leadership -> stock",
        f"{own}, increasing(leadership -> monitoring)",
    }
    by_name = found.rivals.set_index("model")
    assert by_name["posterior_probability"].sum() == pytest.approx(1)
    assert by_name.loc[own, "for_it_db"] == 0
    assert (by_name["behind_best_db"] >= 0).all()
    assert found.held_out.groupby("model").size().eq(6).all()
    same = compare(study, ask, [" ; ".join(f"{e.cause} -> {e.effect}" for e in study.theory.edges if not e.lag)])
    assert (
        same.rivals.set_index("model").loc[own, "log_marginal_likelihood"]
        == by_name.loc[own, "log_marginal_likelihood"]
    )


def test_a_rival_with_too_many_types_is_refused_and_the_others_scored(root: Path) -> None:
    study = load_study(root)
    many = "; ".join(
        f"{c} -> stock" for c in ("leadership", "monitoring", "market_access", "compliance", "stock_before")
    )
    found = compare(study, Ask(questions_of(["stock==1"], []), Cut(sd=0.0), effort=QUICK), [many])
    assert "2^32 response types" in found.refused[many]
    assert study.theory.name in set(found.rivals["model"])


def test_a_report_that_is_there_gets_the_chapter(root: Path, tmp_path: Path) -> None:
    out = write_folder(load_study(root), tmp_path / "out")
    done = RUNNER.invoke(app, ["trace", str(root), *ASKED, "--cut-sd", "0", "--compare", "--out", str(out)])
    assert done.exit_code == 0, done.output
    page = read_page(out / "report.html")
    assert "What caused what in each case" in page.text
    assert "How well each rival foresees the coded units" in done.stdout
