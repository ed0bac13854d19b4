"""Combinations of choices, and the share of the answer's variance that each makes."""

import numpy as np
import pytest

from causal.sensitivity.multiverse import Universe, shares, universes

OPTIONS = {"prior": ["own", "wide", "narrow"], "coder": ["all", "A"], "pooling": ["partial", "none", "complete"]}
EFFECT = {"own": 0.0, "wide": 1.0, "narrow": -1.0, "all": 0.0, "A": 3.0, "partial": 0.0, "none": 0.0, "complete": 0.5}
VARIANCES = {"prior": 2 / 3, "coder": 2.25, "pooling": np.var([0.0, 0.0, 0.5])}


def additive(universe: Universe) -> float:
    return sum(EFFECT[option] for option in universe.values())


def test_few_combinations_are_all_tried_the_studys_own_first() -> None:
    found = universes(OPTIONS, 18, np.random.default_rng(1))
    assert len(found) == 18
    assert len({tuple(u.items()) for u in found}) == 18
    assert found[0] == {"prior": "own", "coder": "all", "pooling": "partial"}


def test_a_sample_has_no_repeats_and_uses_every_option_about_equally() -> None:
    found = universes(OPTIONS, 12, np.random.default_rng(1))
    assert len({tuple(u.items()) for u in found}) == len(found) == 12
    for name, values in OPTIONS.items():
        counts = [sum(u[name] == value for u in found) for value in values]
        assert max(counts) - min(counts) <= 3


@pytest.mark.parametrize("most", [18, 12, 9])
def test_the_shares_of_an_additive_answer_are_exact_even_from_a_sample(most: int) -> None:
    tried = universes(OPTIONS, most, np.random.default_rng(2))
    found = shares(OPTIONS, tried, np.array([additive(u) for u in tried]))
    total = sum(VARIANCES.values())
    assert {k: found[k] for k in OPTIONS} == pytest.approx({k: v / total for k, v in VARIANCES.items()})
    assert found[""] == pytest.approx(0.0, abs=1e-12)


def test_what_only_combinations_do_is_no_choices_own() -> None:
    options = {"a": ["0", "1"], "b": ["0", "1"]}
    tried = universes(options, 4, np.random.default_rng(1))
    found = shares(options, tried, np.array([1.0 if u["a"] == u["b"] else -1.0 for u in tried]))
    assert found["a"] == pytest.approx(0.0)
    assert found["b"] == pytest.approx(0.0)
    assert found[""] == pytest.approx(1.0)


def test_an_answer_that_never_changes_has_no_shares() -> None:
    tried = universes(OPTIONS, 18, np.random.default_rng(1))
    assert set(shares(OPTIONS, tried, np.zeros(18)).values()) == {0.0}
