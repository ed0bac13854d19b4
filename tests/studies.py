"""A small, complete and valid study of a topic of its own, written into a folder: the co-management of lake fisheries.

It has all five families, set-valued and blank rows, two coders, units within units, a shared evidence group, a lagged
and a moderated edge, a rival with a construct of its own, and hypotheses. Values are simulated from scores that follow
the theory, so that the same seed gives the same study and a larger study carries a stronger signal.
"""

import csv
import io
import math
import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from tests.lake_texts import CHANGES, CODEBOOK, HYPOTHESES, RIVAL, SOURCES, THEORY

LAKES = ("Chala", "Žuvintas", "São Bento", "Peipsi", "Titicaca", "Nyasa", "Võrtsjärv", "Tonlé Sap")

UNIT_COLUMNS = ("unit", "case", "period", "kind", "within", "previous", "start", "end", "label")
OBSERVATION_COLUMNS = (
    "observation", "unit", "indicator", "value", "n", "coder", "confidence", "source", "locator", "evidence_group",
    "role", "note",
)  # fmt: skip

type Rows = list[dict[str, str]]
type Scores = dict[str, dict[str, float]]


@dataclass(frozen=True, slots=True)
class Scored:
    """A unit as a row of units.csv, and its own scores."""

    row: dict[str, str]
    scores: dict[str, float]


def write_study(root: Path, seed: int = 1, cases: int = 4, periods: int = 3) -> Path:
    """Write the study into a folder, created if need be, and return the folder.

    cases : 1 to 8 lakes; periods : of each; 2 villages a lake and period, and a survey from the second period on
    """
    rng = random.Random(seed)
    units = [unit for lake in LAKES[:cases] for unit in _lake(lake, periods, rng)]
    (root / "rivals").mkdir(parents=True, exist_ok=True)
    texts = {
        "theory.toml": THEORY,
        "rivals/gear.toml": RIVAL,
        "codebook.toml": CODEBOOK,
        "hypotheses.toml": HYPOTHESES,
        "sources.bib": SOURCES,
        "CHANGES.md": CHANGES,
        "units.csv": table_text(UNIT_COLUMNS, [unit.row for unit in units]),
        "observations.csv": table_text(OBSERVATION_COLUMNS, _observations(units, rng)),
    }
    for name, text in texts.items():
        (root / name).write_text(text, encoding="utf-8", newline="")
    return root


