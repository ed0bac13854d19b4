"""The chapter on what to collect next: cells, indicators, periods and cases by how far they would move a hypothesis."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from analyses.chapters.chapter import Chapter, Table
from analyses.results import Results, Row
from analyses.wording import human, number, opened, probability, signed, unsigned

LEAD = (
    "Evidence not yet in hand, by the distance in decibans that it is expected to move a hypothesis in either direction, "
    "found by simulating what it might say from the fitted theory."
)
SCOPES = {
    "case": "one more case like those of the study",
    "period": "one more period of {name}",
    "indicator": "the rest of the indicator {name}",
    "new indicator": "a further rating of {name} in every unit",
}


def chapter(results: Results) -> Chapter | None:
    """Sentences on the first hypothesis and the tables; None before ``casewise support`` has run."""
    cells, wholes = results.later.get("next_evidence", []), results.later.get("prospects", [])
    if not cells and not wholes:
        return None
    first = (wholes or cells)[0]["hypothesis"]
    findings = [
        f"What follows is said of “{human(first)}”.",
        *_cells([row for row in cells if row["hypothesis"] == first]),
        *_wholes([row for row in wholes if row["hypothesis"] == first]),
    ]
    tables = [
        Table("Cases, periods and indicators", wholes, folded=True),
        Table("Cells nobody has read", cells, folded=True),
    ]
    return Chapter("next_evidence", "What to collect next", LEAD, findings, tables=[t for t in tables if t.rows])


def _cells(rows: Sequence[Row]) -> Iterator[str]:
    if rows:
        best = rows[0]
        yield (
            f"The single reading that tells most is {human(best['indicator'])} in {human(best['unit'])} "
            f"(“{best['question'] or 'no question recorded'}”): {number(best['expected_db']):.1f} dB expected, "
            f"{signed(number(best['most_db']), 1)} dB under its most telling answer; a {best['kind']} test."
        )


def _wholes(rows: Sequence[Row]) -> Iterator[str]:
    for scope, words in SCOPES.items():
        ranked = [row for row in rows if row["scope"] == scope]
        if ranked:
            best = ranked[0]
            name = words.format(name=human(best["name"]))
            yield f"{opened(name)} ({best['readings']} readings) is expected to move it {_moved(best)}."


def _moved(row: Row) -> str:
    expected, noise, beyond = (number(row[name]) for name in ("expected_db", "noise_db", "beyond_db"))
    said = f"{unsigned(beyond, 1)} dB ({unsigned(expected, 1)} ± {number(row['mcse']):.1f}"
    floor = f" in this computation, in which chance alone moves {unsigned(noise, 1)})"
    settles = probability(number(row["probability_settles"]))
    return f"{said}{floor}, and to settle it with a probability of {settles}"
