"""``casewise support``."""

from __future__ import annotations

from dataclasses import replace
from typing import Annotated

import typer

from analyses.commands.shared import DEFAULT_SEED, NOT_CONVERGED, OutPath, Seed, StudyPath, TheoryName, load

KEPT = ".refits"
"""Folder of the results in which finished refits are kept."""


def support(
    study: StudyPath,
    out: OutPath,
    steps: Annotated[int, typer.Option(min=4, help="Steps of the stepping-stone path of each theory.")] = 12,
    repeats: Annotated[int, typer.Option(min=1, help="Seeds over which each marginal likelihood is repeated.")] = 2,
    draws: Annotated[int, typer.Option(min=50, help="Draws per chain of the full fit.")] = 1000,
    refit_draws: Annotated[int, typer.Option(min=50, help="Draws per chain of each refit without some rows.")] = 400,
    simulations: Annotated[
        int,
        typer.Option(
            min=0, help="Studies simulated to know what each implied independence's test can find; 0: no test."
        ),
    ] = 10,
    seed: Seed = DEFAULT_SEED,
    theory: TheoryName = None,
    scheduler: Annotated[
        str | None, typer.Option("--scheduler", help="Address of a Dask scheduler for refits.")
    ] = None,
    resume: Annotated[
        bool, typer.Option("--resume", help="Take up refits that an interrupted run has finished.")
    ] = False,
) -> None:
    """Compare rival theories on the same rows, refit the ledger where weights need it, and say what to collect next.

    Implied independences are judged too, by the edges they forbid.
    """
    loaded = load(study, theory)
    from analyses.report import write_report
    from analyses.support import LEAN, Work
    from analyses.support import support as write_support
    from models.checkpoints import Checkpoints
    from models.pool import Pool
    from models.rivals import Effort
    from models.sampling import Sampler

    effort = Effort(steps=steps, seeds=tuple(seed + i for i in range(repeats)))
    work = Work(
        replace(LEAN, draws=refit_draws),
        pool=Pool(scheduler),
        checkpoints=Checkpoints(out / KEPT, resume),
        simulations=simulations,
    )
    failures = write_support(loaded, Sampler(draws=draws, seed=seed), work, effort, out, typer.echo)
    if (out / "hypotheses.csv").exists():
        write_report(out)
    typer.echo(f"results: {out}")
    if failures:
        typer.echo("sampling did not converge: " + "; ".join(failures), err=True)
        raise typer.Exit(NOT_CONVERGED)
