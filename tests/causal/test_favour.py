"""How large an observation bias must be, against worlds in which the answer is arithmetic."""

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.special import logsumexp

from causal.favour import STRONGEST, conclusion, tipping_bias
from causal.judgement import DECIBANS, Judgement, judge
from causal.ledger import by_importance

type Floats = NDArray[np.float64]

SHAPE = (4, 5000)
A, B = 0.8, 0.3
"""Chance of a favourable answer where the claim holds and where it does not."""


def plain(log_ratios: Floats) -> tuple[Floats, float]:
    return log_ratios - logsumexp(log_ratios), 0.1


def world(items: int, prior: float = 0.5) -> tuple[NDArray[np.bool_], Floats, Judgement]:
    """The posterior after ``items`` favourable answers: whether the claim holds, the chances of such answers, the verdict."""
    odds = prior / (1 - prior) * (A / B) ** items
    rng = np.random.default_rng(1)
    holds = np.zeros(SHAPE[0] * SHAPE[1], dtype=bool)
    holds[: round(holds.size * odds / (1 + odds))] = True
    holds = rng.permutation(holds).reshape(SHAPE)
    favourable = np.repeat(np.where(holds, A, B)[..., None], items, axis=-1)
    before = np.where(rng.random((1, 1, 20_000)) < prior, 1.0, -1.0)
    return holds, favourable, judge(before, np.where(holds, 1.0, -1.0)[None], 0.0)


def biased_odds(items: int, bias: float) -> float:
    """Posterior odds when favourable answers are ``bias`` times as likely to be recorded: every item's ratio is discounted."""
    ratio = (A * bias / (1 + (bias - 1) * A)) / (B * bias / (1 + (bias - 1) * B))
    return float(ratio**items)


def test_the_bias_that_ends_support_is_where_the_discounted_odds_fall_to_the_threshold() -> None:
    holds, favourable, judged = world(5)
    assert judged.verdict == "supported"
    found = tipping_bias(holds, favourable, judged, plain)
    assert found is not None
    assert biased_odds(5, found.bias) == pytest.approx(0.95 / 0.05, rel=0.02)
    assert found.becomes == "points for it"
    assert found.probability == pytest.approx(0.95, abs=0.002)


def test_a_bias_discounts_an_item_by_what_the_closed_form_says() -> None:
    holds, favourable, _ = world(1)
    bias = 3.0
    c = by_importance(holds, -np.log1p((bias - 1) * favourable).sum(axis=-1), plain)
    exact = DECIBANS * (np.log(A / B) - np.log(biased_odds(1, bias)))
    assert c.weight_db == pytest.approx(exact, abs=1e-9)


def test_no_bias_turns_evidence_of_which_favourable_answers_are_certain_either_way() -> None:
    holds, favourable, judged = world(5)
    found = tipping_bias(holds, np.ones_like(favourable), judged, plain)
    assert found is not None
    assert (found.bias, found.bound) == (STRONGEST, "at least")
    assert found.becomes == judged.verdict


def test_any_number_of_cells_that_favour_both_sides_alike_change_no_bias() -> None:
    holds, favourable, judged = world(5)
    alike = np.full((*holds.shape, 700), 0.8)
    found = tipping_bias(holds, np.concatenate([favourable, alike], axis=-1), judged, plain)
    alone = tipping_bias(holds, favourable, judged, plain)
    assert found is not None
    assert alone is not None
    assert found.bias == pytest.approx(alone.bias)
    assert found.probability == pytest.approx(alone.probability)


def test_evidence_for_an_undecided_claim_can_lose_its_direction_to_no_bias_alone() -> None:
    """However strongly favourable answers are picked, what was picked still does not speak against the claim."""
    holds, favourable, judged = world(1)
    assert judged.verdict == "undecided"
    found = tipping_bias(holds, favourable, judged, plain)
    assert found is not None
    assert found.bias > STRONGEST / 2


def test_no_more_is_said_than_importance_weights_can_tell() -> None:
    holds, favourable, judged = world(5)

    def strained(log_ratios: Floats) -> tuple[Floats, float]:
        return plain(log_ratios)[0], 5 * float(np.ptp(log_ratios))

    found = tipping_bias(holds, favourable, judged, strained)
    free = tipping_bias(holds, favourable, judged, plain)
    assert found is not None
    assert free is not None
    assert found.bound == "at least"
    assert 1 <= found.bias < free.bias
    assert found.becomes == judged.verdict


def test_a_claim_that_the_study_cannot_speak_to_has_nothing_to_flip() -> None:
    holds, favourable, _ = world(2)
    silent = judge(np.zeros((1, 2, 50)), np.where(holds, 1.0, -1.0)[None], cannot_speak="nothing measures it")
    assert tipping_bias(holds, favourable, silent, plain) is None


def test_a_conclusion_is_a_verdict_or_else_a_direction() -> None:
    assert conclusion("supported", 8.0) == "supported"
    assert conclusion("undecided", 2.0) == "points for it"
    assert conclusion("undecided", -2.0) == "points against it"
