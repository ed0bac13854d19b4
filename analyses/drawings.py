"""The figures of a run, each as SVG from the files of a results folder."""

from __future__ import annotations

from itertools import chain

from analyses import sections, wording
from analyses.chapters.book import chapters
from analyses.figures import dumbbells, forest, inline_svg, sheet, weights
from analyses.results import Results
from analyses.theory_figure import draw_theory
from analyses.wording import number
from causal.judgement import Thresholds

KINDS = {
    "total": "Total effects",
    "direct": "Direct effects",
    "moderated": "Effects at low and at high moderator",
    "natural direct": "Natural direct effects",
    "natural indirect": "Natural indirect effects",
    "path": "Effects along a path",
    "case": "Effects in a named case",
    "counterfactual": "Counterfactuals of named cases",
}


def drawings(results: Results) -> dict[str, str]:
    """Every figure of the report by name, in its order."""
    own = {"support": support(results), "theory": theory(results)}
    own |= {f"effects_{kind.replace(' ', '_')}": svg for kind, svg in effects(results).items()}
    own |= {"ledger": ledger(results)}
    for chapter in chain.from_iterable(chapters(results).values()):
        for i, drawing in enumerate(chapter.drawings, start=1):
            own[f"{chapter.anchor}_{i}" if len(chapter.drawings) > 1 else chapter.anchor] = drawing.svg
    return {name: svg for name, svg in own.items() if svg is not None}


def support(results: Results) -> str | None:
    """Every hypothesis before and after the data; None when none was judged."""
    rows = [row for row in sections.asked(results) if row["verdict"] != "cannot speak"]
    if not rows:
        return None
    before, after = ([number(row[f"{when}_probability"]) for row in rows] for when in ("prior", "posterior"))
    with sheet(len(rows)) as (figure, ax):
        dumbbells(ax, [wording.human(row["id"]) for row in rows], before, after, Thresholds().probability)
        title = "Probability of each hypothesis before and after the data"
        return inline_svg(figure, "support", title, "The same numbers are in the table of hypotheses.")


def theory(results: Results) -> str:
    """The theory, with the support of each edge."""
    labels = {c["name"]: c["label"] or c["name"] for c in results.theory["constructs"]}
    arrows = [edge.arrow for edge in sections.edges(results)]
    pairs = [(one, other) for one, other in results.theory["confounded"]]
    described = [f"{labels[a.cause]} to {labels[a.effect]}, {a.label}" for a in arrows]
    described += [f"{labels[one]} and {labels[other]} share an unmeasured cause" for one, other in pairs]
    title = f"The theory: {results.theory['title']}"
    return draw_theory(labels, arrows, title, f"Edges: {'; '.join(described)}.", pairs)


def effects(results: Results) -> dict[str, str]:
    """Effects before and after the data, a figure for each kind."""
    figures = {}
    for i, (kind, pairs) in enumerate(sections.effects_by_kind(results).items()):
        rows = [row for row, _ in pairs]
        with sheet(len(rows)) as (figure, ax):
            forest(
                ax,
                [sections.effect_label(row, results) for row in rows],
                *sections.spans(rows),
                scale="marginal sds of the effect per sd of the cause",
            )
            title = f"{KINDS.get(kind, kind.capitalize())}, before and after the data"
            behind = "The same numbers are in the table that follows."
            figures[kind] = inline_svg(figure, f"effects{i}", title, behind)
    return figures


def ledger(results: Results) -> str | None:
    """The leading evidence of the first hypothesis; None when no row leads."""
    found = sections.ledgers(results)
    pieces = (*found[0].carry, *found[0].against[::-1]) if found else ()
    if not pieces:
        return None
    with sheet(len(pieces)) as (figure, ax):
        weights(
            ax,
            [piece.label for piece in pieces],
            [piece.weight for piece in pieces],
            [number(piece.row["weight_mcse"]) for piece in pieces],
            [piece.needs_refit for piece in pieces],
            [f"#{piece.place}" for piece in pieces],
        )
        title = f"Weight of the leading evidence for {wording.human(found[0].hypothesis)}"
        tips = {f"#{piece.place}": piece.found_in for piece in pieces}
        return inline_svg(figure, "ledger-chart", title, "Each bar leads to its row in the table that follows.", tips)
