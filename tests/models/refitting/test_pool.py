"""Work spread over threads."""

import itertools
import os
import signal
import time
from collections.abc import Iterator

import pytest

from models.refitting.pool import PREPARED, Pool, pack, spread


def square(x: int) -> int:
    return x * x


@pytest.mark.parametrize("threads", [1, 3])
def test_every_result_arrives_once(threads: int) -> None:
    assert sorted(spread(Pool(threads=threads), square, ((x,) for x in range(20)))) == sorted(x * x for x in range(20))


def test_work_is_drawn_as_it_is_done_not_all_at_once() -> None:
    drawn: list[int] = []

    def endless() -> Iterator[tuple[int]]:
        for x in itertools.count():
            drawn.append(x)
            yield (x,)

    def slowly(x: int) -> int:
        time.sleep(0.01)
        return x

    results = spread(Pool(threads=2), slowly, endless())
    assert len(list(itertools.islice(results, 5))) == 5
    results.close()
    assert len(drawn) < 100


def test_an_error_in_a_task_is_raised_here() -> None:
    with pytest.raises(TypeError):
        list(spread(Pool(threads=2), square, [("text",)]))


def test_a_packed_value_is_prepared_once_and_only_the_last_is_kept() -> None:
    made = []
    for key in ("a", "a", "b"):
        shared, prepared = pack([key], key).opened(lambda shared: made.append(shared) or len(made))
        assert shared == [key]
    assert made == [["a"], ["b"]]
    assert prepared == 2
    assert list(PREPARED) == ["b"]


def slowly(x: int) -> tuple[int, int]:
    """A number and the process that worked on it."""
    time.sleep(0.2)
    return x, os.getpid()


@pytest.mark.slow
def test_a_cluster_that_loses_a_worker_in_mid_run_loses_no_result() -> None:
    from distributed import LocalCluster

    found: list[tuple[int, int]] = []
    with LocalCluster(n_workers=2, threads_per_worker=1, processes=True, dashboard_address=None) as cluster:
        for result in spread(Pool(cluster.scheduler_address), slowly, ((x,) for x in range(30))):
            found.append(result)
            if len(found) == 5:
                os.kill(found[0][1], signal.SIGKILL)
    assert sorted(x for x, _ in found) == list(range(30))
    assert len({process for _, process in found}) >= 2
