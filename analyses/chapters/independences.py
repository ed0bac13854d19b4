"""The chapter on implied independences: what the theory forbids, and whether the data could have spoken against it."""

from __future__ import annotations

from analyses.chapters.chapter import Chapter, Table
from analyses.results import Results, Row
from analyses.wording import number, unsigned

TITLE = "What the theory forbids"
LEAD = (
    "A theory says more by the edges it leaves out than by those it has: each is an independence that data could break. "
    "Each was tested by adding the edge. A test holds only if it would have found an edge of the stated strength in most "
    "studies of this size, simulated from the fitted theory; otherwise it is uninformative at this N."
)


def chapter(results: Results) -> Chapter | None:
    """Counts of verdicts, a sentence for each independence, and the table; None when they have not been judged."""
    rows = results.later.get("independences")
    if rows is None:
        return None
    findings = (
        [_count(rows), *map(_finding, rows)] if rows else ["The theory forbids no edge between measured constructs."]
    )
    return Chapter("independences", TITLE, LEAD, findings, tables=[Table("Implied independences", rows, folded=True)])


def _count(rows: list[Row]) -> str:
    verdicts = [row["verdict"] for row in rows]
    return (
        f"Of {len(rows)} independences {verdicts.count('holds')} hold, {verdicts.count('fails')} fail, and on "
        f"{verdicts.count('uninformative')} these data are uninformative."
    )


def _finding(row: Row) -> str:
    """One independence in words, its coefficient and interval as written, to two digits."""
    if not row["mean"]:
        return f"{row['independence']}: {row['verdict']}; {row['reason']}."
    mean, low, high = (unsigned(number(row[name])) for name in ("mean", "low", "high"))
    return f"{row['independence']}: {row['verdict']}. {row['forbidden']} is {mean} ({low} to {high}); {row['reason']}."
