"""Results kept as they are finished, one file each, so that interrupted work can go on."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields, is_dataclass
from pathlib import Path
from typing import Any, get_args, get_type_hints


@dataclass(frozen=True, slots=True)
class Checkpoints:
    """A folder of finished results by key. A key says all that the result depends on, so that none is ever stale.

    resume : whether results already there are taken up; they are overwritten otherwise
    """

    folder: Path
    resume: bool = False

    def load[Kept](self, key: str, kind: type[Kept]) -> Kept | None:
        """The result under a key; None when there is none, or when its file was left half-written."""
        if not self.resume:
            return None
        try:
            return _built(kind, json.loads(self._file(key).read_text(encoding="utf-8")))
        except (FileNotFoundError, json.JSONDecodeError):
            return None

    def save(self, key: str, result: Any) -> None:
        """Keep a dataclass of plain values; numbers come back exactly."""
        self.folder.mkdir(parents=True, exist_ok=True)
        part = self.folder / f".{key}.{os.getpid()}"
        part.write_text(json.dumps(asdict(result)), encoding="utf-8")
        part.replace(self._file(key))

    def _file(self, key: str) -> Path:
        return self.folder / f"{key}.json"


def _built[Kept](kind: type[Kept], values: Mapping[str, Any]) -> Kept:
    """A dataclass from its ``asdict``, with mappings from text to dataclasses inside."""
    hints = get_type_hints(kind)
    return kind(**{f.name: _value(hints[f.name], values[f.name]) for f in fields(kind)})  # type: ignore[arg-type]


def _value(hint: Any, value: Any) -> Any:
    inner = get_args(hint)
    if len(inner) == 2 and isinstance(inner[1], type) and is_dataclass(inner[1]):
        kind: type[Any] = inner[1]
        return {name: _built(kind, each) for name, each in value.items()}
    return value
