"""Whether a study can be asked its hypotheses: in some theory of its, of cases it has, against rivals that exist."""

from collections.abc import Iterator, Sequence
from pathlib import Path

from causal.claims import faults
from causal.hypotheses import Hypothesis, check_claims
from causal.theory import Theory
from data.cases import Cases
from data.files import read_toml
from data.problems import Problems, nearest
from models.joins import TheoryFile

HYPOTHESES = "hypotheses.toml"


def askable(hypothesis: Hypothesis, theory: Theory) -> bool:
    """Whether a theory can be asked the claim: it has the constructs, and a way from each cause to its effect."""
    return next(faults(hypothesis.claim, theory), None) is None


def check_askable(hypotheses: Sequence[Hypothesis], files: Sequence[TheoryFile], problems: Problems) -> None:
    """Every claim can be asked of some theory of the study; otherwise what theory.toml's lacks is reported.

    While a theory is wrong, only the names of constructs are checked.
    """
    theories = [file.theory for file in files if file.theory]
    if len(theories) == len(files):
        lost = [h for h in hypotheses if not any(askable(h, theory) for theory in theories)]
        check_claims(lost, theories[0], problems, HYPOTHESES)
    elif all(file.document for file in files):
        _check_constructs(hypotheses, [name for file in files for name in file.declared], problems)


def _check_constructs(hypotheses: Sequence[Hypothesis], declared: Sequence[str], problems: Problems) -> None:
    for hypothesis in hypotheses:
        for name in dict.fromkeys(name for query in hypothesis.claim.queries for name in query.constructs):
            if name not in declared:
                found = f"hypothesis {hypothesis.id} speaks of '{name}', which no theory of the study declares"
                problems.add(HYPOTHESES, hypothesis.line, f"{found}.{nearest(name, declared) or ' Correct the claim.'}")


def check_named_cases(hypotheses: Sequence[Hypothesis], cases: Cases, problems: Problems) -> None:
    """A claim about one case names a case or a unit of the study."""
    for hypothesis in hypotheses:
        for name in _named(hypothesis):
            if name not in cases.named:
                hint = nearest(name, cases.named) or f" Cases are {', '.join(cases.cases)}."
                found = f"hypothesis {hypothesis.id}: '{name}' is no case or unit of units.csv"
                problems.add(HYPOTHESES, hypothesis.line, f"{found}.{hint}")


def _named(hypothesis: Hypothesis) -> Iterator[str]:
    """The cases that a claim names; a path or natural effect is not asked of one case."""
    for query in hypothesis.claim.queries:
        case = getattr(query, "case", None)
        if case is not None:
            yield case


def check_rivals(hypotheses: Sequence[Hypothesis], files: Sequence[TheoryFile], root: Path, problems: Problems) -> None:
    """The rivals of a hypothesis are theories of the study, by name or by file."""
    known = [name for file in files for name in file.called]
    wrong = [(i, name) for i, h in enumerate(hypotheses) for name in h.rivals if name not in known]
    document = read_toml(root / HYPOTHESES, root, Problems()) if wrong else None
    for position, name in wrong:
        hint = nearest(name, known) or f" Theories are {', '.join(known)}."
        found = f"hypothesis {hypotheses[position].id}: there is no theory '{name}' in rivals/"
        line = document.line("hypotheses", position, "rivals") if document else hypotheses[position].line
        problems.add(HYPOTHESES, line, f"{found}.{hint}")
