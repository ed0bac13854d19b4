"""``casewise plot``."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer

from analyses.commands.shared import AsJson, OutPath, stop


def plot(
    results: Annotated[Path, typer.Argument(metavar="DIR", help="Folder of results.", show_default=False)],
    out: OutPath,
    only: Annotated[
        list[str] | None, typer.Option("--figure", help="A figure by name, repeat for several; by default all.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Write the figures of a report as SVG files, for a paper or a slide."""
    from analyses.drawings import drawings
    from analyses.outputs import staged
    from analyses.results import OlderResultsError, read_results

    try:
        found = drawings(read_results(results))
    except (FileNotFoundError, OlderResultsError) as error:
        stop(str(error))
    if unknown := sorted(set(only or ()) - set(found)):
        stop(f"{results} has no figure {', '.join(unknown)}; it has {', '.join(found)}.")
    with staged(out) as stage:
        for name in only or found:
            (stage / f"{name}.svg").write_text(found[name], encoding="utf-8", newline="\n")
    paths = {name: str(out / f"{name}.svg") for name in only or found}
    typer.echo(json.dumps(paths) if as_json else "\n".join(paths.values()))
