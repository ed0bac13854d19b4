"""Designs of invented studies for calibration: three graph shapes over every measurement family, with the rows yet unread.

Every design has ranges, second coders, gaps, confidences of .7 to .97 and evidence groups that several rows share.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from causal.claims import spelled_out
from causal.elements import Pooling
from causal.query import Claim, DirectEffect, Effect, Query, parse_claim
from causal.theory import Confounded, Construct, Edge, ModelChoices, Theory
from data.cases import Observation, Unit
from data.codebook import FAMILIES, Codebook, Indicator, Scale
from models.blueprint import Blueprint, draw_blueprint

SCALES = {"rating": Scale("rating", ("Low", "Medium", "High")), "five": Scale("five", tuple("abcde"))}
TYPICAL = {"binary": 1.0, "binomial": 20.0, "count": 6.0}
"""What rows say before they are simulated; the mean of the counts sets the scale on which counts are modelled."""


@dataclass(frozen=True)
class Design:
    """A theory, its units and indicators, the rows to be simulated, and what is asked of each simulated study."""

    theory: Theory
    codebook: Codebook
    units: Mapping[str, Unit]
    rows: tuple[Observation, ...]
    effects: tuple[Query, ...]
    claims: tuple[Claim, ...]

    @property
    def blueprint(self) -> Blueprint:
        return draw_blueprint(self.theory, self.codebook, self.units, self.rows)


def chain(n: int) -> Design:
    """x -> m -> y over partially pooled cases; y also varies between firms inside some of the units."""
    constructs = (Construct("x"), Construct("m"), Construct("y", units=("period", "firm")))
    theory = _theory("chain", constructs, (Edge("x", "m", "+"), Edge("m", "y", "+")), "partial")
    book = _codebook(
        "x_rating ordinal rating", "x_five ordinal five reversed", "m_rating ordinal rating", "m_share binomial",
        "y_yes binary", "y_figure continuous", "y_count count", "y_firm ordinal rating",
    )  # fmt: skip
    units = _periods(n)
    for name in list(units)[: max(3, n // 3)]:
        for i in range(2):
            units[f"{name}.{i}"] = Unit(f"{name}.{i}", units[name].case, units[name].period, "firm", name)
    return _design(
        theory, book, units, (Effect("x", "y"), DirectEffect("x", "m")), ("effect(x -> y) > 0", "path(x -> m -> y) > 0")
    )


def diamond(n: int) -> Design:
    """x -> a, b -> y with b moderating a -> y and an unmeasured common cause of a and b; cases differ by nothing lasting."""
    edges = (
        Edge("x", "a", "+"),
        Edge("x", "b", "-"),
        Edge("a", "y", "+", moderator="b", moderation="-"),
        Edge("b", "y", "?"),
    )
    hidden = (Confounded(("a", "b")),)
    theory = _theory("diamond", tuple(map(Construct, "xaby")), edges, "complete", hidden)
    book = _codebook(
        "x_rating ordinal rating", "x_figure continuous", "a_five ordinal five", "a_count count",
        "b_rating ordinal rating reversed", "b_yes binary", "y_rating ordinal rating", "y_share binomial",
    )  # fmt: skip
    moderated = "effect(a -> y | b = low) > effect(a -> y | b = high)"
    return _design(
        theory,
        book,
        _periods(n),
        (Effect("x", "y"), Effect("a", "y", (("b", "low"),))),
        ("effect(x -> y) > 0", moderated),
    )


def lagged(n: int) -> Design:
    """x -> y at once and y -> x, y -> y a period later; fixed effects for cases."""
    edges = (Edge("x", "y", "+"), Edge("y", "x", "+", lag=1), Edge("y", "y", "+", lag=1))
    theory = _theory("lagged", (Construct("x"), Construct("y")), edges, "none")
    book = _codebook(
        "x_rating ordinal rating", "x_share binomial", "x_yes binary", "x_count count",
        "y_rating ordinal rating", "y_five ordinal five", "y_figure continuous",
    )  # fmt: skip
    return _design(
        theory,
        book,
        _periods(n),
        (Effect("x", "y"), DirectEffect("y", "x")),
        ("effect(x -> y) > 0", "direct(x -> y) > 0"),
    )


DESIGNS = {"chain": chain, "diamond": diamond, "lagged": lagged}


def _theory(
    name: str,
    constructs: tuple[Construct, ...],
    edges: tuple[Edge, ...],
    pooling: Pooling,
    confounded: tuple[Confounded, ...] = (),
) -> Theory:
    return Theory(name, name, constructs, edges, confounded, model=ModelChoices(pooling=pooling))


def _codebook(*lines: str) -> Codebook:
    """Indicators from lines 'name family [scale] [reversed]'; a name begins with the construct it measures."""
    found = {}
    for line in lines:
        name, measured, *rest = line.split()
        family = next(f for f in FAMILIES if f == measured)
        scale = rest[0] if family == "ordinal" else None
        found[name] = Indicator(name, name[0], family, scale, reversed="reversed" in rest)
    return Codebook(SCALES, found)


def _periods(n: int) -> dict[str, Unit]:
    """n units in cases of three periods each, or four when n is a multiple of four and not of three."""
    length = 3 if n % 3 == 0 else 4
    names = [(f"c{i // length}", 1 + i % length) for i in range(n)]
    return {
        f"{case}_{t}": Unit(f"{case}_{t}", case, float(t), "period", None, f"{case}_{t - 1}" if t > 1 else None)
        for case, t in names
    }


def _design(
    theory: Theory, book: Codebook, units: Mapping[str, Unit], effects: tuple[Query, ...], claims: Sequence[str]
) -> Design:
    rng = np.random.default_rng(2026)
    rows = []
    for unit in units.values():
        shared = rng.random() < 0.15
        for spec in book.indicators.values():
            inner = spec.name.endswith("_firm")
            if inner == (unit.kind == "firm") and rng.random() > 0.08:
                rows.append(_row(unit, spec, "A", f"{unit.name} told once" if shared else "", rng))
                if rng.random() < 0.2:
                    rows.append(_row(unit, spec, "B", "", rng))
    asked = tuple(spelled_out(parse_claim(text), theory) for text in claims)
    return Design(theory, book, units, tuple(rows), effects, asked)


def _row(unit: Unit, spec: Indicator, coder: str, group: str, rng: np.random.Generator) -> Observation:
    name = f"{unit.name}:{spec.name}:{coder}"
    width = 2 if rng.random() < 0.3 else 1
    levels = tuple(range(width)) if spec.family == "ordinal" else ()
    # continuous rows start as -1, +1 in turn: their mean 0 and spread 1 are the standardisation
    value = float(rng.choice([-1.0, 1.0])) if spec.family == "continuous" else TYPICAL.get(spec.family)
    n = 40 if spec.family == "binomial" else None
    confidence = float(rng.choice([0.7, 0.9, 0.97]))
    return Observation(
        name, unit.name, spec.name, levels, value, n, False, "", coder, confidence, "s", "p", group or name, "test", ""
    )
