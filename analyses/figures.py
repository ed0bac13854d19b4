"""Figures of the report. Each function draws what it is given on an axis, computes nothing, and returns the axis."""

from __future__ import annotations

import io
import re
import warnings
import xml.etree.ElementTree as ET
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

import matplotlib as mpl
from matplotlib.axes import Axes
from matplotlib.backends.backend_svg import FigureCanvasSVG
from matplotlib.figure import Figure

AFTER, BEFORE, AGAINST, INK, PAPER = "#1d4f91", "#6b6b6b", "#a8480f", "#1a1a1a", "#fffdf8"
WIDTH = 5.0  # inches: at 10 pt the text stays readable when a phone shrinks the figure to its screen
ROW = 0.46
LONGEST = 62  # characters of a row's label
STYLE: Any = {
    "svg.hashsalt": "casewise",
    "svg.fonttype": "none",
    "font.size": 10,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.spines.left": False,
    "text.color": INK,
    "axes.labelcolor": INK,
    "xtick.color": INK,
}
SVG, XLINK = "http://www.w3.org/2000/svg", "http://www.w3.org/1999/xlink"


@dataclass(frozen=True, slots=True)
class Span:
    """A point and the interval around it."""

    low: float
    middle: float
    high: float


@dataclass(frozen=True, slots=True)
class Mark:
    """A probability before and after, and how probable it is that the question arises."""

    label: str
    before: float
    after: float
    arises: float


def arising(ax: Axes, marks: Sequence[Mark]) -> Axes:
    """Probabilities before (ring) and after (disc, its area by how probable it is that the question arises)."""
    row_labels(ax, [mark.label for mark in marks])
    ax.set_xlim(-0.02, 1.02)
    for y, mark in enumerate(marks):
        ax.plot([mark.before, mark.after], [y + 0.3] * 2, color=AFTER, linewidth=1.6)
        ax.plot(mark.before, y + 0.3, "o", color=BEFORE, markersize=6, markerfacecolor=PAPER, markeredgewidth=1.4)
        ax.plot(mark.after, y + 0.3, "o", color=AFTER, markersize=2.5 + 7.5 * mark.arises**0.5)
    ax.set_xlabel("probability before (ring) and after the cases (disc)")
    return ax


def forest(ax: Axes, labels: Sequence[str], prior: Sequence[Span], posterior: Sequence[Span], scale: str) -> Axes:
    """Prior and posterior of each quantity, one below the other, its name above both."""
    row_labels(ax, labels)
    ax.axvline(0, color=INK, linewidth=0.8, zorder=0)
    for y, (before, after) in enumerate(zip(prior, posterior, strict=True)):
        ax.plot([before.low, before.high], [y + 0.44] * 2, color=BEFORE, linewidth=1.2, linestyle=(0, (2, 1.5)))
        ax.plot(before.middle, y + 0.44, "o", color=BEFORE, markersize=3.5, markerfacecolor=PAPER)
        ax.plot([after.low, after.high], [y + 0.27] * 2, color=AFTER, linewidth=2.4, solid_capstyle="butt")
        ax.plot(after.middle, y + 0.27, "o", color=AFTER, markersize=5.5)
    ax.set_xlabel(scale)
    return ax


def dumbbells(ax: Axes, labels: Sequence[str], before: Sequence[float], after: Sequence[float], bar: float) -> Axes:
    """Probability of each hypothesis before the data (ring) and after (disc); a dotted line marks the bar on either side."""
    row_labels(ax, labels)
    ax.set_xlim(-0.02, 1.02)
    for x in (bar, 1 - bar):
        ax.axvline(x, color=INK, linewidth=0.8, linestyle=":", zorder=0)
    for y, (p, q) in enumerate(zip(before, after, strict=True)):
        ax.plot([p, q], [y + 0.3] * 2, color=AFTER, linewidth=1.6)
        ax.plot(p, y + 0.3, "o", color=BEFORE, markersize=6, markerfacecolor=PAPER, markeredgewidth=1.4)
        ax.plot(q, y + 0.3, "o", color=AFTER, markersize=6.5)
    ax.set_xlabel("probability before (ring) and after the data (disc)")
    return ax


def outcomes(
    ax: Axes,
    labels: Sequence[str],
    before: Sequence[float],
    after: Sequence[float],
    hollow: Sequence[bool],
    failed: Sequence[bool],
) -> Axes:
    """Probability of a conclusion in the data (ring) and in altered data (disc): hollow where it says nothing."""
    row_labels(ax, labels)
    ax.set_xlim(-0.02, 1.02)
    for y, (p, q, silent, fails) in enumerate(zip(before, after, hollow, failed, strict=True)):
        colour = AGAINST if fails else BEFORE if silent else AFTER
        ax.plot([p, q], [y + 0.3] * 2, color=colour, linewidth=1.6)
        ax.plot(p, y + 0.3, "o", color=BEFORE, markersize=6, markerfacecolor=PAPER, markeredgewidth=1.4)
        ax.plot(
            q, y + 0.3, "s" if silent else "o", color=colour, markersize=6, markerfacecolor=PAPER if silent else colour
        )
    ax.set_xlabel("probability of the conclusion")
    return ax


