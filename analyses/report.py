"""The report: one HTML file made of nothing but the files of a results folder."""

from __future__ import annotations

import re
from html import escape
from pathlib import Path

from jinja2 import Environment, PackageLoader, StrictUndefined

from analyses import drawings, sections, wording
from analyses.chapters.book import chapters
from analyses.chapters.verdict import replies
from analyses.results import Results, read_results
from analyses.wording import number

TEMPLATE = "report.html.j2"


def write_report(folder: Path) -> Path:
    """Write report.html into a results folder from the files that are in it; returns its path.

    Raises FileNotFoundError when the folder does not hold a whole run.
    """
    path = folder / "report.html"
    path.write_text(render(read_results(folder)), encoding="utf-8", newline="\n")
    return path


def prose(text: str) -> str:
    """A sentence as HTML: what stands between backticks is code, and a bound stays on one line with its sign."""
    escaped = re.sub(r"`([^`]+)`", lambda found: _code(found[1]), escape(text))
    return re.sub(r"(&[lg]t;) (?=[\d.])", "\\1\u00a0", escaped)


def claim(text: str) -> str:
    """A claim as HTML: code whose arrows are never broken."""
    return _code(escape(text))


def _code(escaped: str) -> str:
    return f"<code>{escaped.replace('-&gt;', '<span class="arrow">-&gt;</span>')}</code>"


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
        "claim": claim,
        "heading": wording.heading,
        "human": wording.human,
        "opened": wording.opened,
        "prose": prose,
    }
    cases = results.theory["cases"]
    ledgers = sections.ledgers(results)
    return environment.get_template(TEMPLATE).render(
        r=results,
        wording=wording,
        headline=results.hypotheses[0] if results.hypotheses else None,
        replies=replies(results),
        asked=sections.asked(results),
        not_asked=sections.not_asked(results),
        support_figure=drawings.support(results),
        theory_figure=drawings.theory(results),
        edges=sections.edges(results),
        unused=sections.unused(results),
        labels={c["name"]: c["label"] or c["name"] for c in results.theory["constructs"]},
        indicators={i["name"]: i for i in results.theory["indicators"]},
        units={u["name"]: u for u in results.theory["units"]},
        sources={s["key"]: s for s in results.theory["sources"]},
        grids=list(sections.grids(results)),
        effects=sections.effects_by_kind(results),
        kinds=drawings.KINDS,
        effect_figures=drawings.effects(results),
        ledgers=ledgers,
        ledger_figure=drawings.ledger(results),
        chapters=chapters(results),
        limits=wording.limits(cases, sections.coders(results)),
        spreads=[row for row in results.coefficients if row["parameter"] in sections.SPREADS],
        slopes=[row for row in results.coefficients if row["parameter"] in sections.STRUCTURAL],
        others=[r for r in results.coefficients if r["parameter"] not in (*sections.SPREADS, *sections.STRUCTURAL)],
        model=list(sections.flat(results.manifest["model"])),
        priors=list(sections.flat(results.manifest["priors"])),
        scaling=list(sections.flat(sections.rescaled(results))),
    )
