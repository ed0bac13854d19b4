"""A compiled model survives its process, and nothing about the model changes for it."""

import json
import logging
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import nutpie
import pytest

from models.compile import machine_code as code_for
from models.density import kept_code
from models.density.callbacks import outline
from models.density.code_store import Store
from models.density.machine_code import code_key, obtain
from models.sampling import Sampler, sample
from tests.models.toy import model

ROOT = Path(__file__).resolve().parents[3]


def start(folder: Path | str, units: int) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "tests.models.toy", str(folder), str(units)]
    return subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)


def finish(process: subprocess.Popen[str]) -> dict[str, Any]:
    out, _ = process.communicate()
    assert process.returncode == 0
    return dict(json.loads(out))


@pytest.fixture(scope="module")
def processes(tmp_path_factory: pytest.TempPathFactory) -> dict[str, dict[str, Any]]:
    """Two processes that start at once on an empty store, then others on the same or more units, with and without the store."""
    folder = tmp_path_factory.mktemp("code")
    both = [start(folder, 4), start(folder, 4)]
    first, second = sorted(map(finish, both), key=lambda found: str(found["origin"]))
    return {
        "first": first,
        "second": second,
        "later": finish(start(folder, 4)),
        "more units": finish(start(folder, 6)),
        "without": finish(start("", 4)),
        "more units, without": finish(start("", 6)),
    }


@pytest.mark.slow
def test_of_two_processes_at_once_one_compiles_and_the_other_loads(processes: dict[str, dict[str, Any]]) -> None:
    assert [processes[name]["origin"] for name in ("first", "second")] == ["compiled", "loaded"]


@pytest.mark.slow
def test_a_later_process_loads_also_for_another_number_of_units(processes: dict[str, dict[str, Any]]) -> None:
    assert processes["later"]["origin"] == processes["more units"]["origin"] == "loaded"


@pytest.mark.slow
def test_loaded_code_draws_bit_for_bit_what_compiled_code_draws(processes: dict[str, dict[str, Any]]) -> None:
    for name in ("second", "later", "without"):
        assert processes[name]["draws"] == processes["first"]["draws"], name
    assert processes["more units"]["draws"] == processes["more units, without"]["draws"]


@pytest.mark.slow
def test_a_damaged_file_is_replaced_with_a_word_about_it(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    store, outlined = Store(tmp_path), outline(model())
    assert obtain(outlined, store).origin == "compiled"
    path = store.path(code_key(outlined))  # compiling leaves the outline as it was
    whole = path.read_bytes()
    for damage in (whole[:-1], whole[:40], b"", whole[:2000] + b"!" + whole[2001:]):
        path.write_bytes(damage)
        with caplog.at_level(logging.WARNING):
            assert obtain(outlined, store).origin == "compiled"
        assert "damaged" in caplog.text
        caplog.clear()
        assert obtain(outlined, store).origin == "loaded"


@pytest.mark.slow
def test_our_callbacks_sample_the_posterior_that_nutpie_s_own_sample() -> None:
    toy = model()
    theirs = nutpie.compile_pymc_model(toy, backend="numba")
    ours = code_for(toy, None)
    assert (ours.n_dim, ours.n_expanded, ours.dims) == (theirs.n_dim, theirs.n_expanded, theirs.dims)
    assert ours.shape_info[0] == theirs.shape_info[0]
    assert (ours.initial_point_func(3) == theirs.initial_point_func(3)).all()
    sampler = Sampler(draws=2000, tune=500, chains=4, seed=5)
    a, b = (sample(code, sampler)["posterior"] for code in (ours, theirs))
    for name in ("centre", "spread", "shares", "mean"):
        assert a[name].dims == b[name].dims
        gap = np.abs(a[name].mean(("chain", "draw")) - b[name].mean(("chain", "draw")))
        assert (gap < 0.1).all(), name


def test_the_key_is_of_the_structure_not_of_lengths_or_data() -> None:
    assert code_key(outline(model(4))) == code_key(outline(model(9)))
    assert code_key(outline(model(4))) != code_key(outline(model(4, scale=2.5)))


def test_the_key_changes_with_what_turns_graphs_into_code(monkeypatch: pytest.MonkeyPatch) -> None:
    before = code_key(outline(model()))
    for name in kept_code.PACKAGES:
        kept_code.surroundings.cache_clear()
        with monkeypatch.context() as patch:
            patch.setattr(kept_code, "version", lambda asked, name=name: "0" if asked == name else "1")
            changed = kept_code.surroundings()
        kept_code.surroundings.cache_clear()
        assert changed != kept_code.surroundings(), name
    assert code_key(outline(model())) == before


def test_a_folder_that_cannot_be_written_costs_a_compile_not_the_run(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "file"
    file.write_text("")
    monkeypatch.setattr(kept_code, "_linked", lambda codes, origin: kept_code.Kept((), origin))
    with caplog.at_level(logging.WARNING):
        assert kept_code.kept("key", lambda: (), Store(file / "below")).origin == "compiled"
    assert "without the store" in caplog.text
