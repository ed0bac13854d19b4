"""Theories to and from the text of dagitty (Textor, van der Zander, Gilthorpe, Liśkiewicz and Ellison 2016).

    dag {
      trust [exposure]
      settlement [outcome]
      resolve [latent]
      trust -> settlement <- resolve
      "trust[-1]" -> settlement
      trust <-> settlement
    }

A lagged cause is a node of its own, in quotes. Signs, sources and arguments have no place in that text and are lost.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal, NamedTuple

from causal.diagram import at
from causal.networks import constructs_of, lagged_edge
from causal.theory import Theory, theory_from_edges

TOKEN = re.compile(
    r"""\s+|//[^\n]*|/\*.*?\*/                                      # blanks and comments, without a group
    |(?P<arrow><->|->|<-)
    |(?P<sign>[{}\[\];,=])
    |"(?P<quoted>(?:[^"\\]|\\.)*)"
    |(?P<word>[\w.]+(?:\[-\d+\])?)""",
    re.VERBOSE | re.DOTALL,
)


class DagittyError(ValueError):
    """A text that is no dagitty graph of directed and bidirected edges; the message gives the line."""


@dataclass(frozen=True, slots=True)
class Drawing:
    """A theory as drawn, with what the drawing says of its constructs.

    latent : constructs that nothing observes (dagitty's word; a `latent` construct of a study does have indicators)
    """

    theory: Theory
    latent: frozenset[str] = frozenset()
    exposures: frozenset[str] = frozenset()
    outcomes: frozenset[str] = frozenset()


def to_dagitty(drawing: Drawing) -> str:
    """The text of a drawing."""
    roles = {"exposure": drawing.exposures, "outcome": drawing.outcomes, "latent": drawing.latent}
    lines = ["dag {"]
    for name in drawing.theory.names:
        said = ",".join(role for role, names in roles.items() if name in names)
        lines.append(f"  {_word(name)}{f' [{said}]' if said else ''}")
    lines += [f"  {_word(at(edge.cause, edge.lag))} -> {_word(edge.effect)}" for edge in drawing.theory.edges]
    lines += [
        f"  {_word(one)} <-> {_word(other)}" for one, other in (pair.between for pair in drawing.theory.confounded)
    ]
    return "\n".join([*lines, "}"]) + "\n"


def from_dagitty(text: str, name: str = "theory") -> Drawing:
    """The drawing of a text. Raises DagittyError for the text, TheoryError for a cycle or a name no claim can hold."""
    reader = _Reader(text)
    reader.graph()
    edges = [lagged_edge(cause, effect) for cause, effect in reader.directed]
    theory = theory_from_edges(edges, reader.bidirected, constructs_of(reader.roles), name)
    exposures, outcomes, latent = (frozenset(reader.said(role)) for role in ("exposure", "outcome", "latent"))
    return Drawing(theory, latent | frozenset(reader.said("unobserved")), exposures, outcomes)


def _word(name: str) -> str:
    return name if re.fullmatch(r"[\w.]+", name) else f'"{name}"'


class _Reader:
    """Reads a graph token by token into nodes with their attributes, and edges of either kind, each once."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.tokens = list(_tokens(text))
        self.place = 0
        self.roles: dict[str, list[str]] = {}
        self.directed: dict[tuple[str, str], None] = {}
        self.bidirected: dict[tuple[str, str], None] = {}

    def said(self, role: str) -> list[str]:
        """Nodes with that attribute."""
        return [node for node, roles in self.roles.items() if role in roles]

    def graph(self) -> None:
        """dag [name] { statements }"""
        kind = self._name("'dag'")
        if kind != "dag":
            raise self._error(f"found a graph of kind '{kind}'; allowed is 'dag'", self.place - 1)
        if self._kind() == "name":
            self._name("a name")
        self._sign("{")
        while not self._skip("}"):
            self._statement()
        if self.place < len(self.tokens):
            raise self._error(f"found {self._shown()} after the graph; allowed is its end")

    def _statement(self) -> None:
        """Groups of nodes joined by arrows, an attribute of the graph, or a stray separator."""
        if self._skip(";") or self._skip(","):
            return
        group = self._group()
        if self._skip("="):
            self.roles.pop(group[0], None)
            self._name("a value")
            return
        joined = False
        while self._kind() == "arrow":
            arrow = self.tokens[self.place].text
            self.place += 1
            following = self._group()
            for one in group:
                for other in following:
                    self._join(one, arrow, other)
            group = following
            joined = True
        self._attributes([] if joined else group)

    def _group(self) -> list[str]:
        """One node, or several in braces."""
        names = []
        if self._skip("{"):
            while not self._skip("}"):
                if not self._skip(";") and not self._skip(","):
                    names.append(self._name("the name of a node"))
        else:
            names.append(self._name("the name of a node"))
        for name in names:
            self.roles.setdefault(name, [])
        return names

    def _join(self, one: str, arrow: str, other: str) -> None:
        if arrow == "<->":
            if (other, one) not in self.bidirected:
                self.bidirected[one, other] = None
        else:
            self.directed[(one, other) if arrow == "->" else (other, one)] = None

    def _attributes(self, group: list[str]) -> None:
        """[exposure, pos="1,2"] after a node or an edge; only a node's words without a value are kept."""
        if not self._skip("["):
            return
        while not self._skip("]"):
            if self._skip(","):
                continue
            word = self._name("an attribute")
            if self._skip("="):
                self._name("a value")
            else:
                for name in group:
                    self.roles[name].append(word)

    def _kind(self) -> str:
        return self.tokens[self.place].kind if self.place < len(self.tokens) else "end"

    def _skip(self, sign: str) -> bool:
        found = self._kind() == "sign" and self.tokens[self.place].text == sign
        self.place += found
        return found

    def _sign(self, sign: str) -> None:
        if not self._skip(sign):
            raise self._error(f"found {self._shown()}; allowed is '{sign}'")

    def _name(self, called: str) -> str:
        if self._kind() != "name":
            raise self._error(f"found {self._shown()}; allowed is {called}")
        self.place += 1
        return self.tokens[self.place - 1].text

    def _shown(self) -> str:
        return f"'{self.tokens[self.place].text}'" if self.place < len(self.tokens) else "the end"

    def _error(self, message: str, place: int | None = None) -> DagittyError:
        at_token = self.place if place is None else place
        start = self.tokens[at_token].start if at_token < len(self.tokens) else len(self.text)
        return DagittyError(f"line {self.text.count(chr(10), 0, start) + 1} of the dagitty text: {message}.")


class _Token(NamedTuple):
    kind: Literal["arrow", "sign", "name"]
    text: str
    start: int


def _tokens(text: str) -> Iterator[_Token]:
    place = 0
    while place < len(text):
        found = TOKEN.match(text, place)
        if found is None:
            line = text.count("\n", 0, place) + 1
            edges = "allowed are the edges ->, <- and <->"
            raise DagittyError(f"line {line} of the dagitty text: found '{text[place : place + 10]}'; {edges}.")
        if arrow := found["arrow"]:
            yield _Token("arrow", arrow, place)
        elif sign := found["sign"]:
            yield _Token("sign", sign, place)
        elif found["quoted"] is not None:
            yield _Token("name", re.sub(r"\\(.)", r"\1", found["quoted"]), place)
        elif word := found["word"]:
            yield _Token("name", word, place)
        place = found.end()
