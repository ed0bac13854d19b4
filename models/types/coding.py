"""From a study's rows to what was seen of each construct: cut at stated thresholds, the doubt of coding and cut carried along.

Set-valued rows are chosen over a fitted model's scores, which were drawn with the structure that is asked about here, so
that it would count twice. A row stands for a position between 0 (least) and 1 (most of its construct). One draw of the coding
takes, for each unit and indicator, one of its rows; a level among those the row allows, or with probability 1 - confidence any
level at all; the mean over the indicators, those of one evidence group counting once, weighted at random (Rubin 1981, the
Bayesian bootstrap) since other indicators might have been chosen; and cuts it at thresholds that are themselves uncertain.
The share of draws at each level is how probable what was read is at that level.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from causal.theory import Theory
from data.cases import Observation
from models.study import Study
from models.types.cases import Case
from models.types.cuts import BEFORE, Cut
from models.types.graph import Graph, TypesError, build_graph
from models.types.noisy import NoisyOr
from models.types.priors import Prior

type Floats = NDArray[np.float64]

TIE = 1e-9
DEFAULT_CUT = Cut()


@dataclass(frozen=True)
class Coded:
    """The units of a study as cases of a model over causal types.

    graph : of the theory's constructs that have a cause or an effect; a lagged cause is a node of its own, `..._before`
    cases : the outermost units, by name; rows : how many rows each unit's constructs rest on; passed : how many were passed over,
    being of a family (counts, measurements) that has no least and most
    """

    graph: Graph
    cases: tuple[Case, ...]
    rows: dict[tuple[str, str], int]
    passed: int


def code(study: Study, cut: Cut, seed: int = 0, also: Sequence[str] = ()) -> Coded:
    """The study's outermost units, coded. Raises TypesError when nothing can be cut.

    also : further nodes that the graph is to have even if the theory does not join them to anything
    """
    if strangers := sorted(set(cut.own) - {name for theory in study.theories.values() for name in theory.names}):
        raise TypesError(f"a cut is given for '{strangers[0]}'; constructs are {', '.join(study.theory.names)}.")
    graph = theory_graph(study.theory, cut, also)
    rng = np.random.default_rng(seed)
    rows = _rows_by_cell(study)
    shifts = rng.normal(0, cut.sd, size=(cut.draws, 1))
    seen: dict[tuple[str, str], tuple[float, ...]] = {}
    passed = 0
    for (unit, construct), found in rows.items():
        usable = [
            row for row in found if study.codebook.indicators[row.indicator].family in ("ordinal", "binary", "binomial")
        ]
        passed += len(found) - len(usable)
        if usable and construct in study.theory.names:
            levels = (_positions(study, usable, cut.draws, rng)[:, None] > np.array(cut.of(construct)) + shifts).sum(
                axis=1
            )
            seen[unit, construct] = tuple((np.bincount(levels, minlength=cut.levels(construct)) / cut.draws).tolist())
    if not seen:
        raise TypesError("no row of the study is of a family that can be cut: ordinal, binary or binomial.")
    cases = tuple(_case(study, graph, unit, seen) for unit in _outermost(study))
    return Coded(graph, cases, {cell: len(found) for cell, found in rows.items()}, passed)


def theory_graph(theory: Theory, cut: Cut = DEFAULT_CUT, also: Sequence[str] = ()) -> Graph:
    """The graph of a theory: constructs without any edge are left out but for `also`, lagged causes are nodes of their own."""
    edges = [(edge.cause + (BEFORE if edge.lag else ""), edge.effect) for edge in theory.edges]
    edges += [(e.moderator, e.effect) for e in theory.edges if e.moderator and (e.moderator, e.effect) not in edges]
    pairs = [pair.between for pair in theory.confounded]
    used = dict.fromkeys([*(name for pair in (*edges, *pairs) for name in pair), *also])
    ordered = [name for name in theory.names if name in used] + [name for name in used if name not in theory.names]
    return build_graph(ordered, edges, pairs, {name: cut.levels(name) for name in ordered})


def expected_signs(theory: Theory) -> list[str]:
    """The theory's signs as restrictions; an edge that something moderates is left free."""
    words = {"+": "increasing", "-": "decreasing"}
    return [
        f"{words[e.sign]}({e.cause}{BEFORE if e.lag else ''} -> {e.effect})"
        for e in theory.edges
        if e.sign in words and not e.moderator
    ]


