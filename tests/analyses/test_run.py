"""What a run writes, held to the draws and to the study it comes from."""

import hashlib
import json
from dataclasses import replace
from pathlib import Path

import arviz as az
import numpy as np
import pandas as pd
import pytest
import xarray as xr

from analyses import run as module
from analyses.headers import HEADERS
from analyses.provenance import record
from analyses.run import Run, run_study, write_run
from causal.query import Effect
from models.evidence.removal import Removal
from tests.analyses.folders import write_table
from tests.analyses.test_refutations_chapter import row as refutation
from tests.fitted import SAMPLER, lakes


@pytest.fixture(scope="module")
def run() -> Run:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, "estimate", lambda *_: lakes().estimate)
        patch.setattr(module, "pooling_table", lambda *_: pd.DataFrame())
        return run_study(lakes().study, SAMPLER)


@pytest.fixture(scope="module")
def folder(run: Run, tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("run") / "out"
    write_run(run, out)
    return out


def table(folder: Path, name: str) -> pd.DataFrame:
    return pd.read_csv(folder / f"{name}.csv")


def test_every_effect_in_the_table_is_that_of_its_draws(folder: Path) -> None:
    effects = table(folder, "effects").query("scale == 'standardised'").set_index("estimand")
    posterior = xr.open_datatree(folder / "posterior.nc")["posterior"]["effect"]
    assert set(effects.index) == set(posterior["estimand"].to_numpy().tolist())
    for estimand, row in effects.iterrows():
        draws = posterior.sel(estimand=estimand).to_numpy()
        assert row["mean"] == pytest.approx(draws.mean())
        assert row["sd"] == pytest.approx(draws.std())
        assert row["prob_positive"] == pytest.approx((draws > 0).mean())
        inside = ((draws >= row["hdi_low"]) & (draws <= row["hdi_high"])).mean()
        assert inside == pytest.approx(0.9, abs=0.01)


def test_a_table_without_rows_is_written_with_the_header_of_one_with_rows(
    run: Run, folder: Path, tmp_path: Path
) -> None:
    write_run(replace(run, tables={**run.tables, **dict.fromkeys(HEADERS, pd.DataFrame())}), tmp_path / "out")
    for name in HEADERS:
        assert list(table(tmp_path / "out", name).columns) == list(table(folder, name).columns)


def test_effects_are_of_every_kind_the_theory_has(folder: Path) -> None:
    effects = table(folder, "effects")
    assert {"total", "direct", "natural indirect", "moderated"} <= set(effects["kind"])
    assert set(effects["scale"]) == {"standardised", "rating"}
    rating = effects[effects["scale"] == "rating"]
    assert rating["mean"].abs().max() <= 1


def test_every_coefficient_stands_with_its_prior_and_its_diagnostics(folder: Path) -> None:
    coefficients = table(folder, "coefficients")
    slopes = coefficients[coefficients["parameter"] == "slope"].set_index("name")
    assert set(slopes.index) == set(lakes().blueprint.coords["coefficient"])
    r_hat = az.rhat(lakes().estimate.tree["posterior"].to_dataset()["slope"])
    for name, row in slopes.iterrows():
        assert row["r_hat"] == pytest.approx(float(r_hat.sel(coefficient=name)), abs=1e-9)
        assert row["prior_mean"] == pytest.approx(0.0, abs=0.06)


def test_a_hypothesis_s_probabilities_are_shares_of_prior_and_posterior_draws(folder: Path) -> None:
    hypotheses = table(folder, "hypotheses").set_index("id")
    tree = xr.open_datatree(folder / "posterior.nc")
    for column, group in (("prior_probability", "prior"), ("posterior_probability", "posterior")):
        effect = tree[group]["effect"]
        leaders = effect.sel(estimand="effect(leadership -> stock)").to_numpy() > 0
        assert hypotheses.loc["leaders", column] == pytest.approx(leaders.mean())
        steps = [
            effect.sel(estimand=f"direct({a})").to_numpy() for a in ("monitoring -> compliance", "compliance -> stock")
        ]
        rules = np.minimum(*steps) > 0.1
        assert hypotheses.loc["rules", column] == pytest.approx(rules.mean())
    p, q = (hypotheses.loc["leaders", f"{w}_probability"] for w in ("prior", "posterior"))
    odds = (q / (1 - q)) / (p / (1 - p))
    assert hypotheses.loc["leaders", "weight_db"] == pytest.approx(10 * np.log10(odds))


def test_the_ledger_has_a_row_for_every_piece_of_evidence_and_hypothesis_with_its_source(
    folder: Path, run: Run
) -> None:
    ledger = table(folder, "ledger")
    rows = {row.name: row for row in run.study.cases.observations if row.is_evidence}
    assert set(zip(ledger["hypothesis"], ledger["observation"], strict=True)) == {
        (h.id, name) for h in run.study.hypotheses for name in rows
    }
    for _, line in ledger.iterrows():
        row = rows[line["observation"]]
        assert (line["source"], line["locator"], line["unit"]) == (row.source, row.locator, row.unit)
        assert line["case"] == run.study.cases.units[row.unit].case


def test_the_ledger_s_weight_is_the_odds_that_reweighted_draws_lose(run: Run) -> None:
    ledger = run.tables["ledger"].query("hypothesis == 'leaders' and pareto_k < 0.5").head(20)
    effect = next(a for a in run.estimate.answers if a.query == Effect("leadership", "stock")).posterior > 0
    removal = Removal(run.estimate.blueprint, run.estimate.theta())
    for _, line in ledger.iterrows():
        weights = np.exp(removal.log_ratio({line["observation"]}))
        p, q = effect.mean(), (weights * effect).sum() / weights.sum()
        plain = 10 * np.log10(p / (1 - p) / (q / (1 - q)))
        assert line["weight_db"] == pytest.approx(plain, abs=max(0.25, 2 * line["weight_mcse"]))


def test_every_indicator_unit_and_case_with_ratings_is_criticised(folder: Path, run: Run) -> None:
    criticism = table(folder, "criticism")
    rated = [
        r
        for r in run.study.cases.observations
        if r.is_evidence and run.study.codebook.indicators[r.indicator].family in ("ordinal", "binary")
    ]
    subjects = {what: set(part["subject"]) for what, part in criticism.groupby("what")}
    assert subjects["level"] == {r.indicator for r in rated}
    assert subjects["unit"] == {r.unit for r in rated}
    assert subjects["case"] == {run.study.cases.units[r.unit].case for r in rated}
    assert criticism["tail_probability"].between(0, 1).all()
    assert set(criticism["verdict"]) <= {"unusual", "as expected", "cannot tell"}


def test_the_manifest_lets_the_inputs_be_found_again(folder: Path, run: Run) -> None:
    manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    assert manifest["sampler"]["seed"] == SAMPLER.seed
    assert manifest["converged"] is run.estimate.diagnostics.converged
    for name, digest in manifest["inputs"].items():
        assert hashlib.sha256((run.study.root / name).read_bytes()).hexdigest() == digest
    assert {"theory.toml", "observations.csv", "hypotheses.toml"} <= set(manifest["inputs"])


def test_diagnostics_are_written_with_their_limits(folder: Path, run: Run) -> None:
    found = json.loads((folder / "diagnostics.json").read_text())
    assert found["worst_r_hat"] == run.estimate.diagnostics.worst_r_hat
    assert found["limits"]["r_hat"] == 1.01


def test_the_same_draws_give_the_same_files(run: Run, folder: Path, tmp_path: Path) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, "estimate", lambda *_: lakes().estimate)
        patch.setattr(module, "pooling_table", lambda *_: pd.DataFrame())
        again = run_study(lakes().study, SAMPLER)
    write_run(again, tmp_path / "out")
    for name in ("effects", "coefficients", "hypotheses", "ledger", "ratings"):
        assert (tmp_path / "out" / f"{name}.csv").read_bytes() == (folder / f"{name}.csv").read_bytes()


