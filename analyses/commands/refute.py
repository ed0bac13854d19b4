"""``casewise refute``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from analyses.commands.shared import DEFAULT_SEED, AsJson, OutPath, Seed, StudyPath, TheoryName, load, stop

if TYPE_CHECKING:
    from causal.hypotheses import Hypothesis
    from models.study import Study


def refute(
    study: StudyPath,
    out: OutPath,
    hypothesis: Annotated[
        str | None, typer.Option("--hypothesis", help="The hypothesis to test; by default the study's first.")
    ] = None,
    sets: Annotated[int, typer.Option(min=2, help="Simulated studies by which each test is calibrated.")] = 40,
    draws: Annotated[int, typer.Option(min=50, help="Draws per chain of each refit of altered data.")] = 500,
    seed: Seed = DEFAULT_SEED,
    theory: TheoryName = None,
    scheduler: Annotated[
        str | None, typer.Option("--scheduler", help="Address of a Dask scheduler, tcp://host:port, to refit on.")
    ] = None,
    resume: Annotated[bool, typer.Option("--resume", help="Go on where an interrupted run stopped.")] = False,
    as_json: AsJson = False,
) -> None:
    """Try to overturn a conclusion: placebos, pieces left out, common causes, forbidden edges, each with its power."""
    loaded = load(study, theory)
    from dataclasses import replace

    from analyses.progress import watch_for
    from analyses.refute import Run
    from analyses.refute import refute as write_refutations
    from analyses.report import write_report
    from models.checkpoints import Checkpoints
    from models.draft import CannotEstimateError
    from models.pool import Pool
    from models.refuting import Effort

    chosen = choose(loaded, hypothesis)
    base = Effort(sets=sets, seed=seed)
    effort = replace(base, sampler=replace(base.sampler, draws=draws))
    say = (lambda _: None) if as_json else typer.echo
    run = Run(Pool(scheduler), Checkpoints(out / ".refits" / "refute", resume), say, watch_for(as_json))
    try:
        table = write_refutations(loaded, chosen, effort, run, out)
    except CannotEstimateError as error:
        stop(str(error))
    if (out / "hypotheses.csv").exists():
        write_report(out)
    if as_json:
        typer.echo(table.to_json(orient="records"))
        return
    for row in table.itertuples():
        typer.echo(f"{row.verdict}: {row.test}. {row.observed}")
    typer.echo(f"results: {out}")


def choose(study: Study, wanted: str | None) -> Hypothesis:
    """A hypothesis that the theory can be asked: the one named, or the first."""
    askable = [h for h in study.hypotheses if h not in study.unaskable]
    for h in askable:
        if wanted in (None, h.id):
            return h
    names = ", ".join(h.id for h in askable) or "none"
    stop(
        f"{wanted or 'the first hypothesis'} is not one that theory '{study.theory.name}' can be asked. Those are: {names}."
    )
