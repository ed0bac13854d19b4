"""The theory drawn: causes above effects, each edge with its expected sign, its strength as width, its support as colour."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from html import escape

from analyses.arrows import KEY, SUPPORT, Arrow
from analyses.layering import arrange
from analyses.theory_routes import GAP, HEIGHT, MARGIN, REACH, STEP, Page, Pair, Point, Route

LINE = 18  # characters of a label on one line
LEAST = 470.0  # the width of the legend
GREY = "#444"


def draw_theory(
    labels: Mapping[str, str], arrows: Sequence[Arrow], title: str, description: str, confounded: Sequence[Pair] = ()
) -> str:
    """SVG of a theory; `labels` by construct, in order. Constructs without an edge are left out."""
    used = {name for a in arrows for name in (a.cause, a.effect)} | {name for pair in confounded for name in pair}
    labels = {name: label for name, label in labels.items() if name in used}
    now, later = [a for a in arrows if not a.lag], [a for a in arrows if a.lag]
    degree = {n: max(sum(a.effect == n for a in now), sum(a.cause == n for a in now)) for n in labels}
    widths = {name: max(158.0, 78.0 * degree[name]) for name in labels}
    layers = arrange(widths, list(dict.fromkeys((a.cause, a.effect) for a in now)))
    page = Page(layers, widths, MARGIN)
    left, right = (_room(page, later, confounded, side) for side in (-1, 1))
    page = replace(page, left=MARGIN + left)
    width = layers.width + 2 * MARGIN + left + right
    height = (max(layers.layer.values(), default=0) + 1) * (HEIGHT + GAP) - GAP + 2 * MARGIN + 30
    routes = {a: page.edge(a, now) for a in now} | {a: page.lagged(a, i) for i, a in enumerate(later)}
    parts = [
        *(_common_cause(page.common_cause(pair, i)) for i, pair in enumerate(confounded)),
        *(_edge(a, route) for a, route in routes.items()),
        *(_moderation(a, dashed) for a in arrows if (dashed := page.moderation(a, routes[a], now))),
        *(_pill(a, routes[a]) for a in arrows),
        *(_node(page, name, label) for name, label in labels.items()),
        *_legend(height),
    ]
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {max(width, LEAST):.0f} {height + 44:.0f}" role="img" '
        'font-family="system-ui, sans-serif" '
        f'style="min-width:{0.7 * max(width, LEAST):.0f}px;max-width:{1.15 * max(width, LEAST):.0f}px" '
        f'aria-labelledby="theory-title theory-desc">'
        f'<title id="theory-title">{escape(title)}</title><desc id="theory-desc">{escape(description)}</desc>'
        f"{''.join(parts)}</svg>"
    )


def _room(page: Page, later: Sequence[Arrow], confounded: Sequence[Pair], side: int) -> float:
    """The room that lines round a side take."""
    lags = [2 * a.half for a in later if page.side((a.cause, a.effect), 1) == side]
    arcs = [0.0 for pair in confounded if page.side(pair, -1) == side]
    return max(lags + arcs) + REACH + STEP * max(len(later), len(confounded)) if lags + arcs else 0.0


def _edge(arrow: Arrow, route: Route) -> str:
    tips = "".join(_tip(at, 4.0 + 0.9 * arrow.width, side, arrow.colour) for at, side in route.tips)
    return f'<path d="{route.path}" fill="none" stroke="{arrow.colour}" stroke-width="{arrow.width:.2f}"/>{tips}'


def _common_cause(route: Route) -> str:
    tips = "".join(_tip(at, 5.0, side, GREY) for at, side in route.tips)
    dots = 'stroke-width="1.8" stroke-dasharray="1.5 4" stroke-linecap="round"'
    return f'<path d="{route.path}" fill="none" stroke="{GREY}" {dots}/>{tips}'


def _tip(at: Point, half: float, side: int, colour: str) -> str:
    (x, y), back = at, 1.7 * half
    base = x + side * back
    corners = (
        f"{base:.1f},{y - half:.1f} {base:.1f},{y + half:.1f}"
        if side
        else f"{x - half:.1f},{y - back:.1f} {x + half:.1f},{y - back:.1f}"
    )
    return f'<polygon points="{x:.1f},{y:.1f} {corners}" fill="{colour}"/>'


def _moderation(arrow: Arrow, route: Route) -> str:
    (x, y), sign = route.at, (arrow.moderation or "?").replace("-", "−")
    return (
        f'<path d="{route.path}" fill="none" stroke="{GREY}" stroke-width="1.5" stroke-dasharray="5 4"/>'
        f'<circle cx="{x:.1f}" cy="{y:.1f}" r="9" fill="#fff" stroke="{GREY}"/>'
        f'<text x="{x:.1f}" y="{y + 4.5:.1f}" text-anchor="middle" font-size="13">{escape(sign)}</text>'
    )


def _pill(arrow: Arrow, route: Route) -> str:
    """The label of an edge; outside the line where it runs round a side."""
    x, y = route.at
    x += route.tips[0][1] * (arrow.half - 4)
    return (
        f'<rect x="{x - arrow.half:.1f}" y="{y - 11:.1f}" width="{2 * arrow.half:.1f}" height="22" rx="11" fill="#fff" '
        f'stroke="{arrow.colour}" stroke-width="1.4"/><text x="{x:.1f}" y="{y + 4.5:.1f}" text-anchor="middle" '
        f'font-size="13" fill="#1a1a1a">{escape(arrow.label)}</text>'
    )


def _node(page: Page, name: str, label: str) -> str:
    x, y, width = page.centre(name), page.top(name), page.widths[name]
    lines = textwrap.wrap(label, max(LINE, int(width / 8.6)), max_lines=3, placeholder=" …") or [name]
    first = y + HEIGHT / 2 + 5 - 8.5 * (len(lines) - 1)
    rows = "".join(f'<tspan x="{x:.1f}" y="{first + 17 * i:.1f}">{escape(t)}</tspan>' for i, t in enumerate(lines))
    return (
        f'<rect x="{x - width / 2:.1f}" y="{y:.1f}" width="{width:.1f}" height="{HEIGHT:.0f}" rx="7" '
        f'fill="#f4f1ea" stroke="#333"/><text text-anchor="middle" font-size="15">{rows}</text>'
    )


def _legend(top: float) -> Iterator[str]:
    yield f'<text x="{MARGIN}" y="{top:.0f}" font-size="13">Probability of the expected sign after the data:</text>'
    for i, ((_, colour), words) in enumerate(zip(SUPPORT, KEY, strict=True)):
        x = MARGIN + 88 * i
        yield f'<rect x="{x}" y="{top + 10:.0f}" width="82" height="6" fill="{colour}"/>'
        yield f'<text x="{x}" y="{top + 32:.0f}" font-size="13">{words}</text>'
