"""The report: one HTML file made of nothing but the files of a results folder."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from jinja2 import Environment, PackageLoader, StrictUndefined

from analyses import sections, wording
from analyses.chapters.book import chapters
from analyses.figures import Span, dumbbells, forest, inline_svg, sheet, weights
from analyses.results import Results, Row, read_results
from analyses.theory_figure import draw_theory
from analyses.wording import number
from causal.judgement import Thresholds

TEMPLATE = "report.html.j2"
KINDS = {
    "total": "Total effects",
    "direct": "Direct effects",
    "moderated": "Effects at low and at high moderator",
    "path": "Effects along a path",
}


def write_report(folder: Path) -> Path:
    """Write report.html into a results folder from the files that are in it; returns its path.

    Raises FileNotFoundError when the folder does not hold a whole run.
    """
    path = folder / "report.html"
    path.write_text(render(read_results(folder)), encoding="utf-8", newline="\n")
    return path


def render(results: Results) -> str:
    """The report as HTML; the same results give the same text."""
    environment = Environment(
        loader=PackageLoader("analyses"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {
        "number": number,
        "probability": wording.probability,
        "signed": wording.signed,
        "unsigned": wording.unsigned,
        "cell": wording.cell,
        "human": wording.human,
    }
    cases = results.theory["cases"]
    ledgers = sections.ledgers(results)
    return environment.get_template(TEMPLATE).render(
        r=results,
        wording=wording,
        headline=results.hypotheses[0] if results.hypotheses else None,
        asked=sections.asked(results),
        not_asked=sections.not_asked(results),
        support_figure=_support_figure(sections.asked(results)),
        theory_figure=_theory_figure(results),
        edges=sections.edges(results),
        unused=sections.unused(results),
        labels={c["name"]: c["label"] or c["name"] for c in results.theory["constructs"]},
        indicators={i["name"]: i for i in results.theory["indicators"]},
        units={u["name"]: u for u in results.theory["units"]},
        sources={s["key"]: s for s in results.theory["sources"]},
        grids=list(sections.grids(results)),
        effects=sections.effects_by_kind(results),
        kinds=KINDS,
        effect_figures=_effect_figures(results),
        ledgers=ledgers,
        ledger_figure=_ledger_figure(ledgers[0]) if ledgers else None,
        chapters=chapters(results),
        agreement=list(sections.flat(results.agreement)) if results.agreement is not None else None,
        limits=wording.limits(cases, sections.coders(results)),
        spreads=[row for row in results.coefficients if row["parameter"] in sections.SPREADS],
        slopes=[row for row in results.coefficients if row["parameter"] in sections.SLOPES],
        others=[r for r in results.coefficients if r["parameter"] not in (*sections.SPREADS, *sections.SLOPES)],
        model=list(sections.flat(results.manifest["model"])),
        priors=list(sections.flat(results.manifest["priors"])),
        scaling=list(sections.flat(results.manifest["scaling"])),
    )


def _support_figure(hypotheses: Sequence[Row]) -> str | None:
    rows = [row for row in hypotheses if row["verdict"] != "cannot speak"]
    if not rows:
        return None
    before, after = ([number(row[f"{when}_probability"]) for row in rows] for when in ("prior", "posterior"))
    with sheet(len(rows)) as (figure, ax):
        dumbbells(ax, [wording.human(row["id"]) for row in rows], before, after, Thresholds().probability)
        title = "Probability of each hypothesis before and after the data"
        return inline_svg(figure, "support", title, "The same numbers are in the table of hypotheses.")


def _theory_figure(results: Results) -> str:
    labels = {c["name"]: c["label"] or c["name"] for c in results.theory["constructs"]}
    arrows = [edge.arrow for edge in sections.edges(results)]
    described = "; ".join(f"{labels[a.cause]} to {labels[a.effect]}, {a.label}" for a in arrows)
    return draw_theory(labels, arrows, f"The theory: {results.theory['title']}", f"Edges: {described}.")


def _effect_figures(results: Results) -> dict[str, str]:
    figures = {}
    for i, (kind, pairs) in enumerate(sections.effects_by_kind(results).items()):
        rows = [row for row, _ in pairs]
        with sheet(len(rows)) as (figure, ax):
            forest(
                ax,
                [sections.effect_label(row, results) for row in rows],
                *_spans(rows),
                scale="marginal sds of the effect per sd of the cause",
            )
            title = f"{KINDS.get(kind, kind.capitalize())}, before and after the data"
            behind = "The same numbers are in the table that follows."
            figures[kind] = inline_svg(figure, f"effects{i}", title, behind)
    return figures


def _spans(rows: Sequence[Row]) -> tuple[list[Span], list[Span]]:
    """Prior: mean and one standard deviation either side; posterior: mean and highest-density interval."""
    prior = [(number(row["prior_mean"]), number(row["prior_sd"])) for row in rows]
    return (
        [Span(mean - sd, mean, mean + sd) for mean, sd in prior],
        [Span(number(row["hdi_low"]), number(row["mean"]), number(row["hdi_high"])) for row in rows],
    )


def _ledger_figure(ledger: sections.Ledger) -> str | None:
    pieces = (*ledger.carry, *ledger.against[::-1])
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
        title = f"Weight of the leading evidence for {wording.human(ledger.hypothesis)}"
        return inline_svg(figure, "ledger-chart", title, "Each bar leads to its row in the table that follows.")
