"""Graphs and restrictions compared as models over causal types: how well each foresees the coded units, and one from the others.

Every rival is scored on the same units and constructs: one that it does not join to anything is a node by itself. A cut is never
weighed by fit: the comparison is made with the cut at every place tried.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from analyses.trace import Ask, Say, restrictions_of
from causal.judgement import DECIBANS
from causal.theory import Theory
from models.study import Study
from models.types.cases import Case
from models.types.coding import Coded, code, expected_signs, signed, theory_graph
from models.types.cuts import Cut
from models.types.graph import Graph, TypesError, build_graph, parse_graph
from models.types.make import Model, make
from models.types.marginal import LogProbability, foresee, score
from models.types.noisy import NoisyOr
from models.types.restrictions import WRITTEN

PARTICLES, FEW = 2000, 1000
"""Particles of an estimate of all units, and of one unit from the others."""


@dataclass(frozen=True)
class Entrant:
    """A rival: its graph, its restrictions, and the theory whose signs a noisy-or prior follows."""

    name: str
    graph: Graph
    restrictions: tuple[str, ...]
    theory: Theory


@dataclass(frozen=True)
class Compared:
    """trace_rivals.csv, a row per rival, best first; trace_held_out.csv, a row per rival and unit; and why others have no row."""

    rivals: pd.DataFrame
    held_out: pd.DataFrame
    refused: dict[str, str]


def compare(study: Study, ask: Ask, against: Sequence[str] = (), say: Say = lambda _: None) -> Compared:
    """The theory as asked against itself with and without restrictions, the study's other theories, and what is named.

    against : graphs such as "X -> Y; Z", or restrictions of the theory such as "increasing(X -> Y)"
    Raises TypesError where units were selected by their values, or for a text that is neither.
    """
    if ask.selected:
        raise TypesError("rivals cannot be compared when units were selected: how many were not seen is unknown.")
    nodes = _nodes(study, ask)
    coded = [(weight, code(study, cut, ask.seed, nodes)) for weight, cut in ask.cut.tried()]
    entrants = list(_entrants(study, ask, against, nodes))
    scores: dict[str, list[LogProbability]] = {}
    held_out: list[dict[str, object]] = []
    refused: dict[str, str] = {}
    for entrant in entrants:
        say(f"scoring {entrant.name}")
        try:
            model = make(entrant.graph, entrant.restrictions, signed(ask.prior, entrant.graph, entrant.theory))
            found = [score(model, _of(model, c), PARTICLES, ask.seed) for _, c in coded]
            held_out += _held_out(entrant.name, model, coded[0][1], ask.seed)
        except TypesError as error:
            if entrant is entrants[0]:
                raise
            refused[entrant.name] = str(error)
        else:
            scores[entrant.name] = found
    scored = [entrant for entrant in entrants if entrant.name in scores]
    rivals = _table(scored, [weight for weight, _ in coded], scores, pd.DataFrame(held_out))
    return Compared(rivals, pd.DataFrame(held_out), refused)


def _nodes(study: Study, ask: Ask) -> tuple[str, ...]:
    """Every construct that is coded in some unit and that some theory of the study joins to another; lagged ones too."""
    used = dict.fromkeys(n for t in study.theories.values() for n in theory_graph(t, ask.cut).nodes)
    seen = code(study, replace(ask.cut, draws=1), ask.seed, tuple(used)).cases
    return tuple(n for n in used if any(n in case.seen for case in seen))


def _entrants(study: Study, ask: Ask, against: Sequence[str], nodes: Sequence[str]) -> Iterator[Entrant]:
    cut, asked = ask.cut, tuple(restrictions_of(study, ask))
    graph, name = theory_graph(study.theory, cut, nodes), study.theory.name
    own = study.theory
    yield Entrant(name, graph, asked, own)
    if asked:
        yield Entrant(f"{name}, without restrictions", graph, (), own)
    signs = tuple(expected_signs(own))
    if signs and not ask.signs and not isinstance(ask.prior, NoisyOr):
        yield Entrant(f"{name}, with its signs", graph, (*asked, *signs), own)
    for rival, theory in study.rivals.items():
        ruled = tuple(expected_signs(theory)) if ask.signs else ()
        yield Entrant(rival, theory_graph(theory, cut, nodes), ruled, theory)
    for text in against:
        if WRITTEN.fullmatch(text):
            yield Entrant(f"{name}, {text}", graph, (*asked, text), own)
        else:
            yield Entrant(text, _named_graph(text, nodes, cut), (), own)


def _named_graph(text: str, nodes: Sequence[str], cut: Cut) -> Graph:
    drawn = parse_graph(text)
    if strangers := sorted(set(drawn.nodes) - set(nodes)):
        raise TypesError(f"'{text}': '{strangers[0]}' is no coded construct; they are {', '.join(nodes)}.")
    edges = [(parent, node) for node in drawn.nodes for parent in drawn.parents[node]]
    pairs = [(other, node) for node in drawn.nodes for other in drawn.confounded[node]]
    names = list(dict.fromkeys((*drawn.nodes, *nodes)))
    return build_graph(names, edges, pairs, {name: cut.levels(name) for name in names})


def _of(model: Model, coded: Coded) -> list[Case]:
    """The units as this model sees them."""
    return [replace(c, seen={n: w for n, w in c.seen.items() if n in model.graph.position}) for c in coded.cases]


def _held_out(name: str, model: Model, coded: Coded, seed: int) -> Iterator[dict[str, object]]:
    cases = _of(model, coded)
    for case in cases:
        found = foresee(model, [c for c in cases if c is not case], case, FEW, seed)
        yield {"model": name, "unit": case.name, "log_score": found.value, "mcse": found.mcse}


def _table(
    entrants: Sequence[Entrant],
    weights: Sequence[float],
    scores: dict[str, list[LogProbability]],
    held_out: pd.DataFrame,
) -> pd.DataFrame:
    first = entrants[0].name
    mean = {name: float(np.dot(weights, [s.value for s in found])) for name, found in scores.items()}
    best, top = max(mean, key=lambda name: mean[name]), max(mean.values())
    error = {
        name: float(np.linalg.norm(np.multiply(weights, [s.mcse for s in found]))) for name, found in scores.items()
    }
    odds = {name: float(np.exp(value - top)) for name, value in mean.items()}
    rows = []
    for entrant in sorted(entrants, key=lambda e: -mean[e.name]):
        name = entrant.name
        ahead = [DECIBANS * (a.value - b.value) for a, b in zip(scores[name], scores[first], strict=True)]
        apart = 0.0 if name == first else DECIBANS * float(np.hypot(error[name], error[first]))
        own = held_out[held_out["model"] == name]
        rows.append(
            {
                "model": name,
                "restrictions": "; ".join(entrant.restrictions),
                "log_marginal_likelihood": mean[name],
                "mcse": error[name],
                "behind_best_db": DECIBANS * (mean[best] - mean[name]),
                "posterior_probability": odds[name] / sum(odds.values()),
                "for_it_db": float(np.dot(weights, ahead)),
                "for_it_mcse_db": apart,
                "least_over_cuts_db": min(ahead),
                "most_over_cuts_db": max(ahead),
                "held_out_score": float(own["log_score"].sum()),
                "held_out_mcse": float(np.sqrt((own["mcse"] ** 2).sum())),
                "exact": all(s.mcse == 0 for s in scores[name]),
            }
        )
    return pd.DataFrame(rows)
