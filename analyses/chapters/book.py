"""The chapters that follow the run's own, in the order in which they are read. To add one: a module beside this, a line here."""

from __future__ import annotations

from collections.abc import Callable

from analyses.chapters import (
    bridge,
    case_effects,
    collecting,
    criticism,
    evidence,
    frozen,
    independences,
    plain,
    pooling,
    refutations,
    rivalry,
    sensitivity,
    verdict,
)
from analyses.chapters.chapter import Chapter
from analyses.results import Results

CHAPTERS: tuple[Callable[[Results], Chapter | None], ...] = (
    verdict.chapter,
    evidence.chapter,
    rivalry.chapter,
    bridge.chapter,
    case_effects.chapter,
    plain.baseline,
    pooling.chapter,
    criticism.chapter,
    independences.chapter,
    refutations.chapter,
    *sensitivity.CHAPTERS,
    plain.reliability,
    collecting.chapter,
    frozen.chapter,
)


def chapters(results: Results) -> list[Chapter]:
    """The chapters for which the results folder has files."""
    return [chapter for make in CHAPTERS if (chapter := make(results)) is not None]
