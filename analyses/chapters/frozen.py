"""The chapter on what was declared before the results: hypotheses as frozen, and what has been changed since."""

from __future__ import annotations

from analyses.chapters.chapter import Chapter
from analyses.results import Results
from analyses.wording import count

LEAD = (
    "A claim or threshold that changes once results are known is no test. The first run into a folder freezes what every "
    "hypothesis claims, its smallest effect and its rivals; later runs compare."
)


def chapter(results: Results) -> Chapter | None:
    """None for a folder written before hypotheses were frozen."""
    frozen = results.manifest.get("frozen")
    if not frozen:
        return None
    changes = frozen["changes"]
    said = f"{count(len(changes), 'change')} since the first results" if changes else "nothing has been changed since"
    findings = [f"Frozen under SHA-256 {frozen['digest'][:16]}…: {said}.", *(f"{change}." for change in changes)]
    return Chapter("frozen", "Hypotheses as frozen", LEAD, findings)
