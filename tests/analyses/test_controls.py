"""Independences as rows among the refutation tests, judged elsewhere, kept between runs."""

from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

import analyses.controls
from analyses.controls import MOST, asked, control_rows
from causal.implications import Independence
from causal.independences import Count, JudgedIndependence
from models.refitting.checkpoints import Checkpoints
from models.refitting.pool import Pool
from models.refitting.refits import Finding
from models.refutation.bench import Bench
from models.refutation.refuting import Effort, Fitted, Refuting
from models.simulation.rebuild import prior_theta
from models.study import load_study
from tests.studies import write_study


@pytest.fixture
def work(tmp_path: Path) -> Refuting:
    study = load_study(write_study(tmp_path / "lakes", cases=3, periods=2))
    bench = Bench(study, study.hypotheses[0])
    finding = Finding(1.0, 1.0, -1.0, 2.0, 0.97, 0.03, 500.0, 500.0, 1.0)
    theta = prior_theta(bench.plain, 20, np.random.default_rng(1))
    return Refuting(bench, Fitted(None, theta, finding, np.arange(20)), Effort())  # type: ignore[arg-type]


@pytest.fixture
def judged(monkeypatch: pytest.MonkeyPatch) -> list[Independence]:
    """Independences in the order in which they are judged; the first fails, the others hold."""
    found: list[Independence] = []

    def judge(independence: Independence, *_: object, seed: int) -> JudgedIndependence:
        found.append(independence)
        verdict = "fails" if len(found) == 1 else "holds"
        counts = (Count(18, 20), Count(1, 20))
        return JudgedIndependence(independence, 0.5, 0.2, 0.1, 0.9, 0.99, 1.0, *counts, verdict, "so it is")

    def bench(study: object, wanted: list[Independence], pool: Pool) -> SimpleNamespace:
        extended = {i: SimpleNamespace(coefficient=f"{i.a}->{i.b}") for i in wanted}
        return SimpleNamespace(extended=extended, rows=(), refit=None, simulate=None)

    monkeypatch.setattr(analyses.controls, "open_bench", bench)
    monkeypatch.setattr(analyses.controls, "judge_independence", judge)
    return found


def test_every_row_says_what_was_done_and_what_it_is_worth(
    work: Refuting, judged: list[Independence], tmp_path: Path
) -> None:
    rows = control_rows(work, Pool(), Checkpoints(tmp_path / "kept"))
    assert judged == asked(work)
    assert 0 < len(rows) <= MOST
    assert [row["verdict"] for row in rows] == ["fails"] + ["survives"] * (len(rows) - 1)
    first = rows[0]
    assert first["test"] == "negative control: leadership and market_access"
    assert first["done"] == "The edge leadership->market_access, which the theory forbids, was added."
    assert (first["power"], first["false_alarms"], first["sets"]) == (0.9, 0.05, 20)
    assert first["probability"] == 0.99


def test_what_was_judged_is_not_judged_again(work: Refuting, judged: list[Independence], tmp_path: Path) -> None:
    first = control_rows(work, Pool(), Checkpoints(tmp_path / "kept"))
    judged.clear()
    assert control_rows(work, Pool(), Checkpoints(tmp_path / "kept", resume=True)) == first
    assert not judged
