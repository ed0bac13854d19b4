"""A first fit tells refits where to begin; it changes what they cost, not what they find."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from causal.theory import Edge
from models.blueprint import draw_blueprint
from models.refitting.checkpoints import Checkpoints
from models.refitting.digests import code_version
from models.refitting.pool import Pool
from models.refitting.refits import refit_all
from models.refitting.starting import started
from models.refitting.templates import Start
from tests.models import small
from tests.models.refitting.test_refits import EFFECT, NAMES, code, jobs, rows, template

FOUND = Start(5, [], [0.0, 1.0], [1.0, 2.0], 50.0, 400)


def test_a_start_says_where_to_begin_and_with_how_many_draws() -> None:
    begun = replace(template(), wanted_ess=100.0).begun(FOUND)
    assert begun.start_of(begun.blueprint) == FOUND
    assert begun.beginning(1).draws == 480, "100 wanted, 50 of 400 effective, a fifth to spare, on two chains"
    assert begun.start is not None
    assert begun.start.metric.scale.tolist() == [1.0, 2.0]
    assert template().start_of(template().blueprint) is None


def test_a_refit_of_other_parameters_begins_from_nothing() -> None:
    begun, units = template().begun(FOUND), small.periods("abcdefghijkl")
    same = draw_blueprint(small.theory(Edge("x", "y", "+")), small.rated(*NAMES), units, rows(2))
    other = draw_blueprint(small.theory(Edge("y", "x", "+")), small.rated(*NAMES), units, rows())
    assert begun.start_of(same) == FOUND
    assert begun.start_of(other) is None


def test_results_with_a_start_are_not_taken_for_results_without() -> None:
    shared, job = template(), jobs(1)[0]
    keys = [shared.job_key(job), shared.begun(FOUND).job_key(job), shared.begun(replace(FOUND, seed=6)).job_key(job)]
    assert len(set(keys)) == 3


def test_every_source_that_can_change_a_result_is_part_of_its_key(monkeypatch: pytest.MonkeyPatch) -> None:
    before, read = code_version(), Path.read_bytes
    for changed in ("causal/ess.py", "models/density/levels.py", "data/cases.py"):
        monkeypatch.setattr(
            Path, "read_bytes", lambda path, c=changed: read(path) + (b"#" if path.as_posix().endswith(c) else b"")
        )
        code_version.cache_clear()
        assert code_version() != before, changed
    monkeypatch.undo()
    code_version.cache_clear()
    assert code_version() == before


@pytest.mark.slow
def test_a_start_is_kept_and_found_again(tmp_path: Path) -> None:
    first = started(template(), 3, checkpoints=Checkpoints(tmp_path), code=code())
    again = started(template(), 3, checkpoints=Checkpoints(tmp_path, resume=True), code="no code is needed")  # type: ignore[arg-type]
    assert again.start == first.start
    assert again.key == first.key


@pytest.mark.slow
def test_refits_with_a_start_find_what_refits_without_one_find() -> None:
    anew = refit_all(template(), jobs(3), code=code())
    begun = refit_all(started(template(), 3, code=code()), jobs(3), code=code())
    for name, refit in begun.items():
        here, there = refit.findings[EFFECT.id], anew[name].findings[EFFECT.id]
        error = np.hypot(here.sd / here.ess**0.5, there.sd / there.ess**0.5)
        assert abs(here.mean - there.mean) < 4 * error
        assert here.sd == pytest.approx(there.sd, rel=0.25)
        assert refit != anew[name]


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore::Warning:distributed")
def test_a_cluster_finds_the_same_start() -> None:
    from distributed import LocalCluster

    with LocalCluster(n_workers=1, threads_per_worker=1, processes=True, dashboard_address=None) as cluster:
        there = started(template(), 3, Pool(cluster.scheduler_address))
    assert there.start == started(template(), 3, code=code()).start
