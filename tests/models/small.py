"""Small worlds for exact tests: one case in a few lines, and posteriors pinned to constants."""

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from causal.theory import Construct, Edge, ModelChoices, Theory
from data.cases import Observation, Unit
from data.codebook import Codebook, Indicator, Scale
from models.blueprint import Blueprint, draw_blueprint
from models.effects.interventions import Laboratory, open_laboratory
from models.structure.layout import Arc, Structure
from tests.models.worlds import row

type Floats = NDArray[np.float64]

COMPLETE = ModelChoices(pooling="complete")
RATING = Scale("rating", ("Low", "Medium", "High"))


def theory(*edges: Edge, constructs: Sequence[Construct | str] = (), model: ModelChoices = COMPLETE) -> Theory:
    """A theory of edges; constructs not named first follow in the order of the edges."""
    named = [item if isinstance(item, Construct) else Construct(item) for item in constructs]
    known = [item.name for item in named]
    ends = dict.fromkeys(end for edge in edges for end in (edge.cause, edge.effect) if end not in known)
    return Theory("small", "small", (*named, *map(Construct, ends)), tuple(edges), model=model)


def periods(cases: str = "a", count: int = 1) -> dict[str, Unit]:
    """Units a1, a2, ... of each case, one after another."""
    found = [
        Unit(f"{case}{t}", case, float(t), "period", None, f"{case}{t - 1}" if t > 1 else None)
        for case in cases
        for t in range(1, count + 1)
    ]
    return {unit.name: unit for unit in found}


def inside(units: Mapping[str, Unit], kind: str, containers: Sequence[str], each: int = 1) -> dict[str, Unit]:
    """The units with some more of another kind inside the named ones: a1.firm0, a1.firm1, ..."""
    found = dict(units)
    for name in containers:
        for i in range(each):
            outer = units[name]
            found[f"{name}.{kind}{i}"] = Unit(f"{name}.{kind}{i}", outer.case, outer.period, kind, name)
    return found


def rated(*constructs: str) -> Codebook:
    """A three-level rating of each construct, called as the construct with `_rating`."""
    return Codebook(
        {"rating": RATING}, {f"{c}_rating": Indicator(f"{c}_rating", c, "ordinal", "rating") for c in constructs}
    )


def ratings(units: Mapping[str, Unit], *constructs: str) -> tuple[Observation, ...]:
    """Every construct rated Medium at every outermost unit."""
    outer = [name for name, unit in units.items() if unit.within is None]
    return tuple(row(f"{u}.{c}", u, f"{c}_rating", [1]) for u in outer for c in constructs)


def blueprint(world: Theory, units: Mapping[str, Unit]) -> Blueprint:
    """A theory over units, every construct rated at every outermost unit."""
    measured = [c.name for c in world.constructs]
    return draw_blueprint(world, rated(*measured), units, ratings(units, *measured))


def pinned(blue: Blueprint, slopes: Mapping[str, float], samples: int = 1) -> dict[str, Floats]:
    """A posterior of one point: the named coefficients, no disturbance, no shift, all standard deviations and loadings 1."""
    theta: dict[str, Floats] = {}
    for p in blue.parameters:
        fill = 1.0 if p.name.endswith("_sd") or p.name == "loading" else 0.0
        fill = 1 / p.shape[-1] if p.name.startswith("category") else fill
        theta[p.name] = np.full((samples, *p.shape), fill)
    for name, value in slopes.items():
        for where in ("coefficient", "signed_coefficient"):
            if name in (names := list(blue.coords[where])):
                theta["slope" if where == "coefficient" else "signed_slope"][:, names.index(name)] = value
                break
        else:
            raise KeyError(f"no coefficient {name}")
    return theta


def laboratory(
    world: Theory, units: Mapping[str, Unit], slopes: Mapping[str, float], replicates: int = 128
) -> Laboratory:
    """A theory with a pinned posterior, ready for queries."""
    blue = blueprint(world, units)
    return open_laboratory(blue, units, pinned(blue, slopes), np.random.default_rng(1), replicates)


def shown(structure: Structure, construct: str) -> set[str]:
    """The arcs into the scores of one construct, in words: 'a1:x -> a1:y by x->y', with '-' where the weight is -1."""
    return {written(arc) for arc in structure.arcs if arc.target.construct == construct}


def written(arc: Arc) -> str:
    """An arc in words."""
    times = f" * {arc.moderator}" if arc.moderator else ""
    return f"{'-' if arc.weight < 0 else ''}{arc.source}{times} -> {arc.target} by {arc.slope}"
