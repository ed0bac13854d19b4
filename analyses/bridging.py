"""Qualitative evidence beside the model: what items of evidence.toml add to the odds of the theory against each rival."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import pandas as pd

from causal.bridge import NOTHING, Span, favours, flipping_bias, heard, package, together
from causal.judgement import DECIBANS
from data.evidence import Item
from models.evidence.marginal import LogEvidence, difference
from models.study import Study

ITEM_COLUMNS = (
    "item", "statement", "source", "group", "role", "reliability", "rival", "ratio_low", "ratio_high", "low_db", "high_db",
)  # fmt: skip
BRIDGE_COLUMNS = (
    "theory", "rival", "model_db", "model_mcse", "items", "packages", "evidence_low_db", "evidence_high_db", "low_db",
    "high_db", "favours", "flipping_bias", "low_db_without_build", "high_db_without_build", "favours_without_build",
)  # fmt: skip


def items_table(study: Study) -> pd.DataFrame:
    """evidence_items.csv: every item with its ratio for every rival as written and as heard through its source."""
    rows = (
        {
            "item": item.id,
            "statement": item.statement,
            "source": item.source,
            "group": item.group,
            "role": item.role,
            "reliability": item.reliability,
            "rival": rival,
            "ratio_low": low,
            "ratio_high": high,
            "low_db": _span(item, rival).low,
            "high_db": _span(item, rival).high,
        }
        for item in study.evidence
        for rival, (low, high) in item.ratios.items()
    )
    return pd.DataFrame(rows, columns=list(ITEM_COLUMNS))


def bridge_table(study: Study, evidence: Mapping[str, LogEvidence]) -> pd.DataFrame:
    """bridge.csv: for each rival the model's weight, the items' and both together, and the bias that would flip the result.

    evidence : log marginal likelihood of every theory; the model's weight counts with twice its Monte Carlo error either way
    """
    rows = _bridges(study, evidence) if study.evidence else ()
    return pd.DataFrame(list(rows), columns=list(BRIDGE_COLUMNS))


def _bridges(study: Study, evidence: Mapping[str, LogEvidence]) -> Iterator[dict[str, object]]:
    first = study.first
    for rival in (name for name in study.theories if name != first):
        weight, error = difference(evidence[first], evidence[rival])
        model = Span(DECIBANS * (weight - 2 * error), DECIBANS * (weight + 2 * error))
        packages = packages_of(study.evidence, rival)
        tested = packages_of([item for item in study.evidence if item.role == "test"], rival)
        total, without_build = model + together(packages), model + together(tested)
        bias = flipping_bias(model, packages)
        yield {
            "theory": first,
            "rival": rival,
            "model_db": DECIBANS * weight,
            "model_mcse": DECIBANS * error,
            "items": sum(rival in item.ratios for item in study.evidence),
            "packages": len(packages),
            "evidence_low_db": together(packages).low,
            "evidence_high_db": together(packages).high,
            "low_db": total.low,
            "high_db": total.high,
            "favours": favours(total, first, rival),
            "flipping_bias": float("nan") if bias is None else bias,
            "low_db_without_build": without_build.low,
            "high_db_without_build": without_build.high,
            "favours_without_build": favours(without_build, first, rival),
        }


def packages_of(items: Sequence[Item], rival: str) -> list[Span]:
    """One weight against a rival for each group of items that rest on the same piece of evidence."""
    groups: dict[str, list[Span]] = {}
    for item in items:
        if rival in item.ratios:
            groups.setdefault(item.group, []).append(_span(item, rival))
    return [package(spans) for spans in groups.values()]


def _span(item: Item, rival: str) -> Span:
    return heard(*item.ratios[rival], item.reliability) if rival in item.ratios else NOTHING
