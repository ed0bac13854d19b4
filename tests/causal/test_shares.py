"""Entry-order shares: what Shapley's axioms say, and what leave-one-out misses."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from causal.shares import entry_order_shares

ITEMS = ("a", "b", "c", "d")


def test_items_that_add_up_get_what_they_add() -> None:
    gains = {"a": 1.0, "b": -2.0, "c": 0.5, "d": 0.0}
    assert entry_order_shares(ITEMS, lambda s: sum(gains[i] for i in s)) == pytest.approx(gains)


def test_two_items_that_say_the_same_get_half_each_where_leaving_one_out_gives_neither_anything() -> None:
    def worth(inside: frozenset[str]) -> float:
        return 6.0 if inside & {"a", "b"} else 0.0

    assert worth(frozenset("ab")) - worth(frozenset("b")) == 0.0
    assert entry_order_shares(("a", "b", "c"), worth) == pytest.approx({"a": 3.0, "b": 3.0, "c": 0.0})


def test_the_glove_game_has_shapley_s_own_answer() -> None:
    """One left glove and two right ones: 2/3, 1/6, 1/6 (Shapley 1953; any textbook of cooperative games)."""
    shares = entry_order_shares(("left", "r1", "r2"), lambda s: float("left" in s and bool(s & {"r1", "r2"})))
    assert shares == pytest.approx({"left": 2 / 3, "r1": 1 / 6, "r2": 1 / 6})


@given(st.integers(0, 10_000))
def test_sampled_shares_sum_to_what_all_items_are_worth(seed: int) -> None:
    rng = np.random.default_rng(seed)
    items = tuple("abcdefgh")
    worths: dict[frozenset[str], float] = {}
    shares = entry_order_shares(items, lambda s: worths.setdefault(s, float(rng.normal())), orders=10, rng=rng)
    assert sum(shares.values()) == pytest.approx(worths[frozenset(items)] - worths[frozenset()])


def test_sampled_shares_come_near_the_exact_ones() -> None:
    items, size = tuple("abcdefg"), np.arange(1.0, 8.0)
    weight = dict(zip(items, size, strict=True))

    def worth(inside: frozenset[str]) -> float:
        return float(np.sqrt(sum(weight[i] for i in inside)))

    exact = entry_order_shares(items, worth, orders=5040)
    sampled = entry_order_shares(items, worth, orders=600, rng=np.random.default_rng(3))
    assert all(sampled[i] == pytest.approx(exact[i], abs=0.05) for i in items)


def test_many_items_without_random_numbers_are_refused() -> None:
    with pytest.raises(ValueError, match="rng"):
        entry_order_shares(tuple("abcdefgh"), lambda _: 0.0)
