"""What must hold around the sampler whatever the model."""

import sys
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

import numpy as np
import nutpie
import pymc as pm
import pytest
import xarray as xr
from pymc.initial_point import make_initial_point_fn

from models.sampling import Sampler, sample
from tests.models.toy import model


@dataclass(frozen=True)
class Code:
    """All of compiled code that is needed here."""

    initial_point_func: Callable[..., Any]


@pytest.fixture
def hurried() -> Iterator[None]:
    """Threads that take turns at every step, as those of a busy machine may."""
    usual = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    yield
    sys.setswitchinterval(usual)


@pytest.mark.usefixtures("hurried")
def test_chains_that_start_at_once_start_where_each_would_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    """PyTensor's functions are not reentrant: without turns, some of these differ, fail, or end the process."""
    toy: pm.Model = model()
    start = make_initial_point_fn(model=toy, jitter_rvs=set(toy.free_RVs))
    alone = [start(seed) for seed in range(200)]

    def several_chains(code: Code, **_: object) -> xr.DataTree:
        with ThreadPoolExecutor(8) as pool:
            together = list(pool.map(code.initial_point_func, range(200)))
        assert all(np.array_equal(a[v], b[v]) for a, b in zip(alone, together, strict=True) for v in a)
        return xr.DataTree.from_dict({"sample_stats": xr.Dataset({"energy": (("chain", "draw"), np.zeros((1, 1)))})})

    monkeypatch.setattr(nutpie, "sample", several_chains)
    sample(Code(start), Sampler(draws=1, chains=1))  # type: ignore[arg-type]
