"""``casewise check``."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer

from analyses.commands.shared import AsJson, StudyPath, TheoryName, load


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

    loaded = load(study, theory)
    report = overview(loaded)
    if ati is not None:
        from data.ati import annotations

        annotations(loaded.cases, loaded.codebook, loaded.sources).to_csv(ati, index=False)
    typer.echo(json.dumps(report.as_json, indent=2, ensure_ascii=False) if as_json else report.text)
