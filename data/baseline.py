"""A baseline free of latent variables: do cause and effect rise and fall together in the ratings as coded?

Each construct is read through its first ordinal indicator. A unit's rating is every level that some reader allows, so
that two units are ordered only where all readers order them; the rest is counted as undetermined, not split.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import combinations, pairwise

from data.cases import Cases
from data.codebook import Codebook


@dataclass(frozen=True, slots=True)
class Baseline:
    """Pairs of units, and of successive periods of one case, in which two ratings move together or apart.

    cause, effect : the indicators compared
    """

    cause: str
    effect: str
    units: int
    concordant: int
    discordant: int
    undetermined: int
    within_same: int
    within_opposite: int
    within_undetermined: int

    @property
    def gamma(self) -> float | None:
        """Goodman and Kruskal's gamma over the determined pairs; None when there is none."""
        determined = self.concordant + self.discordant
        return (self.concordant - self.discordant) / determined if determined else None


type Span = tuple[int, int]


def baseline(cases: Cases, codebook: Codebook, cause: str, effect: str) -> Baseline | None:
    """Compare two constructs over the outermost units; None when either has no ordinal rating there."""
    columns = [_first_rating(cases, codebook, name) for name in (cause, effect)]
    if not all(columns):
        return None
    (x_name, x), (y_name, y) = (column for column in columns if column)
    shared = [unit for unit in cases.units.values() if unit.name in x and unit.name in y]
    pairs = [_product(x, y, a.name, b.name) for a, b in combinations(shared, 2)]
    steps = [_product(x, y, a, b) for a, b in _successive(cases, {unit.name for unit in shared})]
    return Baseline(
        x_name, y_name, len(shared), pairs.count(1), pairs.count(-1), pairs.count(0),
        steps.count(1), steps.count(-1), steps.count(0),
    )  # fmt: skip


def _first_rating(cases: Cases, codebook: Codebook, construct: str) -> tuple[str, dict[str, Span]] | None:
    """The first ordinal indicator of a construct that is rated at outermost units, and its span of levels by unit."""
    for indicator in codebook.indicators.values():
        if indicator.measures == construct and indicator.family == "ordinal":
            spans: dict[str, Span] = {}
            for row in cases.observations:
                if row.indicator == indicator.name and row.is_evidence and cases.units[row.unit].within is None:
                    low, high = spans.get(row.unit, (row.levels[0], row.levels[-1]))
                    spans[row.unit] = min(low, row.levels[0]), max(high, row.levels[-1])
            if spans:
                turned = {
                    unit: (-high, -low) if indicator.reversed else (low, high) for unit, (low, high) in spans.items()
                }
                return indicator.name, turned
    return None


def _order(a: Span, b: Span) -> int:
    """1 where b is above a, -1 where below, 0 where they overlap."""
    return 1 if a[1] < b[0] else -1 if b[1] < a[0] else 0


def _product(x: dict[str, Span], y: dict[str, Span], a: str, b: str) -> int:
    return _order(x[a], x[b]) * _order(y[a], y[b])


def _successive(cases: Cases, names: set[str]) -> Iterator[tuple[str, str]]:
    for case in cases.cases:
        units = sorted((u for u in cases.units.values() if u.case == case and u.name in names), key=lambda u: u.period)
        yield from ((a.name, b.name) for a, b in pairwise(units))
