"""The effects a theory speaks of, each answered on prior and posterior draws."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import networkx as nx
import numpy as np
import xarray as xr
from numpy.typing import NDArray

from causal.query import CaseCounterfactual, Claim, DirectEffect, Effect, NaturalEffect, PathEffect, Query
from causal.theory import Theory
from data.cases import Unit
from models.blueprint import Blueprint
from models.effects.abduction import CannotAnswer
from models.effects.interventions import Laboratory, on_both_scales, open_laboratory, standardised
from models.simulation.rebuild import prior_theta, theta_of

type Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Laboratories:
    """The same new case drawn from the prior and from the posterior."""

    prior: Laboratory
    posterior: Laboratory


@dataclass(frozen=True)
class Answer:
    """A query with its draws, shape (samples,), on the standardised and (where there is one) on the rating scale."""

    query: Query
    prior: Floats
    posterior: Floats
    prior_rating: Floats | None
    posterior_rating: Floats | None


def open_laboratories(blueprint: Blueprint, units: Mapping[str, Unit], tree: xr.DataTree, seed: int) -> Laboratories:
    """Laboratories on the draws of a tree; the same seed gives the same random numbers to prior and posterior."""
    prior, posterior = (
        open_laboratory(blueprint, units, theta_of(blueprint, tree[group].to_dataset()), np.random.default_rng(seed))
        for group in ("prior", "posterior")
    )
    return Laboratories(prior, posterior)


def with_effects(tree: xr.DataTree, answers: Sequence[Answer]) -> xr.DataTree:
    """The tree with standardised effects as one variable ``effect`` (by estimand) of posterior and prior."""
    names = [str(a.query) for a in answers]
    added = {}
    for group, draws in (("posterior", [a.posterior for a in answers]), ("prior", [a.prior for a in answers])):
        data = tree[group].to_dataset()
        shape = (data.sizes["chain"], data.sizes["draw"], len(names))
        values = np.stack(draws, axis=-1).reshape(shape) if names else np.zeros(shape)
        added[f"/{group}"] = data.assign(effect=(("chain", "draw", "estimand"), values)).assign_coords(estimand=names)
    return xr.DataTree.from_dict({node.path: node.to_dataset() for node in tree.subtree if node.path != "/"} | added)


def answered(labs: Laboratories, wanted: Sequence[Query]) -> tuple[Answer, ...]:
    """Draws of every query before and after the data."""
    before, after = (on_both_scales(lab, *wanted) for lab in (labs.prior, labs.posterior))
    columns = zip(before[0], after[0], before[1], after[1], strict=True)
    return tuple(Answer(query, *draws) for query, draws in zip(wanted, columns, strict=True))


def queries(theory: Theory) -> tuple[Query, ...]:
    """Every total effect along a directed path, direct, natural and moderated (at low and high) effect of a theory.

    Natural indirect effects are asked where something mediates, natural direct ones where there is also a direct edge:
    without one they are 0, and the indirect effect is the total one.
    """
    graph = theory.graph
    graph.add_edges_from((edge.cause, edge.effect) for edge in theory.edges if edge.cause != edge.effect)
    totals: list[Query] = [
        Effect(cause, effect)
        for cause in theory.names
        for effect in theory.names
        if cause != effect and nx.has_path(graph, cause, effect)
    ]
    direct = [DirectEffect(cause, effect) for cause, effect in graph.edges]
    return (*totals, *direct, *_natural(graph, totals), *_moderated(theory))


def _natural(graph: nx.DiGraph[str], totals: Sequence[Query]) -> Iterator[Query]:
    for total in totals:
        cause, effect = total.cause, total.effect
        without = nx.restricted_view(graph, [cause], [])
        if any(m != effect and nx.has_path(without, m, effect) for m in graph.successors(cause)):
            if graph.has_edge(cause, effect):
                yield NaturalEffect("direct", cause, effect)
            yield NaturalEffect("indirect", cause, effect)


def _moderated(theory: Theory) -> Iterator[Query]:
    for edge in theory.edges:
        if edge.moderator:
            for level in ("low", "high"):
                yield Effect(edge.cause, edge.effect, ((edge.moderator, level),))


def kind_of(query: Query) -> str:
    """The word by which effects.csv calls a query."""
    match query:
        case CaseCounterfactual():
            return "counterfactual"
        case PathEffect():
            return "path"
        case NaturalEffect(kind=kind):
            return f"natural {kind}"
        case Effect(case=str()) | DirectEffect(case=str()):
            return "case"
        case DirectEffect():
            return "direct"
        case _:
            return "moderated" if query.given else "total"


def unanswerable(blueprint: Blueprint, units: Mapping[str, Unit], claim: Claim) -> str:
    """Why a claim cannot be answered on these units, found on a few prior draws; empty when it can."""
    rng = np.random.default_rng(0)
    lab = open_laboratory(blueprint, units, prior_theta(blueprint, 2, rng), rng, replicates=2)
    for query in claim.queries:
        try:
            standardised(lab, query)
        except CannotAnswer as error:
            return str(error)
    return ""


def silence(blueprint: Blueprint, claim: Claim) -> str:
    """Why the data cannot speak to a claim: no row measures a construct of it, or a cause of it never varies. Else empty."""
    named = {name for query in claim.queries for name in query.constructs}
    silent = sorted(named & set(blueprint.unmeasured))
    if silent:
        return f"no row measures {', '.join(silent)}"
    causes = {name for query in claim.queries for name in query.constructs if name != query.effect}
    same = sorted(name for name in causes if name in blueprint.columns and not blueprint.columns[name].varies)
    return f"every value of {', '.join(same)} is the same" if same else ""
