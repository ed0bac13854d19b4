"""Where work runs: threads of this process, or the workers of a Dask cluster, through joblib either way.

Sampling releases Python's lock, so threads use every core and share one compilation; workers of a cluster are other processes
and each makes its own. Nothing that a task needs lives on one worker only, so that a worker may die.
"""

from __future__ import annotations

import pickle
import warnings
import zlib
from collections.abc import Callable, Generator, Iterable, Iterator
from dataclasses import dataclass, field
from threading import Lock
from typing import Any

import joblib

PREPARED: dict[str, tuple[Any, Any]] = {}
"""In a worker: what was unpacked and prepared last, by key. One entry, so that memory stays flat."""
PREPARING = Lock()

ONE_BY_ONE = {"batch_size": 1, "return_as": "generator_unordered"}


@dataclass(frozen=True, slots=True)
class Pool:
    """How to spread work: the address of a Dask scheduler, or else threads (-1: one per core)."""

    scheduler: str | None = None
    threads: int = -1


@dataclass(frozen=True, slots=True)
class Packed[Shared]:
    """A value that every task needs, as bytes that travel with the task: a lost worker takes no copy with it."""

    key: str
    content: bytes = field(repr=False)

    def opened[Prepared](self, prepare: Callable[[Shared], Prepared]) -> tuple[Shared, Prepared]:
        """The value and what ``prepare`` makes of it, made once in each process."""
        with PREPARING:
            if self.key not in PREPARED:
                shared: Shared = pickle.loads(zlib.decompress(self.content))
                prepared = prepare(shared)
                PREPARED.clear()
                PREPARED[self.key] = (shared, prepared)
            return PREPARED[self.key]


def pack[Shared](shared: Shared, key: str) -> Packed[Shared]:
    """A value made ready to travel."""
    return Packed(key, zlib.compress(pickle.dumps(shared)))


def spread[Result](pool: Pool, call: Callable[..., Result], arguments: Iterable[tuple[Any, ...]]) -> Iterator[Result]:
    """Results of ``call(*a)`` for each a, in the order in which they are ready; arguments are drawn as earlier ones are done.

    Raises ModuleNotFoundError when a scheduler is named and dask is not installed, OSError when none answers.
    """
    tasks = (joblib.delayed(call)(*each) for each in arguments)
    if pool.scheduler is None:
        yield from _one_by_one(joblib.Parallel(pool.threads, backend="threading", **ONE_BY_ONE)(tasks))
        return
    from distributed import Client

    client = Client(pool.scheduler, set_as_default=False)  # type: ignore[no-untyped-call]
    with client, joblib.parallel_config("dask", client=client):
        yield from _one_by_one(joblib.Parallel(**ONE_BY_ONE)(tasks))


def _one_by_one[Result](results: Generator[Result]) -> Iterator[Result]:
    """The results; when nobody wants the rest, joblib's warning that work was wasted is not for the user."""
    try:
        for result in results:  # noqa: UP028 (`yield from` would close them before the warning is silenced)
            yield result
    finally:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", UserWarning)
            results.close()
