"""The ``casewise`` command. Imports of the sampler wait until a command needs it."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, NoReturn

import typer

from data.problems import StudyError

if TYPE_CHECKING:
    from models.study import Study

app = typer.Typer(
    name="casewise",
    help="Bayesian causal inference for comparative case studies: a theory, a handful of coded cases, a claim to defend.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
)

WRONG_STUDY, NOT_CONVERGED = 1, 3

StudyPath = Annotated[Path, typer.Argument(metavar="STUDY", help="Folder of the study.", show_default=False)]
OutPath = Annotated[Path, typer.Option("--out", file_okay=False, help="Folder for the results.", show_default=False)]
TheoryName = Annotated[
    str | None, typer.Option("--theory", help="A theory of rivals/ to estimate instead of theory.toml.")
]
AsJson = Annotated[bool, typer.Option("--json", help="Print for machines.")]


@app.command()
def check(
    study: StudyPath,
    theory: TheoryName = None,
    ati: Annotated[
        Path | None, typer.Option("--ati", help="Also write the coded cells as an ATI-style table here.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Validate a study and say what it contains, what is identified and what is not. Samples nothing."""
    from analyses.overview import overview

    loaded = _load(study, theory)
    report = overview(loaded)
    if ati is not None:
        from data.ati import annotations

        annotations(loaded.cases, loaded.codebook, loaded.sources).to_csv(ati, index=False)
    typer.echo(json.dumps(report.as_json, indent=2, ensure_ascii=False) if as_json else report.text)


@app.command()
def run(
    study: StudyPath,
    out: OutPath,
    draws: Annotated[int, typer.Option(min=1, help="Draws per chain.")] = 2000,
    tune: Annotated[int, typer.Option(min=1, help="Tuning steps per chain.")] = 1000,
    chains: Annotated[int, typer.Option(min=2, help="Chains.")] = 4,
    seed: Annotated[int, typer.Option(min=0, help="Seed of every random number.")] = 20261124,
    target_accept: Annotated[float, typer.Option(min=0.5, max=0.999, help="NUTS target acceptance.")] = 0.9,
    theory: TheoryName = None,
    as_json: AsJson = False,
) -> None:
    """Fit the theory, check convergence, judge every hypothesis, weigh every piece of evidence, write the report."""
    loaded = _load(study, theory)
    from analyses.run import run_study, write_run
    from models.draft import CannotEstimateError
    from models.sampling import Sampler

    sampler = Sampler(draws, tune, chains, seed, target_accept)
    say = (lambda _: None) if as_json else typer.echo
    try:
        finished = run_study(loaded, sampler, say, progress=sys.stderr.isatty() and not as_json)
    except CannotEstimateError as error:
        _stop(str(error))
    report = write_run(finished, out)
    failures = finished.estimate.diagnostics.failures
    if as_json:
        typer.echo(json.dumps({"report": str(report), "converged": not failures, "failures": failures}))
    else:
        for h in loaded.hypotheses:
            if h.id in finished.judged:
                j = finished.judged[h.id]
                typer.echo(
                    f"{h.id}: {j.verdict} (prior {j.prior_probability:.2f}, posterior {j.posterior_probability:.2f})"
                )
        typer.echo(f"report: {report}")
    if failures:
        typer.echo("sampling did not converge: " + "; ".join(failures), err=True)
        raise typer.Exit(NOT_CONVERGED)


@app.command()
def support(
    study: StudyPath,
    out: OutPath,
    steps: Annotated[int, typer.Option(min=4, help="Steps of the stepping-stone path of each theory.")] = 12,
    repeats: Annotated[int, typer.Option(min=1, help="Seeds over which each marginal likelihood is repeated.")] = 2,
    draws: Annotated[int, typer.Option(min=50, help="Draws per chain of each refit.")] = 1000,
    seed: Annotated[int, typer.Option(min=0, help="Seed of every random number.")] = 20261124,
    theory: TheoryName = None,
) -> None:
    """Compare rival theories on the same rows, refit the ledger by group, and say what to collect next."""
    loaded = _load(study, theory)
    from analyses.report import write_report
    from analyses.support import support as write_support
    from models.rivals import Effort
    from models.sampling import Sampler

    effort = Effort(steps=steps, seeds=tuple(seed + i for i in range(repeats)))
    write_support(loaded, Sampler(draws=draws, seed=seed), effort, out, typer.echo)
    if (out / "hypotheses.csv").exists():
        write_report(out)
    typer.echo(f"results: {out}")


@app.command()
def diff(
    before: Annotated[Path, typer.Argument(metavar="RUN", help="Results of the earlier run.")],
    after: Annotated[Path, typer.Argument(metavar="RUN", help="Results of the later run.")],
) -> None:
    """Say what moved between two runs, and which files and claims were changed in between."""
    from analyses.diff import changed_inputs, in_words, moved

    for run in (before, after):
        for name in ("hypotheses.csv", "manifest.json"):
            if not (run / name).is_file():
                _stop(f"{run} has no {name}. Give two folders that `casewise run` wrote.")
    typer.echo(in_words(moved(before, after), changed_inputs(before, after)))


def _load(root: Path, theory: str | None) -> Study:
    from models.study import load_study

    try:
        return load_study(root, theory)
    except StudyError as error:
        _stop(str(error))


def _stop(message: str) -> NoReturn:
    typer.echo(message, err=True)
    raise typer.Exit(WRONG_STUDY)


def main() -> None:
    """Entry point of the console script."""
    app()


if __name__ == "__main__":
    main()
