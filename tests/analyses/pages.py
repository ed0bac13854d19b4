"""What a browser would find in a page, by the standard library's parser."""

from dataclasses import dataclass, field
from html.parser import HTMLParser
from pathlib import Path

VOID = {"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr"}

type Attributes = dict[str, str]


@dataclass
class Element:
    """An element with its attributes, what is in it, and the text directly in it or below."""

    tag: str
    attributes: Attributes
    text: str = ""
    children: list["Element"] = field(default_factory=list)

    def find(self, tag: str, **wanted: str) -> list["Element"]:
        """Elements below with this tag and these attributes (`data_id` for data-id), in order."""
        found = []
        for child in self.children:
            if child.tag == tag and all(child.attributes.get(k.replace("_", "-")) == v for k, v in wanted.items()):
                found.append(child)
            found += child.find(tag, **wanted)
        return found

    @property
    def all(self) -> list["Element"]:
        """Every element below."""
        return [found for child in self.children for found in (child, *child.all)]


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.open = [Element("document", {})]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        names = [name for name, _ in attrs]
        assert len(names) == len(set(names)), f"<{tag}> has an attribute twice: {names}"
        element = Element(tag, {name: value or "" for name, value in attrs})
        self.open[-1].children.append(element)
        if tag not in VOID:
            self.open.append(element)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        if tag not in VOID:
            self.open.pop()

    def handle_endtag(self, tag: str) -> None:
        assert self.open[-1].tag == tag, f"</{tag}> closes <{self.open[-1].tag}> at {self.getpos()}"
        self.open.pop()

    def handle_data(self, data: str) -> None:
        for element in self.open:
            element.text += data


def read_page(path: Path) -> Element:
    """The page as a tree. Fails on a tag that is not closed, or not in its place."""
    reader = _Reader()
    reader.feed(path.read_text(encoding="utf-8"))
    reader.close()
    assert len(reader.open) == 1, f"never closed: {[element.tag for element in reader.open[1:]]}"
    return reader.open[0]
