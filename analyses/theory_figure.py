"""The theory drawn: causes above effects, each edge with its expected sign, its strength as width, its support as colour."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from html import escape
from itertools import pairwise

from analyses.layering import Layers, arrange
from analyses.wording import probability

HEIGHT, GAP, MARGIN = 54.0, 120.0, 28.0
LINE = 18  # characters of a label on one line
SUPPORT = ((0.95, "#1d4f91"), (0.75, "#4f86c6"), (0.25, "#757575"), (0.05, "#d0702a"), (0.0, "#96400d"))
"""From a probability of the expected sign upwards, its colour."""
KEY = ("at least .95", ".75 to .95", ".25 to .75", ".05 to .25", "below .05")
UNKNOWN = "#757575"


@dataclass(frozen=True, slots=True)
class Arrow:
    """An edge to draw.

    strength : mean coefficient after the data; support : probability of the expected sign, of a positive one when the theory
    expects none. None when the results have no coefficient for it
    """

    cause: str
    effect: str
    sign: str
    lag: int
    strength: float | None
    support: float | None
    moderator: str | None
    moderation: str | None

    @property
    def colour(self) -> str:
        return UNKNOWN if self.support is None else next(c for least, c in SUPPORT if self.support >= least)

    @property
    def label(self) -> str:
        share = (
            ""
            if self.support is None
            else f" {probability(self.support)}".replace("0.", ".").replace("< ", "<").replace("> ", ">")
        )
        later = f" t−{self.lag}" if self.lag else ""
        return f"{self.sign.replace('-', '−')}{share}{later}"

    @property
    def half(self) -> float:
        """Half the width of the label's frame."""
        return 4.1 * len(self.label) + 6

    @property
    def width(self) -> float:
        return 1.4 + 3.6 * min(abs(self.strength or 0.0), 1.5)


def draw_theory(labels: Mapping[str, str], arrows: Sequence[Arrow], title: str, description: str) -> str:
    """SVG of a theory; `labels` by construct, in order. Constructs without an edge are left out."""
    used = {name for a in arrows for name in (a.cause, a.effect)}
    labels = {name: label for name, label in labels.items() if name in used}
    now = [a for a in arrows if not a.lag]
    degree = {n: max(sum(a.effect == n for a in now), sum(a.cause == n for a in now)) for n in labels}
    widths = {name: max(158.0, 78.0 * degree[name]) for name in labels}
    layers = arrange(widths, list(dict.fromkeys((a.cause, a.effect) for a in now)))
    page = _Page(layers, widths)
    width = layers.width + 2 * MARGIN + max((2 * a.half + 44 for a in arrows if a.lag), default=0)
    height = (max(layers.layer.values(), default=0) + 1) * (HEIGHT + GAP) - GAP + 2 * MARGIN + 30
    routes = {a: page.route(a, now) for a in now} | {a: page.back(a) for a in arrows if a.lag}
    parts = [
        *(_edge(a, route) for a, route in routes.items()),
        *(page.moderation(a, routes[a], now) for a in arrows if a.moderator),
        *(_pill(a, routes[a]) for a in arrows),
        *(page.node(name, label) for name, label in labels.items()),
        *_legend(height),
    ]
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {max(width, 470):.0f} {height + 44:.0f}" role="img" '
        'font-family="system-ui, sans-serif" '
        f'style="min-width:{0.6 * width:.0f}px;max-width:{1.15 * max(width, 470):.0f}px" '
        f'aria-labelledby="theory-title theory-desc">'
        f'<title id="theory-title">{escape(title)}</title><desc id="theory-desc">{escape(description)}</desc>'
        f"{''.join(parts)}</svg>"
    )


@dataclass(frozen=True, slots=True)
class Route:
    """The path of an edge as SVG text, where its label stands, and its colour's arrow tip (x, y, direction down or left)."""

    path: str
    at: tuple[float, float]
    tip: tuple[float, float]
    sideways: bool = False


