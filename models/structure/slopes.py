"""The structural coefficients of a theory: one per edge and moderation, on kinds of unit that share it or have their own."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from causal.theory import Edge, Theory
from data.cases import Unit
from models.structure.reading import kinds_of, outermost_kinds, top_kind


@dataclass(frozen=True, slots=True)
class Slope:
    """A structural coefficient: of an edge, or of an edge's moderation, on some kinds of unit."""

    name: str
    edge: int
    kinds: tuple[str, ...]
    moderation: bool
    sign: str
    scale: float
    fixed_sign: int = 0
    location: float = 0.0


def hidden_name(between: tuple[str, str]) -> str:
    """Name of the shared latent cause that a bidirected edge stands for."""
    return f"{between[0]}<->{between[1]}"


def step_name(edge: Edge) -> str:
    """Name of the nodes through which a monotone edge reads its cause."""
    return f"steps of {edge.name}"


def is_step(construct: str) -> bool:
    """Whether a node belongs to a monotone edge and not to a construct."""
    return construct.startswith("steps of ")


def slopes_of(theory: Theory, units: Mapping[str, Unit], unmeasured: Sequence[str]) -> list[Slope]:
    fixed = _sign_carriers(theory, unmeasured)
    found: list[Slope] = []
    for e, edge in enumerate(theory.edges):
        for kinds in _kind_groups(theory, edge, units):
            name = edge.name.partition("@")[0] + _suffix(theory, edge, kinds, units)
            scale = edge.prior_scale or theory.model.prior_scale
            fixed_sign = fixed.get(e, 0) if top_kind(theory, edge.effect, units) in kinds else 0
            found.append(Slope(name, e, kinds, False, edge.sign, scale, fixed_sign))
            if edge.moderator:
                moderated = f"{edge.cause}*{edge.moderator}{name.removeprefix(edge.cause)}"
                found.append(Slope(moderated, e, kinds, True, edge.moderation or "?", scale))
    for pair in theory.confounded:
        for end, name in enumerate(pair.between):
            label = f"{hidden_name(pair.between)}:{name}"
            scale = pair.strength_scale or theory.model.prior_scale
            supposed = pair.strengths[end] if pair.strengths else 0.0
            fixed_sign = 0 if pair.strengths else 1 - end  # a supposed strength says which way the common cause points
            found.append(Slope(label, -1, (), False, "?", scale, fixed_sign, supposed))
    return found


def _suffix(theory: Theory, edge: Edge, kinds: tuple[str, ...], units: Mapping[str, Unit]) -> str:
    """A slope is named after its edge; one of an inner kind that the edge does not name says which kind."""
    if set(kinds) <= set(edge.units):
        return f"@{'+'.join(edge.units)}"
    plain = set(kinds) & set(outermost_kinds(units)) or len(kinds_of(theory, edge.effect, units)) == 1
    return "" if plain else f"@{'+'.join(kinds)}"


def _kind_groups(theory: Theory, edge: Edge, units: Mapping[str, Unit]) -> list[tuple[str, ...]]:
    """Kinds named together share a slope; the others have one of their own."""
    kinds = kinds_of(theory, edge.effect, units)
    twins = [
        other for other in theory.edges if (other.cause, other.effect, other.lag) == (edge.cause, edge.effect, edge.lag)
    ]
    named = {kind for twin in twins for kind in twin.units}
    groups = [tuple(kind for kind in kinds if kind in edge.units)] if edge.units else []
    if edge is twins[0]:
        groups += [(kind,) for kind in kinds if kind not in named]
    return [group for group in groups if group]


def _sign_carriers(theory: Theory, unmeasured: Sequence[str]) -> dict[int, int]:
    """For each unmeasured construct the one edge (its first with a declared sign, effects first) that fixes its direction."""
    carriers: dict[int, int] = {}
    for name in unmeasured:
        touching = [e for e, edge in enumerate(theory.edges) if edge.cause == name and edge.effect != name]
        touching += [e for e, edge in enumerate(theory.edges) if edge.effect == name and edge.cause != name]
        signed = [e for e in touching if theory.edges[e].sign in "+-" and e not in carriers]
        if signed:
            carriers[signed[0]] = 1 if theory.edges[signed[0]].sign == "+" else -1
    return carriers
