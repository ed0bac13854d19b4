"""The chapter on model criticism: ratings that the fitted theory did not expect."""

from __future__ import annotations

from analyses.chapters.chapter import Chapter, Table
from analyses.results import Results, Row
from analyses.wording import count, human, number, signed, unsigned
from models.checks.criticism import UNUSUAL

SAID = 8
"""Unusual findings that are put into words; the table has all."""

LEAD = (
    "The ratings beside data that the fitted theory would produce in other units of this kind: how often an indicator "
    "shows each level, how two indicators move together (reversed ones turned round), how high the readings of a unit or a "
    "case stand. A check is unusual when at most one in a hundred replicated data sets lies as far out; it cannot tell when "
    "not even the most extreme data would."
)


def chapter(results: Results) -> Chapter | None:
    """What is unusual, how much of that chance would bring, and how many checks cannot tell; every check in a folded table."""
    rows = results.later.get("criticism")
    if not rows:
        return None
    unusual = sorted(
        (row for row in rows if row["verdict"] == "unusual"), key=lambda row: number(row["tail_probability"])
    )
    told = [row for row in rows if row["verdict"] != "cannot tell"]
    return Chapter(
        "criticism",
        "What the theory did not expect",
        LEAD,
        findings=[_summary(rows, told, unusual), *map(sentence, unusual[:SAID])],
        tables=[Table("All checks", rows, folded=True)],
    )


def _summary(rows: list[Row], told: list[Row], unusual: list[Row]) -> str:
    if not told:
        return f"No check of {len(rows)} can tell anything with so few readings: this is no sign of fit."
    found = f"{len(unusual)} of {len(told)} checks that can tell" + (
        " is unusual" if len(unusual) == 1 else " are unusual"
    )
    by_chance = UNUSUAL * len(told)
    few = f"about {by_chance:.0f} or fewer" if by_chance >= 1 else "hardly one"
    chance = f"{few} would be by chance if the theory were right"
    silent = len(rows) - len(told)
    return f"{found}; {chance}." + (f" {silent} more cannot tell with so few readings." if silent else "")


def sentence(row: Row) -> str:
    """One check in words."""
    observed, expected, low, high = (number(row[key]) for key in ("observed", "expected", "low", "high"))
    if row["what"] == "association":
        numbers = f"{signed(observed)} against {signed(expected)} expected ({signed(low)} to {signed(high)})"
        pair = f"{human(row['subject'])} and {human(row['other'])}"
        return f"{pair} over {count(int(row['rows']), 'unit')}: rank association {numbers}."
    readings = count(int(row["rows"]), "reading")
    if row["what"] == "level":
        shares = f"{observed:.0%} against {expected:.0%} expected ({low:.0%} to {high:.0%})"
        return f"{human(row['subject'])} is {row['other']} in {shares}, of {readings}."
    means = f"{unsigned(observed)} against {unsigned(expected)} expected ({unsigned(low)} to {unsigned(high)})"
    return (
        f"{human(row['subject'])} stands at {means} on its {readings} of all constructs, 0 being lowest and 1 highest."
    )
