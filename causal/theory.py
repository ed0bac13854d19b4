"""A theory: constructs, the argued edges between them, and the confounding it admits."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import networkx as nx

from causal.contradictions import contradictions
from causal.elements import (
    CONSTRUCT_KINDS,
    POOLINGS,
    PRIORS,
    SIGNS,
    Confounded,
    Construct,
    Edge,
    ModelChoices,
    Sign,
)
from causal.html import table
from data.files import Problems, Table, read_toml

__all__ = [
    "Confounded",
    "Construct",
    "Edge",
    "ModelChoices",
    "Sign",
    "Theory",
    "TheoryError",
    "load_theory",
    "theory_from_edges",
]

EDGE_KEYS = tuple(Edge.__dataclass_fields__)
CONSTRUCT_KEYS = tuple(key for key in Construct.__dataclass_fields__ if key != "name")
CONFOUNDED_KEYS = ("between", "because", "source")
MODEL_KEYS = tuple(ModelChoices.__dataclass_fields__)
THEORY_KEYS = ("name", "title", "main_source", "model", "constructs", "edges", "confounded")


DEFAULT_MODEL = ModelChoices()


class TheoryError(Exception):
    """A theory that contradicts itself; the message names every contradiction, one a line."""


@dataclass(frozen=True, slots=True)
class Theory:
    """A causal theory. Built by `load_theory` or `theory_from_edges`, which reject one that contradicts itself."""

    name: str
    title: str
    constructs: tuple[Construct, ...]
    edges: tuple[Edge, ...]
    confounded: tuple[Confounded, ...] = ()
    model: ModelChoices = DEFAULT_MODEL
    main_source: str = ""

    @property
    def names(self) -> tuple[str, ...]:
        """Constructs in the order of their declaration."""
        return tuple(construct.name for construct in self.constructs)

    def construct(self, name: str) -> Construct:
        """The construct of that name; KeyError lists those there are."""
        for construct in self.constructs:
            if construct.name == name:
                return construct
        raise KeyError(f"theory '{self.name}' has no construct '{name}'; it has {', '.join(self.names)}")

    @property
    def graph(self) -> "nx.DiGraph[str]":
        """Edges within one period (lag 0), every construct a node; confounding is not in it."""
        graph: nx.DiGraph[str] = nx.DiGraph()
        graph.add_nodes_from(self.names)
        graph.add_edges_from((edge.cause, edge.effect) for edge in self.edges if not edge.lag)
        return graph

    @property
    def order(self) -> tuple[str, ...]:
        """Constructs, causes before effects within a period, ties in the order of declaration."""
        rank = {name: position for position, name in enumerate(self.names)}
        return tuple(nx.lexicographical_topological_sort(self.graph, key=rank.__getitem__))

    def edges_into(self, name: str) -> tuple[Edge, ...]:
        """Every edge on that construct, lagged ones too, in the order of declaration."""
        return tuple(edge for edge in self.edges if edge.effect == name)

    def parents(self, name: str) -> tuple[str, ...]:
        """Direct causes within the period, each once."""
        return tuple(dict.fromkeys(edge.cause for edge in self.edges_into(name) if not edge.lag))

    def ancestors(self, name: str) -> frozenset[str]:
        """Direct and indirect causes within the period, without the construct itself."""
        return frozenset(nx.ancestors(self.graph, name))

    def _repr_html_(self) -> str:
        edges = [
            (edge.cause, edge.effect, edge.sign, edge.lag or "", edge.moderator or "", edge.because)
            for edge in self.edges
        ]
        return table(self.title, ("cause", "effect", "sign", "lag", "moderator", "because"), edges)


def theory_from_edges(
    edges: Iterable[tuple[str, str] | Edge],
    confounded: Iterable[tuple[str, str]] = (),
    constructs: Iterable[str | Construct] = (),
    name: str = "theory",
) -> Theory:
    """A theory without a file: the named constructs first, then those the edges mention. Raises TheoryError."""
    links = tuple(edge if isinstance(edge, Edge) else Edge(*edge) for edge in edges)
    pairs = tuple(Confounded(pair) for pair in confounded)
    declared = [item if isinstance(item, Construct) else Construct(item) for item in constructs]
    known = {construct.name for construct in declared}
    ends = [end for edge in links for end in (edge.cause, edge.effect)] + [
        end for pair in pairs for end in pair.between
    ]
    nodes = (*declared, *(Construct(end) for end in dict.fromkeys(ends) if end not in known))
    if found := tuple(contradictions(nodes, links, pairs)):
        raise TheoryError("\n".join(item.message for item in found))
    return Theory(name, name, nodes, links, pairs)


def load_theory(path: Path, root: Path, problems: Problems) -> Theory | None:
    """Read a theory file; None when anything in it is wrong, every wrong thing then being in `problems`.

    root : the study folder, which problems name files relative to
    """
    own = Problems()
    document = read_toml(path, root, own)
    theory = _theory(Table(document, (), document.data, own)) if document else None
    for problem in own.found:
        problems.add(problem.file, problem.line, problem.message)
    return None if own.found else theory


def _theory(table: Table) -> Theory | None:
    """The theory as far as it could be read; None without a name."""
    table.only(THEORY_KEYS, "a theory")
    name = table.required("name", "the theory")
    title, main_source = table.text("title"), table.text("main_source")
    model = _model(table.table("model"))
    constructs = _constructs(table.table("constructs"))
    edges = _edges(table.tables("edges"))
    confounded = _confounded(table.tables("confounded"))
    _report_contradictions(table, constructs, edges, confounded)
    if name is None:
        return None
    return Theory(
        name, title or name, constructs, tuple(edges.values()), tuple(confounded.values()), model, main_source
    )


def _report_contradictions(
    table: Table, constructs: Sequence[Construct], edges: dict[int, Edge], confounded: dict[int, Confounded]
) -> None:
    """Contradictions count over well-formed entries only; the file counts all."""
    positions = {"edges": tuple(edges), "confounded": tuple(confounded)}
    for found in contradictions(constructs, tuple(edges.values()), tuple(confounded.values())):
        where = found.where
        if where and isinstance(position := where[1], int):
            where = (where[0], positions[str(where[0])][position], *where[2:])
        table.report(found.message, *where)


def _model(table: Table) -> ModelChoices:
    table.only(MODEL_KEYS, "[model]")
    return ModelChoices(
        pooling=table.choice("pooling", POOLINGS, DEFAULT_MODEL.pooling),
        prior=table.choice("prior", PRIORS, DEFAULT_MODEL.prior),
        prior_scale=table.number("prior_scale", DEFAULT_MODEL.prior_scale, above=True),
        group_scale=table.number("group_scale", DEFAULT_MODEL.group_scale, above=True),
    )


def _constructs(tables: Table) -> tuple[Construct, ...]:
    return tuple(_construct(name, tables.table(name)) for name in tables.data)


def _construct(name: str, table: Table) -> Construct:
    table.only(CONSTRUCT_KEYS, f"[constructs.{name}]")
    return Construct(
        name=name,
        label=table.text("label"),
        definition=table.text("definition"),
        source=table.text("source"),
        kind=table.choice("kind", CONSTRUCT_KINDS, "latent"),
        units=table.texts("units"),
    )


def _edges(tables: Sequence[Table]) -> dict[int, Edge]:
    edges = {position: _edge(table) for position, table in enumerate(tables)}
    return {position: edge for position, edge in edges.items() if edge is not None}


def _edge(table: Table) -> Edge | None:
    """The edge, or None when an end of it is missing."""
    table.only(EDGE_KEYS, "[[edges]]")
    cause, effect = table.required("cause", "an edge"), table.required("effect", "an edge")
    moderator = table.required("moderator", "an edge") if "moderator" in table.data else None
    moderated = moderator is not None or "moderation" in table.data
    read = Edge(
        cause=cause or "",
        effect=effect or "",
        sign=table.choice("sign", SIGNS, "?"),
        because=table.text("because"),
        source=table.text("source"),
        lag=table.integer("lag"),
        moderator=moderator,
        moderation=table.choice("moderation", SIGNS, "?") if moderated else None,
        prior_scale=table.optional_number("prior_scale", above=True),
        units=table.texts("units"),
        monotone=table.flag("monotone"),
    )
    return read if cause and effect else None


def _confounded(tables: Sequence[Table]) -> dict[int, Confounded]:
    pairs = {position: _pair(table) for position, table in enumerate(tables)}
    return {position: pair for position, pair in pairs.items() if pair is not None}


def _pair(table: Table) -> Confounded | None:
    table.only(CONFOUNDED_KEYS, "[[confounded]]")
    between = table.pair("between", "two constructs")
    because, source = table.text("because"), table.text("source")
    return Confounded(between, because, source) if between else None
