"""The chapter on groups of evidence: cases, sources, coders, what built the hypothesis, kinds of test, and what would flip it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence

from analyses.chapters.carrying import tipping
from analyses.chapters.chapter import Chapter, Table
from analyses.results import Results, Row
from analyses.wording import count, human, number, opened, probability, signed
from causal.ledger import FIXED

LEAD = (
    "What hypotheses would lose with all rows of a case, a unit, a source, a construct, an indicator, an evidence group or "
    "a coder: the log odds with the group minus the log odds without it. Rows that repeat each other weigh little one by one "
    "and show here."
)
SHOWN = 3


def chapter(results: Results) -> Chapter | None:
    """Sentences on the first hypothesis, tables on all; None where there are no groups."""
    groups = results.later.get("ledger_groups")
    if not groups:
        return None
    first = groups[0]["hypothesis"]
    mine = [row for row in groups if row["hypothesis"] == first]
    ledger = [row for row in results.ledger if row["hypothesis"] == first]
    findings = [
        f"What follows is said of “{human(first)}”; the tables hold every hypothesis.",
        *_groups(mine),
        *_built(groups, results),
        *_kinds(ledger),
        *_shares(results, first),
        *(s for row in results.later.get("tipping", []) if row["hypothesis"] == first for s in _tipped(row, results)),
        *_method(groups, results.ledger),
    ]
    tables = [
        Table(f"Groups of evidence for {human(first)}", mine, folded=True),
        Table(
            "Groups of evidence for the other hypotheses", [r for r in groups if r["hypothesis"] != first], folded=True
        ),
        Table("Leading rows, their groups and entry-order shares", results.later.get("leading", []), folded=True),
        Table("What would flip each conclusion", results.later.get("tipping", []), folded=True),
    ]
    return Chapter("groups", "Groups of evidence", LEAD, findings, tables=[table for table in tables if table.rows])


def _groups(rows: Sequence[Row]) -> Iterator[str]:
    for by in dict.fromkeys(row["group"] for row in rows if row["group"] != "role"):
        told = [row for row in rows if row["group"] == by and _tells(row)]
        ranked = sorted(told, key=lambda row: -abs(number(row["weight_db"])))[:SHOWN]
        if ranked:
            parts = "; ".join(_group(row) for row in ranked)
            yield f"By {human(by)}: {parts}."


def _others(groups: Sequence[Row], first: str) -> list[Row]:
    return [row for row in groups if row["hypothesis"] != first and _tells(row)]


def _tells(row: Row) -> bool:
    weight = number(row["weight_db"])
    return abs(weight) > 2 * number(row["weight_mcse"]) and row.get("believed", "True") != "False"


def _group(row: Row) -> str:
    weight, error = signed(number(row["weight_db"]), 1), number(row["weight_mcse"])
    without = probability(number(row["probability_without"]))
    return f"{human(row['name'])} {weight} ± {error:.1f} dB ({row['rows']} rows; probability {without} without them)"


def _built(groups: Sequence[Row], results: Results) -> Iterator[str]:
    """Support with and without the rows that also built the hypotheses."""
    judged = {row["id"]: row for row in results.hypotheses}
    rows = [row for row in groups if row["group"] == "role" and row["name"] == "build" and row["hypothesis"] in judged]
    if not rows:
        yield "No two rows are marked as having built the hypothesis, so that all of its support is by rows that tested it."
        return
    first = rows[0]
    with_it = judged[first["hypothesis"]]
    yield (
        f"{opened(count(int(first['rows']), 'row'))} also built the hypotheses. Of {human(first['hypothesis'])} they make "
        f"{signed(number(first['weight_db']), 1)} ± {number(first['weight_mcse']):.1f} dB: with them its probability is "
        f"{probability(number(with_it['posterior_probability']))} ({with_it['verdict']}), without them "
        f"{probability(number(first['probability_without']))} ({first['verdict_without']})."
    )
    if first.get("believed") == "False":
        yield "Few draws carry these weights: what built the hypotheses awaits a refit, which `casewise support` makes."
        return
    changed = [row for row in rows if row["verdict_without"] != judged[row["hypothesis"]]["verdict"]]
    names = ", ".join(f"{human(row['hypothesis'])} ({row['verdict_without']} without)" for row in changed)
    yield f"Verdicts that hang on what built the hypotheses: {names or 'none'}."


def _kinds(ledger: Sequence[Row]) -> Iterator[str]:
    """How many rows were which kind of test, and which were more than straws."""
    kinds = Counter(row.get("kind", "") for row in ledger)
    del kinds[""]
    if not kinds:
        return
    parts = ", ".join(f"{count(n)} {kind}" for kind, n in kinds.most_common())
    yield f"As tests of the claim, judged without themselves, rating and yes/no rows are: {parts}."
    telling = [row for row in ledger if row.get("kind") in ("hoop", "smoking gun", "doubly decisive")]
    strongest = sorted(telling, key=lambda row: -abs(number(row["weight_db"])))[:SHOWN]
    if strongest:
        rows = "; ".join(
            f"{row['observation']} ({row['kind']}: {probability(number(row['p_given_claim']))} likely if the claim holds, "
            f"{probability(number(row['p_given_other']))} if not)"
            for row in strongest
        )
        yield f"The strongest that are more than straws in the wind: {rows}."


def _shares(results: Results, first: str) -> Iterator[str]:
    rows = [row for row in results.later.get("leading", []) if row["hypothesis"] == first and row["share_db"]]
    if rows:
        top = sorted(rows, key=lambda row: -abs(number(row["share_db"])))[:SHOWN]
        parts = "; ".join(
            f"{row['observation']} {signed(number(row['share_db']), 1)} dB (alone {signed(number(row['weight_db']), 1)})"
            for row in top
        )
        yield (
            f"Its {count(len(rows))} leading rows together weigh {signed(number(rows[0]['together_db']), 1)} dB; averaged "
            f"over the orders in which they could have come in, the largest shares are {parts}."
        )


def _tipped(row: Row, results: Results) -> Iterator[str]:
    if row["conclusion"] != "cannot speak":
        yield from tipping(row, results)


def _method(groups: Sequence[Row], ledger: Sequence[Row]) -> Iterator[str]:
    """How the weights were found, and how many cannot be believed yet."""
    rows = [row for row in ledger if row["method"] != FIXED]
    pieces = {(row["group"], row["name"]): row for row in groups} | {("row", r["observation"]): r for r in rows}
    refits = sum(row["method"] == "refit" for row in pieces.values())
    doubtful = sum(row.get("believed") == "False" for row in pieces.values())
    said = f"Of {len(pieces)} rows and groups, {refits} were weighed by a refit and the rest by importance weights"
    remedy = " `casewise support` refits them." if not refits and doubtful else ""
    yield f"{said}; {count(doubtful)} of these numbers cannot be believed (Pareto k above 0.7, or chains that disagree).{remedy}"
    if fixed := len({row["observation"] for row in ledger if row["method"] == FIXED}):
        yield (
            f"{count(fixed, 'row')} cannot be left out and so cannot be weighed: shares and counts that have effects, whose "
            "missing values could not be summed over."
        )
