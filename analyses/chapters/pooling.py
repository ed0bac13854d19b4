"""The chapter on pooling: each slope within cases, between them, and pooled."""

from __future__ import annotations

from analyses.chapters.chapter import Chapter, Table
from analyses.results import Results, Row
from analyses.wording import number, probability, unsigned

SURE = 0.9
"""Probability of opposite signs from which a difference is worth a sentence."""

LEAD = (
    "A pooled slope mixes two questions: whether the outcome follows the cause within a case from period to period, and whether "
    "cases with more of the cause have more of the outcome. With few cases the slope between them is mostly its prior."
)


def chapter(results: Results) -> Chapter | None:
    """Slopes whose sign differs within and between cases, and the table of all."""
    rows = results.later.get("pooling")
    if not rows:
        return None
    by_name: dict[str, dict[str, Row]] = {}
    for row in rows:
        by_name.setdefault(row["coefficient"], {})[row["pooling"]] = row
    found = [sentence for name, ways in by_name.items() if (sentence := _finding(name, ways))]
    findings = found or ["No slope is sure to have one sign within cases and the other between them."]
    return Chapter("pooling", "Within and between cases", LEAD, findings, tables=[Table("Slopes", rows, folded=True)])


def _finding(name: str, ways: dict[str, Row]) -> str:
    if not {"within", "between"} <= ways.keys():
        return ""
    within, between = (number(ways[way]["prob_positive"]) for way in ("within", "between"))
    if max(within * (1 - between), between * (1 - within)) < SURE:
        return ""
    means = {way: unsigned(number(ways[way]["mean"])) for way in ways}
    return (
        f"{name} is {means['within']} within cases (probability of being positive {probability(within)}) and "
        f"{means['between']} between them ({probability(between)})."
    )
