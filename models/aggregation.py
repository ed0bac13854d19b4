"""A table of observed columns with as few rows as its likelihood needs: equal rows as one, numbers by mean and covariance.

What the rows say of a model whose constructs are all observed is a sum over rows. Equal rows are one row that counts several
times. Numbers that only enter normal linear equations matter through their number, mean and covariance alone (they are sufficient
statistics: Anderson 2003, section 3.2), in each group of rows that agree on everything else. Such a group of n rows and q columns
of numbers is replaced by q + 1 points with the same mean and covariance, each of which counts n / (q + 1) times: the log
likelihood is the same function of the parameters, exactly.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.linalg import helmert

from causal.theory import Edge, Theory
from data.codebook import Family
from models.measurement.counts import check_rows_are_exchangeable

type Floats = NDArray[np.float64]

COUNT = "count"


def aggregated(table: pd.DataFrame, theory: Theory, families: Mapping[str, Family]) -> pd.DataFrame:
    """The rows of a table that stand for all of it, with the column ``count``: for how many rows each stands.

    table : a column for every construct of the theory, one unit a row, missing values as NaN or None; rows in which anything is
        missing stay as they are
    families : of every construct
    Raises CannotEstimateError where a row of the model is not a row of the table: see ``check_rows_are_exchangeable``.
    """
    check_rows_are_exchangeable(theory, families)
    columns = list(theory.names)
    normal = [name for name in columns if _is_normal(theory, families, name)]
    whole = table[columns].notna().all(axis=1)
    parts = [table.loc[~whole, columns].assign(**{COUNT: 1.0}), *_groups(table.loc[whole, columns], normal)]
    return pd.concat([part for part in parts if len(part)], ignore_index=True)


def _is_normal(theory: Theory, families: Mapping[str, Family], name: str) -> bool:
    """Whether a column enters nothing but normal linear equations, its own among them."""
    if families[name] != "continuous":
        return False
    read = [edge for edge in theory.edges if name in (edge.cause, edge.moderator)]
    return all(families[edge.effect] == "continuous" and not _is_product(families, edge) for edge in read)


def _is_product(families: Mapping[str, Family], edge: Edge) -> bool:
    """Whether an edge multiplies two columns of numbers."""
    return edge.moderator is not None and "continuous" == families[edge.moderator] == families[edge.cause]


def _groups(rows: pd.DataFrame, normal: list[str]) -> Iterator[pd.DataFrame]:
    """Each group of rows that agree on all but the normal columns, by its points."""
    others = [name for name in rows if name not in normal]
    if not others:
        yield points(rows)
        return
    if not normal:
        yield rows.groupby(others, sort=False).size().astype(float).rename(COUNT).reset_index()
        return
    for key, group in rows.groupby(others, sort=False):
        found = points(group[normal]).reset_index(drop=True)
        agreed = pd.DataFrame([key] * len(found), columns=others)
        yield pd.concat([agreed, found], axis=1)[[*rows.columns, COUNT]]


def points(rows: pd.DataFrame) -> pd.DataFrame:
    """q + 1 points with the mean and covariance of n rows of q columns, counted n / (q + 1) times; fewer rows as they are."""
    count, size = rows.shape
    if count <= size + 1:
        return rows.assign(**{COUNT: 1.0})
    x = rows.to_numpy(dtype=float)
    _, spread, directions = np.linalg.svd(x - x.mean(axis=0), full_matrices=False)
    corners: Floats = helmert(size + 1).T  # (q + 1, q): orthonormal columns that sum to 0
    scaled = np.sqrt((size + 1) / count) * corners @ (spread[:, None] * directions)
    found = pd.DataFrame(x.mean(axis=0) + scaled, columns=rows.columns)
    return found.assign(**{COUNT: count / (size + 1)})
