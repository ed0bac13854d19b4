"""What a refutation does to coded rows: move them to other units, redraw an outcome, leave some out. Rows in, rows out."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import islice, permutations, product
from math import factorial, prod

import numpy as np

from data.cases import Observation, Unit
from data.units import containers

type Sources = Mapping[str, str]
"""For every outermost unit the outermost unit of its kind whose rows it is given."""

FEW = 24
"""At most so many permutations are all looked at; of more, a sample."""


def outermost(units: Mapping[str, Unit]) -> list[Unit]:
    """The units that nothing contains, in file order."""
    return [unit for unit in units.values() if unit.within is None]


def top_of(unit: Unit, units: Mapping[str, Unit]) -> Unit:
    """The outermost unit around a unit, itself if nothing contains it."""
    return [unit, *containers(unit, units)][-1]


def moved(
    rows: Sequence[Observation], units: Mapping[str, Unit], sources: Sources, indicators: Collection[str]
) -> tuple[Observation, ...]:
    """Rows of some indicators as each unit would have them had it been the one ``sources`` names; other rows stay.

    What lies inside a unit goes with it: the k-th inner unit of a kind to the k-th of that kind, round and round when there
    are fewer; where there is none, to the outer unit itself.
    """
    inside = _inside(units)
    found = [row for row in rows if row.indicator not in indicators]
    for target, source in sources.items():
        places = _places(inside[target], inside[source], target, units)
        found += [
            replace(row, unit=places[row.unit]) for row in rows if row.indicator in indicators and row.unit in places
        ]
    return tuple(found)


def _inside(units: Mapping[str, Unit]) -> dict[str, list[str]]:
    """Every outermost unit with all the units in it, itself first."""
    found: dict[str, list[str]] = {unit.name: [unit.name] for unit in outermost(units)}
    for unit in units.values():
        if unit.within is not None:
            found[top_of(unit, units).name].append(unit.name)
    return found


def _places(targets: Sequence[str], sources: Sequence[str], outer: str, units: Mapping[str, Unit]) -> dict[str, str]:
    """Where the rows of each source unit go."""
    counts: dict[str, int] = {}
    places = {}
    for name in sources:
        kind = units[name].kind
        same = [target for target in targets if units[target].kind == kind]
        places[name] = same[counts.get(kind, 0) % len(same)] if same else outer
        counts[kind] = counts.get(kind, 0) + 1
    return places


def shuffles(
    units: Mapping[str, Unit], within_cases: bool, most: int, rng: np.random.Generator
) -> list[dict[str, str]]:
    """Permutations of the outermost units among those of their kind (and case): all but the true order when few, else a sample.

    Units alone in their group stay where they are; no permutation at all is returned when every unit does.
    """
    groups: dict[tuple[str, ...], list[str]] = {}
    for unit in outermost(units):
        groups.setdefault((unit.kind, unit.case) if within_cases else (unit.kind,), []).append(unit.name)
    members = [names for names in groups.values() if len(names) > 1]
    if prod(factorial(min(len(names), 12)) for names in members) <= FEW:
        orders = product(*(permutations(names) for names in members))
        return [_sources(members, order, units) for order in islice(orders, 1, None)][:most]
    found: dict[tuple[tuple[str, ...], ...], None] = {}
    true = tuple(map(tuple, members))
    while len(found) < most:
        order = tuple(tuple(str(name) for name in rng.permutation(names)) for names in members)
        if order != true:
            found[order] = None
    return [_sources(members, order, units) for order in found]


def _sources(
    members: Sequence[Sequence[str]], order: Sequence[Sequence[str]], units: Mapping[str, Unit]
) -> dict[str, str]:
    still = {unit.name: unit.name for unit in outermost(units)}
    return still | {
        a: b for names, mixed in zip(members, order, strict=True) for a, b in zip(names, mixed, strict=True)
    }


def resample(units: Mapping[str, Unit], whole_cases: bool, rng: np.random.Generator) -> dict[str, str]:
    """A bootstrap sample: each outermost unit given the rows of one drawn from its kind; of whole cases, period by period."""
    outer = outermost(units)
    if not whole_cases:
        kinds = {kind: [u.name for u in outer if u.kind == kind] for kind in dict.fromkeys(u.kind for u in outer)}
        return {unit.name: str(rng.choice(kinds[unit.kind])) for unit in outer}
    cases = list(dict.fromkeys(unit.case for unit in outer))
    drawn = {case: str(rng.choice(cases)) for case in cases}
    found, counts = {}, dict[tuple[str, str], int]()
    for unit in outer:
        same = [u.name for u in outer if u.case == drawn[unit.case] and u.kind == unit.kind]
        place = counts.get((unit.case, unit.kind), 0)
        counts[(unit.case, unit.kind)] = place + 1
        found[unit.name] = same[place % len(same)] if same else unit.name
    return found


def dummy(
    rows: Sequence[Observation], indicators: Collection[str], rng: np.random.Generator
) -> tuple[Observation, ...]:
    """Rows of some indicators with their values redrawn, each from all values coded for that indicator."""
    said: dict[str, list[Observation]] = {}
    for row in rows:
        if row.indicator in indicators and row.is_evidence:
            said.setdefault(row.indicator, []).append(row)
    found = []
    for row in rows:
        if row.indicator in said and row.is_evidence:
            other = said[row.indicator][int(rng.integers(len(said[row.indicator])))]
            row = replace(row, levels=other.levels, value=other.value, n=other.n, text=other.text)
        found.append(row)
    return tuple(found)


def groups(rows: Sequence[Observation], units: Mapping[str, Unit]) -> Iterator[tuple[str, str, frozenset[str]]]:
    """What may be left out: ("case" | "period" | "source" | "coder", its name, its rows), where anything is left without it."""
    evidence = [row for row in rows if row.is_evidence]
    found: dict[tuple[str, str], set[str]] = {}
    for row in evidence:
        unit = units[row.unit]
        labels = {"case": unit.case, "period": f"{unit.period:g}", "source": row.source, "coder": row.coder}
        for by, name in labels.items():
            if name:
                found.setdefault((by, name), set()).add(row.name)
    for (by, name), names in sorted(
        found.items(), key=lambda item: ("case", "period", "source", "coder").index(item[0][0])
    ):
        if len(names) < len(evidence):
            yield by, name, frozenset(names)


def part(
    rows: Sequence[Observation], units: Mapping[str, Unit], share: float, rng: np.random.Generator
) -> frozenset[str]:
    """Names of the rows of a random share of the outermost units: what a subset leaves out."""
    outer = [unit.name for unit in outermost(units)]
    out = {str(name) for name in rng.choice(outer, size=max(1, round(share * len(outer))), replace=False)}
    return frozenset(row.name for row in rows if row.is_evidence and top_of(units[row.unit], units).name in out)
