"""Entry-order shares: what each item adds on average over the orders in which the items could have come in.

The Shapley value (Shapley 1953) of the game in which a set of items is worth the log odds that it brings about. Shares add
up to what the items weigh together, which leave-one-out weights do not: of two items that say the same, each gets half.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import permutations
from math import factorial

import numpy as np

type Worth = Callable[[frozenset[str]], float]


def entry_order_shares(
    items: Sequence[str], worth: Worth, orders: int = 200, rng: np.random.Generator | None = None
) -> dict[str, float]:
    """The average gain of each item over entry orders: all of them when there are at most ``orders``, else a random sample.

    Each sampled order is used backwards too, so that first and last places balance. Whatever the sample, shares sum to
    worth(all) - worth(none). Raises ValueError when a sample is needed and no ``rng`` is given.
    """
    known: dict[frozenset[str], float] = {}

    def value(inside: frozenset[str]) -> float:
        if inside not in known:
            known[inside] = worth(inside)
        return known[inside]

    gains = dict.fromkeys(items, 0.0)
    chosen = _orders(items, orders, rng)
    for order in chosen:
        before = value(frozenset())
        for n, item in enumerate(order, start=1):
            after = value(frozenset(order[:n]))
            gains[item] += (after - before) / len(chosen)
            before = after
    return gains


def _orders(items: Sequence[str], orders: int, rng: np.random.Generator | None) -> list[tuple[str, ...]]:
    if factorial(len(items)) <= orders:
        return list(permutations(items))
    if rng is None:
        raise ValueError(f"{len(items)} items have too many orders to go through; pass an rng to sample them")
    forward = [tuple(items[i] for i in rng.permutation(len(items))) for _ in range(orders // 2)]
    return [*forward, *(order[::-1] for order in forward)]
