"""The evidence that leads: entry-order shares of the leading rows, and what would flip each conclusion."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from analyses.ledgers import Ledger, Rows
from causal.favour import Tipping, conclusion, conclusion_without, tipping_bias
from causal.judgement import Judgement
from causal.kinds import chances
from causal.shares import entry_order_shares
from models.evidence.entering import Entering
from models.evidence.psis import psis
from models.evidence.standing import Standing

type Floats = NDArray[np.float64]

LEADING = 10
"""How many rows lead on either side."""

BATCHES = 4
"""Parts of the draws between which the Monte Carlo error of a share is found."""

MOST_DRAWS = 2000
"""Draws on which observation biases are tried."""


@dataclass(frozen=True, slots=True)
class Leader:
    """A row that leads, its weight, and the side it is on."""

    name: str
    weight_db: float

    @property
    def side(self) -> str:
        return "for" if self.weight_db > 0 else "against"


def leaders(ledger: Ledger, hypothesis: str) -> list[Leader]:
    """The rows that carry a claim most and those that speak most against it: beyond twice their Monte Carlo error.

    Values of observed causes are not among them: what one adds hangs on what the rows of its effects say, so that rows cannot be
    weighed in one after another.
    """
    found = []
    for row in ledger.rows:
        if row.name in ledger.values:
            continue
        c = ledger.contribution(frozenset({row.name}), hypothesis)
        if c.reliable and abs(c.weight_db) > 2 * c.weight_mcse:
            found.append(Leader(row.name, c.weight_db))
    ranked = sorted(found, key=lambda leader: leader.weight_db)
    return [*[x for x in ranked[::-1][:LEADING] if x.weight_db > 0], *[x for x in ranked[:LEADING] if x.weight_db < 0]]


def leading_table(ledger: Ledger, without: Mapping[Rows, Entering], seed: int) -> pd.DataFrame:
    """leading.csv: leading rows with the weight of their evidence group and their entry-order share.

    without : refits without all leading rows of a claim, draws kept
    """
    rows = [row for h in ledger.hypotheses for row in _leading_rows(ledger, h.id, without, seed)]
    return pd.DataFrame(rows, columns=list(LEADING_COLUMNS))


LEADING_COLUMNS = (
    "hypothesis", "observation", "side", "weight_db", "evidence_group", "group_rows", "group_weight_db", "share_db",
    "share_mcse", "together_db",
)  # fmt: skip


def _leading_rows(
    ledger: Ledger, hypothesis: str, without: Mapping[Rows, Entering], seed: int
) -> Iterator[dict[str, object]]:
    found = leaders(ledger, hypothesis)
    fit = without.get(frozenset(leader.name for leader in found))
    shares = _shares(hypothesis, [leader.name for leader in found], fit, seed) if fit else {}
    together = sum(mean for mean, _ in shares.values()) if shares else float("nan")
    group_of = {row.name: row.evidence_group for row in ledger.rows}
    for leader in found:
        group = ledger.pieces.get(("evidence_group", group_of[leader.name]), frozenset({leader.name}))
        share, error = shares.get(leader.name, (float("nan"), float("nan")))
        yield {
            "hypothesis": hypothesis,
            "observation": leader.name,
            "side": leader.side,
            "weight_db": leader.weight_db,
            "evidence_group": group_of[leader.name],
            "group_rows": len(group),
            "group_weight_db": ledger.contribution(group, hypothesis).weight_db,
            "share_db": share,
            "share_mcse": error,
            "together_db": together,
        }


def _shares(hypothesis: str, items: Sequence[str], fit: Entering, seed: int) -> dict[str, tuple[float, float]]:
    """Entry-order share in decibans and its Monte Carlo error, from draws without the items into which they are weighed."""
    rng, draws = np.random.default_rng(seed), np.arange(len(fit.holds[hypothesis]))
    whole = entry_order_shares(items, fit.worth(hypothesis), rng=rng)
    parts = [entry_order_shares(items, fit.worth(hypothesis, p), rng=rng) for p in np.array_split(draws, BATCHES)]
    return {
        name: (whole[name], float(np.std([part[name] for part in parts], ddof=1) / np.sqrt(BATCHES))) for name in items
    }


def tipping_table(ledger: Ledger) -> pd.DataFrame:
    """tipping.csv: what each conclusion is, the row and the pieces whose loss would flip it, and the bias that would."""
    thinned = slice(None, None, max(1, ledger.estimate.shape()[0] * ledger.estimate.shape()[1] // MOST_DRAWS))
    holds = [ledger.holds[h.id][:, thinned] for h in ledger.hypotheses]
    cells = _cells(ledger, thinned)
    leanings = [_leaning(answers, holds) for answers in cells]
    found = [
        _tipping_bias(own, ledger.judged[h.id], cells, [leaning[n] for leaning in leanings])
        for n, (h, own) in enumerate(zip(ledger.hypotheses, holds, strict=True))
    ]
    return pd.DataFrame(_tipping(ledger, h.id, bias) for h, bias in zip(ledger.hypotheses, found, strict=True))


def _tipping(ledger: Ledger, hypothesis: str, tipped: Tipping | None) -> dict[str, object]:
    judged = ledger.judged[hypothesis]
    concluded = conclusion(judged.verdict, judged.weight_db)
    singles = {frozenset({row.name}): row.name for row in ledger.rows}
    groups = {rows: f"{by} {name}" for (by, name), rows in ledger.pieces.items()}
    flips = {rows: _flip(ledger, rows, hypothesis) for rows in (*singles, *groups)}
    alone = [rows for rows in singles if flips[rows] not in ("", concluded)]
    closest = _closest(ledger, hypothesis, alone or list(singles)) if singles else frozenset()
    return {
        "hypothesis": hypothesis,
        "conclusion": concluded if judged.verdict != "cannot speak" else "cannot speak",
        "rows_that_flip": len(alone),
        "row": singles.get(closest, ""),
        "row_probability_without": ledger.contribution(closest, hypothesis).without if singles else float("nan"),
        "row_flips_to": flips[closest] if alone else "",
        "groups_that_flip": "; ".join(groups[rows] for rows in groups if flips[rows] not in ("", concluded)),
        "bias": tipped.bias if tipped else float("nan"),
        "bias_becomes": tipped.becomes if tipped else "",
        "bias_probability": tipped.probability if tipped else float("nan"),
        "bias_bound": tipped.bound if tipped else "",
    }


def _flip(ledger: Ledger, rows: Rows, hypothesis: str) -> str:
    """What the conclusion would be without some rows; empty where that cannot be told."""
    c = ledger.contribution(rows, hypothesis)
    judged = ledger.judged[hypothesis]
    if abs(c.weight_db) <= 2 * c.weight_mcse:  # a loss that may be no loss flips nothing
        return conclusion(judged.verdict, judged.weight_db)
    return conclusion_without(judged, c) if c.reliable else ""


def _closest(ledger: Ledger, hypothesis: str, among: Sequence[Rows]) -> Rows:
    """The rows whose loss takes most from the conclusion, of those whose weight can be believed."""
    upward = ledger.judged[hypothesis].weight_db > 0
    without = {rows: ledger.contribution(rows, hypothesis) for rows in among}
    believed = [rows for rows, c in without.items() if c.reliable] or list(among)
    return min(believed, key=lambda rows: without[rows].without if upward else -without[rows].without)


def _leaning(answers: Floats, holds: Sequence[NDArray[np.bool_]]) -> Floats:
    """How much likelier each answer of a cell is where each claim holds than where it does not, shape (claims, answers)."""
    return np.subtract(*chances(answers, np.reshape(holds, (len(holds), len(answers)))))


def _tipping_bias(
    holds: NDArray[np.bool_], judged: Judgement, cells: Sequence[Floats], leanings: Sequence[Floats]
) -> Tipping | None:
    """The bias that would flip a claim's conclusion, from what each cell could have said and how its answers lean."""
    if not cells:
        return None
    upward = 1.0 if judged.weight_db > 0 else -1.0
    favourable = np.stack(
        [a @ (upward * leaning > 0).astype(float) for a, leaning in zip(cells, leanings, strict=True)]
    )
    return tipping_bias(holds, np.moveaxis(favourable.reshape((-1, *holds.shape)), 0, -1), judged, psis)


def _cells(ledger: Ledger, thinned: slice) -> list[Floats]:
    """What every cell with a list of answers could have said, on some of the draws of every chain."""
    shape = ledger.estimate.shape()
    theta = {k: v.reshape((*shape, *v.shape[1:]))[:, thinned] for k, v in ledger.estimate.theta().items()}
    flat = {k: v.reshape((-1, *v.shape[2:])) for k, v in theta.items()}
    standing = Standing(ledger.estimate.blueprint, flat)
    coded = dict.fromkeys(standing.cell_of[row.name] for row in ledger.rows if row.name not in ledger.values)
    found = (standing.answers(cell) for cell in coded)
    return [answers for answers in found if answers is not None]
