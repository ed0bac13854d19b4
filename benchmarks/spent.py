"""What a benchmark measures and how it is kept: processor seconds of processes of their own, as rows of a file of results.

Seconds are of the processor (user and system, all threads), not of the clock, so that a busy machine blurs them less.
"""

from __future__ import annotations

import csv
import os
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass

from benchmarks.checkpoints import RESULTS


@dataclass(frozen=True, slots=True)
class Spent:
    """Processor and clock seconds of one process, and what it printed."""

    processor: float
    clock: float
    printed: str


@dataclass(frozen=True, slots=True)
class Row:
    """One comparison: seconds of something beside seconds of something else. ``promise``: the most that the ratio may be."""

    what: str
    seconds: float
    beside: str
    beside_seconds: float
    promise: float | None = None

    def written(self) -> dict[str, object]:
        ratio = self.seconds / self.beside_seconds
        kept = "" if self.promise is None else "yes" if ratio <= self.promise else "no"
        values = asdict(self) | {"seconds": f"{self.seconds:.2f}", "beside_seconds": f"{self.beside_seconds:.2f}"}
        return values | {"ratio": f"{ratio:.3g}", "promise": self.promise or "", "kept": kept}


NOT_CONVERGED = 3


def python(*arguments: str, environment: Mapping[str, str] | None = None) -> Spent:
    """Run Python on one core, in a process of its own; chains that did not converge are no failure here.

    Raises RuntimeError, with what it said, when it fails.
    """
    one_core = {"OMP_NUM_THREADS": "1", "NUMBA_NUM_THREADS": "1"}
    before, began = os.times(), time.perf_counter()
    ended = subprocess.run(
        [sys.executable, *arguments],
        env={**os.environ, **one_core, **(environment or {})},
        check=False,
        capture_output=True,
        text=True,
    )
    if ended.returncode not in (0, NOT_CONVERGED):
        raise RuntimeError(f"{' '.join(arguments)}: exit code {ended.returncode}\n{ended.stderr}")
    after, clock = os.times(), time.perf_counter() - began
    processor = after.children_user - before.children_user + after.children_system - before.children_system
    return Spent(processor, clock, ended.stdout)


def casewise(*arguments: str, environment: Mapping[str, str] | None = None) -> Spent:
    """Run a command of casewise."""
    return python("-m", "analyses.cli", *arguments, environment=environment)


def write(name: str, rows: Sequence[Mapping[str, object]]) -> None:
    """Results as a file, which docs/speed.md shows as a table."""
    path = RESULTS / f"{name}.csv"
    path.parent.mkdir(exist_ok=True)
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]), lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
    print(path)
    for row in rows:
        print("  ", row)