def signed(prior: Prior, graph: Graph, theory: Theory) -> Prior | dict[str, Prior]:
    """The prior of every node of a graph: in a noisy-or, causes that the theory expects to hold a node down work by being low."""
    if not isinstance(prior, NoisyOr):
        return prior
    down = {(e.cause + (BEFORE if e.lag else ""), e.effect) for e in theory.edges if e.sign == "-"}
    return {n: replace(prior, absent=tuple(p for p in graph.parents[n] if (p, n) in down)) for n in graph.nodes}


def _outermost(study: Study) -> list[str]:
    cases = study.cases
    return [name for name, unit in cases.units.items() if unit.within is None and unit.kind in cases.outermost_kinds]


def _rows_by_cell(study: Study) -> dict[tuple[str, str], list[Observation]]:
    """The rows that enter the likelihood, by outermost unit and construct."""
    found: dict[tuple[str, str], list[Observation]] = {}
    for row in study.cases.observations:
        if row.is_evidence:
            outer = [row.unit, *study.cases.ancestors(row.unit)][-1]
            found.setdefault((outer, study.construct_of(row)), []).append(row)
    return found


def _positions(study: Study, rows: Sequence[Observation], draws: int, rng: np.random.Generator) -> Floats:
    """Draws of where a construct is between its least and its most, shape (draws,)."""
    cells: dict[tuple[str, str], list[Floats]] = {}
    groups: dict[tuple[str, str], str] = {}
    for row in rows:
        cells.setdefault((row.unit, row.indicator), []).append(_row_positions(study, row, draws, rng))
        groups[row.unit, row.indicator] = row.evidence_group
    by_group: dict[str, list[Floats]] = {}
    for cell, readings in cells.items():
        chosen = np.stack(readings)[rng.integers(len(readings), size=draws), np.arange(draws)]
        by_group.setdefault(groups[cell], []).append(chosen)
    means = np.stack([np.mean(members, axis=0) for members in by_group.values()])
    weights = rng.dirichlet(np.ones(len(means)), size=draws).T
    halfway = rng.uniform(-TIE, TIE, size=draws)  # a position exactly at a cut is on either side as often
    return np.asarray((weights * means).sum(axis=0) + halfway)


def _row_positions(study: Study, row: Observation, draws: int, rng: np.random.Generator) -> Floats:
    indicator = study.codebook.indicators[row.indicator]
    if indicator.family == "ordinal":
        top = len(study.codebook.levels(row.indicator)) - 1
        informed, blind = rng.choice(np.array(row.levels), size=draws) / top, rng.integers(top + 1, size=draws) / top
    elif indicator.family == "binary":
        informed, blind = np.full(draws, float(row.value or 0)), rng.integers(2, size=draws).astype(float)
    else:
        yes, n = float(row.value or 0), float(row.n or 0)
        informed, blind = rng.beta(yes + 1, n - yes + 1, size=draws), rng.random(draws)
    position = np.where(rng.random(draws) < row.confidence, informed, blind)
    return np.asarray(1 - position if indicator.reversed else position)


def _case(study: Study, graph: Graph, unit: str, seen: dict[tuple[str, str], tuple[float, ...]]) -> Case:
    previous = study.cases.units[unit].previous
    found: dict[str, tuple[float, ...]] = {}
    for node in graph.nodes:
        lagged = node.endswith(BEFORE) and node not in study.theory.names
        read = (previous, node.removesuffix(BEFORE)) if lagged else (unit, node)
        if read in seen:
            found[node] = seen[read[0] or "", read[1]]
    return Case(unit, found)
