"""The study's question answered in sentences: in which cases, when, against whom, on what evidence, and what would flip it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from analyses.chapters.carrying import flipped, on_what
from analyses.provenance import differs
from analyses.results import OlderResultsError, Results, Row
from analyses.wording import (
    count,
    decibans,
    human,
    is_answered,
    is_judged,
    number,
    opened,
    probability,
    sentence,
    signed,
)
from causal.query import parse_claim


@dataclass(frozen=True, slots=True)
class Reply:
    """A question that a reader asks of the first hypothesis, and the sentences that answer it."""

    question: str
    sentences: Sequence[str]


def replies(results: Results) -> list[Reply]:
    """Every question that the files can answer; none for a study without hypotheses that its theory can be asked.

    Of a first hypothesis that has no answer only the others and the rivals are told: no number of theirs is its own.
    """
    judged = [row for row in results.hypotheses if row["verdict"] != "not asked" and is_judged(row)]
    if not judged:
        return []
    first = results.hypotheses[0]
    found = _of_first(first, judged, results) if is_answered(first) else _without_first(first, judged, results)
    return [reply for reply in found if reply.sentences]


def _of_first(first: Row, judged: Sequence[Row], results: Results) -> list[Reply]:
    plain = [row for row in judged[1:] if not is_conditional(row["claim"]) and not cases_of(row["claim"], results)]
    return [
        Reply("In which cases?", _told(_in_cases(judged, results))),
        Reply("Under which circumstances?", _told(_circumstances(judged))),
        Reply("What of the other claims?", _told(_others(plain))),
        Reply("Against which rivals?", _told(_against(results))),
        Reply("On which evidence?", _told(on_what(first, results))),
        Reply("What do the plain ratings say?", _told(_without_latents(first, results))),
        Reply("What would flip it?", _told(flipped(first, results))),
    ]


def _without_first(first: Row, judged: Sequence[Row], results: Results) -> list[Reply]:
    return [
        Reply("What of the other claims?", _told(_others([row for row in judged if row is not first]))),
        Reply("Against which rivals?", _told(_against(results))),
    ]


def _told(sentences: Iterable[str]) -> list[str]:
    """The sentences; in their place what is wrong, when another version wrote the file that they are made from."""
    try:
        return list(sentences)
    except OlderResultsError as error:
        return [error.brief]


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
    for name, case in zip(names, ranked, strict=True):
        yield from (f"{name}: {_brief(row)}" for row in by_case[case])
    settled = [case for case in ranked if any(row["verdict"] == "supported" for row in by_case[case])]
    said = f"Supported in {', '.join(_named(settled))}" if settled else "In no single case is it supported"
    compared = f"; the probability is highest in {names[0]} and lowest in {names[-1]}" if len(ranked) > 1 else ""
    silent = [case for case in results.theory["cases"] if case not in by_case]
    unasked = f" No claim names {', '.join(_named(silent))}." if silent else ""
    yield f"{said}{compared}.{unasked}"


def _named(cases: Sequence[str]) -> list[str]:
    return [opened(human(case)) for case in cases]


def _brief(row: Row) -> str:
    """A claim in words, its verdict and its numbers."""
    before, after = (probability(number(row[f"{when}_probability"])) for when in ("prior", "posterior"))
    return f"{sentence(row['statement'])[:-1]}: {row['verdict']}, probability {before} → {after} ({decibans(row)})."


def _circumstances(judged: Sequence[Row]) -> Iterator[str]:
    yield from (_brief(row) for row in judged[1:] if is_conditional(row["claim"]))


def _others(rows: Sequence[Row]) -> Iterator[str]:
    """Claims besides the first: the decided one by one, how many of them are not."""
    decided = [row for verdict in ("supported", "contradicted") for row in rows if row["verdict"] == verdict]
    yield from map(_brief, decided)
    left = sum(row["verdict"] == "undecided" for row in rows)
    if left == len(rows) > 0:
        others = {1: "the other claim", 2: "both others"}.get(left, f"all {count(left)} others")
        yield f"The data leave {others} undecided."
    elif left:
        yield f"The data leave {count(left)} of the other {count(len(rows))} undecided."


def _against(results: Results) -> Iterator[str]:
    """The main theory against every other, from the table of pairs."""
    if "theory_odds" in results.later and (warning := differs("support", results.made_from, results.manifest)):
        yield warning
    mine = results.theory["name"]
    titles = {row["theory"]: row.get("title", "") or human(row["theory"]) for row in results.later.get("rivals", ())}
    for row in results.later.get("theory_odds", ()):
        if mine in (row["theory"], row["rival"]):
            yield versus(row, mine, titles)
    ranked = [row["theory"] for row in results.later.get("rivals", ())]
    if mine in ranked:
        place = ranked.index(mine)
        share = probability(number(results.later["rivals"][place]["posterior_probability"]))
        among = f"Of {count(len(ranked), 'theory', 'theories')}, equally probable before the data,"
        if place == 0:
            yield f"{among} it is the most probable, with {share}."
        else:
            first = titles[ranked[0]]
            yield f"{among} it comes in at place {place + 1} with a probability of {share}; the first is “{first}”."


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
        f"Against “{titles.get(rival, human(rival))}”: the rows weigh {signed(weight, 1)} dB ± {error:.1f} for "
        f"“{titles.get(mine, human(mine))}” ({signed(min(ends), 1)} to {signed(max(ends), 1)} over prior scales); {told}: "
        f"{row['why']}."
    )


def _without_latents(first: Row, results: Results) -> Iterator[str]:
    """What the plain ratings say of the first hypothesis, no latent variable involved."""
    pairs = {(query.cause, query.effect) for query in parse_claim(first["claim"]).queries}
    for row in results.later.get("baseline", ()):
        if (row["cause"], row["effect"]) in pairs:
            pairs_of = _moves(row["concordant"], row["discordant"], "pair of units", "pairs of units")
            steps = _moves(
                row["within_same"], row["within_opposite"], "step in time of a case", "steps in time of a case"
            )
            both = f"{human(row['cause'])} and {human(row['effect'])}"
            yield f"In the ratings alone, whichever coder is read, {both} {pairs_of}, and {steps}."


def _moves(together: str, apart: str, noun: str, plural: str) -> str:
    """How often two ratings move together and apart."""
    same, opposite = int(number(together)), int(number(apart))
    if not same + opposite:
        return f"cannot be compared over any {noun}"
    total = same + opposite
    return f"move together in {same} and apart in {opposite} of {total} {noun if total == 1 else plural} that can be compared"
