"""The sources that machine code is made of: those beside this module, and the families whose constants are compiled in."""

from __future__ import annotations

from pathlib import Path
from zlib import crc32

SOURCES = tuple(
    file.read_bytes()
    for file in (*sorted(Path(__file__).parent.glob("*.py")), Path(__file__).parents[1] / "families.py")
)
MARK = crc32(b"".join(SOURCES))
"""PyTensor keeps the machine code of our operations by their names and this number, which changes with any of the sources."""
