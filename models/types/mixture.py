"""The posterior of one row of Dirichlet shares, as the finite mixture that it is.

Each event was met n times by units whose type is one of several: expanding the power of a sum gives one Dirichlet for every
way of dividing the n among types. Three things keep that small. Types that the events do not tell apart are one group. Events
that exclude one another, those of one configuration, need no expansion: a Dirichlet is a Dirichlet over the parts they make times
one within each part, and they count parts only. And ways that lead to the same counts are merged.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cache
from math import comb, log

import numpy as np
from numpy.typing import NDArray
from scipy.special import gammaln, logsumexp

from models.types.circuit import Event, told_apart
from models.types.laws import LEAST, Floats

type Ints = NDArray[np.intp]

MOST_COMPONENTS = 300_000
MOST_VALUES = 2**24


class TooManyError(Exception):
    """The mixture has too many components to be listed."""


@dataclass(frozen=True)
class RowMixture:
    """A mixture of Dirichlets over the shares of one row.

    alpha : prior counts of the types; group : of each type; part : of each group
    part_counts : cases counted by part only; counts : by group, shape (components, groups); weights : of the components
    log_marginal : log probability of the events
    """

    alpha: Floats
    group: Ints
    part: Ints
    part_counts: Floats
    counts: Floats
    weights: Floats
    log_marginal: float

    @property
    def mean(self) -> Floats:
        """Expected shares of the types, shape (types,)."""
        parts, groups, within = self._prior()
        part_mean = parts + self.part_counts + sum_by(self.counts, self.part, len(parts))
        ratio = (groups + self.counts) / (parts[self.part] + sum_by(self.counts, self.part, len(parts))[:, self.part])
        part_mean /= part_mean.sum(axis=1, keepdims=True)
        mean = self.weights @ (part_mean[:, self.part] * ratio)
        return np.asarray(mean[self.group] * within)

    def draw(self, size: int, rng: np.random.Generator) -> Floats:
        """Independent draws of the shares, shape (size, types)."""
        parts, groups, _ = self._prior()
        counts = self.counts[rng.choice(len(self.weights), size=size, p=self.weights)]
        part = _dirichlet(parts + self.part_counts + sum_by(counts, self.part, len(parts)), rng)
        in_part = rng.standard_gamma(groups + counts) + LEAST
        in_part /= sum_by(in_part, self.part, len(parts))[:, self.part]
        in_group = rng.standard_gamma(np.broadcast_to(self.alpha, (size, len(self.alpha)))) + LEAST
        in_group /= sum_by(in_group, self.group, len(groups))[:, self.group]
        return np.asarray((part[:, self.part] * in_part)[:, self.group] * in_group)

    def gathered(self, classes: Ints) -> tuple[RowMixture, Ints]:
        """The same mixture over types gathered where neither it nor these classes tell them apart, and the class of each."""
        pairs, index = np.unique(np.column_stack([self.group, classes]), axis=0, return_inverse=True)
        alpha = np.bincount(index.ravel(), self.alpha, len(pairs))
        return replace(self, alpha=alpha, group=pairs[:, 0]), pairs[:, 1]

    def _prior(self) -> tuple[Floats, Floats, Floats]:
        groups = np.bincount(self.group, self.alpha)
        return np.bincount(self.part, groups, len(self.part_counts)), groups, self.alpha / groups[self.group]


def expand(alpha: Floats, events: Sequence[Event], held: NDArray[np.bool_], counts: Sequence[int]) -> RowMixture:
    """The posterior when each event was met so many times. Raises TooManyError.

    held : which types each event holds, shape (events, types); counts above 0
    """
    members, group = told_apart(held)
    groups = np.bincount(group, alpha, members.shape[1])
    free = _free(events, members, counts)
    part = np.zeros(len(groups), dtype=np.intp)
    for number, event in enumerate(free, start=1):
        part[members[event]] = number
    part_counts = np.array([0.0, *(counts[event] for event in free)])
    states, log_ways = np.zeros((1, len(groups)), dtype=np.int32), np.zeros(1)
    for event in sorted(set(range(len(events))) - set(free), key=lambda e: len(np.flatnonzero(members[e]))):
        ways = np.flatnonzero(members[event])
        if len(ways) * len(groups) > MOST_VALUES:
            raise TooManyError
        added = np.zeros((len(ways), len(groups)), dtype=np.int32)
        added[np.arange(len(ways)), ways] = 1
        states, log_ways = distribute(states, log_ways, counts[event], added)
    parts = np.bincount(part, groups, len(part_counts))
    in_part = sum_by(states.astype(float), part, len(parts))
    log_weights = (
        log_ways
        + (_rise(parts, part_counts + in_part) - _rise(parts, in_part)).sum(axis=1)
        + _rise(groups, states).sum(axis=1)
        - _rise(np.asarray(alpha.sum()), np.asarray(float(sum(counts))))
    )
    total = float(logsumexp(log_weights))
    return RowMixture(alpha, group, part, part_counts, states.astype(float), np.exp(log_weights - total), total)


def distribute(
    states: NDArray[np.int32], log_ways: Floats, n: int, ways: NDArray[np.int32], log_weight: Floats | float = 0.0
) -> tuple[NDArray[np.int32], Floats]:
    """Every state after n units went one of several ways each, equal states merged; and the log number of ways to each.

    ways : what one unit adds, shape (ways, columns); log_weight : of each way
    """
    wide_rows = len(states) * comb(n + len(ways) - 1, n)
    if wide_rows > MOST_COMPONENTS * 4 or wide_rows * states.shape[1] > MOST_VALUES:
        raise TooManyError
    divided = compositions(n, len(ways))
    log_coefficient = gammaln(n + 1) - gammaln(divided + 1).sum(axis=1)
    log_coefficient = log_coefficient + divided @ np.broadcast_to(log_weight, len(ways))
    wide = (states[:, None] + (divided @ ways).astype(np.int32)[None]).reshape(-1, states.shape[1])
    return merge(wide, (log_ways[:, None] + log_coefficient[None]).ravel())


def merge(states: NDArray[np.int32], log_ways: Floats) -> tuple[NDArray[np.int32], Floats]:
    """Equal states made one, their weights added. Raises TooManyError."""
    whole = np.ascontiguousarray(states).view(np.dtype((np.void, states.shape[1] * states.itemsize))).ravel()
    order = np.argsort(whole, kind="stable")
    ranked = states[order]
    starts = np.flatnonzero(np.r_[True, (ranked[1:] != ranked[:-1]).any(axis=1)])
    if len(starts) > MOST_COMPONENTS:
        raise TooManyError
    return ranked[starts], np.logaddexp.reduceat(log_ways[order], starts)


@cache
def compositions(n: int, parts: int) -> NDArray[np.int32]:
    """Every way to divide n among parts, shape (ways, parts)."""
    if parts == 1:
        return np.array([[n]], dtype=np.int32)
    found = []
    for first in range(n + 1):
        rest = compositions(n - first, parts - 1)
        found.append(np.column_stack([np.full(len(rest), first, dtype=np.int32), rest]))
    return np.concatenate(found)


def sum_by(values: Floats, index: Ints, size: int) -> Floats:
    """Sums over the last axis by index, shape (..., size)."""
    order = np.argsort(index, kind="stable")
    present, starts = np.unique(index[order], return_index=True)
    found = np.zeros((*values.shape[:-1], size))
    found[..., present] = np.add.reduceat(values[..., order], starts, axis=-1)
    return found


def _free(events: Sequence[Event], members: NDArray[np.bool_], counts: Sequence[int]) -> list[int]:
    """Events that exclude one another and would cost most to expand."""
    sets: dict[int | None, list[int]] = {}
    for i, event in enumerate(events):
        sets.setdefault(event.responses[0][0] if event.type is None else None, []).append(i)

    def cost(chosen: list[int]) -> float:
        return sum(log(comb(counts[i] + int(members[i].sum()) - 1, counts[i])) for i in chosen)

    return max(sets.values(), key=cost, default=[])


def _rise(alpha: Floats, counts: NDArray[np.float64] | NDArray[np.int32]) -> Floats:
    """log Γ(alpha + counts) / Γ(alpha), 0 where nothing is counted even if alpha is 0."""
    safe = np.where(alpha > 0, alpha, 1.0)
    return np.asarray(np.where(counts > 0, gammaln(safe + counts) - gammaln(safe), 0.0))


def _dirichlet(alpha: Floats, rng: np.random.Generator) -> Floats:
    gammas = rng.standard_gamma(alpha) + LEAST
    return np.asarray(gammas / gammas.sum(axis=-1, keepdims=True))
