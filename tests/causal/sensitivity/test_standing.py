"""Whether a verdict stands, and what it depends on most."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from causal.judgement import judge
from causal.sensitivity.standing import Trial, dependences, moved, share_interval, stand


@given(st.integers(1, 999), st.integers(1, 999))
def test_a_claim_stands_as_it_would_be_judged_from_the_draws(before: int, after: int) -> None:
    rng = np.random.default_rng(before)
    prior, posterior = (rng.permutation(np.repeat([1.0, -1.0], [n, 1000 - n]))[None, None] for n in (before, after))
    judged = judge(prior, posterior)
    found = stand(before / 1000, after / 1000, 1000, 1000)
    assert found.verdict == judged.verdict
    assert found.weight_db == pytest.approx(judged.weight_db)


def test_draws_that_all_agree_give_a_limit_and_no_infinity() -> None:
    found = stand(0.5, 1.0, 400, 2000)
    assert found.verdict == "supported"
    assert found.odds_db == pytest.approx(10 * np.log10(0.05 ** (1 / 400) / (1 - 0.05 ** (1 / 400))), rel=1e-9)


def test_a_prior_that_already_decides_leaves_nothing_to_say() -> None:
    assert stand(1.0, 1.0, 400, 2000).verdict == "cannot speak"


def test_what_changes_the_verdict_comes_first_and_then_what_moves_it_most() -> None:
    own = stand(0.5, 0.97, 1000, 1000)
    trials = [
        Trial("coder", "A alone", stand(0.5, 0.96, 1000, 1000)),
        Trial("coder", "B alone", stand(0.5, 0.99, 1000, 1000)),
        Trial("prior", "half as wide", stand(0.5, 0.94, 1000, 1000)),
        Trial("prior", "twice as wide", stand(0.5, 0.98, 1000, 1000)),
        Trial("ranges", "low", stand(0.5, 0.97, 1000, 1000)),
    ]
    found = dependences(own, trials)
    assert [d.worry for d in found] == ["prior", "coder", "ranges"]
    assert [d.stands for d in found] == [False, True, True]
    assert (found[0].changed, found[0].trials, found[0].worst.change) == (1, 2, "half as wide")
    assert found[1].worst.change == "B alone"
    assert found[2].moved_db == pytest.approx(0.0)
    assert found[0].moved_db == pytest.approx(moved(own, trials[2].standing)) == pytest.approx(-3.15, abs=0.01)


def test_a_share_of_few_trials_is_not_certain() -> None:
    share, low, high = share_interval(10, 10)
    assert share == 1.0
    assert low == pytest.approx(0.05 ** (1 / 11))
    assert low < high < 1.0


def test_a_movement_within_simulation_error_is_not_felt() -> None:
    own = stand(0.5, 0.70, 400, 2000)
    near, far = (Trial("prior", "x", stand(0.5, p, 400, 2000)) for p in (0.72, 0.85))
    assert own.odds_mcse == pytest.approx(10 / np.log(10) / np.sqrt(400 * 0.21))
    assert [dependences(own, [trial])[0].felt for trial in (near, far)] == [False, True]
    many = [Trial("prior", f"{i}", stand(0.5, 0.77, 400, 2000)) for i in range(500)]
    assert dependences(own, many[:1])[0].felt
    assert not dependences(own, many)[0].felt
