"""How the files of a study must fit one another: theories, codebook, units, observations, sources.

Each check takes parsed files and reports what does not fit at the line to mend.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from causal.theory import Construct, Edge, Theory, load_theory
from data.cases import Cases
from data.codebook import Codebook
from data.files import Document, read_toml
from data.problems import Problems, nearest
from data.rows import Names
from data.sources import Source, citations
from data.units import Unit, containers

type Keys = tuple[str | int, ...]

OBSERVATIONS, UNITS, CODEBOOK = "observations.csv", "units.csv", "codebook.toml"


@dataclass(frozen=True, slots=True)
class TheoryFile:
    """A theory and the file it stands in.

    document : None when the file is no TOML at all; theory : None when anything in it is wrong
    """

    file: str
    document: Document | None
    theory: Theory | None

    @property
    def declared(self) -> dict[str, object]:
        """The constructs it declares, well formed or not."""
        found = self.document.data.get("constructs", {}) if self.document else {}
        return found if isinstance(found, dict) else {}

    def top(self, key: str) -> str:
        """A text at the top of the file, well formed or not the rest; blank where there is none."""
        found = self.document.data.get(key) if self.document else None
        return found.strip() if isinstance(found, str) else ""

    @property
    def called(self) -> tuple[str, ...]:
        """What it may be called: its name and, without ending, its file's."""
        return tuple(dict.fromkeys(filter(None, (self.top("name"), Path(self.file).stem))))

    def report(self, problems: Problems, keys: Keys, message: str) -> None:
        """Add a problem at the line of a key."""
        problems.add(self.file, self.document.line(*keys) if self.document else None, message)


def read_theory_file(path: Path, root: Path, problems: Problems) -> TheoryFile:
    """A theory with its document, which cross-checks need for its lines even where the theory is wrong."""
    theory = load_theory(path, root, problems)
    return TheoryFile(path.relative_to(root).as_posix(), read_toml(path, root, Problems()), theory)


def check_names(files: Iterable[TheoryFile], problems: Problems) -> None:
    """Theories of one study are told apart by name."""
    first: dict[str, str] = {}
    for file in files:
        name = file.top("name")
        if name and first.setdefault(name, file.file) != file.file:
            file.report(problems, ("name",), f"the name '{name}' is that of {first[name]} as well. Rename one.")


def check_measures(codebook: Codebook, files: Sequence[TheoryFile], root: Path, problems: Problems) -> None:
    """Every indicator measures a construct of some theory of the study."""
    declared = frozenset(name for file in files for name in file.declared)
    constructs = Names(declared, complete=all(file.document for file in files))
    wrong = [indicator for indicator in codebook.indicators.values() if indicator.measures not in constructs]
    document = read_toml(root / CODEBOOK, root, Problems()) if wrong else None
    for indicator in wrong:
        line = document.line("indicators", indicator.name, "measures") if document else indicator.line
        hint = nearest(indicator.measures, declared) or f" Constructs are {', '.join(sorted(declared))}."
        found = f"{indicator.name} measures '{indicator.measures}', which no theory of the study declares"
        problems.add(CODEBOOK, line, f"{found}.{hint}")


def check_observed(codebook: Codebook, file: TheoryFile, problems: Problems) -> None:
    """An observed construct is one column of data: it has one indicator."""
    for construct in file.theory.constructs if file.theory else ():
        if construct.kind == "observed":
            columns = [name for name, indicator in codebook.indicators.items() if indicator.measures == construct.name]
            if len(columns) != 1 and not codebook.broken:
                found = f"the observed construct '{construct.name}' has {len(columns)} indicators"
                listed = f" ({', '.join(columns)})" if columns else ""
                allowed = "it must have one, its column of data"
                keys = ("constructs", construct.name, "kind")
                file.report(problems, keys, f'{found}{listed}; {allowed}. Keep one, or make it kind = "latent".')


def check_monotone(codebook: Codebook, file: TheoryFile, problems: Problems) -> None:
    """A monotone edge has an observed ordinal cause of three or more levels: there are no steps to tell apart otherwise."""
    kinds = {c.name: c.kind for c in file.theory.constructs} if file.theory else {}
    for position, edge in enumerate(file.theory.edges if file.theory else ()):
        columns = [spec.name for spec in codebook.indicators.values() if spec.measures == edge.cause]
        has_steps = kinds[edge.cause] == "observed" and any(len(codebook.levels(name)) > 2 for name in columns)
        if edge.monotone and not has_steps and not codebook.broken:
            found = f"the edge {edge.name} is monotone, but '{edge.cause}' is not an observed ordinal construct of three or more"
            file.report(
                problems, ("edges", position, "monotone"), f"{found} levels. Remove `monotone`, or make it one."
            )


def varies_on(construct: Construct, cases: Cases) -> tuple[str, ...]:
    """The kinds of unit on which a construct has scores of its own: as declared, or the outermost."""
    return construct.units or cases.outermost_kinds


