"""The study's question answered in sentences: in which cases, when, against whom, on what evidence, and what would flip it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from analyses.results import Results, Row
from analyses.wording import count, decibans, human, is_judged, number, opened, probability, signed
from causal.query import parse_claim


@dataclass(frozen=True, slots=True)
class Reply:
    """A question that a reader asks of the first hypothesis, and the sentences that answer it."""

    question: str
    sentences: Sequence[str]


def replies(results: Results) -> list[Reply]:
    """Every question that the files can answer; none for a study without hypotheses that its theory can be asked."""
    judged = [row for row in results.hypotheses if row["verdict"] != "not asked" and is_judged(row)]
    if not judged:
        return []
    first = judged[0]
    found = [
        Reply("In which cases?", list(_in_cases(judged, results))),
        Reply("Under which circumstances?", list(_circumstances(judged))),
        Reply("What of the other claims?", list(_others(judged, results))),
        Reply("Against which rivals?", list(_against(results))),
        Reply("On which evidence?", list(_on_what(first, results))),
        Reply("What do the plain ratings say?", list(_without_latents(first, results))),
        Reply("What would flip it?", list(_weakest(first, results))),
    ]
    return [reply for reply in found if reply.sentences]


def sentence(text: str) -> str:
    """A statement ended by one full stop."""
    return text.strip().rstrip(".") + "."


def cases_of(claim: str, results: Results) -> tuple[str, ...]:
    """The cases that a claim names, by themselves or through one of their units."""
    unit_case = {unit["name"]: unit["case"] for unit in results.theory["units"]}
    named = (getattr(query, "case", None) for query in parse_claim(claim).queries)
    return tuple(dict.fromkeys(unit_case.get(name, name) for name in named if name))


def is_conditional(claim: str) -> bool:
    """Whether a claim compares or sets circumstances: some quantity is asked with other constructs held at a level."""
    return any(getattr(query, "given", ()) for query in parse_claim(claim).queries)


def _in_cases(judged: Sequence[Row], results: Results) -> Iterator[str]:
    by_case: dict[str, list[Row]] = {}
    for row in judged:
        for case in cases_of(row["claim"], results):
            by_case.setdefault(case, []).append(row)
    if not by_case:
        return
    ranked = sorted(by_case, key=lambda case: -max(number(row["posterior_probability"]) for row in by_case[case]))
    names = _named(ranked)
    parts = [
        f"{name}: {'; '.join(_brief(row) for row in by_case[case])}" for name, case in zip(names, ranked, strict=True)
    ]
    silent = [case for case in results.theory["cases"] if case not in by_case]
    unasked = f" No claim names {', '.join(_named(silent))}." if silent else ""
    yield f"{'. '.join(parts)}.{unasked}"
    settled = [case for case in ranked if any(row["verdict"] == "supported" for row in by_case[case])]
    said = f"It is supported in {', '.join(_named(settled))}" if settled else "In no single case is it decided"
    compared = f"; the evidence is strongest in {names[0]} and weakest in {names[-1]}"
    yield f"{said}{compared if len(ranked) > 1 else ''}."


def _named(cases: Sequence[str]) -> list[str]:
    return [opened(human(case)) for case in cases]


def _brief(row: Row) -> str:
    return f"“{human(row['id'])}” {_standing(row)}"


def _standing(row: Row) -> str:
    """A verdict with its numbers."""
    before, after = (probability(number(row[f"{when}_probability"])) for when in ("prior", "posterior"))
    verdict = "cannot be spoken to" if row["verdict"] == "cannot speak" else f"is {row['verdict']}"
    return f"{verdict}, probability {before} → {after} ({decibans(row)})"


def _circumstances(judged: Sequence[Row]) -> Iterator[str]:
    conditions = [row for row in judged[1:] if is_conditional(row["claim"])]
    yield from (f"{sentence(row['statement'])[:-1]}: this {_standing(row)}." for row in conditions)


def _others(judged: Sequence[Row], results: Results) -> Iterator[str]:
    """The claims besides the first that name no case and set no circumstances."""
    plain = [row for row in judged[1:] if not is_conditional(row["claim"]) and not cases_of(row["claim"], results)]
    decided = [row for verdict in ("supported", "contradicted") for row in plain if row["verdict"] == verdict]
    if decided:
        yield f"{'; '.join(map(_brief, decided))}."
    left = sum(row["verdict"] == "undecided" for row in plain)
    if left == len(plain) > 0:
        others = {1: "the other claim", 2: "both others"}.get(left, f"all {count(left)} others")
        yield f"The data leave {others} undecided."
    elif left:
        yield f"The data leave {count(left)} of the other {count(len(plain))} undecided."


def _against(results: Results) -> Iterator[str]:
    """The main theory against every other, from the table of pairs."""
    mine = results.theory["name"]
    titles = {row["theory"]: row.get("title", "") or human(row["theory"]) for row in results.later.get("rivals", ())}
    for row in results.later.get("theory_odds", ()):
        if mine in (row["theory"], row["rival"]):
            yield versus(row, mine, titles)
    ranked = results.later.get("rivals", ())
    if ranked:
        place = next((n for n, row in enumerate(ranked, start=1) if row["theory"] == mine), 0)
        mine_row = ranked[place - 1]
        share = probability(number(mine_row["posterior_probability"]))
        yield (
            f"Over all {count(len(ranked), 'theory', 'theories')}, equally probable before the data, it comes in at "
            f"place {place} with a probability of {share}; the best is {titles[ranked[0]['theory']]}."
        )


def versus(row: Row, mine: str, titles: Mapping[str, str]) -> str:
    """One pair of theories in a sentence, seen from ``mine``."""
    ahead = row["theory"] == mine
    rival = row["rival"] if ahead else row["theory"]
    weight, error = number(row["weight_db"]) * (1 if ahead else -1), number(row["weight_mcse"])
    ends = [number(row[end]) * (1 if ahead else -1) for end in ("least_db", "most_db")]
    told = {"yes": "told apart", "no": "not told apart", "cannot be": "cannot be told apart by any data"}[
        row["told_apart"]
    ]
    return (
        f"Against “{titles.get(rival, human(rival))}”: the rows weigh {signed(weight, 1)} dB ± {error:.1f} for this theory "
        f"({signed(min(ends), 1)} to {signed(max(ends), 1)} over prior scales); {told}: {row['why']}."
    )


def _on_what(first: Row, results: Results) -> Iterator[str]:
    rows = [row for row in results.ledger if row["hypothesis"] == first["id"] and _ranks(row)]
    for side, chosen in (("carry", _strongest(rows, 1)), ("speak against", _strongest(rows, -1))):
        if chosen:
            yield f"The rows that {side} it most: {'; '.join(map(_piece, chosen))}."
    groups = [row for row in results.later.get("ledger_groups", ()) if row["hypothesis"] == first["id"] and _ranks(row)]
    for by, word in (("case", "case"), ("construct", "construct"), ("source", "source")):
        ranked = sorted((row for row in groups if row["group"] == by), key=lambda row: -abs(number(row["weight_db"])))
        if ranked:
            parts = [f"{human(row['name'])} {signed(number(row['weight_db']), 1)} dB" for row in ranked[:3]]
            yield f"By {word}, the loss of all its rows would cost: {', '.join(parts)}."


def _ranks(row: Row) -> bool:
    """Beyond twice its Monte Carlo error, and to be believed."""
    believed = row.get("believed", "True") != "False"
    return believed and abs(number(row["weight_db"])) > 2 * number(row["weight_mcse"])


def _strongest(rows: Sequence[Row], sign: int, most: int = 3) -> list[Row]:
    ordered = sorted(rows, key=lambda row: -sign * number(row["weight_db"]))
    return [row for row in ordered[:most] if sign * number(row["weight_db"]) > 0]


def _piece(row: Row) -> str:
    place = ", ".join(part for part in (row["source"], row["locator"]) if part)
    value = f" “{row['value']}”" if row["value"] else ""
    return f"{human(row['unit'])}, {human(row['indicator'])}{value} ({signed(number(row['weight_db']), 1)} dB; {place})"


def _without_latents(first: Row, results: Results) -> Iterator[str]:
    """What the plain ratings say of the first hypothesis, no latent variable involved."""
    pairs = {(query.cause, query.effect) for query in parse_claim(first["claim"]).queries}
    for row in results.later.get("baseline", ()):
        if (row["cause"], row["effect"]) in pairs:
            gamma = number(row["gamma"])
            said = f"gamma {signed(gamma)}" if gamma == gamma else "no pair of units that all readers order"
            steps = f"{row['within_same']} steps of a case in which both move together, {row['within_opposite']} apart"
            yield f"In the plain ratings of {human(row['cause'])} and {human(row['effect'])}: {said}; {steps}."


def _weakest(first: Row, results: Results) -> Iterator[str]:
    """What would flip the conclusion."""
    for row in results.later.get("tipping", ()):
        if row["hypothesis"] == first["id"] and row["conclusion"] != "cannot speak":
            yield from tipping(row)


def tipping(row: Row) -> Iterator[str]:
    """The row, the groups and the bias that would flip a conclusion, in sentences."""
    said = {
        "points for it": "that the evidence points for it",
        "points against it": "that the evidence points against it",
    }
    concluded = said.get(row["conclusion"], f"that it is {row['conclusion']}")
    without = probability(number(row["row_probability_without"]))
    if int(number(row["rows_that_flip"])):
        yield f"The conclusion {concluded} falls with a single row: without {row['row']} the probability is {without}."
    else:
        yield f"No single row carries the conclusion {concluded}; the loss of {row['row']} comes closest ({without})."
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
