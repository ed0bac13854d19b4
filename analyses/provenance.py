"""From which state of a study each command's files were made, so that no report mixes two states without saying so."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from analyses.outputs import write_json

if TYPE_CHECKING:
    from models.study import Study

RECORD = "made_from.json"
APART = ("CHANGES.md", "inventory.csv", "sensitivity.toml", "sources.bib", "trace.toml")
"""Files of a study that change no number of the fit."""


def record(out: Path, command: str, study: Study) -> None:
    """Note that a command has written its files into ``out`` from the study as it is now."""
    out.mkdir(parents=True, exist_ok=True)
    write_json(out / RECORD, {**read_record(out), command: {"theory": study.theory.name, "inputs": study.hashes}})


def read_record(out: Path) -> Mapping[str, Any]:
    """What each command's files were made from; empty for a folder of before this was noted."""
    path = out / RECORD
    found: Mapping[str, Any] = json.loads(path.read_text(encoding="utf-8")) if path.is_file() else {}
    return found


def differs(command: str, made_from: Mapping[str, Any], manifest: Mapping[str, Any]) -> str:
    """A sentence when a command's files are of another state of the study than the run, else nothing."""
    if command not in made_from:
        return ""
    theory, inputs = made_from[command]["theory"], made_from[command]["inputs"]
    if theory != manifest["theory"]:
        return f"This is of another theory, {theory}: `casewise {command}` was last asked of that one."
    ours = manifest["inputs"]
    changed = sorted(n for n in {*ours, *inputs} - {*APART} if ours.get(n) != inputs.get(n))
    if not changed:
        return ""
    return f"This is of another state of the study than the rest: {', '.join(changed)} changed. Run `casewise {command}` again."
