"""``casewise new``."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer

from analyses.commands.shared import AsJson, stop


def new(
    root: Annotated[Path, typer.Argument(metavar="DIR", help="Folder to create for the study.", show_default=False)],
    as_json: AsJson = False,
) -> None:
    """Make a study that runs, to be replaced by your own file by file."""
    from analyses.starter import start_study

    try:
        told = start_study(root)
    except OSError as error:
        stop(str(error))
    typer.echo(json.dumps({"study": str(root)}, ensure_ascii=False) if as_json else told)
