"""``casewise refute``."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

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
    stop,
    stop_unless_converged,
)
from analyses.commands.voice import Quiet, voice

if TYPE_CHECKING:
    import pandas as pd

    from causal.hypotheses import Hypothesis
    from models.study import Study


def refute(
    study: StudyPath,
    out: OutPath,
    hypothesis: Annotated[
        str | None, typer.Option("--hypothesis", help="The hypothesis to test; by default the study's first.")
    ] = None,
    only: Annotated[
        str,
        typer.Option(
            help="Some tests: placebo cause, dummy outcome, without a case (period, source, coder), subset, bootstrap, turned "
            "edge, random common cause, unobserved common cause, forbidden edge; with commas between them."
        ),
    ] = "",
    sets: Annotated[int, typer.Option(min=2, help="Simulated studies by which each test is calibrated.")] = 40,
    draws: Annotated[int, typer.Option(min=50, help="Draws per chain of each refit of altered data.")] = 500,
    seed: Seed = DEFAULT_SEED,
    theory: TheoryName = None,
    scheduler: Scheduler = None,
    resume: Resume = False,
    no_cache: NoCache = False,
    quiet: Quiet = None,
    as_json: AsJson = False,
) -> None:
    """Try to overturn a conclusion: placebos, pieces left out, common causes, forbidden edges, each with its power."""
    wanted = _wanted(only)
    loaded = load_row_by_row(study, theory, out)
    from dataclasses import replace

    from analyses.refute import Run
    from analyses.refute import refute as write_refutations
    from models.refitting.checkpoints import Checkpoints
    from models.refitting.pool import Pool
    from models.refutation.refuting import Effort

    chosen = choose(loaded, hypothesis)
    base = Effort(sets=sets, seed=seed, only=wanted)
    effort = replace(base, sampler=replace(base.sampler, draws=draws))
    speak = voice(quiet, as_json)
    run = Run(Pool(scheduler), Checkpoints(out / ".refits" / "refute", resume), speak.say, speak.watch)
    with refitting(scheduler, out):
        found = write_refutations(loaded, chosen, effort, run, out)
    renew_report(out, "refute", loaded)
    _say(found.table, out, as_json)
    stop_unless_converged([] if found.converged else ["the fit of the data as they are; take more --draws"])


def _wanted(only: str) -> frozenset[str]:
    """Families of tests by name; the end of the command where there is no such family."""
    from analyses.controls import FORBIDDEN
    from models.refutation.refutations import FAMILIES

    wanted = frozenset(name.strip() for name in only.split(",") if name.strip())
    for unknown in sorted(wanted - {*FAMILIES, FORBIDDEN}):
        allowed = ", ".join((*FAMILIES, FORBIDDEN))
        raise typer.BadParameter(f"'{unknown}' is no test; allowed are {allowed}.", param_hint="--only")
    return wanted


def _say(table: pd.DataFrame, out: Path, as_json: bool) -> None:
    if as_json:
        typer.echo(table.to_json(orient="records"))
        return
    for row in table.itertuples():
        typer.echo(f"{row.verdict}: {row.test}. {row.observed}")
    typer.echo(f"results: {out}")


def choose(study: Study, wanted: str | None) -> Hypothesis:
    """The hypothesis named, or the first that the theory and the rows can speak to; or the end of the command."""
    from models.blueprint import draw_blueprint
    from models.draft import CannotEstimateError
    from models.effects.answers import silence, unanswerable

    try:
        blueprint = draw_blueprint(study.theory, study.codebook, study.cases.units, study.cases.observations)
    except CannotEstimateError as error:
        stop(str(error))
    units = study.cases.units
    able = {h.id: h for h in study.hypotheses if h not in study.unaskable}
    mute = {h.id: silence(blueprint, h.claim) or unanswerable(blueprint, units, h.claim) for h in able.values()}
    speaking = [h for h in able.values() if not mute[h.id]]
    if wanted is None and speaking:
        return speaking[0]
    if wanted in able and not mute[wanted]:
        return able[wanted]
    unknown = wanted is not None and wanted not in {h.id for h in study.hypotheses}
    why = (
        "no such hypothesis"
        if unknown
        else mute.get(wanted or "", "") or f"theory '{study.theory.name}' cannot be asked it"
    )
    known = ", ".join(h.id for h in speaking) or "none"
    stop(f"hypotheses.toml: {wanted or 'no hypothesis'}: {why}. Those that can be tested: {known}.")
