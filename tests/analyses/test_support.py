"""Rivals on the same rows: the tables say who is ahead, by how much, and who could never be told apart."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import NoReturn

import pandas as pd
import pytest

from analyses.progress import silent
from analyses.rivalry import odds_table, rivals_table, told_apart
from analyses.support import Work, support
from causal.theory import Edge, theory_from_edges
from models.blueprint import Blueprint
from models.evidence.marginal import LogEvidence
from models.evidence.pieces import pieces
from models.evidence.rivals import Effort, Scored, blueprints, shape_of
from models.metric import Metric
from models.refitting.checkpoints import Checkpoints
from models.refitting.pool import Pool
from models.sampling import Sampler
from models.sides import Sides
from models.study import Study, load_study
from tests.fitted import ANY_METRIC, invented_trace
from tests.studies import write_study

TABLES = (
    "rivals",
    "held_out",
    "theory_odds",
    "rivals_by_scale",
    "ledger",
    "ledger_groups",
    "leading",
    "tipping",
    "next_evidence",
    "prospects",
)


@pytest.fixture(scope="module")
def lakes(tmp_path_factory: pytest.TempPathFactory) -> Study:
    return load_study(write_study(tmp_path_factory.mktemp("lakes")))


def _scored(study: Study, values: dict[str, float]) -> dict[str, Scored]:
    blueprint = next(iter(blueprints(study).values()))
    chain = theory_from_edges([Edge("a", "b"), Edge("b", "c")])
    turned = theory_from_edges([Edge("c", "b"), Edge("b", "a")])
    collider = theory_from_edges([Edge("a", "b"), Edge("c", "b")])
    theories = dict(zip(values, (chain, turned, collider), strict=True))
    return {
        name: Scored(theories[name], blueprint, LogEvidence(value, 0.1, ()), {"x": LogEvidence(value / 4, 0.1, ())})
        for name, value in values.items()
    }


def test_theories_are_listed_from_the_best_with_odds_that_sum_to_one(lakes: Study) -> None:
    table = rivals_table(_scored(lakes, {"chain": -20.0, "turned": -20.5, "collider": -26.0}))
    assert list(table["theory"]) == ["chain", "turned", "collider"]
    assert table["posterior_probability"].sum() == pytest.approx(1.0)
    assert table["behind_best_db"].iloc[2] == pytest.approx(60 / 2.302585, abs=1e-4)


def test_equivalent_theories_are_said_to_be_beyond_any_data(lakes: Study) -> None:
    table = odds_table(_scored(lakes, {"chain": -20.0, "turned": -20.5, "collider": -26.0}))
    told = {(row.theory, row.rival): row.told_apart for row in table.itertuples()}
    assert told["chain", "turned"] == "cannot be"
    assert told["chain", "collider"] == "yes"


@pytest.mark.parametrize(
    ("weight", "mcse", "least", "told", "why"),
    [
        (30.0, 1.0, 12.0, "yes", "ten to one or more"),
        (30.0, 20.0, 12.0, "no", "Monte Carlo error"),
        (6.0, 1.0, 2.0, "no", "less than ten to one"),
        (30.0, 1.0, -3.0, "no", "scale of the prior"),
    ],
)
def test_why_theories_are_told_apart_or_not(weight: float, mcse: float, least: float, told: str, why: str) -> None:
    found, reason = told_apart(weight, mcse, least, equivalent=False)
    assert found == told
    assert why in reason


def test_pieces_of_evidence_are_groups_that_leave_something_and_take_something(lakes: Study) -> None:
    evidence = {row.name for row in lakes.cases.observations if row.is_evidence}
    groups = pieces(lakes)
    assert {by for by, _ in groups} >= {"case", "unit", "source", "construct"}
    assert all(1 < len(rows) < len(evidence) and rows <= evidence for rows in groups.values())
    cases = [rows for (by, _), rows in groups.items() if by == "case"]
    assert frozenset().union(*cases) == evidence


def test_theories_of_one_study_share_the_shape_of_their_compiled_model(lakes: Study) -> None:
    shapes = {shape_of(blueprint) for blueprint in blueprints(lakes).values()}
    assert len(shapes) == 1


def check_tables(folder: Path, study: Study) -> dict[str, pd.DataFrame]:
    """The tables of ``support``, each looked at for what must hold of it whatever was drawn."""
    tables = {path.stem: pd.read_csv(path) for path in folder.glob("*.csv")}
    assert set(tables) == set(TABLES)
    assert set(tables["rivals"]["theory"]) == set(study.theories)
    assert set(tables["held_out"]["case"]) == set(study.cases.cases)
    assert (tables["next_evidence"]["expected_db"] >= 0).all()
    ledger, groups = tables["ledger"], tables["ledger_groups"]
    kinds = {"case", "unit", "source", "construct", "indicator", "evidence_group", "coder", "role"}
    assert set(groups["group"]) == kinds
    needed = pd.concat([ledger, groups])[["pareto_k", "method"]]
    assert (needed.loc[needed["pareto_k"] <= 0.7, "method"] == "importance").all()
    assert "refit" in set(groups["method"])
    assert set(tables["tipping"]["hypothesis"]) == {h.id for h in study.hypotheses}
    joint = tables["leading"].groupby("hypothesis")["share_db"].sum()
    assert (joint - tables["leading"].groupby("hypothesis")["together_db"].first()).abs().max() < 1e-6
    return tables


def test_support_goes_from_a_study_to_its_tables(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """With draws of the prior in the place of a sampler's, so that nothing is compiled."""
    study = load_study(write_study(tmp_path / "study", cases=3, periods=2))
    out, told = tmp_path / "out", []

    @contextmanager
    def watch(heading: str, total: int) -> Iterator[Callable[[str], None]]:
        told.append((heading, total))
        yield told.append

    without_a_sampler(monkeypatch)
    effort = Effort(steps=3, case_steps=2, sampler=Sampler(draws=60, chains=1), seeds=(1, 2), scales=(0.5, 1.0))
    work = Work(
        Sampler(draws=60, chains=2), pool=Pool(threads=1), checkpoints=Checkpoints(tmp_path / "kept"), watch=watch
    )
    support(study, Sampler(draws=200, chains=2), work, effort, out, lambda _: None)
    tables = check_tables(out, study)
    assert set(tables["rivals_by_scale"]["factor"]) == {0.5, 1.0}
    totals = [total for _, total in filter(lambda x: isinstance(x, tuple), told)]
    assert len(told) - len(totals) == sum(totals)

    def refuse(*_: object) -> NoReturn:
        raise AssertionError("what was kept is not sampled again")

    monkeypatch.setattr("models.refitting.stretches.sample_sides", refuse)
    monkeypatch.setattr("models.evidence.rivals.sample_sides", refuse)
    again = replace(work, checkpoints=Checkpoints(tmp_path / "kept", resume=True), watch=silent)
    support(study, Sampler(draws=200, chains=2), again, effort, tmp_path / "again", lambda _: None)
    for name, table in check_tables(tmp_path / "again", study).items():
        pd.testing.assert_frame_equal(table, tables[name])


