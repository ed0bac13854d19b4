"""``casewise import``."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from analyses.commands.shared import AsJson, stop


def import_table(
    table: Annotated[
        Path, typer.Argument(metavar="TABLE", help="Comma-separated table: a row per unit.", show_default=False)
    ],
    theory: Annotated[Path, typer.Option("--theory", help="The theory, theory.toml.", show_default=False)],
    out: Annotated[Path, typer.Option("--out", file_okay=False, help="Folder to make.", show_default=False)],
    family: Annotated[
        list[str] | None,
        typer.Option("--family", help="What a column is: name=count, ordinal, binary, binomial, continuous."),
    ] = None,
    levels: Annotated[
        list[str] | None, typer.Option("--levels", help="Levels from least to most: name=Low,Medium,High.")
    ] = None,
    trials: Annotated[
        list[str] | None, typer.Option("--trials", help="The column with n of a share: name=column.")
    ] = None,
    unit: Annotated[str, typer.Option("--unit", help="Column that names the unit of a row.")] = "",
    case: Annotated[str, typer.Option("--case", help="Column that names the case of a row.")] = "",
    period: Annotated[str, typer.Option("--period", help="Column with the period of a row.")] = "",
    missing: Annotated[
        list[str] | None, typer.Option("--missing", help="A text that means missing, such as NA.")
    ] = None,
    aggregate: Annotated[
        bool, typer.Option("--aggregate", help="Take rows together that the theory cannot tell apart: for many rows.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Make a study folder of an ordinary wide table: rows are units, columns are observed constructs."""
    from analyses.importing import import_table as make
    from analyses.importing import refusal
    from data.column_families import ColumnChoices
    from data.problems import StudyError
    from data.widetable import TableChoices
    from models.measurement.columns import CannotEstimateError

    lists = {name: tuple(part.strip() for part in text.split(",")) for name, text in _pairs(levels, "--levels").items()}
    columns = ColumnChoices(_pairs(family, "--family"), lists, _pairs(trials, "--trials"))
    choices = TableChoices(columns, unit, case, period, tuple(missing or ()))
    try:
        made = make(table, theory, out, choices, aggregate)
    except StudyError as error:
        stop(refusal(error))
    except (OSError, CannotEstimateError) as error:
        stop(str(error))
    if as_json:
        families = {name: asdict(found) for name, found in made.families.items()}
        told = {"study": str(made.out), "units": made.units, "families": families, "notes": made.notes}
        typer.echo(json.dumps(told, ensure_ascii=False))
        return
    for name, found in made.families.items():
        typer.echo(f"{name}: {found.family}{f' ({", ".join(found.levels)})' if found.levels else ''}")
    for note in made.notes:
        typer.echo(note)
    typer.echo(f"{made.units} units in {made.out}. Next: casewise check {made.out}")


def _pairs(given: list[str] | None, option: str) -> dict[str, str]:
    """name=value options by name."""
    found = {}
    for text in given or ():
        name, equals, value = text.partition("=")
        if not equals or not name.strip() or not value.strip():
            raise typer.BadParameter(f"'{text}' is not name=value.", param_hint=option)
        found[name.strip()] = value.strip()
    return found
