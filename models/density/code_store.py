"""A folder of machine code by key: written whole or not at all, checked when read, bounded in size, shared by processes.

It is the user's cache folder unless ``CASEWISE_CACHE_DIR`` names another. With ``CASEWISE_CACHE=off``, and where that folder
cannot be written, it is a folder that goes with the process, so that one process compiles a structure once in any case.
"""

from __future__ import annotations

import hashlib
import os
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from filelock import FileLock
from platformdirs import user_cache_path

SWITCH, FOLDER = "CASEWISE_CACHE", "CASEWISE_CACHE_DIR"
SUFFIX = ".code"
MEBIBYTE = 2**20


class DamagedError(ValueError):
    """A stored file that is not what was written under its key."""


@dataclass(frozen=True, slots=True)
class Store:
    """Stored entries, the least recently used of which go first once they take more than ``limit`` bytes together."""

    folder: Path
    limit: int = 256 * MEBIBYTE

    def path(self, key: str) -> Path:
        return self.folder / f"{key}{SUFFIX}"

    def read(self, key: str) -> bytes | None:
        """What was last written under a key, or None. Raises DamagedError when it is not that."""
        path = self.path(key)
        try:
            stored = path.read_bytes()
            with suppress(OSError):  # on a read-only folder, nothing is evicted either
                os.utime(path)
        except FileNotFoundError:
            return None
        checksum, content = stored[:32], stored[32:]
        if checksum != _checksum(key, content):
            raise DamagedError(f"{path} is damaged")
        return content

    def write(self, key: str, content: bytes) -> None:
        """Keep content under a key: whoever reads meanwhile finds the old or the new, whole."""
        self.folder.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile(dir=self.folder, delete=False) as file:
            file.write(_checksum(key, content) + content)
        Path(file.name).replace(self.path(key))
        self._evict(keep=key)

    @contextmanager
    def alone(self, key: str) -> Iterator[None]:
        """Let one process at a time work on a key. The system frees the lock of a process that died."""
        self.folder.mkdir(parents=True, exist_ok=True)
        with FileLock(self.folder / f"{key}.lock"):
            yield

    def _evict(self, keep: str) -> None:
        found = []
        for path in self.folder.glob(f"*{SUFFIX}"):
            with suppress(FileNotFoundError):  # another process evicted it
                status = path.stat()
                found.append((status.st_mtime, status.st_size, path))
        excess = sum(size for _, size, _ in found) - self.limit
        for _, size, path in sorted(found):
            if excess > 0 and path != self.path(keep):
                path.unlink(missing_ok=True)
                path.with_suffix(".lock").unlink(missing_ok=True)
                excess -= size


def configured(environment: Mapping[str, str] = os.environ) -> Store:
    """The store that the environment asks for."""
    if environment.get(SWITCH, "").lower() in ("off", "0", "no", "false"):
        return passing()
    folder = environment.get(FOLDER)
    return Store(Path(folder) if folder else user_cache_path("casewise") / "machine-code")


def passing() -> Store:
    """A store of this process, which ends with it."""
    return Store(Path(_temporary().name))


@cache
def _temporary() -> tempfile.TemporaryDirectory[str]:
    return tempfile.TemporaryDirectory(prefix="casewise-code-")


def _checksum(key: str, content: bytes) -> bytes:
    return hashlib.sha256(key.encode() + content).digest()
