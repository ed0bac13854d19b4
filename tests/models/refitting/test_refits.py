"""Refits: the same numbers wherever they run, nothing done twice, nothing lost."""

import os
import signal
from collections.abc import Iterator
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from causal.query import Effect
from causal.theory import Edge
from data.cases import Observation
from models.blueprint import draw_blueprint
from models.compile import machine_code, pymc_model
from models.evidence.without import data_without
from models.refitting.checkpoints import Checkpoints
from models.refitting.pool import Pool
from models.refitting.refits import Job, Refit, Template, about, refit_all, seed_of, summarise
from models.sampling import Sampler
from tests.models import small
from tests.models.worlds import row

EFFECT = about(Effect("x", "y"))
NAMES = ("x", "y")


def rows(seed: int = 1) -> tuple[Observation, ...]:
    """Ratings of x on twelve cases, and of y, which follows it."""
    rng = np.random.default_rng(seed)
    x = rng.integers(0, 3, 12)
    levels = {"x": x, "y": np.clip(x + rng.integers(-1, 2, 12), 0, 2)}
    return tuple(
        row(f"{c}.{n}", f"{c}1", f"{n}_rating", [int(levels[n][i])])
        for i, c in enumerate("abcdefghijkl")
        for n in NAMES
    )


@cache
def template() -> Template:
    units = small.periods("abcdefghijkl")
    blue = draw_blueprint(small.theory(Edge("x", "y", "+")), small.rated(*NAMES), units, rows())
    return Template(blue, units, (EFFECT,), Sampler(draws=200, tune=200, chains=2))


@cache
def code() -> Any:
    return machine_code(pymc_model(template().blueprint))


def jobs(count: int = 4) -> list[Job]:
    """Leave one case out after another."""
    blue = template().blueprint
    return [
        Job(f"without {c}", seed_of(1, c), data_without(blue, {f"{c}.x", f"{c}.y"})) for c in "abcdefghijkl"[:count]
    ]


def test_a_finding_is_read_off_the_draws() -> None:
    gap = np.random.default_rng(1).normal(0.3, 1.0, (4, 2500))
    found = summarise(gap, smallest=0.3)
    assert found.mean == pytest.approx(gap.mean())
    assert found.probability == pytest.approx((gap > 0.3).mean())
    assert found.below == pytest.approx((gap < -0.3).mean())
    assert found.ess == pytest.approx(10_000, rel=0.15)
    assert found.r_hat == pytest.approx(1.0, abs=0.01)


def test_chains_that_disagree_do_not_pass_for_converged() -> None:
    gap = np.random.default_rng(1).normal(size=(2, 500)) + np.array([[0.0], [3.0]])
    assert not Refit("r", {"h": summarise(gap, 0.0)}, 0, 1000).converged


def test_an_effect_that_is_zero_by_assumption_converges() -> None:
    assert Refit("r", {"h": summarise(np.zeros((2, 500)), 0.0)}, 0, 1000).converged


def test_a_seed_depends_on_the_name_and_the_commands_seed_alone() -> None:
    assert seed_of(1, "a") == seed_of(1, "a")
    assert len({seed_of(s, n) for s in (1, 2) for n in ("a", "b")}) == 4


def test_the_key_of_a_job_changes_with_all_that_can_change_its_result() -> None:
    shared, job = template(), jobs(1)[0]
    others = (
        shared.job_key(replace(job, seed=2)),
        shared.job_key(replace(job, changes={})),
        shared.job_key(replace(job, blueprint=shared.blueprint)),
        replace(shared, sampler=Sampler(draws=201, tune=200, chains=2)).job_key(job),
        replace(shared, asked=(about(Effect("y", "x")),)).job_key(job),
    )
    assert len({shared.job_key(job), *others}) == 6
    assert shared.job_key(job) == replace(shared, sampler=replace(shared.sampler, cores=1)).job_key(jobs(1)[0])


@pytest.mark.slow
def test_refits_come_in_the_order_of_their_jobs_and_are_the_same_on_one_thread_and_on_two() -> None:
    one = refit_all(template(), jobs(), Pool(threads=1), code=code())
    two = refit_all(template(), reversed(jobs()), Pool(threads=2), code=code())
    assert list(one) == [job.name for job in jobs()]
    assert one == two
    assert len({r.findings[EFFECT.id].mean for r in one.values()}) == 4


@pytest.mark.slow
def test_more_draws_are_taken_when_too_few_are_effective() -> None:
    thrifty = replace(template(), sampler=Sampler(draws=50, tune=200, chains=2))
    (found,) = refit_all(thrifty, jobs(1), code=code()).values()
    assert found.draws > 100


@pytest.mark.slow
def test_what_is_done_is_kept_and_not_done_again(tmp_path: Path) -> None:
    first = refit_all(template(), jobs(2), checkpoints=Checkpoints(tmp_path), code=code())
    again = refit_all(template(), jobs(2), checkpoints=Checkpoints(tmp_path, resume=True), code="no code is needed")
    assert again == first
    with pytest.raises(AttributeError):  # other data are another job
        refit_all(template(), jobs(3), checkpoints=Checkpoints(tmp_path, resume=True), code="needed for the third")


@pytest.fixture
def ctrl_c() -> Iterator[None]:
    """Ctrl-C interrupts, as it does in a terminal; a shell's background jobs are started deaf to it."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.mark.slow
def test_an_interrupted_run_keeps_what_is_finished_and_goes_on(tmp_path: Path, ctrl_c: None) -> None:
    def interrupt(_: Refit) -> None:
        if len(list(tmp_path.iterdir())) == 2:
            os.kill(os.getpid(), signal.SIGINT)

    with pytest.raises(KeyboardInterrupt):
        refit_all(template(), jobs(8), Pool(threads=1), Checkpoints(tmp_path), interrupt, code())
    kept = {path.name for path in tmp_path.iterdir()}
    assert 2 <= len(kept) < 8
    done = refit_all(template(), jobs(8), Pool(threads=1), Checkpoints(tmp_path, resume=True), code=code())
    assert done == refit_all(template(), jobs(8), Pool(threads=2), code=code())
    assert kept < {path.name for path in tmp_path.iterdir()}


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore::Warning:distributed")
def test_a_cluster_that_loses_a_worker_gives_the_same_numbers_and_loses_nothing() -> None:
    from distributed import LocalCluster

    local = refit_all(template(), jobs(10), code=code())
    killed: list[int] = []
    with LocalCluster(n_workers=2, threads_per_worker=1, processes=True, dashboard_address=None) as cluster:

        def kill_one(_: Refit) -> None:
            if not killed:
                worker = next(iter(cluster.workers.values()))
                killed.append(worker.process.process.pid)
                os.kill(killed[0], signal.SIGKILL)

        there = refit_all(template(), jobs(10), Pool(cluster.scheduler_address), finished=kill_one)
    assert killed
    assert list(there) == list(local)
    assert there == local  # to the last digit: workers load the machine code that this process compiled


def test_refits_begin_with_the_draws_that_a_fit_says_they_need() -> None:
    """A hundred effective draws of a thousand are four times too few: 400 wanted, a fifth to spare, on two chains."""
    plain = Template(template().blueprint, template().units, (EFFECT,), Sampler(draws=1000, chains=2), wanted_ess=400.0)
    assert plain.paced(100.0, 1000).beginning(1).draws == 2400
    assert plain.paced(900.0, 1000).beginning(1).draws == 1000
    assert plain.paced(1.0, 1000).beginning(1).draws == 6000, "there is a limit"
    assert plain.paced(100.0, 1000).key != plain.key
