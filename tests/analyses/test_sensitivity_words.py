"""Common causes that can and cannot be, and how the verdict speaks of a claim that was never decided."""

import numpy as np
import pytest

from analyses.sensitivity.ends import Ends
from analyses.sensitivity.verdict import sentence
from causal.judgement import Verdict
from causal.sensitivity.confounding import partial
from causal.sensitivity.standing import Dependence, Standing, Trial
from models.effects.moments import Moments


def ends(of_cause: float) -> Ends:
    """y = d + 0.3 peer + 0.3 other + noise; the peer explains such a share of the cause d, the other a tenth; one draw."""
    peer, other, rest = np.sqrt([of_cause, 0.1, 0.9 - of_cause])
    made = np.array([[peer, other, rest, 0.0], [0.3 + peer, 0.3 + other, rest, 1.0], [1.0, 0, 0, 0], [0, 1.0, 0, 0]])
    covariance = (made @ made.T)[None]
    return Ends(("d", "y"), Moments(("d", "y", "peer", "other"), covariance), partial(covariance, 0, 1, [2, 3]))


def test_nothing_is_as_strong_as_a_cause_that_explains_most_of_what_is_left() -> None:
    """Beside the other, a peer of .7 explains .78 of d: its like, independent of it, would need 3.5 times what is left."""
    assert not ends(0.7).possible(2, 1.0)
    assert ends(0.7).possible(3, 1.0)
    assert ends(0.7).strongest() == 3
    assert ends(0.2).strongest() == 2
    assert ends(0.2).possible(2, 1.0)
    assert not ends(0.2).possible(2, 4.0), "four times .2 is more than what the peer leaves"


def test_where_no_like_is_possible_plain_shares_are_tried() -> None:
    lone = ends(0.85)
    alone = Ends(lone.pair, Moments(("d", "y", "peer"), lone.moments.covariance[:, :3, :3]), lone.fit)
    assert alone.strongest() is None
    assert [words for words, _, _ in alone._strengths()] == [f"explaining {r2}% of each" for r2 in (10, 30, 50)]


@pytest.mark.parametrize(
    ("verdict", "said"),
    [("undecided", "it stays undecided under all 3; furthest, no trust: probability 0.69 becomes 0.10"),
     ("supported", "the verdict stands under all 3; furthest, no trust: probability 0.69 becomes 0.10")],
)  # fmt: skip
def test_a_claim_that_was_never_decided_is_not_said_to_stand(verdict: Verdict, said: str) -> None:
    own, then = (Standing(0.1, p, 0.0, 0.0, 0.1, verdict) for p in (0.69, 0.1))
    found = Dependence("trust", Trial("trust", "no trust", then), -13.0, 0.5, 0, 3)
    assert sentence(found, own) == said