@dataclass(frozen=True, slots=True)
class _Page:
    layers: Layers
    widths: Mapping[str, float]

    def centre(self, name: str) -> float:
        return self.layers.x[name] + MARGIN

    def top(self, name: str) -> float:
        return self.layers.layer[name] * (HEIGHT + GAP) + MARGIN

    def route(self, arrow: Arrow, all_arrows: Sequence[Arrow]) -> Route:
        """From the cause's lower side, through the gaps of the layers between, to the effect's upper side."""
        leaving = sorted((a for a in all_arrows if a.cause == arrow.cause), key=lambda a: self._next(a))
        arriving = sorted((a for a in all_arrows if a.effect == arrow.effect), key=lambda a: self._last(a))
        points = self._points(
            arrow,
            self._port(arrow.cause, leaving.index(arrow), len(leaving)),
            self._port(arrow.effect, arriving.index(arrow), len(arriving)),
        )
        (x0, y0), (x1, y1) = points[-2], points[-1]
        t = 0.48 if arriving.index(arrow) % 2 else 0.76
        return Route(_curve([*points[:-1], (x1, y1 - 8)]), (_along(x0, x1, t), y0 + (y1 - y0) * _ease(t)), (x1, y1))

    def back(self, arrow: Arrow) -> Route:
        """A lagged edge, drawn round the right of both ends: it leads into the next period."""
        right = [self.centre(n) + self.widths[n] / 2 for n in (arrow.cause, arrow.effect)]
        shift = 12 if arrow.cause == arrow.effect else 0
        y0, y1 = self.top(arrow.cause) + HEIGHT / 2 + shift, self.top(arrow.effect) + HEIGHT / 2 - shift
        reach = max(right) + 34
        path = f"M{right[0]:.1f} {y0:.1f}C{reach:.1f} {y0:.1f} {reach:.1f} {y1:.1f} {right[1] + 9:.1f} {y1:.1f}"
        return Route(path, (reach + arrow.half - 4, (y0 + y1) / 2), (right[1], y1), sideways=True)

    def moderation(self, arrow: Arrow, route: Route, all_arrows: Sequence[Arrow]) -> str:
        """Dashed from the moderator to the edge's label, beside the moderator's own edge where there is one."""
        assert arrow.moderator is not None
        if arrow.moderator not in self.layers.x:
            return ""
        own = next((a for a in all_arrows if (a.cause, a.effect) == (arrow.moderator, arrow.effect)), None)
        start = (self.centre(arrow.moderator), self.top(arrow.moderator) + HEIGHT)
        points = self._points(own, start[0], route.at[0])[:-1] if own else [start]
        x, y = route.at
        side = (arrow.half + 9) * (1 if points[-1][0] > x else -1)
        path = _curve([(px + (9 if i else 0), py) for i, (px, py) in enumerate(points)])
        end, last = (x + side, y), points[-1]
        path += f"C{last[0]:.1f} {(last[1] + end[1]) / 2:.1f} {end[0] + side / 2:.1f} {end[1]:.1f} {end[0]:.1f} {end[1]:.1f}"
        sign = (arrow.moderation or "?").replace("-", "−")
        return (
            f'<path d="{path}" fill="none" stroke="#444" stroke-width="1.5" stroke-dasharray="5 4"/>'
            f'<circle cx="{end[0]:.1f}" cy="{end[1]:.1f}" r="9" fill="#fff" stroke="#444"/>'
            f'<text x="{end[0]:.1f}" y="{end[1] + 4.5:.1f}" text-anchor="middle" font-size="13">{escape(sign)}</text>'
        )

    def node(self, name: str, label: str) -> str:
        x, y, width = self.centre(name), self.top(name), self.widths[name]
        lines = textwrap.wrap(label, max(LINE, int(width / 8.6)), max_lines=3, placeholder=" …") or [name]
        first = y + HEIGHT / 2 + 5 - 8.5 * (len(lines) - 1)
        rows = "".join(f'<tspan x="{x:.1f}" y="{first + 17 * i:.1f}">{escape(t)}</tspan>' for i, t in enumerate(lines))
        return (
            f'<rect x="{x - width / 2:.1f}" y="{y:.1f}" width="{width:.1f}" height="{HEIGHT:.0f}" rx="7" '
            f'fill="#f4f1ea" stroke="#333"/><text text-anchor="middle" font-size="15">{rows}</text>'
        )

    def _points(self, arrow: Arrow, start: float, end: float) -> list[tuple[float, float]]:
        passes = self.layers.passes[arrow.cause, arrow.effect]
        first = self.layers.layer[arrow.cause] + 1
        between = []
        for k, x in enumerate(passes, start=first):
            y = k * (HEIGHT + GAP) + MARGIN
            between += [(x + MARGIN, y - 6), (x + MARGIN, y + HEIGHT + 6)]
        return [(start, self.top(arrow.cause) + HEIGHT), *between, (end, self.top(arrow.effect))]

    def _port(self, name: str, index: int, of: int) -> float:
        return self.centre(name) + self.widths[name] * ((index + 0.5) / of - 0.5) * 0.9

    def _next(self, arrow: Arrow) -> float:
        passes = self.layers.passes[arrow.cause, arrow.effect]
        return passes[0] if passes else self.layers.x[arrow.effect]

    def _last(self, arrow: Arrow) -> float:
        passes = self.layers.passes[arrow.cause, arrow.effect]
        return passes[-1] if passes else self.layers.x[arrow.cause]


