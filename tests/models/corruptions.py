"""Ways to spoil the lake study in one place, each with the file and line that a good message must name.

A corruption edits a study folder and returns where. Most take a `choose`, which picks among the places they fit.
"""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from tests.studies import read_table, table_text

type Choose = Callable[[list[int]], int]
type Row = dict[str, str]


@dataclass(frozen=True, slots=True)
class Corruption:
    """What is spoilt, in which file, how, and a part of what must be said.

    alone : whether the file can then not be read at all or other checks wait for it, so that it hides other corruptions
    """

    name: str
    file: str
    spoil: Callable[[Path, Choose], int | None]
    said: str
    alone: bool = False


def _text(file: str, old: str, new: str, below: int = 0) -> Callable[[Path, Choose], int]:
    """Replace one occurrence of a text; the problem stands `below` lines under its start."""

    def spoil(root: Path, choose: Choose) -> int:
        text = (root / file).read_text(encoding="utf-8")
        places = [place for place in range(len(text)) if text.startswith(old, place)]
        place = choose(places)
        (root / file).write_text(text[:place] + new + text[place + len(old) :], encoding="utf-8")
        return text.count("\n", 0, place) + 1 + below

    return spoil


def _cell(file: str, fits: Callable[[Row], bool], change: Callable[[Row], Row]) -> Callable[[Path, Choose], int]:
    """Change cells of one row that fits."""

    def spoil(root: Path, choose: Choose) -> int:
        columns, rows = read_table(root / file)
        index = choose([i for i, row in enumerate(rows) if fits(row)])
        rows[index] = rows[index] | change(rows[index])
        (root / file).write_text(table_text(columns, rows), encoding="utf-8")
        return index + 2

    return spoil


def _append(
    file: str, rows_of: Callable[[Row], list[Row]], fits: Callable[[Row], bool]
) -> Callable[[Path, Choose], int]:
    """Append rows made from one that fits; the problem is on the last."""

    def spoil(root: Path, choose: Choose) -> int:
        columns, rows = read_table(root / file)
        rows += rows_of(rows[choose([i for i, row in enumerate(rows) if fits(row)])])
        (root / file).write_text(table_text(columns, rows), encoding="utf-8")
        return len(rows) + 1

    return spoil


def _line(file: str, change: Callable[[str], str]) -> Callable[[Path, Choose], int]:
    """Change the text of one line below the header."""

    def spoil(root: Path, choose: Choose) -> int:
        lines = (root / file).read_text(encoding="utf-8").split("\n")
        index = choose([i for i, line in enumerate(lines) if i and line and not line.endswith('"')])
        lines[index] = change(lines[index])
        (root / file).write_text("\n".join(lines), encoding="utf-8")
        return index + 1

    return spoil


def _whole(file: str, content: bytes, line: int | None) -> Callable[[Path, Choose], int | None]:
    """Replace a file."""

    def spoil(root: Path, choose: Choose) -> int | None:
        (root / file).write_bytes(content)
        return line

    return spoil


def _of(*indicators: str) -> Callable[[Row], bool]:
    return lambda row: row["indicator"] in indicators and row["value"] != ""


def _any(row: Row) -> bool:
    return True


def _later(row: Row) -> bool:
    return row["previous"] != ""


def _inner(row: Row) -> bool:
    return row["within"] != ""


RATED = _of("leaders_followed", "traders", "rules_kept", "stock_rating", "mesh_width")
CODES, UNITS, SEEN, THEORY, RIVAL, CLAIMS, BIB = (
    "codebook.toml", "units.csv", "observations.csv", "theory.toml", "rivals/gear.toml", "hypotheses.toml",
    "sources.bib",
)  # fmt: skip

CERTAIN = ("Low", "Medium..High")


def _certain(row: Row) -> list[Row]:
    """Two certain rows on one cell that no level satisfies."""
    return [
        {"observation": f"sure {value}", "unit": row["unit"], "indicator": "traders", "value": value, "confidence": "1"}
        for value in CERTAIN
    ]


