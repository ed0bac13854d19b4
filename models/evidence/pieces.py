"""Pieces of evidence: the sets of rows whose joint contribution is asked, by what they have in common."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Literal, get_args

from data.cases import Observation
from models.study import Study

type By = Literal["case", "unit", "source", "construct", "indicator", "evidence_group", "coder", "role"]
type Pieces = Mapping[tuple[By, str], frozenset[str]]

KINDS: tuple[By, ...] = get_args(By.__value__)


def pieces(study: Study) -> Pieces:
    """Rows by case, outermost unit, source, construct, indicator, evidence group, coder, and the build items.

    A piece of one row is that row's own entry in the ledger, one of all rows has nothing to be compared with: neither
    is here.
    """
    rows = [row for row in study.cases.observations if row.is_evidence]
    found: dict[tuple[By, str], set[str]] = {}
    for row in rows:
        for key in _memberships(study, row):
            found.setdefault(key, set()).add(row.name)
    ordered = sorted(found, key=lambda key: KINDS.index(key[0]))
    return {key: frozenset(found[key]) for key in ordered if 1 < len(found[key]) < len(rows)}


def _memberships(study: Study, row: Observation) -> Iterator[tuple[By, str]]:
    outermost = [row.unit, *study.cases.ancestors(row.unit)][-1]
    yield "case", study.cases.units[row.unit].case
    yield "unit", outermost
    yield "source", row.source
    yield "construct", study.construct_of(row)
    yield "indicator", row.indicator
    yield "evidence_group", row.evidence_group
    if row.coder:
        yield "coder", row.coder
    if row.role == "build":
        yield "role", row.role
