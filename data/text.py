"""The text of a study's files: UTF-8, with or without a byte-order mark, in Unicode form NFC."""

import unicodedata
from pathlib import Path

from data.problems import Problems


def relative_name(path: Path, root: Path) -> str:
    """The name by which messages call a file: its path inside the study folder, with forward slashes."""
    return path.relative_to(root).as_posix() if path.is_relative_to(root) else path.name


def read_text(path: Path, root: Path, problems: Problems) -> str | None:
    """The text of a file with line ends as found; None, and a problem, when it is missing, empty or not UTF-8."""
    file = relative_name(path, root)
    try:
        content = path.read_bytes()
    except FileNotFoundError:
        problems.add(file, None, "the file is missing. Create it.")
        return None
    except OSError as error:
        problems.add(file, None, f"the file cannot be read ({error.strerror}).")
        return None
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        found = (
            "UTF-16" if content[:2] in (b"\xff\xfe", b"\xfe\xff") else f"not UTF-8 (byte 0x{content[error.start]:02x})"
        )
        problems.add(file, line, f"the text is {found}; only UTF-8 is read. Save the file as UTF-8.")
        return None
    if not text.strip():
        problems.add(file, None, "the file is empty.")
        return None
    return unicodedata.normalize("NFC", text)
