"""A study: theories joined with coded cases, everything that is wrong with either said at once."""

import hashlib
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from causal.asking import TRACE, Named, load_questions
from causal.html import table
from causal.hypotheses import Hypothesis, load_hypotheses
from causal.theory import Construct, Theory
from data.alternatives import SENSITIVITY, Alternative, load_alternatives
from data.cases import Cases, Observation, load_cases
from data.codebook import Codebook, load_codebook
from data.evidence import FILE as EVIDENCE
from data.evidence import Item, check_evidence, load_evidence
from data.problems import Problem, Problems, StudyError, nearest
from data.rows import ANY, Names
from data.sources import Source, load_sources
from data.units import counts_of
from models.claims import HYPOTHESES, askable, check_askable, check_named_cases, check_rivals
from models.joins import (
    CODEBOOK,
    UNITS,
    TheoryFile,
    check_citations,
    check_kinds,
    check_measures,
    check_monotone,
    check_names,
    check_observed,
    check_readable,
    read_theory_file,
)

THEORY, RIVALS, SOURCES = "theory.toml", "rivals", "sources.bib"
INPUTS = (
    THEORY,
    f"{RIVALS}/*.toml",
    CODEBOOK,
    UNITS,
    "units.csv",
    "observations.csv",
    SOURCES,
    HYPOTHESES,
    EVIDENCE,
    SENSITIVITY,
    TRACE,
    "inventory.csv",
    "CHANGES.md",
)
"""Every file of a study folder that is read, rivals by pattern."""


@dataclass(frozen=True, slots=True)
class Study:
    """A folder of plain files, validated.

    theory : the main theory; rivals : the other theories by name, in file order. Each has every construct of the study
        that has rows: those it does not use are in it as nodes without edges, so that all theories score the same rows.
    alternatives : other ways to measure a construct, for sensitivity analysis
    questions : what is asked of every case as a model over causal types
    evidence : qualitative items, their ratios comparing the theory of theory.toml, ``first``, with rivals
    hashes : SHA-256 of every input file, by its name relative to the folder
    """

    root: Path
    theory: Theory
    rivals: dict[str, Theory]
    codebook: Codebook
    cases: Cases
    hypotheses: tuple[Hypothesis, ...]
    sources: dict[str, Source]
    hashes: dict[str, str]
    evidence: tuple[Item, ...] = ()
    first: str = ""
    alternatives: tuple[Alternative, ...] = ()
    questions: tuple[Named, ...] = ()

    def _repr_html_(self) -> str:
        facts = [
            ("cases", ", ".join(dict.fromkeys(unit.case for unit in self.cases.units.values()))),
            ("units", len(self.cases.units)),
            ("rows", len(self.cases.observations)),
            ("theories", ", ".join(self.theories)),
            ("hypotheses", len(self.hypotheses)),
        ]
        return table(self.theory.title, ("", ""), facts)

    @property
    def theories(self) -> dict[str, Theory]:
        """Every theory by name, the main one first."""
        return {self.theory.name: self.theory} | self.rivals

    def construct_of(self, row: Observation) -> str:
        """The construct that an observation measures."""
        return self.codebook.indicators[row.indicator].measures

    @property
    def rows(self) -> dict[str, int]:
        """How many rows that enter the likelihood each construct of the main theory has."""
        counted = Counter(self.construct_of(row) for row in self.cases.observations if row.is_evidence)
        return {name: counted[name] for name in self.theory.names}

    @property
    def unmeasured(self) -> tuple[str, ...]:
        """Constructs of the main theory about which no row says anything."""
        return tuple(name for name, count in self.rows.items() if not count)

    @property
    def unaskable(self) -> tuple[Hypothesis, ...]:
        """Hypotheses of which the main theory says nothing, some other theory of the study being theirs."""
        return tuple(hypothesis for hypothesis in self.hypotheses if not askable(hypothesis, self.theory))

    @property
    def counted(self) -> frozenset[str]:
        """Rows of units that stand for several rows of a table (``models.aggregation``)."""
        several = counts_of(self.cases.units)
        return frozenset(row.name for row in self.cases.observations if row.unit in several)

    @property
    def silent(self) -> tuple[Observation, ...]:
        """Rows whose source was read and does not say."""
        return tuple(row for row in self.cases.observations if row.missing)