CORRUPTIONS = (
    # theories
    Corruption("a cycle", THEORY, _text(THEORY, 'effect = "stock"\nsign', 'effect = "leadership"\nsign', -2), "cycle"),
    Corruption("an unknown cause", THEORY, _text(THEORY, 'cause = "leadership"', 'cause = "leader"'), "leadership"),
    Corruption(
        "an unknown moderator", THEORY, _text(THEORY, 'moderator = "market_access"', 'moderator = "mrket"'), "mrket"
    ),
    Corruption(
        "a moderator that is no cause",
        THEORY,
        _text(THEORY, 'moderator = "market_access"', 'moderator = "stock"'),
        "cause",
    ),
    Corruption("a sign nobody knows", THEORY, _text(THEORY, 'sign = "+"', 'sign = "up"'), "allowed are"),
    Corruption("an unknown key", THEORY, _text(THEORY, "because =", "becuse ="), "because"),
    Corruption(
        "an unknown kind of unit", THEORY, _text(THEORY, '"village"]', '"vilage"]'), "Did you mean 'village'?", True
    ),
    Corruption(
        "an unknown key in a citation", THEORY, _text(THEORY, "lindqvist2015", "lindqvst2015"), "'lindqvist2015'?"
    ),
    Corruption("an unknown main source", THEORY, _text(THEORY, '"okafor2012"', '"okafor2021"'), "'okafor2012'?"),
    Corruption("a theory that is no TOML", THEORY, _text(THEORY, 'sign = "+"', "sign = +"), "not valid TOML", True),
    Corruption("an unknown key in a rival", RIVAL, _text(RIVAL, '"mbeki2018, s5"', '"mbeki2081, s5"'), "'mbeki2018'?"),
    Corruption(
        "a rival by the main theory's name",
        RIVAL,
        _text(RIVAL, '"gear"\ntitle', '"lake_fisheries"\ntitle'),
        "theory.toml as well",
    ),
    # codebook
    Corruption("an indicator of nothing", CODES, _text(CODES, 'measures = "stock"', 'measures = "stocks"'), "'stock'?"),
    Corruption("an unknown family", CODES, _text(CODES, 'family = "binary"', 'family = "bianry"'), "'binary'?", True),
    Corruption("an unknown scale", CODES, _text(CODES, 'scale = "rating"', 'scale = "ratng"'), "'rating'?", True),
    Corruption(
        "a scale for a count",
        CODES,
        _text(CODES, 'family = "count"', 'family = "count"\nscale = "rating"', 1),
        "only ordinal",
        True,
    ),
    Corruption("a level twice", CODES, _text(CODES, '"Low", "Medium"', '"Low", "Low"'), "twice", True),
    Corruption("a codebook that is no UTF-8", CODES, _whole(CODES, b"a = '\xe4'", 1), "not UTF-8", True),
    # units
    Corruption("a unit twice", UNITS, _append(UNITS, lambda row: [row], _any), "already on line"),
    Corruption("a period in words", UNITS, _cell(UNITS, _any, lambda row: {"period": "the 1990s"}), "orders the units"),
    Corruption("a unit without kind", UNITS, _cell(UNITS, _any, lambda row: {"kind": ""}), "kind is blank"),
    Corruption(
        "an unknown container", UNITS, _cell(UNITS, _inner, lambda row: {"within": row["within"] + "x"}), "Did you mean"
    ),
    Corruption(
        "a unit within itself", UNITS, _cell(UNITS, _inner, lambda row: {"within": row["unit"]}), "contain themselves"
    ),
    Corruption(
        "a unit within another case",
        UNITS,
        _cell(UNITS, lambda row: _inner(row) and row["case"] != "Chala", lambda row: {"within": "Chala 1"}),
        "of case",
    ),
    Corruption(
        "an unknown predecessor",
        UNITS,
        _cell(UNITS, _later, lambda row: {"previous": row["previous"] + "x"}),
        "Did you mean",
    ),
    Corruption(
        "a predecessor of another case",
        UNITS,
        _cell(
            UNITS,
            lambda row: _later(row) and row["kind"] == "lake_period" and row["case"] != "Chala",
            lambda row: {"previous": "Chala 1"},
        ),
        "of case 'Chala'",
    ),
    Corruption(
        "a predecessor of another kind",
        UNITS,
        _cell(
            UNITS, lambda row: _later(row) and _inner(row), lambda row: {"previous": row["previous"].rsplit(" ", 1)[0]}
        ),
        "of kind",
    ),
    Corruption(
        "a predecessor of the same period", UNITS, _cell(UNITS, _later, lambda row: {"period": "1"}), "not before 1"
    ),
    Corruption(
        "a unit that follows itself",
        UNITS,
        _cell(UNITS, _any, lambda row: {"previous": row["unit"]}),
        "the unit itself",
    ),
    Corruption("a ragged unit", UNITS, _line(UNITS, lambda line: line + ",,"), "cells; the header has", True),
    Corruption("no units", UNITS, _whole(UNITS, b"unit,case,period,kind\n", None), "there are no units", True),
    # observations
    Corruption("a level off the scale", SEEN, _cell(SEEN, RATED, lambda row: {"value": "Hgh"}), "Did you mean 'High'?"),
    Corruption("a range upside down", SEEN, _cell(SEEN, RATED, lambda row: {"value": "High..Low"}), "upside down"),
    Corruption(
        "a binary two", SEEN, _cell(SEEN, _of("leaders_contested"), lambda row: {"value": "2"}), "0 (no) or 1 (yes)"
    ),
    Corruption(
        "more than n",
        SEEN,
        _cell(SEEN, _of("households_complying"), lambda row: {"value": str(int(row["n"]) + 1)}),
        "at most n",
    ),
    Corruption("no n", SEEN, _cell(SEEN, _of("households_complying"), lambda row: {"n": ""}), "n is blank"),
    Corruption("n for a rating", SEEN, _cell(SEEN, RATED, lambda row: {"n": "12"}), "only a binomial"),
    Corruption(
        "n of nothing",
        SEEN,
        _cell(SEEN, _of("households_complying"), lambda row: {"value": ""}),
        "value is blank, but n",
    ),
    Corruption("a negative count", SEEN, _cell(SEEN, _of("inspections"), lambda row: {"value": "-1"}), "whole numbers"),
    Corruption("half a count", SEEN, _cell(SEEN, _of("inspections"), lambda row: {"value": "1.5"}), "whole numbers"),
    Corruption("no number", SEEN, _cell(SEEN, _of("travel_hours"), lambda row: {"value": "nan"}), "finite"),
    Corruption(
        "a decimal comma", SEEN, _cell(SEEN, _of("travel_hours"), lambda row: {"value": "3,5"}), "decimal point"
    ),
    Corruption("an unknown unit", SEEN, _cell(SEEN, _any, lambda row: {"unit": row["unit"] + "x"}), "Did you mean"),
    Corruption(
        "an unknown indicator",
        SEEN,
        _cell(SEEN, _any, lambda row: {"indicator": row["indicator"] + "s"}),
        "Did you mean",
    ),
    Corruption(
        "an unknown source", SEEN, _cell(SEEN, _any, lambda row: {"source": row["source"] + "b"}), "Did you mean"
    ),
    Corruption("no locator", SEEN, _cell(SEEN, _any, lambda row: {"locator": ""}), "has no locator"),
    Corruption("no source", SEEN, _cell(SEEN, _any, lambda row: {"source": ""}), "has no source"),
    Corruption("no confidence", SEEN, _cell(SEEN, _any, lambda row: {"confidence": "0"}), "above 0 and at most 1"),
    Corruption(
        "too much confidence", SEEN, _cell(SEEN, _any, lambda row: {"confidence": "1.1"}), "above 0 and at most 1"
    ),
    Corruption("an unknown role", SEEN, _cell(SEEN, _any, lambda row: {"role": "biuld"}), "'build'?"),
    Corruption("an id twice", SEEN, _append(SEEN, lambda row: [row], _any), "already on line"),
    Corruption(
        "certainties that exclude each other",
        SEEN,
        _append(SEEN, _certain, lambda row: row["unit"].endswith("survey")),
        "no level is possible",
    ),
    Corruption("a ragged row", SEEN, _line(SEEN, lambda line: line.rsplit(",", 1)[0]), "cells; the header has"),
    Corruption("an open quotation", SEEN, _line(SEEN, lambda line: '"' + line), "not valid CSV", True),
    Corruption(
        "a renamed column",
        SEEN,
        lambda root, choose: _text(SEEN, "indicator,", "indicators,")(root, min),
        "Rename the column",
        True,
    ),
    # hypotheses and sources
    Corruption("a claim without end", CLAIMS, _text(CLAIMS, "stock) > 0", "stock) >"), "found the end", True),
    Corruption("a claim about nothing", CLAIMS, _text(CLAIMS, "(leadership ->", "(leaderhip ->"), "'leadership'?"),
    Corruption("a hypothesis twice", CLAIMS, _text(CLAIMS, 'id = "rules"', 'id = "leaders"'), "declared twice", True),
    Corruption("an unknown rival", CLAIMS, _text(CLAIMS, "smallest_effect = 0.1", 'rivals = ["geer"]'), "'gear'?"),
    Corruption(
        "a claim about no case",
        CLAIMS,
        _text(CLAIMS, '-> stock) > 0"\n\n', '-> stock | case = Chalo) > 0"\n\n'),
        "'Chala'?",
    ),
    Corruption(
        "a source twice",
        BIB,
        _text(BIB, "@techreport{mbeki2018,", "@misc{okafor2012, title = {X}}\n@techreport{mbeki2018,"),
        "already on an earlier line",
    ),
    Corruption(
        "an entry that never ends", BIB, _text(BIB, "  year = {2018},\n}", "  year = {2018},", -4), "not valid BibTeX"
    ),
)
