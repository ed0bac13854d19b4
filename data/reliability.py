"""Agreement between coders who judged the same cells.

Krippendorff's alpha compares points, but an ordinal code may be a range of levels. Each such code is therefore read
twice, once as the level within it that brings the coders of its cell closest together and once as the one that takes
them furthest apart (by the sum of absolute differences between coders), and alpha is given for both readings: without
ranges the two are the same number. Codes agree when one level is allowed by both; they are identical when they allow
the same.

Two readers of one text share its bias, so that agreement bounds validity from above and never shows it.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from data.cases import Cases, Observation, by_cell
from data.codebook import Codebook, Family, Indicator

type Measure = Literal["nominal", "ordinal", "interval", "ratio"]
type Cell = tuple[str, str]

MEASURES: dict[Family, Measure] = {
    "ordinal": "ordinal",
    "binary": "nominal",
    "binomial": "ratio",  # of the share
    "count": "ratio",
    "continuous": "interval",
}


@dataclass(frozen=True, slots=True)
class Code:
    """What one coder says of one cell: any level, or the number, from `low` to `high`; `text` as written."""

    low: float
    high: float
    text: str

    def agrees(self, other: "Code") -> bool:
        """Whether both can be right."""
        return self.low <= other.high and other.low <= self.high

    def equals(self, other: "Code") -> bool:
        """Whether both allow the same."""
        return (self.low, self.high) == (other.low, other.high)


@dataclass(frozen=True, slots=True)
class Agreement:
    """Agreement over the cells that two or more coders judged.

    of : a verbal scale, `binary`, or one indicator: codes are only compared on a scale that they share
    pairs : of coders on the same cell, over all cells
    agreeing, identical : shares of the pairs, in [0, 1]
    alpha_near, alpha_far : Krippendorff's alpha with ranges read together and apart; None where all codes are one value
    nominal_near, nominal_far : the same with every difference as bad as any other, whatever the measure
    """

    of: str
    measure: Measure
    coders: tuple[str, ...]
    cells: int
    pairs: int
    agreeing: float
    identical: float
    alpha_near: float | None
    alpha_far: float | None
    nominal_near: float | None
    nominal_far: float | None


@dataclass(frozen=True, slots=True)
class Disagreement:
    """A cell on which coders differ, by coder; a blank text is a source found silent.

    compatible : whether one level is allowed by every coder who found an answer
    """

    unit: str
    indicator: str
    texts: dict[str, str]
    compatible: bool


def agreement(cases: Cases, codebook: Codebook) -> tuple[Agreement, ...]:
    """Agreement on each verbal scale, on all binary indicators, and on each other indicator, where there is any pair.

    Rows without a coder are left out.
    """
    groups: dict[str, list[dict[str, Code]]] = {}
    measures: dict[str, Measure] = {}
    for (_, name), rows in _by_coder(cases).items():
        indicator, codes = codebook.indicators[name], dict(_codes(rows))
        if len(codes) > 1:
            measures[_compared_on(indicator)] = MEASURES[indicator.family]
            groups.setdefault(_compared_on(indicator), []).append(codes)
    return tuple(_agreement(of, measures[of], cells) for of, cells in groups.items())


def disagreements(cases: Cases) -> tuple[Disagreement, ...]:
    """Every cell on which coders do not say the same, in file order; silence and an answer are not the same."""
    found = []
    for cell, rows in _by_coder(cases).items():
        codes = dict(_codes(rows))
        said = {(code.low, code.high) if (code := codes.get(coder)) else None for coder in rows}
        if len(said) > 1:
            texts = {coder: " / ".join(dict.fromkeys(row.text for row in own)) for coder, own in rows.items()}
            compatible = all(one.agrees(other) for one, other in combinations(codes.values(), 2))
            found.append(Disagreement(*cell, texts, compatible))
    return tuple(found)


def alpha(values: NDArray[np.float64], measure: Measure) -> float | None:
    """Krippendorff's alpha; None where it is undefined, no two codes being comparable or all of them one value.

    values : shape (coders, cells), NaN where a coder gave no code
    """
    import krippendorff

    pairable = values[:, (~np.isnan(values)).sum(axis=0) > 1]
    if len(np.unique(pairable[~np.isnan(pairable)])) < 2:
        return None
    return float(krippendorff.alpha(reliability_data=pairable, level_of_measurement=measure))


def closest(codes: Sequence[Code]) -> list[float]:
    """One point in each code, so that the sum of absolute differences between them is least."""
    ends = sorted({end for code in codes for end in (code.low, code.high)})
    choices = [[min(max(end, code.low), code.high) for code in codes] for end in ends]
    return min(choices, key=_spread)


def furthest(codes: Sequence[Code]) -> list[float]:
    """One point in each code, so that the sum of absolute differences between them is greatest.

    The sum of |x_i - x_j| over pairs is the greatest of sum_i w[rank of i] x_i over all rankings, with weights w from
    1 - m to m - 1 in steps of 2. Which code takes which rank is an assignment problem, and given its rank a code takes
    its low end under a negative weight and its high end under a positive one.
    """
    from scipy.optimize import linear_sum_assignment

    weights = np.arange(1 - len(codes), len(codes), 2)
    ends = np.array([[code.low, code.high] for code in codes])
    chosen = np.where(weights < 0, ends[:, :1], ends[:, 1:])
    rows, ranks = linear_sum_assignment(weights * chosen, maximize=True)
    return [float(x) for x in chosen[rows, ranks]]


def _spread(points: Sequence[float]) -> float:
    return sum(abs(one - other) for one, other in combinations(points, 2))


def _by_coder(cases: Cases) -> dict[Cell, dict[str, list[Observation]]]:
    """Rows with a coder, by cell and coder."""
    found: dict[Cell, dict[str, list[Observation]]] = {}
    for cell, rows in by_cell(row for row in cases.observations if row.coder).items():
        for row in rows:
            found.setdefault(cell, {}).setdefault(row.coder, []).append(row)
    return found


def _codes(rows: Mapping[str, Iterable[Observation]]) -> Iterator[tuple[str, Code]]:
    """What each coder says of one cell, silence left out."""
    for coder, own in rows.items():
        codes = [_code(row) for row in own if not row.missing]
        if codes:
            yield coder, _merged(codes)


def _code(row: Observation) -> Code:
    if row.value is None:
        return Code(row.levels[0], row.levels[-1], row.text)
    value = row.value / row.n if row.n else row.value
    return Code(value, value, row.text)


def _merged(codes: Sequence[Code]) -> Code:
    """One coder's several rows on a cell: what all of them allow, or where they contradict each other all they span."""
    low, high = max(code.low for code in codes), min(code.high for code in codes)
    if low > high:
        low, high = min(code.low for code in codes), max(code.high for code in codes)
    return Code(low, high, " / ".join(dict.fromkeys(code.text for code in codes)))


def _compared_on(indicator: Indicator) -> str:
    if indicator.family == "binary":
        return "binary"
    return indicator.scale or indicator.name


def _agreement(of: str, measure: Measure, cells: Sequence[Mapping[str, Code]]) -> Agreement:
    coders = tuple(sorted({coder for codes in cells for coder in codes}))
    pairs = [pair for codes in cells for pair in combinations(codes.values(), 2)]
    near, far = np.full((2, len(coders), len(cells)), np.nan)
    for column, codes in enumerate(cells):
        rows = [coders.index(coder) for coder in codes]
        near[rows, column] = closest(tuple(codes.values()))
        far[rows, column] = furthest(tuple(codes.values()))
    return Agreement(
        of=of,
        measure=measure,
        coders=coders,
        cells=len(cells),
        pairs=len(pairs),
        agreeing=sum(one.agrees(other) for one, other in pairs) / len(pairs),
        identical=sum(one.equals(other) for one, other in pairs) / len(pairs),
        alpha_near=alpha(near, measure),
        alpha_far=alpha(far, measure),
        nominal_near=alpha(near, "nominal"),
        nominal_far=alpha(far, "nominal"),
    )
