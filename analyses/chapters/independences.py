"""The chapter on implied independences: what the theory forbids, and whether the data could have spoken against it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence

from analyses.chapters.chapter import Chapter, Table
from analyses.results import Results, Row
from analyses.wording import count, human, number, unsigned

TITLE = "What the theory forbids"
LEAD = (
    "A theory says more by the edges it leaves out than by those it has: each is an independence that data could break. "
    "Each was tested by adding the edge. A test holds only if it would have found an edge of the stated strength in most "
    "studies of this size, simulated from the fitted theory; otherwise it is uninformative at this N."
)


def chapter(results: Results) -> Chapter | None:
    """Counts, a sentence for each that holds or fails, one for the others, and the table; None when none has been judged."""
    rows = results.later.get("independences")
    if rows is None:
        return None
    told = [_finding(row) for verdict in ("fails", "holds") for row in rows if row["verdict"] == verdict]
    findings = (
        [_count(rows), *told, *_silent(rows)] if rows else ["The theory forbids no edge between measured constructs."]
    )
    return Chapter("independences", TITLE, LEAD, findings, tables=[Table("Implied independences", rows, folded=True)])


def _count(rows: Sequence[Row]) -> str:
    met = Counter(row["verdict"] for row in rows)
    return (
        f"Of {count(len(rows), 'implied independence')} {met['holds']} are borne out and {met['fails']} are broken; on "
        f"{met['uninformative']} these data are uninformative."
    )


def _finding(row: Row) -> str:
    """One independence in words, the coefficient of the edge that it forbids, and what that is worth."""
    if not row["mean"]:
        return f"{_named(row)}: {row['verdict']}; {row['reason']}."
    mean, low, high = (unsigned(number(row[name])) for name in ("mean", "low", "high"))
    return (
        f"{_named(row)}: {row['verdict']}. The forbidden edge `{row['forbidden']}` is {mean} (90 % {low} to {high}); "
        f"{row['reason']}."
    )


def _silent(rows: Sequence[Row]) -> Iterator[str]:
    names = [_named(row) for row in rows if row["verdict"] == "uninformative"]
    if names:
        yield f"Uninformative at this N: {'; '.join(names)}. Why is in the table."


def _named(row: Row) -> str:
    """An independence as a reader would say it."""
    pair, _, given = row["independence"].partition(" | ")
    one, _, other = pair.partition(" _||_ ")
    return f"{human(one)} and {human(other)}" + (f", given {human(given)}" if given else "")
