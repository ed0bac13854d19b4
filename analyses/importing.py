"""``casewise import``: a wide table and a theory become a study folder, every choice written where it can be seen and changed."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from csv import DictWriter
from dataclasses import dataclass, replace
from pathlib import Path

from analyses.aggregating import taken_together
from analyses.outputs import staged
from causal.theory import Theory, load_theory
from data.column_families import ColumnFamily
from data.files import Document, Problems, StudyError, read_toml
from data.problems import in_brief
from data.sources import load_sources
from data.widecolumns import unmatched
from data.widetable import SOURCE, TableChoices, WideTable, read_wide_table, table_rows
from models.joins import TheoryFile, check_citations
from models.study import SOURCES, load_study

UNIT_COLUMNS = ("unit", "case", "period", "kind", "previous")
COUNTED = (*UNIT_COLUMNS, "label", "count")
MANY = 300
"""Rows of a table from which on a run of them one by one is slow."""
TOGETHER = "Rows that the edges of theory.toml cannot tell apart are taken together: import again when these change.\n"
OBSERVATION_COLUMNS = ("observation", "unit", "indicator", "value", "n", "source", "locator")


@dataclass(frozen=True, slots=True)
class Imported:
    """What an import made: the folder, how each column was read, and what was decided or left aside."""

    out: Path
    families: dict[str, ColumnFamily]
    units: int
    notes: tuple[str, ...]


def import_table(table: Path, theory: Path, out: Path, choices: TableChoices, aggregate: bool = False) -> Imported:
    """Write a study folder that loads. Raises StudyError with everything wrong with either file; nothing is then written.

    aggregate : take rows together that no likelihood tells apart; raises CannotEstimateError where rows are more than that
    Every construct that has a column of its name is observed. The folder must not exist, or be empty.
    """
    if out.exists() and (not out.is_dir() or any(out.iterdir())):
        raise FileExistsError(f"{out} exists and is not an empty folder. Give a new name; nothing was written.")
    problems = Problems()
    read = load_theory(theory, theory.parent, problems)
    document = read_toml(theory, theory.parent, Problems())
    problems.raise_if_any()
    assert read is not None and document is not None, "a theory that cannot be read is a problem"  # noqa: PT018
    _check_sources(TheoryFile(document.file, document, read), theory.parent / SOURCES, problems)
    rows = table_rows(table, problems)
    if not rows:
        raise StudyError(problems.found)
    wanted = [name for name in read.names if name in rows[0].cells]
    text = _observed_text(theory.read_text(encoding="utf-8-sig"), document, wanted, table, problems)
    _check_columns(read, tuple(rows[0].cells), choices, table, problems)
    wide = read_wide_table(rows, table.name, wanted, choices, problems)
    problems.raise_if_any()
    notes = tuple(_notes(read, wide, document, aggregate))
    text = _pooled_text(text, document, wide)
    if aggregate:
        complete = replace(read.model, pooling="complete") if _pools_by_default(document, wide) else read.model
        wide = taken_together(wide, replace(read, model=complete))
    with staged(out) as stage:
        _write(stage, text, read, wide, table, theory)
        load_study(stage)
    return Imported(out, wide.families, len(wide.units), notes)


def _check_sources(file: TheoryFile, beside: Path, problems: Problems) -> None:
    """Report what the theory cites that sources.bib beside it lacks, and where that file is looked for."""
    there = beside.exists()
    sources = load_sources(beside, beside.parent, problems) if there else {}
    before = problems.count
    if sources is not None:
        check_citations(file, "", sources, problems)
    if problems.count > before:
        place = f"is looked for beside the theory, as {beside}{'' if there else ', where there is none'}"
        problems.add(SOURCES, None, f"{place}. Have there what the theory cites.")


def _check_columns(
    theory: Theory, header: Sequence[str], choices: TableChoices, table: Path, problems: Problems
) -> None:
    """Raise StudyError, with what else is known to be wrong, where a column that is meant is not in the table."""
    lacking = tuple(unmatched(header, {c.name: c.kind == "observed" for c in theory.constructs}, choices))
    for said in lacking:
        problems.add(table.name, 1, said)
    if lacking:
        raise StudyError(problems.found)


def _observed_text(text: str, document: Document, names: Sequence[str], table: Path, problems: Problems) -> str:
    """The theory with `kind = "observed"` under every construct that has a column and does not say its kind."""
    for name in names:
        entry = document.data["constructs"][name]
        if entry.get("kind") == "observed":
            continue
        line = document.line("constructs", name)
        if "kind" in entry:
            problems.add(
                document.file, line, f"'{name}' is latent, but {table.name} has a column of its name. Rename one."
            )
            continue
        heading = re.compile(
            rf'^[ \t]*\[[ \t]*constructs[ \t]*\.[ \t]*["\']?{re.escape(name)}["\']?[ \t]*\].*$', re.MULTILINE
        )
        text, count = heading.subn(lambda found: f'{found[0]}\nkind = "observed"', text, count=1)
        if not count:
            problems.add(document.file, line, f"'{name}' has a column in {table.name}. Say so: kind = \"observed\".")
    return text


def _pooled_text(text: str, document: Document, wide: WideTable) -> str:
    """The theory with complete pooling, where every row is a case of its own and the theory does not say otherwise."""
    if not _pools_by_default(document, wide):
        return text
    if "model" in document.data:
        return re.sub(
            r"^[ \t]*\[[ \t]*model[ \t]*\].*$", lambda m: f'{m[0]}\npooling = "complete"', text, flags=re.MULTILINE
        )
    return f'{text.rstrip()}\n\n[model]\npooling = "complete"\n'


def _pools_by_default(document: Document, wide: WideTable) -> bool:
    return wide.singles and "pooling" not in document.data.get("model", {})


def _notes(theory: Theory, wide: WideTable, document: Document, aggregate: bool) -> Iterator[str]:
    if _pools_by_default(document, wide):
        yield 'every row is a case of its own, so theory.toml has pooling = "complete"'
    latent = [name for name in theory.names if name not in wide.families]
    if latent:
        yield f"no column measures {', '.join(latent)}: latent, and no claim can be judged that names them"
    if len(wide.units) > MANY and not aggregate:
        many = f"{len(wide.units)} rows, each of which `casewise run` will weigh, which takes minutes"
        yield f"{many}; --aggregate takes rows together that the theory cannot tell apart"
    if wide.unused:
        yield f"columns left aside: {', '.join(wide.unused)}"


def _write(stage: Path, text: str, theory: Theory, wide: WideTable, table: Path, source: Path) -> None:
    counted = "count" in wide.units[0]
    beside = source.parent / SOURCES
    cited = beside.read_text(encoding="utf-8") if beside.exists() else ""
    entry = f"@misc{{{SOURCE},\n  title = {{{table.name}}},\n}}\n"
    texts = {
        "theory.toml": text,
        "codebook.toml": _codebook(wide, table),
        SOURCES: cited if entry in cited else cited + entry,
        "CHANGES.md": f"# Changes\n\nImported from {table.name}. Nothing has been recoded since.\n{TOGETHER * counted}",
    }
    if hypotheses := "\n".join(_hypotheses(theory)):
        texts["hypotheses.toml"] = hypotheses
    for name, written in texts.items():
        (stage / name).write_text(written, encoding="utf-8")
    _write_rows(stage / "units.csv", COUNTED if counted else UNIT_COLUMNS, wide.units)
    _write_rows(stage / "observations.csv", OBSERVATION_COLUMNS, wide.observations)


def _write_rows(path: Path, columns: Sequence[str], rows: Sequence[dict[str, str]]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = DictWriter(file, columns, lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)


def _codebook(wide: WideTable, table: Path) -> str:
    lines = [
        f"# Imported from {table.name}. A column read as the wrong family can be changed here.",
        "default_confidence = 1.0",
    ]
    for name, family in wide.families.items():
        if family.levels:
            lines += ["", f"[scales.{_key(f'{name}_levels')}]", f"levels = {_toml(list(family.levels))}"]
    for name, family in wide.families.items():
        lines += ["", f"[indicators.{_key(name)}]", f"measures = {_toml(name)}", f"family = {_toml(family.family)}"]
        if family.levels:
            lines.append(f"scale = {_toml(f'{name}_levels')}")
        if rule := _rule(family):
            lines.append(f"rule = {_toml(rule)}")
    return "\n".join(lines) + "\n"


def _rule(family: ColumnFamily) -> str:
    if family.recoded:
        return "; ".join(f"{value} where the table says {word}" for word, value in family.recoded.items()) + "."
    return f"So many of {family.trials}." if family.trials else ""


def _hypotheses(theory: Theory) -> Iterator[str]:
    """One hypothesis for each edge whose sign the theory declares."""
    signed = {(e.cause, e.effect): e.sign for e in theory.edges if e.sign != "?" and e.cause != e.effect}
    for (cause, effect), sign in signed.items():
        word, direction = ("raises", ">") if sign == "+" else ("lowers", "<")
        yield f"[[hypotheses]]\nid = {_toml(f'{cause}_{word}_{effect}')}"
        more = "more" if sign == "+" else "less"
        brings = f"More of “{_label(theory, cause)}” brings {more} of “{_label(theory, effect)}”"
        yield f"statement = {_toml(f'{brings} directly, whatever lies between.')}"
        yield f"claim = {_toml(f'direct({cause} -> {effect}) {direction} 0')}\n"


def _label(theory: Theory, name: str) -> str:
    return theory.construct(name).label or name


def _key(name: str) -> str:
    return name if re.fullmatch(r"[A-Za-z0-9_-]+", name) else _toml(name)


def _toml(value: object) -> str:
    """A text or a list of texts as TOML, which reads them as JSON does."""
    return json.dumps(value, ensure_ascii=False)


def refusal(error: StudyError) -> str:
    """The problems of an import, one a line."""
    return f"nothing was written:\n{in_brief(error.problems)}"
