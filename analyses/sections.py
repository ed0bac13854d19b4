"""What the sections of the report show: rows of a results folder, chosen, sorted and put into words."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from analyses.arrows import Arrow
from analyses.figures import LONGEST, Span
from analyses.results import Results, Row
from analyses.wording import human, number, opened
from causal.ledger import UNRELIABLE_K

LEADING = 10
SLOPES = ("slope", "signed_slope")
STRUCTURAL = (*SLOPES, "step")
SPREADS = ("case_sd", "kind_sd")


@dataclass(frozen=True, slots=True)
class Edge:
    """An edge as the theory argues it, and its coefficient (None when the results have none)."""

    argued: Mapping[str, Any]
    slope: Row | None
    moderation: Row | None

    @property
    def arrow(self) -> Arrow:
        e, slope = self.argued, self.slope
        positive = number(slope["prob_positive"]) if slope else None
        support = positive if positive is None or e["sign"] != "-" else 1 - positive
        strength = number(slope["mean"]) if slope else None
        return Arrow(
            e["cause"], e["effect"], e["sign"], e["lag"] or 0, strength, support, e["moderator"], e["moderation"]
        )


@dataclass(frozen=True, slots=True)
class Piece:
    """A row of the ledger: `place` is its anchor in the report, `unit` what the study calls its unit."""

    row: Row
    place: str
    unit: str

    @property
    def weight(self) -> float:
        return number(self.row["weight_db"])

    @property
    def needs_refit(self) -> bool:
        """Whether few draws dominate its importance weights."""
        return self.row["method"] == "importance" and number(self.row["pareto_k"]) > UNRELIABLE_K

    @property
    def ranks(self) -> bool:
        """Whether its weight is beyond twice its Monte Carlo error."""
        return abs(self.weight) > 2 * number(self.row["weight_mcse"])

    @property
    def found_in(self) -> str:
        """The source, the place in it, and the note."""
        return ", ".join(text for text in (self.row["source"], self.row["locator"], self.row.get("note", "")) if text)

    @property
    def label(self) -> str:
        """What was found where, by the label of the unit where that fits, else by its name."""
        value = f" {self.row['value']}" if self.row.get("value") else ""
        coder = f" ({self.row['coder']})" if self.row.get("coder") else ""
        found = f"{human(self.row['indicator'])}{value}{coder}"
        long = f"{self.unit}: {found}"
        return long if len(long) <= LONGEST else f"{human(self.row['unit'])}: {found}"


@dataclass(frozen=True, slots=True)
class Ledger:
    """The pieces of evidence of one hypothesis: those that lead for and against it, and all of them by weight."""

    hypothesis: str
    carry: tuple[Piece, ...]
    against: tuple[Piece, ...]
    pieces: tuple[Piece, ...]


@dataclass(frozen=True, slots=True)
class Grid:
    """The ratings of one construct: units by case down, indicators across; cells hold the rows of each coder."""

    construct: str
    indicators: tuple[str, ...]
    cases: Mapping[str, tuple[str, ...]]
    cells: Mapping[tuple[str, str], tuple[Row, ...]]


def edges(results: Results) -> list[Edge]:
    """Every edge of the theory with its coefficient and that of its moderation."""
    slopes = {row["name"]: row for row in results.coefficients if row["parameter"] in SLOPES}
    found = []
    for e in results.theory["edges"]:
        product = f"{e['cause']}*{e['moderator']}->{e['effect']}" if not e["lag"] else f"{e['name']} * {e['moderator']}"
        found.append(Edge(e, slopes.get(e["name"]), slopes.get(product) if e["moderator"] else None))
    return found


def ledgers(results: Results) -> list[Ledger]:
    """The ledger of every hypothesis, in the order of hypotheses.csv."""
    by_hypothesis: dict[str, list[Piece]] = {row["id"]: [] for row in results.hypotheses}
    units = places(results)
    for i, row in enumerate(results.ledger):
        by_hypothesis.setdefault(row["hypothesis"], []).append(
            Piece(row, f"evidence-{i}", units.get(row["unit"]) or opened(human(row["unit"])))
        )
    return [_ledger(name, pieces) for name, pieces in by_hypothesis.items() if pieces]


def _ledger(hypothesis: str, pieces: Sequence[Piece]) -> Ledger:
    ordered = sorted(pieces, key=lambda p: -math.inf if math.isnan(p.weight) else p.weight, reverse=True)
    ranked = [p for p in ordered if p.ranks]
    carry, against = [p for p in ranked if p.weight > 0], [p for p in ranked[::-1] if p.weight < 0]
    return Ledger(hypothesis, tuple(carry[:LEADING]), tuple(against[:LEADING]), tuple(ordered))


def places(results: Results) -> dict[str, str]:
    """What the study calls its units, in short: the label up to a colon."""
    return {unit["name"]: unit["label"].partition(":")[0] for unit in results.theory.get("units", ())}


def grids(results: Results) -> Iterator[Grid]:
    """The ratings by construct, in the theory's order; constructs without rows have none."""
    units = {unit["name"]: unit for unit in results.theory["units"]}
    for construct in (c["name"] for c in results.theory["constructs"]):
        rows = [row for row in results.ratings if row["construct"] == construct]
        if not rows:
            continue
        cells: dict[tuple[str, str], tuple[Row, ...]] = {}
        for row in rows:
            key = (row["unit"], row["indicator"])
            cells[key] = (*cells.get(key, ()), row)
        seen = {row["unit"] for row in rows}
        cases: dict[str, tuple[str, ...]] = {}
        for name, unit in units.items():
            if name in seen:
                cases[unit["case"]] = (*cases.get(unit["case"], ()), name)
        asked = [i["name"] for i in results.theory["indicators"] if any(row["indicator"] == i["name"] for row in rows)]
        yield Grid(construct, tuple(asked), cases, cells)