def _curve(points: Sequence[tuple[float, float]]) -> str:
    """Through the points, upright at each."""
    path = f"M{points[0][0]:.1f} {points[0][1]:.1f}"
    for (x0, y0), (x1, y1) in pairwise(points):
        middle = (y0 + y1) / 2
        path += f"C{x0:.1f} {middle:.1f} {x1:.1f} {middle:.1f} {x1:.1f} {y1:.1f}"
    return path


def _along(x0: float, x1: float, t: float) -> float:
    """x of the curve between two points at t: a cubic whose handles stand above each other."""
    return x0 + (x1 - x0) * (3 * t * t - 2 * t**3)


def _ease(t: float) -> float:
    """The share of its height that the curve has fallen at t: its handles are halfway."""
    return 1.5 * t * (1 - t) + t**3


def _edge(arrow: Arrow, route: Route) -> str:
    (x, y), half = route.tip, 4.0 + 0.9 * arrow.width
    back = 1.7 * half
    if route.sideways:
        tip = f"{x:.1f},{y:.1f} {x + back:.1f},{y - half:.1f} {x + back:.1f},{y + half:.1f}"
    else:
        tip = f"{x:.1f},{y:.1f} {x - half:.1f},{y - back:.1f} {x + half:.1f},{y - back:.1f}"
    return (
        f'<path d="{route.path}" fill="none" stroke="{arrow.colour}" stroke-width="{arrow.width:.2f}"/>'
        f'<polygon points="{tip}" fill="{arrow.colour}"/>'
    )


def _pill(arrow: Arrow, route: Route) -> str:
    x, y = route.at
    return (
        f'<rect x="{x - arrow.half:.1f}" y="{y - 11:.1f}" width="{2 * arrow.half:.1f}" height="22" rx="11" fill="#fff" '
        f'stroke="{arrow.colour}" stroke-width="1.4"/><text x="{x:.1f}" y="{y + 4.5:.1f}" text-anchor="middle" '
        f'font-size="13" fill="#1a1a1a">{escape(arrow.label)}</text>'
    )


def _legend(top: float) -> Iterator[str]:
    yield f'<text x="{MARGIN}" y="{top:.0f}" font-size="13">Probability of the expected sign after the data:</text>'
    for i, ((_, colour), words) in enumerate(zip(SUPPORT, KEY, strict=True)):
        x = MARGIN + 88 * i
        yield f'<rect x="{x}" y="{top + 10:.0f}" width="82" height="6" fill="{colour}"/>'
        yield f'<text x="{x}" y="{top + 32:.0f}" font-size="13">{words}</text>'
