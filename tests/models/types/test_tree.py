"""Answers gathered in a DataTree: written, opened again by xarray alone, and read by ArviZ."""

from pathlib import Path

import arviz as az
import pytest
import xarray as xr

from models.types.answers import query
from models.types.graph import TypesError
from models.types.make import make
from models.types.posterior import update
from models.types.tree import as_tree

ROWS = [{"X": 1, "Y": 1}, {"X": 0, "Y": 0}]


@pytest.mark.parametrize("method", ["exact", "gibbs"])
def test_answers_are_the_same_after_a_file(method: str, tmp_path: Path) -> None:
    posterior = update(make("X -> M -> Y"), ROWS, method=method)  # type: ignore[arg-type]
    effect, case = query(posterior, "Y[X=1] - Y[X=0]"), query(posterior, "Y[X=0]==0", case="1")
    as_tree({"effect": effect, "in case 1": case}).to_netcdf(tmp_path / "answers.nc")
    tree = xr.open_datatree(tmp_path / "answers.nc")
    assert float(tree["answers"]["mean"].sel(name="in case 1")) == case.posterior.mean
    assert str(tree["answers"]["question"].sel(name="effect").item()) == effect.question
    summary = az.summary(tree, round_to="none")
    assert float(summary.loc["effect", "mean"]) == pytest.approx(float(effect.posterior.draws.mean()))  # type: ignore[union-attr]
    assert tree["posterior"]["effect"].sizes["chain"] == (1 if method == "exact" else 100)


def test_a_condition_that_fails_in_some_draws_leaves_room_for_other_answers() -> None:
    posterior = update(make("X -> Y"), ROWS)
    tree = as_tree(
        {"whole": query(posterior, "Y"), "ratio": query(posterior, "Y[X=1] / Y[X=0]", "Y[X=1] > Y[X=0] | X==1")}
    )
    assert tree["posterior"]["whole"].shape == tree["posterior"]["ratio"].shape


def test_nothing_is_no_tree() -> None:
    with pytest.raises(TypesError, match="no answers"):
        as_tree({})
