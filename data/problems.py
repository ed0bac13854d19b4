"""What is wrong with a study: one problem, all of them together, and the error that lists them."""

import difflib
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing wrong with a study: where, what was found, what is allowed, what to do.

    file : path relative to the study folder, with forward slashes
    line : counted from 1; None when the file as a whole is meant
    """

    file: str
    line: int | None
    message: str

    def __lt__(self, other: "Problem") -> bool:
        return self._key < other._key

    @property
    def _key(self) -> tuple[str, int, str]:
        return self.file, self.line or 0, self.message

    def __str__(self) -> str:
        place = self.file if self.line is None else f"{self.file} line {self.line}"
        return f"{place}: {self.message}"


class StudyError(Exception):
    """A study that cannot be used; its text lists every problem, a line each, by file and line."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems: tuple[Problem, ...] = tuple(sorted(problems))
        super().__init__("\n".join(map(str, self.problems)))


LIKE, NAMED = 3, 12
"""Of problems that differ only in what they quote: how many a brief list gives in full, and of how many more the quote."""


def in_brief(problems: Iterable[Problem]) -> str:
    """Every problem, those that say the same in one line with all their places, and long runs of like ones shortened."""
    kinds: dict[tuple[str, str], dict[str, list[int]]] = {}
    for p in sorted(problems):
        alike = kinds.setdefault((p.file, re.sub(r"'[^']*'", "''", p.message)), {})
        alike.setdefault(p.message, []).extend([] if p.line is None else [p.line])
    lines = []
    for (file, _), alike in kinds.items():
        lines += [f"{_place(file, at)}: {message}" for message, at in list(alike.items())[:LIKE]]
        if rest := list(alike.items())[LIKE:]:
            quoted = [found[0] for message, _ in rest if (found := re.findall(r"'[^']*'", message))]
            more = "" if len(rest) <= NAMED else f" and {len(rest) - NAMED} others"
            at = sorted(line for _, lines_of in rest for line in lines_of)
            lines.append(f"{_place(file, at)}: the same of {', '.join(quoted[:NAMED])}{more}.")
    return "\n".join(lines)


def _place(file: str, lines: Sequence[int]) -> str:
    return f"{file} line{'s' if len(lines) > 1 else ''} {_ranges(lines)}" if lines else file


def _ranges(lines: Sequence[int]) -> str:
    """Line numbers in order, neighbours joined: 5-7, 9."""
    ends: list[list[int]] = []
    for line in lines:
        if ends and line <= ends[-1][1] + 1:
            ends[-1][1] = line
        else:
            ends.append([line, line])
    return ", ".join(str(first) if first == last else f"{first}-{last}" for first, last in ends)


class Problems:
    """What loaders have found wrong so far; a problem said twice is kept once."""

    def __init__(self) -> None:
        self._found: dict[Problem, None] = {}

    def add(self, file: str, line: int | None, message: str) -> None:
        """Note a problem and go on."""
        self._found[Problem(file, line, message)] = None

    @property
    def found(self) -> tuple[Problem, ...]:
        """Every problem, in the order found."""
        return tuple(self._found)

    @property
    def count(self) -> int:
        """How many problems there are; a loader that compares it before and after knows whether it found any."""
        return len(self._found)

    def raise_if_any(self) -> None:
        """Raise `StudyError` with every problem found, if there is one."""
        if self._found:
            raise StudyError(self._found)


def nearest(word: str, allowed: Iterable[str]) -> str:
    """A sentence led by a blank that suggests the closest allowed word, capital or small; empty when none is close."""
    words = {other.casefold(): other for other in allowed}
    close = difflib.get_close_matches(word.casefold(), words, n=1)
    return f" Did you mean '{words[close[0]]}'?" if close else ""
