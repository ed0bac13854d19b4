"""Which unit owns the score that a unit reads: the rules for units within units and for earlier periods."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

from causal.theory import Theory
from data.cases import Unit
from data.units import containers


@dataclass(frozen=True, slots=True, order=True)
class Node:
    """One score: a construct at a unit, or ``start`` periods before it where the unit is the first of its line."""

    unit: str
    construct: str
    start: int = 0

    def __str__(self) -> str:
        before = "" if not self.start else "[start]" if self.start == 1 else f"[start-{self.start - 1}]"
        return f"{self.unit}{before}:{self.construct}"


def outermost_kinds(units: Mapping[str, Unit]) -> tuple[str, ...]:
    """The kinds of unit that nothing contains, in file order."""
    return tuple(dict.fromkeys(unit.kind for unit in units.values() if unit.within is None))


def kinds_of(theory: Theory, construct: str, units: Mapping[str, Unit]) -> tuple[str, ...]:
    """The kinds of unit on which a construct varies: as declared, or the outermost."""
    return theory.construct(construct).units or outermost_kinds(units)


def top_kind(theory: Theory, construct: str, units: Mapping[str, Unit]) -> str:
    """The outermost of the kinds on which a construct varies: its units lie within no other that has a score of it."""
    kinds = kinds_of(theory, construct, units)
    inner = {
        unit.kind
        for unit in units.values()
        if unit.kind in kinds and any(outer.kind in kinds for outer in containers(unit, units))
    }
    return next((kind for kind in kinds if kind not in inner), kinds[0])


@dataclass(frozen=True)
class Reader:
    """Finds the unit that owns the score that a unit reads."""

    theory: Theory
    units: Mapping[str, Unit]

    @cached_property
    def kinds(self) -> dict[str, tuple[str, ...]]:
        """The kinds of unit on which each construct varies."""
        outermost = outermost_kinds(self.units)
        return {construct.name: construct.units or outermost for construct in self.theory.constructs}

    def owns(self, unit: Unit, construct: str) -> bool:
        return unit.kind in self.kinds[construct]

    def owner(self, unit: Unit | None, construct: str) -> Unit | None:
        """The unit itself or its nearest container that owns ``construct``; None when there is none."""
        while unit is not None and not self.owns(unit, construct):
            unit = self.units[unit.within] if unit.within else None
        return unit

    def container(self, unit: Unit, construct: str) -> Unit | None:
        """The nearest strict container that owns ``construct``."""
        return self.owner(self.units[unit.within], construct) if unit.within else None

    def outermost_owner(self, unit: Unit, construct: str) -> Unit | None:
        """The last of the unit and its containers that owns ``construct``."""
        found = self.owner(unit, construct)
        while found and (outer := self.container(found, construct)):
            found = outer
        return found

    def node(self, unit: Unit | None, construct: str, lag: int) -> Node | None:
        """The score that ``unit`` reads of ``construct``, ``lag`` periods back."""
        owner = self.owner(unit, construct)
        for step in range(lag):
            if owner is None:
                return None
            if owner.previous is None:
                return Node(owner.name, construct, start=lag - step)
            owner = self.units[owner.previous]
        return Node(owner.name, construct) if owner else None
