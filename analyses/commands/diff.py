"""``casewise diff``."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer

from analyses.commands.shared import AsJson, stop


def diff(
    before: Annotated[Path, typer.Argument(metavar="RUN", help="Results of the earlier run.")],
    after: Annotated[Path, typer.Argument(metavar="RUN", help="Results of the later run.")],
    as_json: AsJson = False,
) -> None:
    """Say what moved between two runs, and which files and claims were changed in between."""
    from analyses.diff import changed_inputs, in_words, moved, not_converged

    for run in (before, after):
        for name in ("hypotheses.csv", "manifest.json"):
            if not (run / name).is_file():
                stop(f"{run} has no {name}. Give two folders that `casewise run` wrote.")
    table, inputs = moved(before, after), changed_inputs(before, after)
    doubtful = not_converged(before, after)
    if as_json:
        rows = json.loads(table.to_json(orient="records"))
        typer.echo(
            json.dumps({"changed_files": inputs, "not_converged": doubtful, "hypotheses": rows}, ensure_ascii=False)
        )
    else:
        typer.echo(in_words(table, inputs, doubtful))
