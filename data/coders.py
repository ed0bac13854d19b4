"""How coders of one study compare: their agreement part by part, where they found the source silent, what they read differently.

Tables for people to read; the measures are those of `data.reliability`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np

from data.cases import Cases, Observation, by_cell
from data.codebook import Codebook, Indicator
from data.reliability import Agreement, agreement, alpha, disagreements
from data.units import Unit

if TYPE_CHECKING:
    import pandas as pd

type Part = Callable[[Unit, Indicator], str]
type Difference = Literal["one silent", "overlapping", "apart"]


def kind(unit: Unit, _indicator: Indicator) -> str:
    """Part a study by what was observed."""
    return unit.kind


def construct(_unit: Unit, indicator: Indicator) -> str:
    """Part a study by what the indicator measures."""
    return indicator.measures


def own_indicator(_unit: Unit, indicator: Indicator) -> str:
    """Part a study by indicator."""
    return indicator.name


def agreement_by(part: Part, cases: Cases, codebook: Codebook) -> pd.DataFrame:
    """Agreement in each part of a study, a row for each scale of a part, as codes of different scales do not compare.

    Columns: part, then the fields of `Agreement` without the names of the coders; shares in [0, 1], alpha missing where
    it is undefined. Parts that no two coders judged have no row.
    """
    import pandas as pd

    parts: dict[str, list[Observation]] = {}
    for row in cases.observations:
        parts.setdefault(part(cases.units[row.unit], codebook.indicators[row.indicator]), []).append(row)
    columns = [name for name in Agreement.__slots__ if name != "coders"]
    records = [
        {"part": name} | {column: getattr(found, column) for column in columns}
        for name, rows in parts.items()
        for found in agreement(Cases(cases.units, tuple(rows)), codebook)
    ]
    alphas = dict.fromkeys(("alpha_near", "alpha_far", "nominal_near", "nominal_far"), "Float64")
    return pd.DataFrame.from_records(records, columns=["part", *columns]).astype(alphas)


@dataclass(frozen=True, slots=True)
class Silence:
    """Whether two coders found an answer at all, over the cells that both looked at.

    only : cells that one of them alone could code, by coder
    agreeing : share of the cells on which both spoke or both were silent
    alpha : Krippendorff's, of speaking against silence; None where it is undefined
    """

    cells: int
    both_spoke: int
    both_silent: int
    only: dict[str, int]
    agreeing: float
    alpha: float | None


def silence(cases: Cases, coders: tuple[str, str]) -> Silence:
    """Compare two coders on what the source answers; a cell without a row is one that a coder did not look at.

    Raises ValueError where there is no cell that both looked at.
    """
    spoke = [np.array(pair) for pair in _spoke(cases, coders)]
    if not spoke:
        raise ValueError(f"{coders[0]} and {coders[1]} have no cell in common. Name two coders of observations.csv.")
    said = np.array(spoke).T
    return Silence(
        cells=said.shape[1],
        both_spoke=int(said.all(axis=0).sum()),
        both_silent=int((~said).all(axis=0).sum()),
        only={coder: int((said[i] & ~said[1 - i]).sum()) for i, coder in enumerate(coders)},
        agreeing=float((said[0] == said[1]).mean()),
        alpha=alpha(said.astype(np.float64), "nominal"),
    )


def disagreement_table(cases: Cases, codebook: Codebook) -> pd.DataFrame:
    """Every cell on which coders do not say the same, in file order.

    Columns: case, unit, construct, indicator, one column a coder (blank: found silent; missing: did not look), difference
    ("one silent", "overlapping" when one level is allowed by all, else "apart").
    """
    import pandas as pd

    coders = sorted({row.coder for row in cases.observations if row.coder})
    records = [
        {
            "case": cases.units[found.unit].case,
            "unit": found.unit,
            "construct": codebook.indicators[found.indicator].measures,
            "indicator": found.indicator,
            **{coder: found.texts.get(coder) for coder in coders},
            "difference": _difference(found.texts, found.compatible),
        }
        for found in disagreements(cases)
    ]
    return pd.DataFrame.from_records(records, columns=["case", "unit", "construct", "indicator", *coders, "difference"])


def _difference(texts: dict[str, str], compatible: bool) -> Difference:
    if not all(texts.values()):
        return "one silent"
    return "overlapping" if compatible else "apart"


def _spoke(cases: Cases, coders: tuple[str, str]) -> list[tuple[bool, bool]]:
    """Whether each of two coders found an answer, for every cell that both looked at."""
    found = []
    for rows in by_cell(cases.observations).values():
        one, other = ([not row.missing for row in rows if row.coder == coder] for coder in coders)
        if one and other:
            found.append((any(one), any(other)))
    return found