def without_a_sampler(monkeypatch: pytest.MonkeyPatch) -> None:
    """Compiled code is the blueprint; its posterior is the prior."""

    def on_one_side(
        _: Blueprint,
        code: Blueprint,
        sampler: Sampler,
        progress: bool = False,
        turned: tuple[str, ...] = (),
        worth: float = 0.0,
        concerning: frozenset[str] | None = None,
        metric: Metric | None = None,
    ) -> Sides:
        return Sides(invented_trace(code, sampler.chains, sampler.draws, sampler.seed), turned, ANY_METRIC)

    for module in ("analyses.support", "models.compile"):
        monkeypatch.setattr(f"{module}.pymc_model", lambda blueprint: blueprint)
        monkeypatch.setattr(f"{module}.machine_code", lambda blueprint: blueprint)
    evidence = [f"models.evidence.{name}" for name in ("entering", "rivals", "scales")]
    for module in ("models.refitting.refits", "models.refitting.starting", *evidence):
        monkeypatch.setattr(f"{module}.swap", lambda code, data: code)
    for module in ("models.refitting.stretches", "models.estimate", *evidence):
        monkeypatch.setattr(f"{module}.sample_sides", on_one_side)


@pytest.mark.slow
def test_support_writes_every_table_it_names(tmp_path: Path) -> None:
    study = load_study(write_study(tmp_path / "study", cases=3, periods=2))
    step, refit = Sampler(draws=100, tune=150, chains=1), Sampler(draws=60, tune=100, chains=2)
    effort = Effort(steps=3, case_steps=2, sampler=step, seeds=(1,), scales=(0.5, 1.0))
    support(study, Sampler(draws=300, tune=300, chains=2), Work(refit), effort, tmp_path / "out", lambda _: None)
    check_tables(tmp_path / "out", study)
