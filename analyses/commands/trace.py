"""``casewise trace``."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from analyses.commands.shared import (
    DEFAULT_SEED,
    AsJson,
    Seed,
    StudyPath,
    TheoryName,
    load_row_by_row,
    renew_report,
    stop,
    stop_unless_converged,
)
from analyses.commands.voice import Quiet, voice

if TYPE_CHECKING:
    from analyses.trace import Traced
    from analyses.trace_rivals import Compared


def trace(
    study: StudyPath,
    query: Annotated[
        list[str] | None,
        typer.Option(
            "--query",
            help="Such as 'Y[X=1] - Y[X=0]' or 'Y[X=0]==0'; may be repeated. By default the questions of trace.toml, or whether "
            "what the hypotheses claim happened in each case.",
        ),
    ] = None,
    given: Annotated[
        list[str] | None, typer.Option("--given", help="Among which units: one condition for all queries, or one each.")
    ] = None,
    out: Annotated[
        Path | None,
        typer.Option("--out", file_okay=False, help="Folder for the results; a report that is there is rewritten."),
    ] = None,
    cut: Annotated[
        list[str] | None,
        typer.Option(
            "--cut",
            help="Where constructs are cut, between 0 and 1; repeat for more levels. upgrading=0.7 is the cut of one construct.",
        ),
    ] = None,
    cut_sd: Annotated[float, typer.Option("--cut-sd", min=0, help="How uncertain the cut is (standard error).")] = 0.05,
    prior: Annotated[
        Literal["sparse", "flat", "jeffreys", "hierarchical", "noisy-or", "logistic-normal"],
        typer.Option(
            help="Prior over the types of a node. noisy-or: every cause works by itself, as the theory expects, the most of "
            "it prevails."
        ),
    ] = "sparse",
    signs: Annotated[bool, typer.Option("--signs", help="Rule out types that go against the theory's signs.")] = False,
    restrict: Annotated[
        list[str] | None, typer.Option("--restrict", help="Such as 'increasing(X -> Y)' or 'drop(Y[X=1] < Y[X=0])'.")
    ] = None,
    selected: Annotated[
        str, typer.Option("--selected", help="A statement without which a unit could not have become a case.")
    ] = "",
    compare: Annotated[
        bool, typer.Option("--compare", help="Compare with the study's other theories, and with and without signs.")
    ] = False,
    against: Annotated[
        list[str] | None,
        typer.Option(
            "--against", help="Compare with this too: a graph 'X -> Y; Z', or a restriction. May be repeated."
        ),
    ] = None,
    draws: Annotated[int, typer.Option(min=2, help="Draws per chain, where the posterior cannot be listed.")] = 25,
    chains: Annotated[int, typer.Option(min=2, help="Chains, side by side.")] = 80,
    seed: Seed = DEFAULT_SEED,
    theory: TheoryName = None,
    quiet: Quiet = None,
    as_json: AsJson = False,
) -> None:
    """Did X cause Y in this case? The theory as a model over causal types, asked of the population and of every unit."""
    loaded = load_row_by_row(study, theory, out)
    from analyses.trace import Ask, own_questions, questions_of, write_trace
    from analyses.trace import trace as answer
    from analyses.trace_learning import clues_table, plans_table
    from analyses.trace_rivals import compare as compare_rivals
    from models.types.cuts import parse_cut
    from models.types.gibbs import Effort
    from models.types.logistic import LogisticNormal
    from models.types.noisy import NoisyOr
    from models.types.priors import JEFFREYS, Flat, Hierarchical, Prior, Sparse

    priors: dict[str, Prior] = {
        "sparse": Sparse(),
        "flat": Flat(),
        "jeffreys": JEFFREYS,
        "hierarchical": Hierarchical(),
        "noisy-or": NoisyOr(),
        "logistic-normal": LogisticNormal(),
    }
    say = voice(quiet, as_json).say
    compared = None
    try:
        at = parse_cut(cut or [], cut_sd)
        questions = questions_of(query, given or []) if query else own_questions(loaded, at)
        ask = Ask(
            questions, at, priors[prior], signs, tuple(restrict or ()), selected, Effort(chains, 150, draws, 4), seed
        )
        traced = answer(loaded, ask, say)
        if compare or against:
            compared = compare_rivals(loaded, ask, against or [], say)
        if out is not None:
            say("what to look at next")
            further = {"trace_clues": clues_table(traced), "trace_plans": plans_table(traced)}
    except ValueError as error:
        stop(str(error))
    if out is not None:
        if compared is not None:
            further |= {"trace_rivals": compared.rivals, "trace_held_out": compared.held_out}
        write_trace(traced, further, out)
        renew_report(out, "trace", loaded)
    _say(traced, compared, as_json)
    worst = f"R-hat is {traced.said_r_hat} for a question about the population"
    stop_unless_converged([] if traced.converged else [worst])


def _say(traced: Traced, compared: Compared | None, as_json: bool) -> None:
    from analyses.trace_text import compared_lines, told

    if not as_json:
        typer.echo("\n".join([*told(traced), *(compared_lines(compared) if compared else ())]))
        return
    tables = {"population": traced.population, "cases": traced.cases}
    tables |= {"rivals": compared.rivals, "held_out": compared.held_out} if compared else {}
    plain = {name: json.loads(table.to_json(orient="records")) for name, table in tables.items()}
    refused = {"refused": compared.refused} if compared else {}
    found = {"method": traced.posterior.method, "notes": traced.notes, **plain, **refused}
    typer.echo(json.dumps(found, ensure_ascii=False, indent=2))
