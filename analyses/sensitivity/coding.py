"""Coding: what the answer becomes when the sources are read otherwise."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
import pandas as pd

from analyses.sensitivity.bench import Bench, Outcome, Row, Variant
from analyses.sensitivity.reweighted import COLUMNS, Record, reweighted
from causal.ledger import reweigh
from causal.sensitivity.standing import share_interval
from data import recoding
from data.alternatives import Alternative
from data.recoding import Edit
from models.blueprint import Blueprint
from models.evidence.psis import psis
from models.evidence.removal import Removal
from models.structure.reading import Node, Reader
from models.study import Study

type Worded = Iterator[tuple[str, str, Edit]]
"""A worry, what is changed, and how."""

SHIFTED, DOUBTED = "ratings a level off, all of a unit", "how sure the readings are"
ALONE, RANGES, DISPUTED = "which coder is believed", "what ranges mean", "disputed cells"
ONE_ROW, OUTCOME, PLAUSIBLE = "one rating a level off", "what counts as the outcome", "random recodings"
BUILD = "rows that shaped the hypothesis"
MOVE_COLUMNS = ("hypothesis", "observation", "case", "unit", "indicator", "value", "step", *COLUMNS)


def edits(study: Study) -> Worded:
    """Every systematic recoding of the study."""
    rows, book = study.cases.observations, study.codebook
    for unit in (u for u in study.cases.units.values() if u.within is None):
        own = [row for row in rows if _outer(study, row.unit) == unit.name]
        for step, words in ((1, "up"), (-1, "down")):
            yield SHIFTED, f"{unit.name} a level {words}", recoding.all_moved(own, step, book)
    for factor in (0.5, 2.0, 4.0):
        yield DOUBTED, f"chance of misreading x {factor:g}", recoding.doubted(rows, factor)
    found = recoding.coders(rows)
    for coder in found if len(found) > 1 else ():
        yield ALONE, f"coder {coder} alone", recoding.coder_alone(rows, coder)
    yield RANGES, "low end", recoding.collapsed(rows, "low")
    yield RANGES, "high end", recoding.collapsed(rows, "high")
    yield DISPUTED, "lowest reading", recoding.settled(rows, "low", book)
    yield DISPUTED, "highest reading", recoding.settled(rows, "high", book)
    yield BUILD, "without them", recoding.without_build(rows)


def _outer(study: Study, unit: str) -> str:
    return [unit, *study.cases.ancestors(unit)][-1]


def outcome_edits(study: Study, outcomes: Sequence[str]) -> Worded:
    """Each indicator of each outcome alone."""
    rows, book = study.cases.observations, study.codebook
    used = {row.indicator for row in rows if row.is_evidence}
    for construct in outcomes:
        names = [i.name for i in book.indicators.values() if i.measures == construct and i.name in used]
        for name in names if len(names) > 1 else ():
            edit = recoding.only_indicators(rows, construct, [name], book)
            yield OUTCOME, f"{construct} by {name} alone", edit


def variants(bench: Bench) -> Iterator[Variant]:
    """A refit for each recoding that changes anything."""
    study = bench.study
    outcomes = list(dict.fromkeys(q.effect for h in bench.asked for q in h.claim.queries))
    for worry, change, edit in (*edits(study), *outcome_edits(study, outcomes)):
        if edit:
            yield Variant("coding", worry, change, bench.base, edit)
    for other in (a for a in study.alternatives if a.construct in study.theory.names):
        yield _alternative(bench, other)
    rng = np.random.default_rng(bench.effort.seed)
    for n in range(bench.effort.recodings):
        edit = recoding.plausible(study.cases.observations, study.codebook, rng)
        details = {"rows_changed": len(edit)}
        yield Variant("recodings", PLAUSIBLE, f"recoding {n + 1}", bench.base, edit, details=details)


def _alternative(bench: Bench, other: Alternative) -> Variant:
    """The outcome read off other indicators: their cells become readings of its score, its own say nothing."""
    rows, book = bench.study.cases.observations, bench.study.codebook
    edit = recoding.only_indicators(rows, other.construct, other.indicators, book)
    change = f"{other.construct} by {other.name}"
    changes = {"latent": _read_as(bench.base, bench.study, other)}
    return Variant("coding", OUTCOME, change, bench.base, edit, changes)


def _read_as(blueprint: Blueprint, study: Study, other: Alternative) -> np.ndarray:
    latent = np.array(blueprint.data["latent"])
    reader = Reader(blueprint.theory, study.cases.units)
    keys = [key for block in blueprint.blocks for key in block.keys]
    for cell, (unit, indicator) in enumerate(keys):
        owner = reader.owner(study.cases.units[unit], other.construct)
        if indicator in other.indicators and owner is not None:
            latent[cell] = blueprint.structure.index[Node(owner.name, other.construct)]
    return latent


def moves_table(bench: Bench) -> pd.DataFrame:
    """coding_moves.csv: each claim with one rating a level up or down, by importance weights on the study's own draws."""
    return pd.DataFrame(list(_moves(bench)), columns=list(MOVE_COLUMNS))


def _moves(bench: Bench) -> Iterator[Row]:
    study, removal = bench.study, Removal(bench.base, bench.estimate.theta())
    for row in recoding.judged(study.cases.observations, study.codebook):
        for step in (1, -1):
            other = recoding.moved(row, step, study.codebook)
            if other is None:
                continue
            draws = reweigh(removal.log_ratio_if({row.name: other}).reshape(bench.estimate.shape()), psis)
            case = study.cases.units[row.unit].case
            for h in bench.asked:
                where = {"hypothesis": h.id, "observation": row.name, "case": case, "unit": row.unit}
                what = {"indicator": row.indicator, "value": row.text, "step": step}
                yield where | what | reweighted(bench, h, draws)


def move_words(row: Record) -> str:
    """What a row of coding_moves.csv changed."""
    return f"{row['observation']} a level {'up' if row['step'] > 0 else 'down'}"


def share_table(bench: Bench, outcomes: Sequence[Outcome]) -> pd.DataFrame:
    """recodings_share.csv: the share of plausible recodings under which each verdict stands, with a 90 % interval."""
    rows = []
    for h in bench.asked:
        own = [o for o in outcomes if o.variant.worry == PLAUSIBLE and o.hypothesis.id == h.id]
        if own:
            stands = sum(o.standing.verdict == bench.own[h.id].verdict for o in own)
            share, low, high = share_interval(stands, len(own))
            rows.append(
                {"hypothesis": h.id, "verdict": bench.own[h.id].verdict, "recodings": len(own), "share": share}
                | {"low": low, "high": high, "least_probability": min(o.standing.probability for o in own)}
                | {"most_probability": max(o.standing.probability for o in own)}
            )
    return pd.DataFrame(rows)
