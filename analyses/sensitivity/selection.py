"""Cases chosen on success, failures that nobody reported: how much of either the verdict would bear."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import combinations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from analyses.sensitivity.bench import Bench, Outcome, Row, Variant
from analyses.sensitivity.reweighted import COLUMNS, Record, reweighted
from causal.ledger import reweigh
from causal.sensitivity.selection import fewest, log_weights, odds_per_sd
from data.failures import Twin, failed_twin
from models.blueprint import Blueprint, draw_blueprint
from models.evidence.psis import psis
from models.structure.reading import Node, Reader

type Floats = NDArray[np.float64]

CHOSEN, UNREPORTED = "cases chosen on success", "failures that nobody reported"
STRENGTHS = (0.5, 1.0, 1.5, 2.0, 3.0)
MOST_TWINS = 4
"""So many cases at most are given a failed twin."""
CHOSEN_COLUMNS = ("hypothesis", "outcome", "strength", "odds_per_sd", *COLUMNS)


def outcomes_of(bench: Bench) -> dict[str, str]:
    """What success is to each claim: the effect of its last quantity."""
    return {h.id: h.claim.queries[-1].effect for h in bench.asked}


def variants(bench: Bench) -> Iterator[Variant]:
    """For each outcome, refits with one failed twin of each case in turn, with each pair, and with all of them.

    A twin is coded as the case is, except that its outcome failed: an unreported case in which the causes were there and nothing
    came of it. All numbers of twins are one compiled model, in which those not wanted carry no weight.
    """
    study, success = bench.study, outcomes_of(bench)
    cases = study.cases.cases[:MOST_TWINS]
    for outcome in dict.fromkeys(success.values()):
        twins = {c: failed_twin(c, outcome, study.cases.units, study.cases.observations, study.codebook) for c in cases}
        units = dict(study.cases.units) | {name: unit for twin in twins.values() for name, unit in twin.units.items()}
        rows = [*study.cases.observations, *(row for twin in twins.values() for row in twin.rows)]
        blueprint = draw_blueprint(bench.base.theory, study.codebook, units, rows)
        about = tuple(h for h, effect in success.items() if effect == outcome)
        for wanted in _sets(cases):
            weights = _weights(blueprint, [twin for case, twin in twins.items() if case not in wanted])
            change = f"{outcome} failed in a twin of {', '.join(wanted)}" if wanted else f"no twin ({outcome})"
            yield Variant(
                "selection", UNREPORTED, change, blueprint,
                changes={"cell_weight": weights}, units=units, about=about, details={"failures": len(wanted)},
                control=not wanted,
            )  # fmt: skip


def _sets(cases: Sequence[str]) -> Iterator[tuple[str, ...]]:
    """No case (a check on the enlarged model), each alone, each pair, and all."""
    sizes = sorted({0, 1, min(2, len(cases)), len(cases)})
    return (each for size in sizes for each in combinations(cases, size))


def _weights(blueprint: Blueprint, silent: Sequence[Twin]) -> Floats:
    """Cell weights under which some twins say nothing."""
    units = {unit for twin in silent for unit in twin.units}
    return np.array([0.0 if unit in units else 1.0 for block in blueprint.blocks for unit, _ in block.keys])


def fewest_table(bench: Bench, found: Sequence[Outcome]) -> pd.DataFrame:
    """failures.csv: the fewest unreported failures that change each verdict; blank when none of the tried numbers does."""
    rows = []
    for h in bench.asked:
        own = [o for o in found if o.variant.worry == UNREPORTED and o.hypothesis.id == h.id and not o.variant.control]
        tried = [(int(str(o.variant.details["failures"])), o.standing.verdict != bench.own[h.id].verdict) for o in own]
        if tried:
            rows.append(
                {"hypothesis": h.id, "verdict": bench.own[h.id].verdict, "cases": len(bench.study.cases.cases)}
                | {"most_tried": max(n for n, _ in tried), "fewest_that_change_it": fewest(tried)}
            )
    return pd.DataFrame(rows)


def chosen_table(bench: Bench) -> pd.DataFrame:
    """chosen.csv: each claim when a case's chance of being studied rises with its outcome, by importance weights."""
    return pd.DataFrame(list(_chosen(bench)), columns=list(CHOSEN_COLUMNS))


def _chosen(bench: Bench) -> Iterator[Row]:
    for h in bench.asked:
        outcome = outcomes_of(bench)[h.id]
        chosen, population = outcome_scores(bench, outcome)
        if not chosen.size:
            continue  # the outcome is none of the cases' own
        for strength in STRENGTHS:
            ratio = log_weights(chosen, population, strength).reshape(bench.estimate.shape())
            what: Row = {"hypothesis": h.id, "outcome": outcome, "strength": strength}
            yield what | {"odds_per_sd": odds_per_sd(strength)} | reweighted(bench, h, reweigh(ratio, psis))


def outcome_scores(bench: Bench, outcome: str) -> tuple[Floats, Floats]:
    """Draws of an outcome in each case's last outermost unit and in new cases, in standard deviations of new cases."""
    case, reader = bench.estimate.labs.posterior.case, Reader(bench.base.theory, bench.study.cases.units)
    outermost = [unit for unit in bench.study.cases.units.values() if unit.within is None]
    last = {unit.case: unit for unit in sorted(outermost, key=lambda unit: unit.period) if reader.owns(unit, outcome)}
    nodes = [bench.base.structure.index[Node(unit.name, outcome)] for unit in last.values()]
    score = bench.estimate.tree["posterior"]["score"].to_numpy()
    sd = case.sd(outcome)
    population = np.concatenate([part.natural[0][part.outcome(outcome)] for _, part in case.parts()])
    return score.reshape(-1, score.shape[-1])[:, nodes] / sd, population / sd


def chosen_words(row: Record) -> str:
    """What a row of chosen.csv supposes."""
    return f"odds of being studied times {row['odds_per_sd']:.1f} per sd of {row['outcome']}"
