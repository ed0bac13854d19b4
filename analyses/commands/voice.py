"""How loudly a command speaks: results on standard output, progress on standard error, as much of it as was asked for."""

from __future__ import annotations

import logging
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated

import typer

from analyses.progress import Watch, bar, plain_lines, silent

LIBRARIES = ("pymc", "nutpie", "dowhy", "distributed")
"""Whose messages are worth hearing; PyTensor tells of every setting it reads."""

type Say = Callable[[str], None]

Quiet = Annotated[
    bool | None,
    typer.Option(
        "--quiet/--verbose",
        "-q/-v",
        help="Only results and errors; or progress with times and the libraries' own messages.",
        show_default=False,
    ),
]


@dataclass(frozen=True, slots=True)
class Voice:
    """say : a line on how far the work has come; watch : work of many pieces; bars : whether a bar can be drawn"""

    say: Say
    watch: Watch
    bars: bool


def voice(quiet: bool | None, as_json: bool = False) -> Voice:
    """The voice that was asked for. Machines hear nothing of progress unless they ask for it."""
    if quiet or (as_json and quiet is None):
        return Voice(lambda _: None, silent, bars=False)
    terminal = sys.stderr.isatty()
    watch = bar if terminal else plain_lines
    if quiet is None:
        return Voice(lambda line: typer.echo(line, err=True), watch, terminal)
    logging.basicConfig(stream=sys.stderr, format="%(name)s: %(message)s")
    for library in LIBRARIES:
        logging.getLogger(library).setLevel(logging.INFO)
    began = time.monotonic()
    return Voice(lambda line: typer.echo(f"{time.monotonic() - began:7.1f} s  {line}", err=True), watch, terminal)
