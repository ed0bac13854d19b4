"""The ``casewise`` command. One module of ``analyses.commands`` per subcommand; each imports what is heavy when it is called."""

from __future__ import annotations

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

app = typer.Typer(
    name="casewise",
    help="Bayesian causal inference for comparative case studies: a theory, a handful of coded cases, a claim to defend.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
)

for command in (new, check, show, run, support, trace, refute, sensitivity, diff, plot):
    app.command()(command)
app.command("open")(open_report)
app.command("import")(import_table)


def main() -> None:
    """Entry point of the console script."""
    app()


if __name__ == "__main__":
    main()
