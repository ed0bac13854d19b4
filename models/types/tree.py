"""Answers as an xarray DataTree, for ArviZ, or for a file that others can open."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd
import xarray as xr

from models.types.answers import Answer, Belief
from models.types.graph import TypesError


def as_tree(answers: Mapping[str, Answer]) -> xr.DataTree:
    """Named answers, with a group `answers` (dimension `name`: question, given, case, means, sds, intervals, methods).

    Those of the population have draws in the groups `prior` and `posterior`: a variable of its name for each, with dimensions
    chain and draw. Raises TypesError when there are none.
    """
    if not answers:
        raise TypesError("there are no answers to be gathered.")
    table = pd.DataFrame([_row(answer) for answer in answers.values()], index=pd.Index(answers, name="name"))
    groups = {"answers": table.to_xarray()}
    for which in ("prior", "posterior"):
        beliefs: dict[str, Belief] = {name: getattr(answer, which) for name, answer in answers.items()}
        drawn = {name: _by_chain(belief) for name, belief in beliefs.items() if belief.draws is not None}
        if drawn:
            groups[which] = xr.Dataset(_of_one_size(drawn))
    return xr.DataTree.from_dict(groups)


def _row(answer: Answer) -> dict[str, object]:
    before, after = answer.prior, answer.posterior
    return {
        "question": answer.question,
        "given": answer.given,
        "case": answer.case or "",
        "prior_mean": before.mean,
        "prior_sd": _or_nan(before.sd),
        "mean": after.mean,
        "sd": _or_nan(after.sd),
        "low": _or_nan(after.low),
        "high": _or_nan(after.high),
        "r_hat": _or_nan(after.r_hat),
        "holds": answer.holds,
        "method": answer.method,
        "notes": " ".join(answer.notes),
    }


def _or_nan(value: float | None) -> float:
    return np.nan if value is None else value


def _by_chain(belief: Belief) -> xr.DataArray:
    assert belief.draws is not None, "answers without draws were left out"
    return xr.DataArray(belief.draws.reshape(belief.chains, -1), dims=("chain", "draw"))


def _of_one_size(drawn: Mapping[str, xr.DataArray]) -> dict[str, xr.DataArray]:
    """All with as many chains and draws as all have: a condition that fails in some draws leaves fewer of them."""
    shapes = {array.shape for array in drawn.values()}
    if len(shapes) == 1:
        return dict(drawn)
    size = min(array.size for array in drawn.values())
    return {name: xr.DataArray(a.values.reshape(1, -1)[:, :size], dims=("chain", "draw")) for name, a in drawn.items()}
