"""Hypotheses: claims with a smallest effect of interest, loaded from their file and checked against a theory."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from causal.claims import expected_sign, faults, gaps, spelled_out
from causal.judgement import Judgement, Thresholds, judge, words
from causal.query import Claim, ClaimError, parse_claim
from causal.theory import Theory
from data.files import Problems, Table, read_toml

__all__ = [
    "Hypothesis",
    "Judgement",
    "Thresholds",
    "check_claims",
    "expected_sign",
    "gaps",
    "judge",
    "load_hypotheses",
    "spelled_out",
    "words",
]

HYPOTHESIS_KEYS = ("id", "statement", "claim", "smallest_effect", "rivals")


@dataclass(frozen=True, slots=True)
class Hypothesis:
    """A claim somebody makes. Each comparison of it must exceed `smallest_effect`, on the scale of its quantities.

    rivals : names of the theories (files in rivals/) that deny it
    line : of the claim in its file
    """

    id: str
    statement: str
    claim: Claim
    smallest_effect: float = 0.0
    rivals: tuple[str, ...] = ()
    line: int | None = None


def load_hypotheses(path: Path, root: Path, problems: Problems) -> tuple[Hypothesis, ...] | None:
    """Read a file of [[hypotheses]]; None when anything in it is wrong, every wrong thing then being in `problems`.

    root : the study folder, which problems name files relative to
    """
    own = Problems()
    document = read_toml(path, root, own)
    hypotheses = _hypotheses(Table(document, (), document.data, own)) if document else ()
    for problem in own.found:
        problems.add(problem.file, problem.line, problem.message)
    return None if own.found else hypotheses


def check_claims(
    hypotheses: Sequence[Hypothesis], theory: Theory, problems: Problems, file: str = "hypotheses.toml"
) -> None:
    """Report every claim that the theory cannot be asked, at its line."""
    for hypothesis in hypotheses:
        for fault in faults(hypothesis.claim, theory):
            problems.add(file, hypothesis.line, f"hypothesis {hypothesis.id}: {fault}")


def _hypotheses(table: Table) -> tuple[Hypothesis, ...]:
    table.only(("hypotheses",), "a file of hypotheses")
    tables = table.tables("hypotheses")
    if not table.data.get("hypotheses"):
        table.report("there are no hypotheses. Add one under a header [[hypotheses]].")
    read: dict[str, Hypothesis] = {}
    for entry in tables:
        hypothesis = _hypothesis(entry)
        if hypothesis is None:
            continue
        if hypothesis.id in read:
            entry.report(f"hypothesis '{hypothesis.id}' is declared twice. Rename or remove one.", "id")
        read[hypothesis.id] = hypothesis
    return tuple(read.values())


def _hypothesis(table: Table) -> Hypothesis | None:
    table.only(HYPOTHESIS_KEYS, "[[hypotheses]]")
    name, statement = table.required("id", "a hypothesis"), table.required("statement", "a hypothesis")
    claim = _claim(table)
    smallest, rivals = table.number("smallest_effect", 0.0), table.texts("rivals")
    if name is None or statement is None or claim is None:
        return None
    line = table.document.line(*table.where, "claim")
    return Hypothesis(name, statement, claim, smallest, rivals, line)


def _claim(table: Table) -> Claim | None:
    text = table.required("claim", "a hypothesis")
    if text is None:
        return None
    try:
        return parse_claim(text)
    except ClaimError as error:
        table.report(str(error), "claim")
        return None
