"""The ``casewise`` command. One module of ``analyses.commands`` per subcommand; each imports what is heavy when it is called."""

from __future__ import annotations

from collections.abc import Callable
from importlib.metadata import version
from typing import Annotated

import typer

from analyses.commands.check import check
from analyses.commands.diff import diff
from analyses.commands.import_table import import_table
from analyses.commands.new import new
from analyses.commands.open import open_report
from analyses.commands.plot import plot
from analyses.commands.refute import refute
from analyses.commands.run import run
from analyses.commands.sensitivity import sensitivity
from analyses.commands.show import show
from analyses.commands.support import support
from analyses.commands.trace import trace

STUDIES, ANSWERS, DOUBTS, RESULTS = "A study", "What it says", "What could be wrong with that", "Results"

COMMANDS: dict[str, dict[str, Callable[..., None]]] = {
    STUDIES: {"new": new, "import": import_table, "check": check, "show": show},
    ANSWERS: {"run": run, "support": support, "trace": trace},
    DOUBTS: {"refute": refute, "sensitivity": sensitivity},
    RESULTS: {"open": open_report, "plot": plot, "diff": diff},
}

app = typer.Typer(
    name="casewise",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode="rich",
)


def _version(asked: bool) -> None:
    if asked:
        typer.echo(version("casewise"))
        raise typer.Exit


@app.callback(
    epilog="Begin with: casewise new my_study. Exit codes: 0 done; 1 the study is wrong, nothing is written; 2 a wrong command "
    "line; 3 sampling did not converge, the results are written and marked."
)
def casewise(
    _: Annotated[
        bool, typer.Option("--version", help="Say which casewise this is.", callback=_version, is_eager=True)
    ] = False,
) -> None:
    """Bayesian causal inference for comparative case studies: a theory, a handful of coded cases, a claim to defend."""


for panel, commands in COMMANDS.items():
    for name, command in commands.items():
        app.command(name, rich_help_panel=panel)(command)


def main() -> None:
    """Entry point of the console script."""
    app()


if __name__ == "__main__":
    main()
