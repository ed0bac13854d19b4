"""The chapter on qualitative evidence: what the items of evidence.toml add to the odds against each rival."""

from __future__ import annotations

from collections.abc import Iterator

from analyses.chapters.chapter import Chapter, Table
from analyses.results import Results, Row
from analyses.wording import count, human, number, signed
from data.evidence import FILE as EVIDENCE

TITLE = "Qualitative evidence"
WAITS = f"The items of `{EVIDENCE}` are in no number of this report yet: `casewise support` weighs them."
LEAD = (
    "Items that no indicator holds, each with a range for how many times as probable it is under the theory as under a rival, "
    "discounted for the reliability of its source; items of one group count once. Ends of ranges add up to ends of the total."
)


def chapter(results: Results) -> Chapter | None:
    """A sentence for each rival and the tables, or before ``casewise support`` that it waits; None without items."""
    rows = results.later.get("bridge")
    if not rows:
        waits = EVIDENCE in results.manifest["inputs"] and "rivals" not in results.later
        return Chapter("bridge", TITLE, WAITS) if waits else None
    titles = {row["theory"]: row.get("title", "") for row in results.later.get("rivals", [])}
    findings = [_against(row, titles.get(row["rival"]) or human(row["rival"])) for row in rows]
    tables = [
        Table("The model and the items, for each rival", rows),
        Table("Every item", results.later.get("evidence_items", []), folded=True),
    ]
    return Chapter("bridge", TITLE, LEAD, findings, tables=[table for table in tables if table.rows])


def _against(row: Row, rival: str) -> str:
    return " ".join(_sentences(row, rival))


def _sentences(row: Row, rival: str) -> Iterator[str]:
    items, packages = int(number(row["items"])), int(number(row["packages"]))
    model, error = signed(number(row["model_db"]), 1), number(row["model_mcse"])
    held = f"{count(items, 'item')} in {count(packages, 'group')}"
    yield f"Against “{rival}”: the rows weigh {model} ± {error:.1f} dB, {held} {_range(row, 'evidence_')}."
    yield f"Together {_range(row, '')}, which {_favour(row['favours'])}."
    bias = number(row["flipping_bias"])
    if bias == float("inf"):
        yield "No bias in finding the items would change that."
    elif bias == bias:
        yield f"It would no longer hold if items for the winner had been {bias:.2g} times as likely to be found."
    if row["favours_without_build"] != row["favours"]:
        yield f"Without items that built the theory it {_favour(row['favours_without_build'])}."


def _favour(name: str) -> str:
    return "may favour either" if name == "either" else f"favours {human(name)}"


def _range(row: Row, prefix: str) -> str:
    low, high = (signed(number(row[f"{prefix}{end}_db"]), 1) for end in ("low", "high"))
    return f"{low} to {high} dB"
