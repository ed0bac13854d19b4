"""``casewise trace``."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated, Literal

import typer

from analyses.commands.shared import (
    DEFAULT_SEED,
    AsJson,
    Seed,
    StudyPath,
    TheoryName,
    load,
    stop,
    stop_unless_converged,
)
from analyses.commands.voice import Quiet, voice


def trace(
    study: StudyPath,
    query: Annotated[
        list[str], typer.Option("--query", help="Such as 'Y[X=1] - Y[X=0]' or 'Y[X=0]==0'; may be repeated.")
    ],
    given: Annotated[
        list[str] | None, typer.Option("--given", help="Among which units: one condition for all queries, or one each.")
    ] = None,
    out: Annotated[Path | None, typer.Option("--out", file_okay=False, help="Folder for the results.")] = None,
    cut: Annotated[
        list[float] | None,
        typer.Option("--cut", help="Where constructs are cut, between 0 and 1; repeat for more levels."),
    ] = None,
    cut_sd: Annotated[float, typer.Option("--cut-sd", min=0, help="How uncertain the cut is (standard error).")] = 0.05,
    prior: Annotated[
        Literal["sparse", "flat", "jeffreys", "hierarchical"], typer.Option(help="Prior over the types of a node.")
    ] = "sparse",
    signs: Annotated[bool, typer.Option("--signs", help="Rule out types that go against the theory's signs.")] = False,
    restrict: Annotated[
        list[str] | None, typer.Option("--restrict", help="Such as 'increasing(X -> Y)' or 'drop(Y[X=1] < Y[X=0])'.")
    ] = None,
    selected: Annotated[
        str, typer.Option("--selected", help="A statement without which a unit could not have become a case.")
    ] = "",
    draws: Annotated[int, typer.Option(min=2, help="Draws per chain, where the posterior cannot be listed.")] = 25,
    chains: Annotated[int, typer.Option(min=2, help="Chains, side by side.")] = 80,
    seed: Seed = DEFAULT_SEED,
    theory: TheoryName = None,
    quiet: Quiet = None,
    as_json: AsJson = False,
) -> None:
    """Did X cause Y in this case? The theory as a model over causal types, asked of the population and of every unit."""
    loaded = load(study, theory)
    from analyses.trace import Ask, questions_of, write_trace
    from analyses.trace import trace as answer
    from models.types.coding import Cut
    from models.types.gibbs import Effort
    from models.types.priors import JEFFREYS, Flat, Hierarchical, Sparse

    priors = {"sparse": Sparse(), "flat": Flat(), "jeffreys": JEFFREYS, "hierarchical": Hierarchical()}
    try:
        questions = questions_of(query, given or [])
        at = Cut(tuple(sorted(cut or [0.5])), cut_sd)
        ask = Ask(
            questions, at, priors[prior], signs, tuple(restrict or ()), selected, Effort(chains, 150, draws, 4), seed
        )
        traced = answer(loaded, ask, voice(quiet, as_json).say)
    except ValueError as error:
        stop(str(error))
    if out is not None:
        write_trace(traced, out)
    if as_json:
        records = {"population": traced.population, "cases": traced.cases}
        plain = {name: json.loads(frame.to_json(orient="records")) for name, frame in records.items()}
        typer.echo(json.dumps({"method": traced.method, "notes": traced.notes, **plain}, ensure_ascii=False, indent=2))
    else:
        shown = traced.cases.drop(columns=["case", "period", "label"])
        typer.echo(traced.population.drop(columns="method").round(3).to_string(index=False))
        typer.echo(shown.round(3).to_string(index=False))
        typer.echo("\n".join([traced.method, *traced.notes]))
    worst = f"R-hat is {traced.worst_r_hat:.2f} for a question about the population"
    stop_unless_converged([] if traced.converged else [worst])
