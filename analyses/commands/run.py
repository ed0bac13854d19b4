"""``casewise run``."""

from __future__ import annotations

import json
from collections.abc import Hashable, Mapping
from typing import Annotated, Any

import typer

from analyses.commands.shared import (
    DEFAULT_SEED,
    AsJson,
    NoCache,
    OutPath,
    Seed,
    StudyPath,
    TheoryName,
    load,
    stop,
    stop_unless_converged,
)
from analyses.commands.voice import Quiet, voice
from analyses.wording import probability


def run(
    study: StudyPath,
    out: OutPath,
    draws: Annotated[int, typer.Option(min=1, help="Draws per chain.")] = 2000,
    tune: Annotated[int, typer.Option(min=1, help="Tuning steps per chain.")] = 1000,
    chains: Annotated[int, typer.Option(min=2, help="Chains.")] = 4,
    seed: Seed = DEFAULT_SEED,
    target_accept: Annotated[float, typer.Option(min=0.5, max=0.999, help="NUTS target acceptance.")] = 0.9,
    theory: TheoryName = None,
    no_cache: NoCache = False,
    quiet: Quiet = None,
    as_json: AsJson = False,
) -> None:
    """Fit the theory, check convergence, judge every hypothesis, weigh every piece of evidence, write the report."""
    loaded = load(study, theory, out)
    from analyses.run import run_study, write_run
    from models.draft import CannotEstimateError
    from models.sampling import Sampler

    sampler = Sampler(draws, tune, chains, seed, target_accept)
    speak = voice(quiet, as_json)
    try:
        finished = run_study(loaded, sampler, speak.say, progress=speak.bars)
    except CannotEstimateError as error:
        stop(str(error))
    report = write_run(finished, out)
    failures = finished.estimate.diagnostics.failures
    if as_json:
        typer.echo(json.dumps({"report": str(report), "converged": not failures, "failures": failures}))
    else:
        for row in finished.tables["hypotheses"].to_dict("records"):
            if row["verdict"] != "not asked":
                typer.echo(_told(row))
        typer.echo(f"report: {report}")
    stop_unless_converged(failures)


def _told(row: Mapping[Hashable, Any]) -> str:
    """A row of hypotheses.csv in a line: its numbers, or why there are none."""
    if row["verdict"] == "cannot speak":
        return f"{row['id']}: cannot speak: {row['reason']}"
    before, after = (probability(row[f"{when}_probability"]) for when in ("prior", "posterior"))
    return f"{row['id']}: {row['verdict']} (prior {before}, posterior {after})"
