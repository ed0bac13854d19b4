"""The chapters beside the run's own sections, in the order of reading. To add one: a module beside this, a line here."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace

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
    tracing,
)
from analyses.chapters.chapter import Chapter
from analyses.provenance import differs
from analyses.results import OlderResultsError, Results

type Make = Callable[[Results], Chapter | None]

BOOK: Mapping[str, tuple[Make, ...]] = {
    "effects": (plain.baseline, pooling.chapter),
    "ledger": (
        evidence.chapter,
        case_effects.chapter,
        tracing.chapter,
        rivalry.chapter,
        bridge.chapter,
        independences.chapter,
        refutations.chapter,
        *sensitivity.CHAPTERS,
    ),
    "diagnostics": (criticism.chapter, plain.reliability),
    "limits": (collecting.chapter, frozen.chapter),
}
"""Chapters by the section of the run's own that they follow."""


BY: Mapping[Make, str] = {
    tracing.chapter: "trace",
    refutations.chapter: "refute",
    **dict.fromkeys((rivalry.chapter, bridge.chapter, independences.chapter, collecting.chapter), "support"),
    **dict.fromkeys(sensitivity.CHAPTERS, "sensitivity"),
}
"""The command whose files a chapter is made from, where it is not the run."""


def chapters(results: Results) -> dict[str, list[Chapter]]:
    """The chapters for which the results folder has files, by the section that they follow.

    A chapter whose files another version wrote says so in its place, so that it keeps no other from being read.
    """
    return {
        section: [chapter for make in makes if (chapter := _made(make, results)) is not None]
        for section, makes in BOOK.items()
    }


def _made(make: Make, results: Results) -> Chapter | None:
    try:
        chapter = make(results)
        warning = differs(BY[make], results.made_from, results.manifest) if chapter and make in BY else ""
        return replace(chapter, warning=warning) if chapter and warning else chapter
    except OlderResultsError as error:
        name = error.path.stem.replace("_", " ")
        return Chapter(f"older-{error.path.stem}", f"Left out: {name}", error.brief)
