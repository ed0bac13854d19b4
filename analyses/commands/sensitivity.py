"""``casewise sensitivity``."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from analyses.commands.refute import choose
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

if TYPE_CHECKING:
    from analyses.sensitivity.work import Part, Sensitivity
    from causal.hypotheses import Hypothesis
    from models.study import Study


def sensitivity(
    study: StudyPath,
    out: OutPath,
    only: Annotated[
        str,
        typer.Option(help="priors,coding,confounding,selection,theory,multiverse: some of these."),
    ] = "",
    hypothesis: Annotated[
        list[str] | None,
        typer.Option(help="Id of a hypothesis; may be repeated. By default the first that can be asked."),
    ] = None,
    recodings: Annotated[int, typer.Option(min=1, help="Random recodings under which the verdict is tried.")] = 40,
    universes: Annotated[int, typer.Option(min=2, help="Combinations of the multiverse, at most.")] = 60,
    draws: Annotated[
        int, typer.Option(min=50, help="Draws per chain of each refit; the own fit takes four times as many.")
    ] = 500,
    tune: Annotated[int, typer.Option(min=50, help="Tuning steps per chain.")] = 400,
    chains: Annotated[int, typer.Option(min=2, help="Chains of each fit.")] = 2,
    seed: Seed = DEFAULT_SEED,
    theory: TheoryName = None,
    scheduler: Scheduler = None,
    resume: Resume = False,
    no_cache: NoCache = False,
    quiet: Quiet = None,
    as_json: AsJson = False,
) -> None:
    """Say what the conclusion depends on: priors, coding, unmeasured causes, selection, the theory, and their combinations."""
    parts = _parts(only)
    loaded = load_row_by_row(study, theory, out)
    asked = _asked(loaded, hypothesis or [])
    from analyses.sensitivity.bench import Effort
    from analyses.sensitivity.work import sensitivity, write_sensitivity
    from models.refitting.checkpoints import Checkpoints
    from models.refitting.pool import Pool
    from models.sampling import Sampler

    refit = Sampler(draws=draws, tune=tune, chains=chains, seed=seed, cores=1)
    own = replace(refit, draws=2 * draws, tune=2 * tune, chains=2 * chains, cores=None)
    effort = Effort(own, refit, recodings, universes, seed)
    kept = Checkpoints(out / ".refits" / "sensitivity", resume)
    speak = voice(quiet, as_json)
    with refitting(scheduler, out):
        found = sensitivity(loaded, asked, parts, effort, Pool(scheduler), kept, speak.say, speak.watch)
    write_sensitivity(found, out)
    renew_report(out, "sensitivity", loaded)
    _say(found, out, as_json)
    stop_unless_converged([] if found.converged else ["the study's own fit; take more --draws"])


def _parts(only: str) -> tuple[Part, ...]:
    from analyses.sensitivity.work import PARTS

    wanted = [name.strip() for name in only.split(",") if name.strip()]
    unknown = [name for name in wanted if name not in PARTS]
    if unknown:
        raise typer.BadParameter(f"'{unknown[0]}' is no worry; allowed are {', '.join(PARTS)}.", param_hint="--only")
    return tuple(part for part in PARTS if not wanted or part in wanted)


def _asked(study: Study, ids: Sequence[str]) -> tuple[Hypothesis, ...]:
    """The hypotheses of those ids, by default the first that can be tested; or the end of the command."""
    return tuple(choose(study, name) for name in dict.fromkeys(ids)) or (choose(study, None),)


def _say(found: Sensitivity, out: Path, as_json: bool) -> None:
    """The verdict's page, a line for each worry, or all of it for machines."""
    verdict = found.tables["verdict"]
    if as_json:
        typer.echo(verdict.to_json(orient="records", force_ascii=False))
    else:
        for row in verdict.itertuples():
            typer.echo(f"{row.hypothesis} {row.rank}. {row.worry}: {row.sentence}")
        typer.echo(f"results: {out / 'sensitivity'}")