def load_study(root: Path, theory: str | None = None) -> Study:
    """Read and cross-check a study folder. Raises StudyError with every problem of every file.

    What depends on a file that is itself wrong is checked once that file is right: no problem is listed that is only
    the shadow of another.

    theory : the name of the theory, or of its file in rivals/, to be the main one instead of theory.toml's
    """
    problems = Problems()
    if not root.is_dir():
        raise StudyError([Problem(root.as_posix(), None, "there is no such study folder. Give the path of one.")])
    paths = (root / THEORY, *sorted((root / RIVALS).glob("*.toml")))
    files = [read_theory_file(path, root, problems) for path in paths]
    codebook = load_codebook(root / CODEBOOK, root, problems)
    sources = load_sources(root / SOURCES, root, problems)
    keys = ANY if sources is None else Names(frozenset(sources))
    cases = load_cases(root, codebook, problems, keys)
    hypotheses = load_hypotheses(root / HYPOTHESES, root, problems) if (root / HYPOTHESES).exists() else ()
    _join(files, codebook, cases, sources, root, problems)
    if hypotheses:
        _join_hypotheses(hypotheses, files, cases, root, problems)
    main = _choose(files, theory, problems)
    evidence = _evidence(root, files, sources, problems)
    alternatives = load_alternatives(root, codebook, problems) if codebook else ()
    questions = load_questions(root, problems)
    problems.raise_if_any()
    assert codebook is not None, "an unreadable codebook is a problem"
    theories = {t.name: t for t in _on_the_same_rows([file.theory for file in files if file.theory], codebook, cases)}
    chosen = theories.pop(main)
    first = files[0].top("name")
    hashes, known = _hashes(root), sources or {}
    return Study(
        root,
        chosen,
        theories,
        codebook,
        cases,
        hypotheses or (),
        known,
        hashes,
        evidence,
        first,
        alternatives,
        questions,
    )


def _join(
    files: Sequence[TheoryFile],
    codebook: Codebook | None,
    cases: Cases,
    sources: Mapping[str, Source] | None,
    root: Path,
    problems: Problems,
) -> None:
    """Report what does not fit between files."""
    units_are_right = not any(problem.file == UNITS for problem in problems.found)
    check_names(files, problems)
    if codebook:
        check_measures(codebook, files, root, problems)
    main_source = files[0].top("main_source") if files[0].document else None
    for file in files:
        if sources is not None:
            check_citations(file, main_source, sources, problems)
        if codebook:
            check_observed(codebook, file, problems)
            check_monotone(codebook, file, problems)
        if units_are_right:
            check_kinds(file, cases, problems)
        if units_are_right and codebook:
            check_readable(cases, codebook, file, problems)


def _join_hypotheses(
    hypotheses: Sequence[Hypothesis], files: Sequence[TheoryFile], cases: Cases, root: Path, problems: Problems
) -> None:
    """Report claims and rivals that the study does not know."""
    check_askable(hypotheses, files, problems)
    check_rivals(hypotheses, files, root, problems)
    check_named_cases(hypotheses, cases, problems)


def _evidence(
    root: Path, files: Sequence[TheoryFile], sources: Mapping[str, Source] | None, problems: Problems
) -> tuple[Item, ...]:
    """The qualitative items, none where the study has no file of them."""
    path = root / EVIDENCE
    items = load_evidence(path, root, problems) if path.exists() else ()
    first, *rivals = (file.top("name") for file in files)
    check_evidence(items or (), first, rivals, sources, files[0].top("main_source"), problems)
    return items or ()


def _choose(files: Sequence[TheoryFile], wanted: str | None, problems: Problems) -> str:
    """The name of the theory to be the main one."""
    for file in files:
        if wanted is None or wanted in file.called:
            return file.theory.name if file.theory else ""
    called = [name for file in files for name in file.called]
    hint = nearest(str(wanted), called) or f" Theories are {', '.join(called)}."
    problems.add(RIVALS, None, f"there is no theory '{wanted}' in the study.{hint}")
    return ""


def _on_the_same_rows(theories: Sequence[Theory], codebook: Codebook, cases: Cases) -> Iterator[Theory]:
    """Each theory with every construct of the study that has rows, those of other theories as nodes without edges."""
    measured = {codebook.indicators[row.indicator].measures for row in cases.observations}
    declared: dict[str, Construct] = {}
    for theory in theories:
        for construct in theory.constructs:
            declared.setdefault(construct.name, construct)
    for theory in theories:
        isolated = (c for c in declared.values() if c.name in measured and c.name not in theory.names)
        yield replace(theory, constructs=(*theory.constructs, *isolated))


def _hashes(root: Path) -> dict[str, str]:
    """SHA-256 of every input file that is there, taken while loading so that later edits do not count."""
    paths = (path for pattern in INPUTS for path in sorted(root.glob(pattern)))
    return {path.relative_to(root).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest() for path in paths}
