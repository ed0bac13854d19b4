"""The files of a results folder, read back as text for the report: every cell exactly as it was written."""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NoReturn

from analyses.provenance import read_record

type Row = dict[str, str]

RUN = ("effects", "coefficients", "hypotheses", "ledger", "ratings")
OF_SUPPORT = (
    "rivals", "theory_odds", "rivals_by_scale", "held_out", "leading", "next_evidence", "prospects", "independences",
    "evidence_items", "bridge",
)  # fmt: skip
CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ufffe\uffff\ud800-\udfff]")
"""Characters that no HTML or XML document may hold."""


class OlderResultsError(Exception):
    """A file of a results folder lacks what this version reads in it. The message names the file, what it lacks and a remedy.

    brief : the same by the name of the file alone, for a report that may be sent elsewhere
    """

    def __init__(self, path: Path, lacks: str) -> None:
        remedy = f"Another version wrote it: run `casewise {command_of(path)}` again into that folder."
        self.path = path
        self.brief = f"{path.name} has no {lacks}, which this version of casewise reads. {remedy}"
        super().__init__(f"{path.parent}: {self.brief}")


class _Cells(dict[str, Any]):
    """What stands in a file by name. A name that is not there is the fault of the version that wrote the file, and is said."""

    def __init__(self, cells: Mapping[str, Any], path: Path, kind: str) -> None:
        super().__init__(cells)
        self._path, self._kind = path, kind

    def __missing__(self, name: str) -> NoReturn:
        raise OlderResultsError(self._path, f"{self._kind} '{name}'")


def command_of(path: Path) -> str:
    """The command that writes a file of a results folder."""
    if path.parent.name == "sensitivity":
        return "sensitivity"
    if path.stem.startswith("trace"):
        return "trace"
    if path.stem == "refutations":
        return "refute"
    return "support" if path.stem in OF_SUPPORT else "run"


@dataclass(frozen=True, slots=True)
class Results:
    """A results folder.

    later : every other table of the folder, by name
    sensitivity : the tables of `sensitivity/`, by name
    made_from : the state of the study from which other commands made their files, by command
    """

    effects: list[Row]
    coefficients: list[Row]
    hypotheses: list[Row]
    ledger: list[Row]
    ratings: list[Row]
    diagnostics: Mapping[str, Any]
    manifest: Mapping[str, Any]
    theory: Mapping[str, Any]
    later: Mapping[str, list[Row]]
    sensitivity: Mapping[str, list[Row]]
    made_from: Mapping[str, Any] = field(default_factory=dict)


def read_results(folder: Path) -> Results:
    """Read a results folder. Raises FileNotFoundError, naming the file, when it does not hold a whole run."""
    needed = [*(f"{name}.csv" for name in RUN), "diagnostics.json", "manifest.json", "theory.json"]
    for name in needed:
        if not (folder / name).is_file():
            raise FileNotFoundError(
                f"{folder} has no {name}: a report needs the files of `casewise run` in one folder."
            )
    effects, coefficients, hypotheses, ledger, ratings = (read_table(folder / f"{name}.csv") for name in RUN)
    return Results(
        effects,
        coefficients,
        hypotheses,
        ledger,
        ratings,
        diagnostics=_read_json(folder / "diagnostics.json"),
        manifest=_read_json(folder / "manifest.json"),
        theory=_read_json(folder / "theory.json"),
        later={path.stem: read_table(path) for path in sorted(folder.glob("*.csv")) if path.stem not in RUN},
        sensitivity={path.stem: read_table(path) for path in sorted((folder / "sensitivity").glob("*.csv"))},
        made_from=read_record(folder),
    )


def read_table(path: Path) -> list[Row]:
    """The rows of a CSV file, cells as text: a rating that says None or NA stays what it says.

    To ask a row for a column that the file lacks is an OlderResultsError.
    """
    with path.open(encoding="utf-8", newline="") as file:
        text = io.StringIO(_clean(file.read()), newline="")
    return [_Cells(row, path, "column") for row in csv.DictReader(text, restval="")]


def _read_json(path: Path) -> Any:
    return _clean_values(json.loads(path.read_text(encoding="utf-8")), path)


def _clean_values(value: Any, path: Path) -> Any:
    if isinstance(value, dict):
        return _Cells({_clean(k): _clean_values(v, path) for k, v in value.items()}, path, "entry")
    if isinstance(value, list):
        return [_clean_values(v, path) for v in value]
    return _clean(value) if isinstance(value, str) else value


def _clean(text: str) -> str:
    return CONTROL.sub(" ", text)
