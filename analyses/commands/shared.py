"""What the commands share: their common arguments, loading a study, and ending with a message and an exit code."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, NoReturn

import typer

from data.problems import StudyError, in_brief

if TYPE_CHECKING:
    from models.study import Study

WRONG_STUDY, NOT_CONVERGED = 1, 3
REMEDY = "Take more draws (--draws, and --tune where there is one); if that does not help, the rows may not pin the theory down."


def _without_cache(asked: bool) -> bool:
    """Turn stored machine code off for this process and those it starts."""
    if asked:
        from models.density.code_store import SWITCH

        os.environ[SWITCH] = "off"
    return asked


StudyPath = Annotated[Path, typer.Argument(metavar="STUDY", help="Folder of the study.", show_default=False)]
OutPath = Annotated[Path, typer.Option("--out", file_okay=False, help="Folder for the results.", show_default=False)]
TheoryName = Annotated[
    str | None, typer.Option("--theory", help="A theory of rivals/ to estimate instead of theory.toml.")
]
AsJson = Annotated[bool, typer.Option("--json", help="Print for machines.")]
Seed = Annotated[int, typer.Option("--seed", min=0, help="Seed of every random number.")]
Scheduler = Annotated[
    str | None,
    typer.Option(
        "--scheduler", help="Address of a Dask scheduler, tcp://host:port; by default all cores.", show_default=False
    ),
]
Resume = Annotated[bool, typer.Option("--resume", help="Go on where an interrupted run stopped.")]
NoCache = Annotated[
    bool,
    typer.Option(
        "--no-cache", help="Compile anew, and keep no machine code for the next run.", callback=_without_cache
    ),
]
DEFAULT_SEED = 20261124


def load(root: Path, theory: str | None, out: Path | None = None) -> Study:
    """The study in a folder, or the end of the command with everything that is wrong with it.

    out : where results are to go, which is not the folder of the study
    """
    from models.study import load_study

    if out is not None and out.resolve() == root.resolve():
        stop(f"--out {out} is the study's own folder. Name another, such as results/{root.resolve().name}.")
    try:
        return load_study(root, theory)
    except StudyError as error:
        stop(in_brief(error.problems))


def load_row_by_row(root: Path, theory: str | None, out: Path | None = None) -> Study:
    """The same for a command that leaves out, alters or simulates single rows."""
    loaded = load(root, theory, out)
    if loaded.counted:
        stop(
            "units.csv has counts: its units stand for several rows of a table each, and this command works on single rows. "
            "Import the table again without --aggregate; `casewise run` does with counts."
        )
    return loaded


def stop(message: str) -> NoReturn:
    """End the command: the study (or what was asked of it) is wrong. Nothing has been written."""
    typer.echo(message, err=True)
    raise typer.Exit(WRONG_STUDY)


def stop_unless_converged(failures: Sequence[str]) -> None:
    """End the command when sampling failed a check; everything has been written, and is marked."""
    if failures:
        typer.echo(f"sampling did not converge: {'; '.join(failures)}", err=True)
        typer.echo(f"The results are written and marked. {REMEDY}", err=True)
        raise typer.Exit(NOT_CONVERGED)


def renew_report(out: Path, command: str, study: Study) -> None:
    """Note what a command's files were made from, and write the report again where `casewise run` has been there before."""
    from analyses.provenance import record

    record(out, command, study)
    if (out / "hypotheses.csv").exists():
        from analyses.report import write_report
        from analyses.results import OlderResultsError

        try:
            write_report(out)
        except (FileNotFoundError, OlderResultsError) as error:
            stop(f"The results are written, the report is as it was. {error}")


@contextmanager
def refitting(scheduler: str | None, out: Path) -> Iterator[None]:
    """End the command with a sentence when refits cannot be estimated, sent to the scheduler, or kept."""
    from models.draft import CannotEstimateError

    try:
        yield
    except CannotEstimateError as error:
        stop(str(error))
    except ModuleNotFoundError as error:
        stop(f"--scheduler needs {error.name}, which is not installed. Install casewise[dask].")
    except OSError as error:
        stop(f"{scheduler or out}: {error}")