def effects_by_kind(results: Results) -> dict[str, list[tuple[Row, Row | None]]]:
    """Effects by kind, each on the standardised scale with its row on the rating scale where there is one."""
    rating = {row["estimand"]: row for row in results.effects if row["scale"] == "rating"}
    found: dict[str, list[tuple[Row, Row | None]]] = {}
    for row in results.effects:
        if row["scale"] == "standardised":
            found.setdefault(row["kind"], []).append((row, rating.get(row["estimand"])))
    return found


def spans(rows: Sequence[Row]) -> tuple[list[Span], list[Span]]:
    """Mean and highest-density interval of each row, before and after the data."""
    before, after = (
        [Span(*(number(row[f"{when}{name}"]) for name in ("hdi_low", "mean", "hdi_high"))) for row in rows]
        for when in ("prior_", "")
    )
    return before, after


def effect_label(row: Row, results: Results) -> str:
    """An effect as a figure calls it: by the labels of its constructs where they fit, else by their names."""
    if row["kind"] not in ("total", "direct", "moderated", "natural direct", "natural indirect"):
        return row["estimand"]
    labels = {c["name"]: c["label"] or c["name"] for c in results.theory["constructs"]}
    _, bar, given = row["estimand"].removesuffix(")").partition(" | ")
    long, short = (
        f"{cause} → {effect}{bar}{given}"
        for cause, effect in (
            (labels.get(row["cause"], row["cause"]), labels.get(row["effect"], row["effect"])),
            (row["cause"], row["effect"]),
        )
    )
    return long if len(long) <= LONGEST else short


def asked(results: Results) -> list[Row]:
    """The hypotheses that this theory could be asked."""
    return [row for row in results.hypotheses if row["verdict"] != "not asked"]


def not_asked(results: Results) -> list[Row]:
    """The hypotheses that only another theory of the study can be asked."""
    return [row for row in results.hypotheses if row["verdict"] == "not asked"]


def unused(results: Results) -> list[str]:
    """Labels of the constructs that have rows and no edge: they belong to other theories of the study."""
    used = {name for e in results.theory["edges"] for name in (e["cause"], e["effect"])}
    used |= {name for pair in results.theory["confounded"] for name in pair}
    return [c["label"] or c["name"] for c in results.theory["constructs"] if c["name"] not in used]


def coders(results: Results) -> list[str]:
    """Who coded, in the order of first appearance."""
    return list(dict.fromkeys(row["coder"] for row in results.ratings if row["coder"]))


def rescaled(results: Results) -> dict[str, Any]:
    """How the values of an indicator were standardised, for those that were."""
    return {name: how for name, how in results.manifest["scaling"].items() if (how["center"], how["spread"]) != (0, 1)}


def flat(value: Any, path: str = "") -> Iterator[tuple[str, str]]:
    """The leaves of nested JSON, each with the path to it."""
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from flat(inner, f"{path}.{key}" if path else str(key))
    elif isinstance(value, list) and any(isinstance(inner, dict | list) for inner in value):
        for i, inner in enumerate(value, start=1):
            yield from flat(inner, f"{path} {i}")
    elif isinstance(value, list):
        yield path, ", ".join(map(str, value)) or "none"
    else:
        yield path, "not recorded" if value is None else str(value)
