"""Where results go: written to a temporary folder beside the destination and moved only when complete."""

from __future__ import annotations

import json
import shutil
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, is_dataclass
from pathlib import Path
from typing import Any

import numpy as np


@contextmanager
def staged(out: Path) -> Iterator[Path]:
    """A temporary folder whose files replace those of ``out`` when the block ends well; when it fails ``out`` is untouched.

    Files of ``out`` that the block did not write stay, so that ``run``, ``support`` and the others can share a folder.
    """
    if out.exists() and not out.is_dir():
        raise FileExistsError(f"{out} is a file. Name a folder for the results.")
    missing = [folder for folder in out.absolute().parents if not folder.exists()]
    out.parent.mkdir(parents=True, exist_ok=True)
    stage = Path(tempfile.mkdtemp(prefix=f".{out.name}-", dir=out.parent))
    try:
        yield stage
        out.mkdir(exist_ok=True)
        for path in sorted(stage.rglob("*")):
            target = out / path.relative_to(stage)
            if path.is_dir():
                target.mkdir(exist_ok=True)
            else:
                path.replace(target)
    finally:
        shutil.rmtree(stage, ignore_errors=True)
        for folder in missing:  # nearest first; those that hold results stay
            if folder.exists() and not any(folder.iterdir()):
                folder.rmdir()


def write_json(path: Path, value: object) -> None:
    """JSON with sorted keys; dataclasses become objects and non-finite numbers null."""
    path.write_text(json.dumps(_plain(value), indent=2, sort_keys=True, ensure_ascii=False) + "\n", encoding="utf-8")


def _plain(value: Any) -> Any:
    if isinstance(value, np.ndarray | np.generic):
        return _plain(value.tolist())
    if is_dataclass(value) and not isinstance(value, type):
        return _plain(asdict(value))
    if isinstance(value, Mapping):
        return {str(k): _plain(v) for k, v in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(v) for v in value]
    if isinstance(value, float):
        return value if value == value and abs(value) != float("inf") else None
    return value if isinstance(value, str | int | bool | None) else str(value)
