"""Hypotheses frozen by their first run: a later change of a claim or a threshold is said wherever results are read."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from causal.hypotheses import Hypothesis

FILE = "frozen.json"
DECLARED = ("claim", "smallest_effect", "rivals")


@dataclass(frozen=True, slots=True)
class Frozen:
    """What each hypothesis said when the results folder was first written, and what has been changed since.

    digest : SHA-256 of the declarations as first made
    changes : a sentence each, empty when all stands as it was
    """

    digest: str
    declared: Mapping[str, Mapping[str, Any]]
    changes: tuple[str, ...]


def declarations(hypotheses: Sequence[Hypothesis]) -> dict[str, dict[str, Any]]:
    """What of every hypothesis decides its verdict; wording may be mended."""
    return {
        h.id: {"claim": str(h.claim), "smallest_effect": h.smallest_effect, "rivals": list(h.rivals)}
        for h in hypotheses
    }


def digest_of(declared: Mapping[str, Mapping[str, Any]]) -> str:
    """SHA-256 of declarations, the same for the same claims in any order."""
    return hashlib.sha256(json.dumps(declared, sort_keys=True).encode()).hexdigest()


def freeze(hypotheses: Sequence[Hypothesis], out: Path) -> Frozen:
    """The declarations that a results folder was first written with, or these when it holds none; and what has changed."""
    now = declarations(hypotheses)
    first = _kept(out / FILE) or now
    return Frozen(digest_of(first), first, tuple(changes(first, now)))


def changes(first: Mapping[str, Mapping[str, Any]], now: Mapping[str, Mapping[str, Any]]) -> list[str]:
    """Every hypothesis added, withdrawn or declared otherwise, in sentences."""
    found = [f"{name} was withdrawn" for name in first if name not in now]
    found += [f"{name} was added after the first results" for name in now if name not in first]
    for name in (name for name in first if name in now):
        for key in DECLARED:
            before, after = first[name][key], now[name][key]
            if before != after:
                found.append(f"{name}: {key.replace('_', ' ')} was {_shown(before)}, now {_shown(after)}")
    return found


def _shown(value: object) -> str:
    return ", ".join(map(str, value)) or "none" if isinstance(value, list) else str(value)


def _kept(path: Path) -> dict[str, dict[str, Any]] | None:
    """The declarations in a results folder; None when there are none, or the file was not left whole."""
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except (FileNotFoundError, json.JSONDecodeError):
        return None
    declared = content.get("declared") if isinstance(content, dict) else None
    return declared if isinstance(declared, dict) and digest_of(declared) == content.get("digest") else None
