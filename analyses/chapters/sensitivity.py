"""The chapter on sensitivity: what the answer becomes when an assumption changes."""

from __future__ import annotations

from analyses.chapters.chapter import Chapter, Table
from analyses.results import Results
from analyses.wording import human


def chapter(results: Results) -> Chapter | None:
    """Every table of ``sensitivity/``."""
    if not results.sensitivity:
        return None
    tables = [Table(human(name).capitalize(), rows) for name, rows in results.sensitivity.items()]
    return Chapter("sensitivity", "Sensitivity", "What the answer becomes when an assumption changes.", tables=tables)
