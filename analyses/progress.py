"""How far long work has come: a bar with the time left on a terminal, plain lines elsewhere, nothing for machines."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager

type Tell = Callable[[str], None]
"""Told of each piece of work, by name, as it is finished."""
type Watch = Callable[[str, int], AbstractContextManager[Tell]]
"""A heading and a number of pieces to what is told of them."""

LINES = 10
"""Plain lines for a stretch of work, besides the first."""


@contextmanager
def bar(heading: str, total: int) -> Iterator[Tell]:
    """A bar with the share done, the time passed and the time left."""
    from rich.console import Console
    from rich.progress import (
        BarColumn,
        MofNCompleteColumn,
        Progress,
        TextColumn,
        TimeElapsedColumn,
        TimeRemainingColumn,
    )

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    left = (TextColumn("left"), TimeRemainingColumn())
    with Progress(*columns, *left, console=Console(stderr=True)) as progress:
        task = progress.add_task(heading, total=total)
        yield lambda _: progress.advance(task)


@contextmanager
def plain_lines(heading: str, total: int) -> Iterator[Tell]:
    """A line now and then: how many are done, and about how long the rest will take."""
    print(f"{heading}: {total} refits", file=sys.stderr, flush=True)
    began, done = time.monotonic(), 0

    def tell(name: str) -> None:
        nonlocal done
        done += 1
        if done == total or done % max(1, total // LINES) == 0:
            left = (time.monotonic() - began) / done * (total - done)
            print(f"  {done} of {total}, about {left / 60:.0f} min left ({name})", file=sys.stderr, flush=True)

    yield tell


@contextmanager
def silent(heading: str, total: int) -> Iterator[Tell]:
    """Nothing."""
    yield lambda _: None
