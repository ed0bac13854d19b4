"""Where the lines of a drawn theory run: edges through the gaps of layers, lagged edges and common causes round the sides."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from analyses.arrows import Arrow
from analyses.layering import Layers

HEIGHT, GAP, MARGIN = 54.0, 112.0, 32.0
REACH, STEP, RISE = 30.0, 13.0, 34.0
"""How far a line round a side stands out, how much further the next one, and how high an arc over the top rises."""
TIP = 9.0

type Point = tuple[float, float]
type Pair = tuple[str, str]
"""Two constructs with an unmeasured common cause that the theory admits."""


@dataclass(frozen=True, slots=True)
class Route:
    """The path of a line as SVG text, where its label stands, and its arrow tips: place, and 0 down, 1 to the left, -1 right."""

    path: str
    at: Point
    tips: tuple[tuple[Point, int], ...]


@dataclass(frozen=True, slots=True)
class Page:
    """Nodes in their places. `left`: the room before the first of them."""

    layers: Layers
    widths: Mapping[str, float]
    left: float

    def centre(self, name: str) -> float:
        return self.layers.x[name] + self.left

    def top(self, name: str) -> float:
        return self.layers.layer[name] * (HEIGHT + GAP) + MARGIN

    def edge(self, arrow: Arrow, all_arrows: Sequence[Arrow]) -> Route:
        """From the cause's lower side, through the gaps of the layers between, to the effect's upper side."""
        leaving = sorted((a for a in all_arrows if a.cause == arrow.cause), key=self._next)
        arriving = sorted((a for a in all_arrows if a.effect == arrow.effect), key=self._last)
        points = self._points(
            arrow,
            self._port(arrow.cause, leaving.index(arrow), len(leaving)),
            self._port(arrow.effect, arriving.index(arrow), len(arriving)),
        )
        (x0, y0), (x1, y1) = points[-2], points[-1]
        t = 0.48 if arriving.index(arrow) % 2 else 0.76
        at = (_along(x0, x1, t), y0 + (y1 - y0) * _ease(t))
        return Route(_curve([*points[:-1], (x1, y1 - 8)]), at, (((x1, y1), 0),))

    def lagged(self, arrow: Arrow, number: int) -> Route:
        """Round a side of all that stands between: it leads into the next period. `number`: of those drawn before."""
        apart = 12.0 if arrow.cause == arrow.effect else 0.0
        return self._round(
            arrow.cause, arrow.effect, self.side((arrow.cause, arrow.effect), 1), number, (apart, -apart)
        )

    def common_cause(self, pair: Pair, number: int) -> Route:
        """An arc over two neighbours of a layer, else round a side."""
        one, other = sorted(pair, key=lambda name: (self.layers.layer[name], self.centre(name)))
        row = [self.centre(n) for n in self.widths if self.layers.layer[n] == self.layers.layer[one]]
        alike = self.layers.layer[one] == self.layers.layer[other]
        if alike and not any(self.centre(one) < x < self.centre(other) for x in row):
            return self._over(one, other)
        return self._round(one, other, self.side(pair, -1), number, (-18.0, -18.0), both=True)

    def side(self, pair: Pair, otherwise: int) -> int:
        """The side, 1 the right and -1 the left, on which fewer nodes of their layers stand in the way of two."""
        right, left = (sum(self._beyond(name, side) for name in pair) for side in (1, -1))
        return otherwise if right == left else 1 if right < left else -1

    def moderation(self, arrow: Arrow, route: Route, all_arrows: Sequence[Arrow]) -> Route | None:
        """From the moderator to the edge's label, beside the moderator's own edge where there is one; it ends at its sign."""
        if arrow.moderator is None or arrow.moderator not in self.layers.x:
            return None
        own = next((a for a in all_arrows if (a.cause, a.effect) == (arrow.moderator, arrow.effect)), None)
        start = (self.centre(arrow.moderator), self.top(arrow.moderator) + HEIGHT)
        points = self._points(own, start[0], route.at[0])[:-1] if own else [start]
        x, y = route.at
        side = (arrow.half + 9) * (1 if points[-1][0] > x else -1)
        path = _curve([(px + (9 if i else 0), py) for i, (px, py) in enumerate(points)])
        end, last = (x + side, y), points[-1]
        path += f"C{last[0]:.1f} {(last[1] + end[1]) / 2:.1f} {end[0] + side / 2:.1f} {end[1]:.1f} {end[0]:.1f} {end[1]:.1f}"
        return Route(path, end, ())

    def _beyond(self, name: str, side: int) -> int:
        """How many nodes of its layer stand on that side of a node."""
        layer, x = self.layers.layer[name], self.centre(name)
        return sum(self.layers.layer[n] == layer and (self.centre(n) - x) * side > 0 for n in self.widths)

    def _over(self, one: str, other: str) -> Route:
        x0, x1 = self.centre(one) + self.widths[one] / 2 - 14, self.centre(other) - self.widths[other] / 2 + 14
        y = self.top(one)
        path = f"M{x0:.1f} {y - TIP:.1f}C{x0:.1f} {y - RISE:.1f} {x1:.1f} {y - RISE:.1f} {x1:.1f} {y - TIP:.1f}"
        return Route(path, ((x0 + x1) / 2, y - RISE), (((x0, y), 0), ((x1, y), 0)))

    def _round(
        self, one: str, other: str, side: int, number: int, shifts: tuple[float, float], both: bool = False
    ) -> Route:
        """Out from one node, along the side of all that stands between, and into the other; `shifts` move its ends up or down."""
        between = sorted((self.layers.layer[one], self.layers.layer[other]))
        beside = [n for n in self.widths if between[0] <= self.layers.layer[n] <= between[1]]
        reach = max(side * self.centre(n) + self.widths[n] / 2 for n in beside) * side + side * (REACH + STEP * number)
        (x0, y0), (x1, y1) = (
            (self.centre(n) + side * self.widths[n] / 2, self.top(n) + HEIGHT / 2 + shift)
            for n, shift in zip((one, other), shifts, strict=True)
        )
        down = 1 if y1 > y0 else -1
        bend = min(36.0, abs(y1 - y0) / 2) * down
        start, end = x0 + side * TIP * both, x1 + side * TIP
        path = (
            f"M{start:.1f} {y0:.1f}C{reach:.1f} {y0:.1f} {reach:.1f} {y0:.1f} {reach:.1f} {y0 + bend:.1f}"
            f"L{reach:.1f} {y1 - bend:.1f}C{reach:.1f} {y1:.1f} {reach:.1f} {y1:.1f} {end:.1f} {y1:.1f}"
        )
        tips = (((x0, y0), side), ((x1, y1), side)) if both else (((x1, y1), side),)
        return Route(path, (reach, (y0 + y1) / 2), tips)

    def _points(self, arrow: Arrow, start: float, end: float) -> list[Point]:
        passes = self.layers.passes[arrow.cause, arrow.effect]
        first = self.layers.layer[arrow.cause] + 1
        between = []
        for k, x in enumerate(passes, start=first):
            y = k * (HEIGHT + GAP) + MARGIN
            between += [(x + self.left, y - 6), (x + self.left, y + HEIGHT + 6)]
        return [(start, self.top(arrow.cause) + HEIGHT), *between, (end, self.top(arrow.effect))]

    def _port(self, name: str, index: int, of: int) -> float:
        return self.centre(name) + self.widths[name] * ((index + 0.5) / of - 0.5) * 0.9

    def _next(self, arrow: Arrow) -> float:
        passes = self.layers.passes[arrow.cause, arrow.effect]
        return passes[0] if passes else self.layers.x[arrow.effect]

    def _last(self, arrow: Arrow) -> float:
        passes = self.layers.passes[arrow.cause, arrow.effect]
        return passes[-1] if passes else self.layers.x[arrow.cause]


def _curve(points: Sequence[Point]) -> str:
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
