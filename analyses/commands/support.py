"""``casewise support``."""

from __future__ import annotations

from typing import Annotated

import typer

from analyses.commands.shared import DEFAULT_SEED, OutPath, Seed, StudyPath, TheoryName, load


def support(
    study: StudyPath,
    out: OutPath,
    steps: Annotated[int, typer.Option(min=4, help="Steps of the stepping-stone path of each theory.")] = 12,
    repeats: Annotated[int, typer.Option(min=1, help="Seeds over which each marginal likelihood is repeated.")] = 2,
    draws: Annotated[int, typer.Option(min=50, help="Draws per chain of each refit.")] = 1000,
    seed: Seed = DEFAULT_SEED,
    theory: TheoryName = None,
) -> None:
    """Compare rival theories on the same rows, refit the ledger by group, and say what to collect next."""
    loaded = load(study, theory)
    from analyses.report import write_report
    from analyses.support import support as write_support
    from models.rivals import Effort
    from models.sampling import Sampler

    effort = Effort(steps=steps, seeds=tuple(seed + i for i in range(repeats)))
    write_support(loaded, Sampler(draws=draws, seed=seed), effort, out, typer.echo)
    if (out / "hypotheses.csv").exists():
        write_report(out)
    typer.echo(f"results: {out}")
