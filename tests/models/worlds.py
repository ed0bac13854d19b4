"""A study with every family, a lag, a moderator, units within units, ranges, two coders and a shared evidence group."""

from collections.abc import Sequence

import numpy as np

from causal.theory import Construct, Edge, ModelChoices, Theory
from data.cases import Observation, Role, Unit
from data.codebook import Codebook, Indicator, Scale

OUTER = ("shock", "governance", "institutions", "trust", "costs", "legitimacy")


def row(
    name: str,
    unit: str,
    indicator: str,
    levels: Sequence[int] = (),
    value: float | None = None,
    n: int | None = None,
    confidence: float = 0.9,
    group: str | None = None,
    coder: str = "A",
    role: Role = "test",
) -> Observation:
    """One coded row."""
    return Observation(
        name,
        unit,
        indicator,
        tuple(levels),
        value,
        n,
        False,
        "",
        coder,
        confidence,
        "s",
        "p. 1",
        group or name,
        role,
        "",
    )


def theory(lag: bool = True, pooling: str = "partial") -> Theory:
    edges = [
        Edge("shock", "governance", "-"),
        Edge("institutions", "trust", "+"),
        Edge("trust", "legitimacy", "+", moderator="governance", moderation="-"),
        Edge("governance", "legitimacy", "-"),
        Edge("legitimacy", "upgrading", "+"),
        Edge("governance", "upgrading", "-"),
        Edge("institutions", "costs", "-"),
        Edge("costs", "upgrading", "-"),
        Edge("legitimacy", "success", "+"),
    ]
    if lag:
        edges.append(Edge("upgrading", "trust", "+", lag=1))
    constructs = (
        *map(Construct, OUTER),
        Construct("upgrading", units=("period", "chain")),
        Construct("success", units=("initiative",)),
    )
    return Theory("mixed", "mixed", constructs, tuple(edges), model=ModelChoices(pooling=pooling))  # type: ignore[arg-type]


def units() -> dict[str, Unit]:
    found = [
        Unit(f"{c}{p}", c, float(p), "period", None, f"{c}{p - 1}" if p > 1 else None) for c in "abc" for p in (1, 2, 3)
    ]
    found += [Unit(f"chain{i}", "a", 3.0, "chain", "a3") for i in range(4)]
    found += [Unit(f"try{i}", "abc"[i % 3], 1.0 + i % 2, "initiative", f"{'abc'[i % 3]}{1 + i % 2}") for i in range(12)]
    found.append(Unit("survey", "b", 3.0, "survey", "b3"))
    return {unit.name: unit for unit in found}


def codebook() -> Codebook:
    indicators = [Indicator(f"{name}_rating", name, "ordinal", "rating") for name in (*OUTER, "upgrading")]
    indicators += [Indicator(f"{name}_five", name, "ordinal", "five", reversed=name == "governance") for name in OUTER]
    indicators += [
        Indicator("succeeded", "success", "binary"),
        Indicator("users", "legitimacy", "binomial"),
        Indicator("members", "legitimacy", "count"),
        Indicator("price", "costs", "continuous"),
    ]
    scales = {"rating": Scale("rating", ("Low", "Medium", "High")), "five": Scale("five", tuple("abcde"))}
    return Codebook(scales, {i.name: i for i in indicators})


def observations(seed: int = 0) -> tuple[Observation, ...]:
    rng = np.random.default_rng(seed)
    found: list[Observation] = []

    def add(unit: str, indicator: str, levels: Sequence[int] = (), value: float | None = None, **more: object) -> None:
        found.append(row(f"o{len(found)}", unit, indicator, levels, value, **more))  # type: ignore[arg-type]

    for unit in units().values():
        if unit.kind == "period":
            for name in OUTER:
                low = int(rng.integers(0, 3))
                levels = sorted({low, min(low + int(rng.random() < 0.3), 2)})
                shared = "shared" if unit.name == "a1" and name in ("institutions", "trust") else None
                add(unit.name, f"{name}_rating", levels, group=shared)
                if rng.random() < 0.5:
                    add(unit.name, f"{name}_five", [int(rng.integers(0, 5))])
                if rng.random() < 0.3:
                    add(unit.name, f"{name}_rating", [int(rng.integers(0, 3))], coder="B")
            add(unit.name, "upgrading_rating", [int(rng.integers(0, 3))])
            add(unit.name, "members", value=float(rng.integers(20, 200)))
            add(unit.name, "price", value=float(rng.normal() * 30 + 50))
        elif unit.kind == "chain":
            add(unit.name, "upgrading_rating", [int(rng.integers(0, 3))])
        elif unit.kind == "initiative":
            add(unit.name, "succeeded", value=float(rng.integers(0, 2)))
    add("survey", "users", value=37.0, n=60)
    add("survey", "users", value=30.0, n=50, coder="B")
    return tuple(found)
