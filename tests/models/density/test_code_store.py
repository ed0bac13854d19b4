"""Stored code is what was written, or nothing."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from models.density.code_store import DamagedError, Store, configured

ROOT = Path(__file__).resolve().parents[3]


def test_what_was_written_is_read(tmp_path: Path) -> None:
    store = Store(tmp_path / "new" / "folder")
    assert store.read("key") is None
    store.write("key", b"content")
    store.write("key", b"other content")
    assert store.read("key") == b"other content"


def test_content_under_another_key_is_damage(tmp_path: Path) -> None:
    store = Store(tmp_path)
    store.write("key", b"content")
    store.path("key").replace(store.path("other"))
    with pytest.raises(DamagedError, match="other"):
        store.read("other")


def test_the_least_recently_read_go_first_when_the_folder_is_full(tmp_path: Path) -> None:
    store = Store(tmp_path, limit=300)
    for age, key in enumerate("abc"):
        store.write(key, b"x" * 60)
        os.utime(store.path(key), (age, age))
    assert store.read("a") is not None  # read now, so that b is the oldest
    store.write("d", b"x" * 60)
    assert [key for key in "abcd" if store.read(key)] == ["a", "c", "d"]
    assert sum(path.stat().st_size for path in tmp_path.glob("*.code")) <= 300


def test_an_entry_larger_than_the_limit_stays_until_the_next(tmp_path: Path) -> None:
    store = Store(tmp_path, limit=50)
    store.write("large", b"x" * 100)
    assert store.read("large") is not None
    store.write("next", b"x")
    assert store.read("large") is None


def test_nothing_but_entries_and_locks_is_left_behind(tmp_path: Path) -> None:
    store = Store(tmp_path)
    with store.alone("key"):
        store.write("key", b"content")
    assert {path.suffix for path in tmp_path.iterdir()} <= {".code", ".lock"}


def test_the_environment_moves_the_store(tmp_path: Path) -> None:
    assert configured({"CASEWISE_CACHE_DIR": str(tmp_path)}) == Store(tmp_path)
    assert "casewise" in str(configured({}).folder)


def test_switched_off_it_is_a_folder_that_goes_with_the_process(tmp_path: Path) -> None:
    off = configured({"CASEWISE_CACHE": "off", "CASEWISE_CACHE_DIR": str(tmp_path)})
    assert off == configured({"CASEWISE_CACHE": "off"}) != Store(tmp_path)
    script = (
        "from models.density.code_store import configured; store = configured({'CASEWISE_CACHE': 'off'}); "
        "store.write('key', b'content'); assert store.read('key') == b'content'; print(store.folder)"
    )
    found = subprocess.run(
        [sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout.strip()
    assert Path(found) != off.folder
    assert not Path(found).exists()
