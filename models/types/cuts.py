"""Where a study's constructs are cut into levels, as stated, and where that is tried since it is uncertain."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from itertools import pairwise

import numpy as np

from models.types.graph import TypesError

BEFORE = "_before"
NODES = ((0.0, 2 / 3), (-np.sqrt(3), 1 / 6), (np.sqrt(3), 1 / 6))
"""Where an uncertain cut is tried, in standard errors, and how much each place counts (Gauss-Hermite, three points)."""

type Positions = tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Cut:
    """Where constructs are cut into levels: positions in (0, 1), rising, with a common standard error.

    at : of every construct that is not in `own`
    """

    at: Positions = (0.5,)
    sd: float = 0.05
    draws: int = 4000
    own: Mapping[str, Positions] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for at in (self.at, *self.own.values()):
            rising = all(a < b for a, b in pairwise(at))
            if not (1 <= len(at) <= 3 and rising and at[0] > 0 and at[-1] < 1 and self.sd >= 0):
                raise TypesError(
                    f"cuts are one to three rising positions between 0 and 1; found {at} with sd {self.sd}."
                )

    def of(self, node: str) -> Positions:
        """Where a construct, or its lagged node, is cut."""
        return self.own.get(node, self.own.get(node.removesuffix(BEFORE), self.at))

    def levels(self, node: str) -> int:
        """How many levels the cuts make of a construct."""
        return len(self.of(node)) + 1

    @property
    def most_levels(self) -> int:
        """The most levels of any construct."""
        return 1 + max(map(len, (self.at, *self.own.values())))

    def tried(self) -> list[tuple[float, Cut]]:
        """The certain cuts at which an uncertain one is tried, the stated place first, and how much each counts."""
        if not self.sd:
            return [(1.0, self)]
        return [(weight, self._moved(z * self.sd)) for z, weight in NODES]

    def _moved(self, by: float) -> Cut:
        def moved(at: Positions) -> Positions:
            return tuple(float(np.clip(position + by, 0.01, 0.99)) for position in at)

        return replace(self, at=moved(self.at), own={name: moved(at) for name, at in self.own.items()}, sd=0.0)

    def __str__(self) -> str:
        parts = [_said(self.at), *(f"{name} {_said(at)}" for name, at in self.own.items())]
        return ", ".join(parts)


def parse_cut(texts: Iterable[str], sd: float) -> Cut:
    """The cut stated by texts such as "0.5" and "upgrading=0.7", several of which make more levels. Raises TypesError."""
    found: dict[str, list[float]] = {}
    for text in texts:
        name, _, number = text.rpartition("=")
        try:
            found.setdefault(name.strip(), []).append(float(number))
        except ValueError:
            raise TypesError(
                f"'{text}' is no cut; write a position such as 0.5, or upgrading=0.5 for one construct."
            ) from None
    common = tuple(sorted(found.pop("", [0.5])))
    return Cut(common, sd, own={name: tuple(sorted(at)) for name, at in found.items()})


def _said(at: Positions) -> str:
    return " and ".join(f"{position:.2f}" for position in at)
