"""Where results go: written to a temporary folder beside the destination and moved only when complete."""

from __future__ import annotations

import json
import shutil
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, is_dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    import xarray as xr

EXACT = ("posterior", "sample_stats", "observed_data", "constant_data")
"""Groups whose numbers are kept as they are. Others can be computed from them, or are fresh draws, and get 7 digits."""


@contextmanager
def staged(out: Path) -> Iterator[Path]:
    """A temporary folder whose files replace those of ``out`` when the block ends well; when it fails ``out`` is untouched.

    Files of ``out`` that the block did not write stay, so that ``run``, ``support`` and the others can share a folder.
    """
    if out.exists() and not out.is_dir():
        raise FileExistsError(f"{out} is a file. Name a folder for the results.")
    missing = [folder for folder in out.absolute().parents if not folder.exists()]
    out.parent.mkdir(parents=True, exist_ok=True)
    stage = Path(tempfile.mkdtemp(prefix=f".{out.name}-", dir=out.parent))
    try:
        yield stage
        out.mkdir(exist_ok=True)
        for path in sorted(stage.rglob("*")):
            target = out / path.relative_to(stage)
            if path.is_dir():
                target.mkdir(exist_ok=True)
            else:
                path.replace(target)
    finally:
        shutil.rmtree(stage, ignore_errors=True)
        for folder in missing:  # nearest first; those that hold results stay
            if folder.exists() and not any(folder.iterdir()):
                folder.rmdir()


def write_json(path: Path, value: object) -> None:
    """JSON with sorted keys; dataclasses become objects and non-finite numbers null."""
    path.write_text(json.dumps(_plain(value), indent=2, sort_keys=True, ensure_ascii=False) + "\n", encoding="utf-8")


def write_draws(path: Path, tree: xr.DataTree) -> None:
    """Draws as netCDF for ArviZ: exact where nothing else holds the number, else narrow; whole numbers are compressed."""
    import xarray as xr

    groups = {str(name): _narrow(str(name), group.to_dataset()) for name, group in tree.children.items()}
    encoding = {
        f"/{name}": {v: {"zlib": True, "complevel": 1} for v, a in data.items() if a.dtype.kind == "i" and a.size > 1}
        for name, data in groups.items()
    }
    xr.DataTree.from_dict(groups).to_netcdf(path, engine="h5netcdf", encoding=encoding)


def _narrow(group: str, data: xr.Dataset) -> xr.Dataset:
    names = [name for name, a in data.items() if a.dtype == float and (group not in EXACT or name == "score")]
    whole = group.endswith("predictive")
    return data.assign({name: data[name].astype(_kind(data[name].to_numpy(), whole)) for name in names})


def _kind(values: np.ndarray[Any, Any], whole: bool) -> type[np.generic]:
    """The narrowest type: of integers where ``whole`` and the values are whole numbers, else of 7 digits."""
    if whole and values.size and (values == np.rint(values)).all():
        for kind in (np.int16, np.int32):
            if np.abs(values).max() <= np.iinfo(kind).max:
                return kind
    return np.float32


def _plain(value: Any) -> Any:
    if isinstance(value, np.ndarray | np.generic):
        return _plain(value.tolist())
    if is_dataclass(value) and not isinstance(value, type):
        return _plain(asdict(value))
    if isinstance(value, Mapping):
        return {str(k): _plain(v) for k, v in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(v) for v in value]
    if isinstance(value, float):
        return value if value == value and abs(value) != float("inf") else None
    return value if isinstance(value, str | int | bool | None) else str(value)
