"""Sources: what a study cites, and how a citation names them."""

import logging
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from data.files import read_text, relative_name
from data.problems import Problems

if TYPE_CHECKING:
    from bibtexparser.model import Block, Entry

LOCATOR = re.compile(
    r"(§+|s|ss|p|pp|ch|chap|chapters?|sec|sections?|tab|tables?|fig|figures?|app|appendix|n|fn|notes?|footnotes?)"
    r"(\.?\s*\d[\d.:–-]*[a-z]?|\.?\s+[A-Z]\d*|\.?\s+[ivxlc]+)(?=$|[\s,])",
    re.IGNORECASE,
)
"""A place in a source, such as s2.4, p. 84, table 3, § 7: what a citation may begin with when it names no key."""


@dataclass(frozen=True, slots=True)
class Source:
    """An entry of sources.bib, LaTeX turned into plain text; fields that the entry lacks are blank."""

    key: str
    author: str = ""
    year: str = ""
    title: str = ""
    line: int | None = None


class Citation(NamedTuple):
    """One part of a citation: the key it names (None: the study's main source), and where in it."""

    key: str | None
    locator: str


def citations(text: str, keys: Mapping[str, object]) -> Iterator[Citation]:
    """The parts of "key, s2.4; otherkey, p. 84" or of "s2.4; s7.1", which means sections of the main source.

    What is neither a known key nor looks like a place in a source is given as a key, for the caller to call unknown.
    """
    for part in filter(None, (part.strip() for part in text.split(";"))):
        key, _, locator = (piece.strip() for piece in part.partition(","))
        if key not in keys and LOCATOR.match(part):
            yield Citation(None, part)
        else:
            yield Citation(key, locator)


def load_sources(path: Path, root: Path, problems: Problems) -> dict[str, Source] | None:
    """Read a BibTeX file by key; None when it cannot be read at all.

    An entry that cannot be parsed is reported; where its key can be told, it counts as known.
    """
    text = read_text(path, root, problems)
    if text is None:
        return None
    from bibtexparser.entrypoint import parse_string
    from bibtexparser.middlewares import LatexDecodingMiddleware

    _keep_quiet()
    file = relative_name(path, root)
    library = parse_string(text.replace("\r\n", "\n"), append_middleware=[LatexDecodingMiddleware()])
    sources = {entry.key: _source(entry) for entry in library.entries}
    for block in library.failed_blocks:
        key = re.match(r"\s*@\s*\w+\s*[{(]\s*([^\s,{}]+)", block.raw or "")
        if key:
            sources.setdefault(key[1], Source(key[1], line=_line(block)))
        problems.add(file, _line(block), _complaint(block, key[1] if key else ""))
    for source in sources.values():
        if not source.key or re.search(r"[\s;]", source.key):
            problems.add(file, source.line, f"the key '{source.key}' is blank or has a blank or ';' in it. Rename it.")
    return sources


def _source(entry: "Entry") -> Source:
    fields = {field.key.lower(): str(field.value).strip() for field in entry.fields}
    author = fields.get("author") or fields.get("editor") or fields.get("institution", "")
    return Source(
        entry.key, author, fields.get("year") or fields.get("date", "")[:4], fields.get("title", ""), _line(entry)
    )


def _line(block: "Block") -> int | None:
    return None if block.start_line is None else block.start_line + 1  # counted from 0 there


def _complaint(block: "Block", key: str) -> str:
    from bibtexparser.model import DuplicateBlockKeyBlock, DuplicateFieldKeyBlock

    match block:
        case DuplicateBlockKeyBlock():
            return f"the key '{key}' is already on an earlier line. Give each source a key of its own."
        case DuplicateFieldKeyBlock():
            return f"'{key}' gives {', '.join(sorted(block.duplicate_keys))} twice. Keep one."
        case _:
            return f"the entry '{key}' is not valid BibTeX. Check its braces, its quotation marks and its commas."


def _keep_quiet() -> None:
    """Parsing failures become problems; without a handler they would be written to stderr as well."""
    logger = logging.getLogger("bibtexparser")
    if not logger.handlers:
        logger.addHandler(logging.NullHandler())
