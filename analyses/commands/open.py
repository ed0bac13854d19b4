"""``casewise open``."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer

from analyses.commands.shared import AsJson, stop


def open_report(
    results: Annotated[
        Path, typer.Argument(metavar="[DIR]", help="Folder of results, or one that holds such folders.")
    ] = Path("results"),
    path_only: Annotated[bool, typer.Option("--path", help="Only say where the report is.")] = False,
    as_json: AsJson = False,
) -> None:
    """Show the last report in the browser."""
    reports = sorted(results.glob("**/report.html"), key=lambda path: path.stat().st_mtime)
    if not reports:
        stop(f"There is no report.html in {results} or below. `casewise run STUDY --out DIR` writes one.")
    typer.echo(json.dumps({"report": str(reports[-1])}, ensure_ascii=False) if as_json else reports[-1])
    if not (path_only or as_json) and typer.launch(reports[-1].resolve().as_uri()):
        typer.echo("No browser could be started from here. Open that file in one.", err=True)