def owner(unit: Unit, construct: Construct, cases: Cases) -> Unit | None:
    """The unit whose score of a construct a unit reads: itself or the nearest that contains it; None without one."""
    kinds = varies_on(construct, cases)
    return next((holder for holder in (unit, *containers(unit, cases.units)) if holder.kind in kinds), None)


def check_kinds(file: TheoryFile, cases: Cases, problems: Problems) -> None:
    """The kinds of unit that a theory names exist, and each edge acts somewhere."""
    for construct in file.theory.constructs if file.theory else ():
        for kind in construct.units:
            if kind not in cases.kinds:
                keys = ("constructs", construct.name, "units")
                file.report(problems, keys, f"the kind of unit '{kind}' is unknown.{_kinds(kind, cases.kinds)}")
    for position, edge in enumerate(file.theory.edges if file.theory else ()):
        for key, message in _edge_kinds(edge, file.theory, cases):
            file.report(problems, ("edges", position, key), message)


def _kinds(kind: str, kinds: tuple[str, ...]) -> str:
    return nearest(kind, kinds) or f" Kinds are {', '.join(kinds)}."


def _edge_kinds(edge: Edge, theory: Theory | None, cases: Cases) -> Iterator[tuple[str, str]]:
    """What is wrong with the kinds of unit of an edge: the key it stands under, and the message."""
    assert theory is not None
    effect = theory.construct(edge.effect)
    kinds = varies_on(effect, cases)
    for kind in edge.units:
        if kind not in kinds:
            yield "units", f"'{edge.effect}' does not vary on the kind of unit '{kind}'.{_kinds(kind, kinds)}"
    units = [unit for unit in cases.units.values() if unit.kind in (edge.units or kinds) and unit.kind in kinds]
    for key, name in (("cause", edge.cause), ("moderator", edge.moderator)):
        if name and units and not any(owner(unit, theory.construct(name), cases) for unit in units):
            where = ", ".join(varies_on(theory.construct(name), cases))
            found = (
                f"'{name}' varies on {where}, '{edge.effect}' on {', '.join(kinds)}, and none of the latter is within"
            )
            yield key, f"{found} one of the former, so the edge acts nowhere. Add `units` to one of the constructs."


def check_readable(cases: Cases, codebook: Codebook, file: TheoryFile, problems: Problems) -> None:
    """Every row is about a unit that has, or is within one that has, a score of the construct it measures."""
    constructs = {construct.name: construct for construct in file.theory.constructs} if file.theory else {}
    for row in cases.observations:
        construct = constructs.get(codebook.indicators[row.indicator].measures)
        unit = cases.units.get(row.unit)
        if construct and unit and not owner(unit, construct, cases):
            kinds = ", ".join(varies_on(construct, cases))
            found = f"{row.indicator} measures '{construct.name}', which varies on {kinds} ({file.file})"
            problem = f"the unit '{row.unit}' of kind {unit.kind} is none of these nor within one"
            remedy = "Correct the unit, or add the kind to the construct's `units`."
            problems.add(OBSERVATIONS, row.line, f"{found}; {problem}. {remedy}")


def check_citations(file: TheoryFile, main: str | None, sources: Mapping[str, Source], problems: Problems) -> None:
    """Every citation of a theory names a source, or a place in the study's main source.

    main : the `main_source` of theory.toml, for theories that name none of their own; None when it cannot be known
    """
    own = file.top("main_source")
    if own and own not in sources:
        hint = nearest(own, sources) or " Add it to sources.bib or correct the key."
        file.report(problems, ("main_source",), f"main_source '{own}' is no key of sources.bib.{hint}")
    has_main = main is None or bool(own or main)
    for keys, text in _cited(file):
        for key, locator in citations(text, sources):
            if key is None and not has_main:
                found = f"the citation '{locator}' names no source and theory.toml has no main_source"
                file.report(problems, keys, f"{found}. Write 'key, {locator}' or add main_source = \"key\".")
            elif key is not None and key not in sources:
                hint = nearest(key, sources) or " Write 'key, s2.4; otherkey, p. 84', or 's2.4' in the main source."
                file.report(problems, keys, f"the source '{key}' is no key of sources.bib.{hint}")


def _cited(file: TheoryFile) -> Iterator[tuple[Keys, str]]:
    """Every citation of a theory, whether or not the theory is well formed, and where it stands."""
    entries: list[tuple[Keys, object]] = [(("constructs", name), entry) for name, entry in file.declared.items()]
    for part in ("edges", "confounded"):
        listed = file.document.data.get(part) if file.document else None
        entries += [((part, i), entry) for i, entry in enumerate(listed if isinstance(listed, list) else ())]
    for keys, entry in entries:
        source = entry.get("source") if isinstance(entry, dict) else None
        if isinstance(source, str):
            yield (*keys, "source"), source