def weights(
    ax: Axes,
    labels: Sequence[str],
    decibans: Sequence[float],
    errors: Sequence[float],
    shaky: Sequence[bool],
    links: Sequence[str],
) -> Axes:
    """Weight of each piece of evidence as a bar with its Monte Carlo error; hatched where it needs a refit."""
    texts = row_labels(ax, labels)
    ax.axvline(0, color=INK, linewidth=0.8, zorder=0)
    for y, (weight, error, doubt, link) in enumerate(zip(decibans, errors, shaky, links, strict=True)):
        colour = AFTER if weight > 0 else AGAINST
        (bar,) = ax.barh(
            y + 0.33,
            weight,
            height=0.3,
            color=PAPER if doubt else colour,
            edgecolor=colour,
            hatch="////" if doubt else None,
        )
        ax.errorbar(weight, y + 0.33, xerr=error, color=INK, linewidth=1, capsize=2)
        bar.set_url(link)
        texts[y].set_url(link)
    ax.set_xlabel("decibans for (right) or against (left) the claim")
    return ax


def row_labels(ax: Axes, labels: Sequence[str]) -> list[mpl.text.Text]:
    """One row for each label, from the top, the label written above the row's marks; a $ is no mathematics."""
    ax.set_yticks([])
    ax.set_ylim(len(labels) - 0.3, -0.4)
    ax.grid(axis="x", color="#dddddd", linewidth=0.6)
    ax.set_axisbelow(True)
    across = ax.get_yaxis_transform()
    return [
        ax.text(
            0,
            y - 0.08,
            _short(label),
            transform=across,
            va="center",
            parse_math=False,
            bbox=_HALO,
            zorder=1,
            in_layout=False,
        )
        for y, label in enumerate(labels)
    ]


def _short(label: str) -> str:
    return label if len(label) <= LONGEST else f"{label[: LONGEST - 1]}…"


_HALO = {"facecolor": PAPER, "edgecolor": "none", "pad": 0.8}


@contextmanager
def sheet(rows: int) -> Iterator[tuple[Figure, Axes]]:
    """A figure high enough for so many rows, in the report's style, apart from pyplot and its global state."""
    with mpl.rc_context(STYLE):
        figure = Figure(figsize=(WIDTH, 0.75 + ROW * max(rows, 1)), layout="constrained")
        FigureCanvasSVG(figure)
        yield figure, figure.add_subplot()


def inline_svg(
    figure: Figure, name: str, title: str, description: str, tips: Mapping[str, str] = MappingProxyType({})
) -> str:
    """The figure as an SVG element for an HTML page: same input, same text; ids begin with `name`, so that none repeats.

    tips : what a link says when the pointer rests on it, by its target
    """
    buffer = io.StringIO()
    with mpl.rc_context(STYLE), warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="Glyph .* missing")  # the reader's browser has the glyph
        figure.savefig(buffer, format="svg", transparent=True, metadata={"Date": None, "Creator": None})
    root = ET.fromstring(buffer.getvalue())
    _own_ids(root, name)
    for element in root.findall(f"{{{SVG}}}metadata"):
        root.remove(element)
    for link in root.iter(f"{{{SVG}}}a"):
        if not "".join(link.itertext()).strip():  # a bar: its label is the link that has a name
            link.set("tabindex", "-1")
            link.set("aria-hidden", "true")
        if tip := tips.get(link.get(f"{{{XLINK}}}href", "")):
            ET.SubElement(link, f"{{{SVG}}}title").text = tip
    for key in ("width", "height"):
        root.attrib.pop(key, None)
    linked = root.find(f".//{{{SVG}}}a") is not None
    root.attrib |= {"role": "group" if linked else "img", "aria-labelledby": f"{name}-title {name}-desc"}
    for tag, text in (("desc", description), ("title", title)):
        element = ET.Element(f"{{{SVG}}}{tag}", id=f"{name}-{tag}")
        element.text = text
        root.insert(0, element)
    ET.register_namespace("", SVG)
    ET.register_namespace("xlink", XLINK)
    return ET.tostring(root, encoding="unicode")


def _own_ids(root: ET.Element, name: str) -> None:
    """Put `name` before every id of the drawing and every reference to one; links out of it stay."""
    ids = {element.attrib["id"] for element in root.iter() if "id" in element.attrib}
    for element in root.iter():
        for key, value in element.attrib.items():
            if key == "id":
                element.set(key, f"{name}-{value}")
            elif value.startswith("#") and value[1:] in ids:
                element.set(key, f"#{name}-{value[1:]}")
            elif "url(#" in value:
                element.set(key, re.sub(r"url\(#([^)]+)\)", rf"url(#{name}-\1)", value))
