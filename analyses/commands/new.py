"""``casewise new``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from analyses.commands.shared import stop


def new(
    root: Annotated[Path, typer.Argument(metavar="DIR", help="Folder to create for the study.", show_default=False)],
) -> None:
    """Make a study that runs, to be replaced by your own file by file."""
    from analyses.starter import start_study

    try:
        typer.echo(start_study(root))
    except OSError as error:
        stop(str(error))
