"""``casewise support``."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Annotated

import typer

from analyses.commands.shared import (
    DEFAULT_SEED,
    AsJson,
    NoCache,
    OutPath,
    Resume,
    Scheduler,
    Seed,
    StudyPath,
    TheoryName,
    load_row_by_row,
    refitting,
    renew_report,
    stop_unless_converged,
)
from analyses.commands.voice import Quiet, voice


def support(
    study: StudyPath,
    out: OutPath,
    steps: Annotated[int, typer.Option(min=4, help="Steps of the stepping-stone path of each theory.")] = 10,
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
    scheduler: Scheduler = None,
    resume: Resume = False,
    no_cache: NoCache = False,
    quiet: Quiet = None,
    as_json: AsJson = False,
) -> None:
    """Compare rival theories on the same rows, refit the ledger where weights need it, and say what to collect next."""
    loaded = load_row_by_row(study, theory, out)
    from analyses.support import LEAN, Work
    from analyses.support import support as write_support
    from models.evidence.rivals import Effort
    from models.refitting.checkpoints import Checkpoints
    from models.refitting.pool import Pool
    from models.sampling import Sampler

    effort = Effort(steps=steps, seeds=tuple(seed + i for i in range(repeats)))
    kept = Checkpoints(out / ".refits" / "support", resume)
    refits = replace(LEAN, draws=refit_draws)
    speak = voice(quiet, as_json)
    work = Work(refits, pool=Pool(scheduler), checkpoints=kept, watch=speak.watch, simulations=simulations)
    with refitting(scheduler, out):
        failures = write_support(loaded, Sampler(draws=draws, seed=seed), work, effort, out, speak.say)
    renew_report(out, "support", loaded)
    _say(out, failures, as_json)
    stop_unless_converged(failures)


def _say(out: Path, failures: Sequence[str], as_json: bool) -> None:
    """The theories from best to worst, for people or for machines."""
    from analyses.results import read_table

    rivals = read_table(out / "rivals.csv")
    if as_json:
        typer.echo(json.dumps({"results": str(out), "converged": not failures, "rivals": rivals}, ensure_ascii=False))
        return
    for row in rivals:
        typer.echo(f"{row['theory']}: probability {float(row['posterior_probability']):.2f} among the theories")
    typer.echo(f"results: {out}")