def test_a_hypothesis_of_another_theory_is_listed_as_not_asked(run: Run) -> None:
    from models.study import load_study

    rival = load_study(run.study.root, "gear")
    assert {h.id for h in rival.unaskable} == {"leaders", "rules", "roads"}
    table = module.hypotheses_table(rival.hypotheses, {}, {})
    assert set(table["verdict"]) == {"not asked"}


def test_a_run_keeps_the_chapters_of_other_commands_and_says_which_saw_another_study(run: Run, tmp_path: Path) -> None:
    out = tmp_path / "out"
    write_run(run, out)
    write_table(out / "refutations.csv", [refutation("without case A", "fails")])
    record(out, "refute", run.study)
    kept = write_run(run, out).read_text(encoding="utf-8")
    assert 'id="refutations"' in kept
    assert "of another state of the study" not in kept
    recoded = replace(run.study, hashes=run.study.hashes | {"observations.csv": "recoded"})
    marked = write_run(replace(run, study=recoded), out).read_text(encoding="utf-8")
    assert "of another state of the study than the rest: observations.csv changed" in marked


def test_a_table_that_this_run_has_no_rows_for_does_not_stay_from_an_earlier_one(run: Run, tmp_path: Path) -> None:
    out = tmp_path / "out"
    write_run(run, out)
    assert (out / "baseline.csv").is_file()
    write_run(replace(run, tables={**run.tables, "baseline": pd.DataFrame()}), out)
    assert not (out / "baseline.csv").exists()
