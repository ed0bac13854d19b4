"""The chapter on criticism says what is unusual, how much of it chance would bring, and what cannot be told."""

from dataclasses import dataclass, field

from analyses.chapters.criticism import chapter
from analyses.results import Row


@dataclass
class Folder:
    """A results folder that holds nothing else."""

    later: dict[str, list[Row]] = field(default_factory=dict)


def check(verdict: str, what: str = "level", subject: str = "trust_rating", other: str = "High", **more: str) -> Row:
    row = {"what": what, "subject": subject, "other": other, "rows": "9", "observed": "0.7778", "expected": "0.31"}
    return row | {"low": "0.05", "high": "0.6", "tail_probability": "0.004", "verdict": verdict} | more


def findings(rows: list[Row]) -> list[str]:
    found = chapter(Folder({"criticism": rows}))  # type: ignore[arg-type]
    assert found is not None
    return list(found.findings)


def test_unusual_ratings_are_said_with_what_was_expected_and_chance_is_allowed_for() -> None:
    said = findings([check("unusual"), *[check("as expected")] * 299, *[check("cannot tell")] * 2])
    assert said[0].startswith("1 of 300 checks that can tell is unusual; about 3 or fewer would be by chance")
    assert said[0].endswith("2 more cannot tell with so few readings.")
    assert said[1] == "trust rating is High in 78% against 31% expected (5% to 60%), of nine readings."


def test_associations_and_cases_have_sentences_of_their_own() -> None:
    pair = check("unusual", "association", other="costs_rating", observed="-0.4", expected="0.2")
    case = check("unusual", "case", "sinos", "", tail_probability="0.009")
    said = findings([case, pair])
    assert said[1].startswith(
        "trust rating and costs rating over nine units: rank association −0.40 against +0.20 expected"
    )
    assert said[2].startswith("sinos stands at 0.78 against 0.31 expected")


def test_silence_is_not_called_fit() -> None:
    assert findings([check("cannot tell")]) == [
        "No check of 1 can tell anything with so few readings: this is no sign of fit."
    ]


def test_a_folder_without_the_table_has_no_chapter() -> None:
    assert chapter(Folder()) is None  # type: ignore[arg-type]
