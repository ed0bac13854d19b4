"""Results replace earlier ones when all of them are there, and not before."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import arviz as az
import numpy as np
import pytest
import xarray as xr
from hypothesis import given
from hypothesis import strategies as st

from analyses.outputs import staged, write_draws, write_json


def contents(folder: Path) -> dict[str, bytes]:
    """Every file below a folder, hidden ones too, with its bytes."""
    return {p.relative_to(folder).as_posix(): p.read_bytes() for p in sorted(folder.rglob("*")) if p.is_file()}


def write(folder: Path, files: Mapping[str, str]) -> None:
    for name, text in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)


def fail_half_way(out: Path, failure: BaseException) -> None:
    with staged(out) as stage:
        write(stage, NEW)
        raise failure


OLD = {"effects.csv": "old", "report.html": "old", "sensitivity/priors.csv": "old", "notes of mine.txt": "mine"}
NEW = {"effects.csv": "new", "ledger.csv": "new", "sensitivity/coding.csv": "new"}


def test_a_block_that_ends_well_replaces_what_it_wrote_and_leaves_the_rest(tmp_path: Path) -> None:
    out = tmp_path / "results"
    write(out, OLD)
    with staged(out) as stage:
        write(stage, NEW)
        assert contents(out) == {name: text.encode() for name, text in OLD.items()}
    assert contents(out) == {name: text.encode() for name, text in (OLD | NEW).items()}
    assert [p.name for p in tmp_path.iterdir()] == ["results"]


@pytest.mark.parametrize("error", [RuntimeError, KeyboardInterrupt, SystemExit])
def test_a_block_that_fails_leaves_earlier_outputs_as_they_were_and_no_temporary_folder(
    tmp_path: Path, error: type[BaseException]
) -> None:
    out = tmp_path / "results"
    write(out, OLD)
    before = contents(tmp_path)
    with pytest.raises(error):
        fail_half_way(out, error("half way"))
    assert contents(tmp_path) == before
    assert [p.name for p in tmp_path.iterdir()] == ["results"]


def test_a_first_block_that_fails_leaves_nothing_at_all(tmp_path: Path) -> None:
    with pytest.raises(RuntimeError):
        fail_half_way(tmp_path / "a" / "b" / "results", RuntimeError("half way"))
    assert list(tmp_path.iterdir()) == []


def test_folders_above_the_destination_are_made(tmp_path: Path) -> None:
    with staged(tmp_path / "a" / "b" / "results") as stage:
        write(stage, NEW)
    assert set(contents(tmp_path / "a" / "b" / "results")) == set(NEW)


def test_a_destination_that_is_a_file_is_refused_before_anything_is_done(tmp_path: Path) -> None:
    (tmp_path / "results").write_text("a file")
    began = False
    with pytest.raises(FileExistsError), staged(tmp_path / "results"):
        began = True
    assert not began
    assert contents(tmp_path) == {"results": b"a file"}


names = st.text("abc", min_size=1, max_size=3)


@given(old=st.dictionaries(names, st.text("xy")), new=st.dictionaries(names, st.text("xy")), fails=st.booleans())
def test_all_of_the_new_files_are_there_or_none(
    tmp_path_factory: pytest.TempPathFactory, old: dict[str, str], new: dict[str, str], fails: bool
) -> None:
    out = tmp_path_factory.mktemp("out") / "results"
    out.mkdir()
    write(out, old)
    try:
        with staged(out) as stage:
            write(stage, new)
            if fails:
                raise RuntimeError
    except RuntimeError:
        pass
    assert contents(out) == {name: text.encode() for name, text in (old if fails else old | new).items()}


@dataclass(frozen=True)
class Thing:
    size: float
    parts: tuple[str, ...]


def test_json_has_objects_for_dataclasses_and_null_for_what_is_no_number(tmp_path: Path) -> None:
    value = {
        "thing": Thing(1.5, ("ä", "b")),
        "nan": float("nan"),
        "inf": [float("inf"), 2],
        "path": Path("x"),
        "none": None,
    }
    write_json(tmp_path / "x.json", value)
    text = (tmp_path / "x.json").read_text(encoding="utf-8")
    assert "ä" in text
    assert json.loads(text) == {
        "thing": {"size": 1.5, "parts": ["ä", "b"]},
        "nan": None,
        "inf": [None, 2],
        "path": "x",
        "none": None,
    }


def test_numpy_s_numbers_are_numbers_in_json(tmp_path: Path) -> None:
    value = {
        "f": np.float64(0.5),
        "i": np.int64(3),
        "b": np.bool_(True),
        "g": np.float32(0.25),
        "a": np.array([1.0, np.nan]),
    }
    write_json(tmp_path / "x.json", value)
    assert json.loads((tmp_path / "x.json").read_text()) == {"f": 0.5, "i": 3, "b": True, "g": 0.25, "a": [1.0, None]}


def draws_of(groups: Mapping[str, Mapping[str, np.ndarray]]) -> xr.DataTree:
    """A tree of arrays with dimensions chain, draw and their own."""
    return xr.DataTree.from_dict(
        {
            group: xr.Dataset(
                {
                    name: (("chain", "draw", *[f"{name}_dim_{i}" for i in range(a.ndim - 2)]), a)
                    for name, a in arrays.items()
                }
            )
            for group, arrays in groups.items()
        }
    )


def test_stored_draws_are_those_drawn_and_what_follows_from_them_keeps_seven_digits(tmp_path: Path) -> None:
    rng = np.random.default_rng(1)
    drawn, likelihood = rng.normal(size=(2, 300)), rng.normal(-1.0, 0.3, size=(2, 300, 7))
    tree = draws_of(
        {
            "posterior": {"slope": drawn, "score": rng.normal(size=(2, 300, 4))},
            "prior": {"slope": drawn},
            "log_likelihood": {"ordinal": likelihood},
            "log_prior": {"slope": -0.5 * drawn**2},
            "posterior_predictive": {
                "ordinal": rng.integers(0, 3, (2, 300, 7)).astype(float),
                "count": rng.integers(0, 4000, (2, 300, 7)).astype(float),
                "continuous": likelihood,
            },
        }
    )
    write_draws(tmp_path / "posterior.nc", tree)
    stored = xr.open_datatree(tmp_path / "posterior.nc").load()
    xr.testing.assert_identical(stored["posterior"]["slope"], tree["posterior"]["slope"])
    xr.testing.assert_allclose(stored, tree, rtol=1e-6)
    kinds = {str(name): str(a.dtype) for name, a in stored["posterior_predictive"].to_dataset().items()}
    assert kinds == {"ordinal": "int16", "count": "int16", "continuous": "float32"}
    assert az.loo(stored).elpd == pytest.approx(az.loo(tree).elpd, abs=1e-3)
    ours, theirs = (az.psense(t, group="prior")["slope"].item() for t in (stored, tree))
    assert ours == pytest.approx(theirs, abs=1e-3)


@pytest.mark.parametrize("values", [[0.5, 1.0], [np.nan, 1.0], [3e12, 1.0]])
def test_predictive_draws_that_are_no_whole_numbers_stay_numbers(tmp_path: Path, values: list[float]) -> None:
    write_draws(tmp_path / "posterior.nc", draws_of({"posterior_predictive": {"count": np.array([values])}}))
    found = xr.open_datatree(tmp_path / "posterior.nc").load()["posterior_predictive"]["count"]
    np.testing.assert_allclose(found, [values], rtol=1e-6)
