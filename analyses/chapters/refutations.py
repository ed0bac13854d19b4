"""The chapter on refutation: each worry, what was done about it, what came out, and what that is worth."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from analyses.chapters.chapter import Chapter, Drawing, Table
from analyses.figures import inline_svg, outcomes, sheet
from analyses.results import Results, Row
from analyses.wording import count, human, number

TITLE = "Tests that could have overturned it"
LEAD = (
    "Each test names a worry, does something to the data, and says beforehand what should happen if the conclusion holds. What "
    "an outcome is worth was found by doing the same to studies of this size simulated from the fitted theory, with the "
    "conclusion right and with the worry right. An outcome worth less than ten to one is uninformative at this N: neither "
    "passed nor failed."
)
CAPTION = (
    "Probability of the conclusion in the data (ring) and after the data were altered (disc; the middle one of several refits). "
    "A hollow square says nothing at this number of units. Where something was left out, it should stay; where cause "
    "or outcome was replaced, it should not."
)


COLUMNS = {
    "test": "test",
    "worry": "worry",
    "done": "what was done",
    "observed": "what came out",
    "verdict": "verdict",
    "reason": "because",
}
ORDER = ("fails", "survives", "uninformative")


def chapter(results: Results) -> Chapter | None:
    """A count, a sentence for each test that failed, the figure, every test in words, and the table."""
    rows = results.later.get("refutations")
    if not rows:
        return None
    drawn = [row for row in rows if row["probability"] and "edge" not in row["done"]]
    drawings = [Drawing(_figure(drawn), CAPTION)] if drawn else []
    findings = [_count(rows), *(_failure(row) for row in rows if row["verdict"] == "fails")]
    ordered = sorted(rows, key=lambda row: ORDER.index(row["verdict"]))
    told = [{head: row[name] for name, head in COLUMNS.items()} for row in ordered]
    tables = [Table("Test by test", told), Table("Every test with its numbers", rows, folded=True)]
    return Chapter("refutations", TITLE, LEAD, findings, drawings, tables)


def _count(rows: Sequence[Row]) -> str:
    met = Counter(row["verdict"] for row in rows)
    return (
        f"Of {count(len(rows), 'test')} the conclusion “{human(rows[0]['hypothesis'])}” survives {met['survives']} and fails "
        f"{met['fails']}; {met['uninformative']} are uninformative at this N."
    )


def _failure(row: Row) -> str:
    return f"It fails “{row['test']}”. The worry: {row['worry']} {row['done']} {row['observed']} Hence it fails: {row['reason']}."


def _figure(rows: Sequence[Row]) -> str:
    with sheet(len(rows)) as (figure, ax):
        outcomes(
            ax,
            [row["test"] for row in rows],
            [number(row["probability_before"]) for row in rows],
            [number(row["probability"]) for row in rows],
            [row["verdict"] == "uninformative" for row in rows],
            [row["verdict"] == "fails" for row in rows],
        )
        return inline_svg(figure, "refutation-chart", TITLE, "The same numbers are in the table that follows.")
