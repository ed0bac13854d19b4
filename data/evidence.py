"""Qualitative evidence that no indicator holds: items with likelihood ratios, as ranges, for each rival (``evidence.toml``)."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from math import isfinite
from pathlib import Path
from typing import Literal

from data.files import Problems, Table, nearest, read_toml, shown
from data.sources import Source, citations

FILE = "evidence.toml"
KEYS = ("id", "statement", "source", "group", "reliability", "role", "ratios")

type Ratio = tuple[float, float]
"""Lowest and highest: how many times as probable the item is if the study's main theory is right as if the rival is."""

type ItemRole = Literal["test", "build"]

ROLES: tuple[ItemRole, ...] = ("test", "build")


@dataclass(frozen=True, slots=True)
class Item:
    """One piece of qualitative evidence.

    ratios : by the name of the rival theory; a rival that is not named is as compatible with the item as the theory is
    group : items of one group rest on one piece of evidence and count once; its own id where the file gives none
    reliability : probability, in (0, 1], that the source reports what is the case
    role : "build" where the item also shaped the theory
    line : of the item in its file
    """

    id: str
    statement: str
    source: str
    group: str
    ratios: Mapping[str, Ratio] = field(default_factory=dict)
    reliability: float = 1.0
    role: ItemRole = "test"
    line: int | None = None


def load_evidence(path: Path, root: Path, problems: Problems) -> tuple[Item, ...] | None:
    """Read a file of [[evidence]]; None when anything in it is wrong, every wrong thing then being in ``problems``.

    root : the study folder, which problems name files relative to
    """
    before = problems.count
    document = read_toml(path, root, problems)
    items = _items(Table(document, (), document.data, problems)) if document else ()
    return None if problems.count > before else items


def check_evidence(
    items: Sequence[Item],
    theory: str,
    rivals: Sequence[str],
    sources: Mapping[str, Source] | None,
    main_source: str,
    problems: Problems,
) -> None:
    """Report items about theories or sources that the study does not have.

    theory : the main theory's name; rivals : of the other theories; sources : None when sources.bib cannot be read
    main_source : the key that a bare locator refers to, blank if there is none
    """
    for item in items:
        for said in (*_wrong_theories(item, theory, rivals), *_wrong_sources(item, sources, main_source)):
            problems.add(FILE, item.line, f"item {item.id}: {said}")


def _wrong_theories(item: Item, theory: str, rivals: Sequence[str]) -> Iterator[str]:
    for name in item.ratios:
        if name == theory:
            yield f"'{name}' is the theory that rivals are compared with. Give ratios for rivals only."
        elif name not in rivals:
            hint = nearest(name, rivals) or f" Rivals are {', '.join(rivals) or 'none'}."
            yield f"there is no theory '{name}' in rivals/.{hint}"


def _wrong_sources(item: Item, sources: Mapping[str, Source] | None, main_source: str) -> Iterator[str]:
    if sources is None:
        return
    for cited in citations(item.source, sources):
        if cited.key is None and not main_source:
            yield f"'{cited.locator}' is a place in no source. Name the source or give theory.toml a main_source."
        elif cited.key is not None and cited.key not in sources:
            yield f"there is no source '{cited.key}'.{nearest(cited.key, sources) or ' Add it to sources.bib.'}"


def _items(table: Table) -> tuple[Item, ...]:
    table.only(("evidence",), "a file of qualitative evidence")
    if not table.data.get("evidence"):
        table.report("there is no evidence. Add an item under a header [[evidence]], or delete the file.")
    read: dict[str, Item] = {}
    for entry in table.tables("evidence"):
        item = _item(entry)
        if item is not None and item.id in read:
            entry.report(f"item '{item.id}' is declared twice. Rename or remove one.", "id")
        elif item is not None:
            read[item.id] = item
    return tuple(read.values())


def _item(table: Table) -> Item | None:
    table.only(KEYS, "[[evidence]]")
    name, statement = table.required("id", "an item"), table.required("statement", "an item")
    source = table.required("source", "an item")
    group, reliability = table.text("group"), table.number("reliability", 1.0, above=True)
    if reliability > 1:
        table.report(f"reliability is {reliability:g}; it is a probability, above 0 and at most 1.", "reliability")
    role: ItemRole = table.choice("role", ROLES, "test")
    ratios = _ratios(table.table("ratios"))
    if name is None or statement is None or source is None or ratios is None:
        return None
    return Item(name, statement, source, group or name, ratios, reliability, role, table.document.line(*table.where))


def _ratios(table: Table) -> dict[str, Ratio] | None:
    if not table.data:
        table.report("an item has no [evidence.ratios]. Add one line for each rival, such as state_led = [2, 5].")
        return None
    found = {name: _ratio(table, name, value) for name, value in table.data.items()}
    return {name: ratio for name, ratio in found.items() if ratio is not None}


def _ratio(table: Table, name: str, value: object) -> Ratio | None:
    match value:
        case [int() | float() as low, int() | float() as high] if not isinstance(low, bool) and not isinstance(
            high, bool
        ):
            if 0 < low <= high and isfinite(high):
                return float(low), float(high)
    allowed = "a list of the lowest and the highest ratio, both above 0, such as [2, 5]"
    table.report(f"{name} is {shown(value)}; it must be {allowed}. A ratio below 1 speaks for the rival.", name)
    return None
