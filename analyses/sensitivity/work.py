"""``casewise sensitivity``: the study's own fit, everything that could be assumed otherwise, and the verdict on it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import pandas as pd

from analyses.outputs import staged
from analyses.progress import Watch
from analyses.sensitivity import coding, confounding, multiverse, priors, selection, theory
from analyses.sensitivity.bench import Bench, Effort, Outcome, Variant, outcomes, row_of
from analyses.sensitivity.verdict import verdict_table
from causal.claims import spelled_out
from causal.hypotheses import Hypothesis
from causal.sensitivity.edits import with_common_cause
from causal.theory import Theory
from models.blueprint import Blueprint, Room, draw_blueprint, room_for
from models.compile import machine_code, pymc_model
from models.estimate import fit
from models.refitting.checkpoints import Checkpoints
from models.refitting.pool import Pool
from models.study import Study

type Part = Literal["priors", "coding", "confounding", "selection", "theory", "multiverse"]
PARTS: tuple[Part, ...] = ("priors", "coding", "confounding", "selection", "theory", "multiverse")
FOLDER = "sensitivity"
type Say = Callable[[str], None]


@dataclass(frozen=True)
class Sensitivity:
    """Every table of ``sensitivity/`` by name, and whether the study's own fit converged."""

    tables: Mapping[str, pd.DataFrame]
    converged: bool


def sensitivity(
    study: Study,
    asked: Sequence[Hypothesis],
    parts: Sequence[Part],
    effort: Effort,
    pool: Pool,
    checkpoints: Checkpoints | None,
    say: Say,
    watch: Watch,
) -> Sensitivity:
    """Refit the study under other assumptions and say on which of them each claim depends."""
    say(f"compiling and sampling {study.theory.name}")
    bench = set_up(study, tuple(asked), parts, effort, pool, checkpoints)
    variants = list(_variants(bench, parts))
    with watch("refitting under other assumptions", len(variants)) as tell:
        found = outcomes(bench, variants, tell)
    say("reweighting the study's own draws")
    tables = _refitted(bench, found) | _summaries(bench, found, parts)
    tables["verdict"] = verdict_table(bench, found, tables)
    return Sensitivity(tables, bench.estimate.diagnostics.converged)


def set_up(
    study: Study,
    asked: tuple[Hypothesis, ...],
    parts: Sequence[Part],
    effort: Effort,
    pool: Pool,
    checkpoints: Checkpoints | None,
) -> Bench:
    """Compile a model with room for every theory that will be tried, and fit the study's own on it."""
    cases = study.cases

    def lay_out(theory: Theory, room: Room | None = None) -> Blueprint:
        return draw_blueprint(theory, study.codebook, cases.units, cases.observations, room=room)

    room = room_for([lay_out(theory) for theory in (study.theory, *_tried(study, asked, parts))], values=True)
    base = lay_out(study.theory, room)
    code = machine_code(pymc_model(base))
    queries = [query for h in asked for query in h.claim.queries]
    estimate = fit(base, cases.units, code, effort.own, queries)
    return Bench(study, asked, base, code, estimate, effort, pool, checkpoints, room)


def _tried(study: Study, asked: Sequence[Hypothesis], parts: Sequence[Part]) -> Iterator[Theory]:
    """The theories to be tried, as far as they need room: their numbers of scores and coefficients, not their priors."""
    if "theory" in parts or "multiverse" in parts:
        yield from theory.theories(study).values()
    if "confounding" in parts:
        claims = (spelled_out(h.claim, study.theory) for h in asked)
        for pair in dict.fromkeys((q.cause, q.effect) for claim in claims for q in claim.queries):
            yield with_common_cause(study.theory, pair, (0.0, 0.0), 1.0)


def _variants(bench: Bench, parts: Sequence[Part]) -> Iterator[Variant]:
    if "priors" in parts:
        yield from priors.variants(bench)
    if "coding" in parts:
        yield from coding.variants(bench)
    if "confounding" in parts:
        yield from confounding.variants(bench)
    if "selection" in parts:
        yield from selection.variants(bench)
    if "theory" in parts:
        yield from theory.variants(bench)
    if "multiverse" in parts:
        yield from multiverse.variants(bench)


def _refitted(bench: Bench, found: Sequence[Outcome]) -> dict[str, pd.DataFrame]:
    """One table for each file that refits are reported in."""
    names = dict.fromkeys(o.variant.table for o in found)
    return {name: pd.DataFrame([row_of(bench, o) for o in found if o.variant.table == name]) for name in names}


def _summaries(bench: Bench, found: Sequence[Outcome], parts: Sequence[Part]) -> dict[str, pd.DataFrame]:
    """Tables that come of the study's own draws, or sum up refits."""
    tables: dict[str, pd.DataFrame] = {}
    if "priors" in parts:
        tables["powerscaling"] = priors.powerscaling_table(bench)
    if "coding" in parts:
        tables["coding_moves"] = coding.moves_table(bench)
        tables["recodings_share"] = coding.share_table(bench, found)
    if "confounding" in parts:
        links = confounding.links(bench)
        tables["robustness"] = confounding.robustness_table(links)
        tables["benchmarks"] = confounding.benchmark_table(bench, links)
        tables["contour"] = confounding.contour_table(links)
    if "selection" in parts:
        tables["chosen"] = selection.chosen_table(bench)
        tables["failures"] = selection.fewest_table(bench, found)
    if "theory" in parts:
        tables["theory_assumed"] = theory.assumed_table(bench)
    if "multiverse" in parts:
        tables["multiverse_shares"] = multiverse.shares_table(bench, found)
    return tables


def write_sensitivity(result: Sensitivity, out: Path) -> None:
    """Write every table into ``out``/sensitivity."""
    with staged(out) as stage:
        (stage / FOLDER).mkdir()
        for name, table in result.tables.items():
            table.to_csv(stage / FOLDER / f"{name}.csv", index=False)
