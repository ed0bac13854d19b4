"""Figures of the chapters on sensitivity. Each draws what it is given on an axis, computes nothing, and returns the axis."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes
from numpy.typing import NDArray

from analyses.figures import AFTER, AGAINST, BEFORE, INK, PAPER, Span, row_labels

type Floats = NDArray[np.float64]


def intervals(
    ax: Axes, labels: Sequence[str], spans: Sequence[Span], stands: Sequence[bool], own: float, smallest: float
) -> Axes:
    """A claim under each variant; a ring where the verdict changes. Dashed: the own fit; dotted: the smallest effect."""
    row_labels(ax, labels)
    ax.axvline(smallest, color=INK, linewidth=0.8, linestyle=":", zorder=0)
    ax.axvline(own, color=AFTER, linewidth=0.8, linestyle="--", zorder=0)
    for y, (span, same) in enumerate(zip(spans, stands, strict=True)):
        colour = AFTER if same else AGAINST
        ax.plot([span.low, span.high], [y + 0.3] * 2, color=colour, linewidth=2, solid_capstyle="butt")
        ax.plot(span.middle, y + 0.3, "o", color=colour, markersize=6, markerfacecolor=colour if same else PAPER)
    ax.set_xlabel("margin of the claim (sds), mean and 90 % interval")
    return ax


def movements(
    ax: Axes, labels: Sequence[str], own: float, then: Sequence[float], stands: Sequence[bool], bar: float
) -> Axes:
    """From the study's own probability of a claim to that under the most telling variant of each family of assumptions."""
    row_labels(ax, labels)
    ax.set_xlim(-0.02, 1.02)
    for x in (bar, 1 - bar):
        ax.axvline(x, color=INK, linewidth=0.8, linestyle=":", zorder=0)
    ax.axvline(own, color=AFTER, linewidth=0.8, linestyle="--", zorder=0)
    for y, (p, same) in enumerate(zip(then, stands, strict=True)):
        colour = AFTER if same else AGAINST
        ax.plot([own, p], [y + 0.3] * 2, color=colour, linewidth=2)
        ax.plot(p, y + 0.3, "o", color=colour, markersize=6.5, markerfacecolor=colour if same else PAPER)
    ax.set_xlabel("probability of the claim; a ring where the verdict changes")
    return ax


def contours(
    ax: Axes,
    r2_cause: Sequence[float],
    r2_effect: Sequence[float],
    probability: Floats,
    marks: Sequence[tuple[float, float, str]],
) -> Axes:
    """Probability of a claim by the strength of an unmeasured common cause, with observed causes as marks.

    probability : shape (r2_effect, r2_cause)
    """
    lines = ax.contour(
        r2_cause, r2_effect, probability, levels=(0.05, 0.25, 0.5, 0.75, 0.9, 0.95), colors=AFTER, linewidths=1
    )
    ax.clabel(lines, fmt="%.2f")
    for x, y, label in marks:
        ax.plot(x, y, "o", color=AGAINST, markersize=5)
        ax.annotate(label, (x, y), xytext=(4, 3), textcoords="offset points", parse_math=False)
    ax.set_xlabel("share of the cause that it explains")
    ax.set_ylabel("share of the effect that it explains")
    return ax


def curve(ax: Axes, spans: Sequence[Span], stands: Sequence[bool], own: float, smallest: float) -> Axes:
    """A specification curve: the gap of the claim in every combination, in order."""
    ax.axhline(smallest, color=INK, linewidth=0.8, linestyle=":", zorder=0)
    ax.axhline(own, color=AFTER, linewidth=0.8, linestyle="--", zorder=0)
    for x, (span, same) in enumerate(zip(spans, stands, strict=True)):
        colour = AFTER if same else AGAINST
        ax.plot([x, x], [span.low, span.high], color=colour, linewidth=1)
        ax.plot(x, span.middle, "o", color=colour, markersize=3, markerfacecolor=colour if same else PAPER)
    ax.set_xticks([])
    ax.set_xlabel("combinations, from the least favourable")
    ax.set_ylabel("margin of the claim (sds)")
    return ax


def bars(ax: Axes, labels: Sequence[str], values: Sequence[float], scale: str) -> Axes:
    """A bar for each label."""
    row_labels(ax, labels)
    ax.barh([y + 0.33 for y in range(len(values))], values, height=0.3, color=AFTER)
    ax.set_xlabel(scale)
    return ax


def heap(ax: Axes, probabilities: Sequence[float], own: float, bar: float) -> Axes:
    """How often each probability of the claim came out over random recodings."""
    ax.hist(probabilities, bins=np.linspace(0, 1, 41).tolist(), color=BEFORE)
    ax.axvline(own, color=AFTER, linewidth=0.8, linestyle="--")
    for x in (bar, 1 - bar):
        ax.axvline(x, color=INK, linewidth=0.8, linestyle=":", zorder=0)
    ax.set_xlabel("probability of the claim (dashed: as coded)")
    ax.set_ylabel("recodings")
    return ax
