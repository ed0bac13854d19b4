"""What carries a conclusion and what would flip it, in sentences: of the answer, and of the chapter on groups of evidence."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from analyses.results import Results, Row
from analyses.sections import places
from analyses.wording import human, number, probability, signed


def on_what(first: Row, results: Results) -> Iterator[str]:
    """The rows that speak for and against a hypothesis most, and what all rows of a case, construct or source weigh."""
    rows = [row for row in results.ledger if row["hypothesis"] == first["id"] and ranks(row)]
    for side, chosen in (("for", _strongest(rows, 1)), ("against", _strongest(rows, -1))):
        if chosen:
            yield f"The rows that speak {side} it most: {'; '.join(_piece(row, results) for row in chosen)}."
    groups = [row for row in results.later.get("ledger_groups", ()) if row["hypothesis"] == first["id"] and ranks(row)]
    for word in ("case", "construct", "source"):
        ranked = sorted((row for row in groups if row["group"] == word), key=lambda row: -abs(number(row["weight_db"])))
        if ranked:
            parts = [f"{human(row['name'])} {signed(number(row['weight_db']), 1)} dB" for row in ranked[:3]]
            yield f"All rows of a {word} together: {', '.join(parts)}."


def ranks(row: Row) -> bool:
    """Beyond twice its Monte Carlo error, and to be believed."""
    believed = row.get("believed", "True") != "False"
    return believed and abs(number(row["weight_db"])) > 2 * number(row["weight_mcse"])


def _strongest(rows: Sequence[Row], sign: int, most: int = 3) -> list[Row]:
    ordered = sorted(rows, key=lambda row: -sign * number(row["weight_db"]))
    return [row for row in ordered[:most] if sign * number(row["weight_db"]) > 0]


def _piece(row: Row, results: Results) -> str:
    """A row of the ledger: where, what, how much, and on which page."""
    place = ", ".join(part for part in (row["source"], row["locator"]) if part)
    return f"{_judgement(row, results)} ({signed(number(row['weight_db']), 1)} dB; {place})"


def _judgement(row: Row, results: Results) -> str:
    """A coded row as a reader would call it: its unit, its indicator and what was coded."""
    value = f" “{row['value']}”" if row["value"] else ""
    return f"{places(results).get(row['unit']) or human(row['unit'])}, {human(row['indicator'])}{value}"


def flipped(first: Row, results: Results) -> Iterator[str]:
    """What would flip the conclusion."""
    for row in results.later.get("tipping", ()):
        if row["hypothesis"] == first["id"] and row["conclusion"] != "cannot speak":
            yield from tipping(row, results)


def tipping(row: Row, results: Results) -> Iterator[str]:
    """The row, the groups and the bias that would flip a conclusion, in sentences."""
    said = {
        "points for it": "that the evidence points for it",
        "points against it": "that the evidence points against it",
    }
    concluded = said.get(row["conclusion"], f"that it is {row['conclusion']}")
    without = probability(number(row["row_probability_without"]))
    coded = next((piece for piece in results.ledger if piece["observation"] == row["row"]), None)
    named = f"{_judgement(coded, results)} (row {row['row']})" if coded else f"row {row['row']}"
    if not row["row"]:
        yield "Single rows do not tell: each stands for several of a table."
        return
    if int(number(row["rows_that_flip"])):
        yield f"The conclusion {concluded} falls with a single row: without {named} the probability is {without}."
    else:
        yield (
            f"The conclusion {concluded} stands without any one row; closest comes {named}, without which the probability is "
            f"{without}."
        )
    if row["groups_that_flip"]:
        yield f"It falls without any one of these groups: {row['groups_that_flip']}."
    yield bias(row)


def bias(row: Row) -> str:
    """How large an observation bias would flip a conclusion."""
    factor = number(row["bias"])
    if factor != factor:
        return "How large an observation bias would flip it cannot be told."
    if row["bias_bound"] == "at least":
        return (
            f"It still stands if findings that favour it had been {factor:.2f} times as likely to be recorded as others, the "
            "largest bias that these draws can speak to."
        )
    return (
        f"It would fall if findings that favour it had been {factor:.2f} times as likely to be recorded as others; "
        f"the probability would then be {probability(number(row['bias_probability']))}."
    )