def table_text(columns: Sequence[str], rows: Sequence[Mapping[str, str]]) -> str:
    """A comma-separated table with one line per row, blank where a row lacks a column."""
    text = io.StringIO(newline="")
    writer = csv.DictWriter(text, columns, restval="", lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue()


def read_table(path: Path) -> tuple[list[str], Rows]:
    """Columns and rows of a table that `table_text` wrote; row i stands on line i + 2."""
    with path.open(encoding="utf-8", newline="") as file:
        reader = csv.DictReader(file)
        rows = list(reader)
        return list(reader.fieldnames or []), rows


def _lake(lake: str, periods: int, rng: random.Random) -> list[Scored]:
    """The units of one lake, containers before what they contain."""
    component = {
        name: rng.gauss(0, 0.5) for name in ("leadership", "market_access", "monitoring", "compliance", "stock")
    }
    stock_before, units = rng.gauss(0, 1), []
    for period in range(1, periods + 1):
        scores = _scores(component, stock_before, rng)
        stock_before = scores["stock"]
        name = f"{lake} {period}"
        row = {
            "unit": name,
            "case": lake,
            "period": str(period),
            "kind": "lake_period",
            "label": f"{lake}, period {period}",
        }
        row |= {"start": str(1980 + 10 * period), "end": str(1989 + 10 * period)}
        units.append(Scored(row | {"previous": f"{lake} {period - 1}" if period > 1 else ""}, scores))
        for village in ("north", "south"):
            previous = f"{lake} {period - 1} {village}" if period > 1 else ""
            row = {"unit": f"{name} {village}", "case": lake, "period": str(period), "kind": "village", "within": name}
            own = {"compliance": scores["compliance"] + rng.gauss(0, 0.5)}
            units.append(Scored(row | {"previous": previous}, own))
        if period > 1:
            row = {"unit": f"{name} survey", "case": lake, "period": str(period), "kind": "survey", "within": name}
            units.append(Scored(row, {"households": scores["compliance"]}))
    return units


def _scores(component: Mapping[str, float], stock_before: float, rng: random.Random) -> dict[str, float]:
    """Scores of a lake in a period, as the theory has them."""
    leadership = component["leadership"] + rng.gauss(0, 1)
    market = component["market_access"] + rng.gauss(0, 1)
    monitoring = 0.8 * leadership + component["monitoring"] + rng.gauss(0, 1)
    compliance = (0.8 - 0.3 * market) * monitoring - 0.5 * market + component["compliance"] + rng.gauss(0, 1)
    stock = 0.8 * compliance + 0.4 * stock_before + component["stock"] + rng.gauss(0, 1)
    gear = rng.gauss(0, 1)
    return {
        "leadership": leadership,
        "market_access": market,
        "monitoring": monitoring,
        "compliance": compliance,
        "stock": stock,
        "gear": gear,
    }


RATING = ("Low", "Medium", "High")
FREQUENCY = ("Never", "Yearly", "Monthly", "Weekly")


def _observations(units: Sequence[Scored], rng: random.Random) -> Rows:
    rows: Rows = []
    for unit in units:
        match unit.row["kind"]:
            case "lake_period":
                found = _of_lake(unit, rng)
            case "village":
                found = [_judged("rules_kept", RATING, unit.scores["compliance"], rng) | {"coder": "AB"}]
            case _:
                n = rng.randint(20, 60)
                k = sum(rng.random() < _logistic(unit.scores["households"]) for _ in range(n))
                found = [{"indicator": "households_complying", "value": str(k), "n": str(n), "locator": "table 3"}]
        for row in found:
            cited = {"source": "okafor2012", "locator": f"p. {rng.randint(10, 300)}"}
            rows.append({"observation": f"o{len(rows) + 1}", "unit": unit.row["unit"]} | cited | row)
    return rows


def _of_lake(unit: Scored, rng: random.Random) -> Rows:
    """The rows of one lake in one period."""
    z = unit.scores
    report = f"report {unit.row['unit']}"
    hours = 6 - 2 * z["market_access"] + rng.gauss(0, 0.5)
    kept = _judged("rules_kept", RATING, z["compliance"], rng)
    rows = [
        _judged("leaders_followed", RATING, z["leadership"], rng) | {"evidence_group": report, "confidence": "0.8"},
        {"indicator": "leaders_contested", "value": str(int(rng.random() < _logistic(-z["leadership"])))},
        _judged("patrols", FREQUENCY, z["monitoring"], rng) | {"evidence_group": report},
        {"indicator": "inspections", "value": str(_poisson(math.exp(1 + 0.5 * z["monitoring"]), rng))},
        {"indicator": "travel_hours", "value": f"{hours:.2f}", "source": "lindqvist2015"},
        _judged("traders", RATING, z["market_access"], rng),
        kept | {"coder": "AB"},
        _judged("rules_kept", RATING, z["compliance"], rng) | {"coder": "CD", "confidence": "0.7"},
        {
            "indicator": "catch_per_effort",
            "value": f"{1 + z['stock'] + rng.gauss(0, 0.4):.3f}",
            "source": "lindqvist2015",
        },
        _judged("stock_rating", RATING, z["stock"], rng) | {"role": "build", "note": "Suggested the theory."},
        _judged("mesh_width", RATING, z["gear"], rng) | {"source": "mbeki2018"},
    ]
    if unit.row["period"] == "1":
        silent = {"indicator": "traders", "value": "", "source": "mbeki2018", "note": "Read, nothing on traders."}
        rows += [silent, kept | {"role": "summary", "note": 'Says again what the rows of "AB" say, over villages.'}]
    return rows


def _judged(indicator: str, levels: Sequence[str], score: float, rng: random.Random) -> dict[str, str]:
    """A rating of a score: its level, or a range of two levels where it lies near a boundary."""
    place = (score + rng.gauss(0, 0.5)) / 1.2 + len(levels) / 2
    level = min(max(math.floor(place), 0), len(levels) - 1)
    near_next = place - level > 0.8 and level + 1 < len(levels)
    return {"indicator": indicator, "value": f"{levels[level]}..{levels[level + 1]}" if near_next else levels[level]}


def _logistic(score: float) -> float:
    return 1 / (1 + math.exp(-score))


def _poisson(mean: float, rng: random.Random) -> int:
    """Knuth's product of uniforms."""
    count, product = 0, rng.random()
    while product > math.exp(-mean):
        count, product = count + 1, product * rng.random()
    return count
