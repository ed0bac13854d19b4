"""What casewise's promises of speed come to on this machine: each a ratio of processor seconds measured in one run.

    python -m benchmarks.speed start|compile|run|plain ... [--study DIR]

start : commands that fit nothing, beside a Python that does nothing
compile : machine code compiled by nutpie, by casewise, and loaded from the store, with PyTensor's own cache empty and filled
run : ``casewise run``, everything written, beside its bare compile and sampling
plain : ``casewise run`` beside the same model in PyMC, sampled by PyMC's own NUTS: written the usual way, with a random variable
    for every parameter (``benchmarks.usual``), and in vectors, as ``casewise show --as pymc`` prints it

Refits are measured by ``benchmarks.refits``, growth by ``benchmarks.growth``, other programs by ``benchmarks.side_by_side``.

Results are in benchmarks/results/speed_*.csv and are shown in docs/speed.md.
"""

from __future__ import annotations

import json
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path

from benchmarks.spent import Row, Spent, casewise, python, write

STARTER, FIRST_STUDY = "data/starter", "data/ba_clusters"
DRAWS, TUNE = 2000, 1000
"""The default of ``casewise run``."""
ROUNDS = 3
"""What else a machine does can only add to the seconds of a process."""


def start() -> None:
    nothing = min(python("-c", "").processor for _ in range(5))
    commands = {
        "casewise --help": ["--help"],
        "casewise check, the starter study": ["check", STARTER],
        "casewise check, the first study": ["check", FIRST_STUDY],
    }
    promised = {"casewise --help": 0.5}
    rows = []
    for name, arguments in commands.items():
        spent = min((casewise(*arguments) for _ in range(5)), key=lambda s: s.processor)
        limit = promised.get(name, 2.0)
        rows.append(
            {"command": name, "seconds": f"{spent.processor:.2f}", "clock": f"{spent.clock:.2f}", "promise": limit}
            | {"kept": "yes" if spent.processor <= limit else "no", "times_python": f"{spent.processor / nothing:.1f}"}
        )
    write("speed_start", rows)


def compile_(study: str) -> None:
    """Compiling again and again: by nutpie and by casewise, PyTensor's cache of small functions empty and filled, and loading."""
    with tempfile.TemporaryDirectory() as folder:
        here = {"PYTENSOR_FLAGS": f"base_compiledir={folder}/pytensor", "CASEWISE_CACHE_DIR": f"{folder}/code"}
        off = here | {"CASEWISE_CACHE": "off"}
        cold = one_fit(study, "casewise", 10, 10, here)["compile"]
        found = {
            "loaded": one_fit(study, "casewise", 10, 10, here)["compile"],
            "compiled by casewise, PyTensor's cache filled": one_fit(study, "casewise", 10, 10, off)["compile"],
            "compiled by nutpie, PyTensor's cache filled": one_fit(study, "nutpie", 10, 10, here)["compile"],
        }
    rows = [
        Row(what, seconds, "compiled by casewise, nothing kept from before", cold) for what, seconds in found.items()
    ]
    write("speed_compile", [row.written() for row in rows])


def run(study: str) -> None:
    """Warm: machine code is in the store, as it is from the second run of any study on. In turn, the least of each."""
    one_fit(study, "casewise", 10, 10)
    pairs = [(one_fit(study, "casewise", DRAWS, TUNE), whole_run(study)) for _ in range(ROUNDS)]
    bare = min((fit for fit, _ in pairs), key=total)
    whole, size = min((ran for _, ran in pairs), key=lambda ran: ran[0].processor)
    name = f"casewise run {study}"
    rows = [
        Row(name, whole.processor, "the bare fit: import, load, sample", total(bare), 1.5),
        Row(name, whole.processor, "the sampling in it", bare["sample"]),
    ]
    write(f"speed_run_{Path(study).name}", [row.written() | {"posterior_mb": f"{size:.0f}"} for row in rows])


def plain(study: str) -> None:
    one_fit(study, "casewise", 10, 10)
    bare = one_fit(study, "casewise", DRAWS, TUNE)
    whole, _ = whole_run(study)
    ways = {"usual": "PyMC the usual way", "plain": "PyMC in vectors"}
    fits = {way: one_fit(study, way, DRAWS, TUNE) for way in ways}
    rows = [
        Row(what, seconds, f"{ways[way]}: import, compile, sample", total(fit), 1 / 3 if way == "usual" else None)
        for way, fit in fits.items()
        for what, seconds in (
            (f"casewise run {study}, everything written", whole.processor),
            ("the fit alone", total(bare)),
        )
    ]
    write("speed_plain", [row.written() for row in rows])


def total(fit: dict[str, float]) -> float:
    """Processor seconds of all steps of a fit."""
    return sum(seconds for step, seconds in fit.items() if step != "clock")


def one_fit(
    study: str, way: str, draws: int, tune: int, environment: Mapping[str, str] | None = None
) -> dict[str, float]:
    """Processor seconds by step of a fit in a process of its own."""
    spent = python("-m", "benchmarks.one_fit", study, way, str(draws), str(tune), environment=environment)
    found: dict[str, float] = json.loads(spent.printed.splitlines()[-1])
    print(f"{way}, {study}: {found}", flush=True)
    return found


def whole_run(study: str) -> tuple[Spent, float]:
    """``casewise run``, and the megabytes of its posterior.nc."""
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder) / "out"
        spent = casewise("run", study, "--out", str(out), "--draws", str(DRAWS), "--tune", str(TUNE))
        print(f"casewise run {study}: {spent.processor:.1f} s of processor, {spent.clock:.1f} s", flush=True)
        return spent, (out / "posterior.nc").stat().st_size / 1e6


PARTS = {"compile": compile_, "run": run, "plain": plain}


def main(arguments: list[str]) -> None:
    study = arguments[arguments.index("--study") + 1] if "--study" in arguments else FIRST_STUDY
    for name in (word for word in arguments if word in (*PARTS, "start")):
        if name == "start":
            start()
        else:
            PARTS[name](study)


if __name__ == "__main__":
    main(sys.argv[1:])
