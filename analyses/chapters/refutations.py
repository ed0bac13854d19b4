"""The chapter on refutation: each worry, what was done about it, what should have happened, what did, and what that is worth."""

from __future__ import annotations

from collections.abc import Sequence

from analyses.chapters.chapter import Chapter, Drawing, Table
from analyses.figures import inline_svg, outcomes, sheet
from analyses.results import Results, Row
from analyses.wording import human, number

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


def chapter(results: Results) -> Chapter | None:
    """A count, a sentence for each test that failed or survived, the figure and the table."""
    rows = results.later.get("refutations")
    if not rows:
        return None
    drawn = [row for row in rows if row["probability"] and "edge" not in row["done"]]
    drawings = [Drawing(_figure(drawn), CAPTION)] if drawn else []
    told = [_finding(row) for verdict in ("fails", "survives") for row in rows if row["verdict"] == verdict]
    return Chapter(
        "refutations", TITLE, LEAD, [_count(rows), *told], drawings, [Table("Every test", rows, folded=True)]
    )


def _count(rows: Sequence[Row]) -> str:
    verdicts = [row["verdict"] for row in rows]
    return (
        f"{human(rows[0]['hypothesis'])}: of {len(rows)} tests the conclusion survives {verdicts.count('survives')} and fails "
        f"{verdicts.count('fails')}; {verdicts.count('uninformative')} are uninformative at this N."
    )


def _finding(row: Row) -> str:
    outcome = "It survives" if row["verdict"] == "survives" else "It fails"
    return f"{row['worry']} {row['done']} {row['observed']} {outcome}: {row['reason']}."


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
