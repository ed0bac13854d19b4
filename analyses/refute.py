"""``casewise refute``: what could have overturned a conclusion, and what each test is worth at this number of units."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from itertools import chain
from pathlib import Path

import pandas as pd

from analyses.controls import FORBIDDEN, control_rows
from analyses.outputs import staged, write_json
from analyses.progress import Watch, plain_lines
from causal.hypotheses import Hypothesis
from causal.refute import Rates, Refutation, judge_test
from models.compile import machine_code, pymc_model
from models.refitting.checkpoints import Checkpoints
from models.refitting.digests import code_version, digest
from models.refitting.pool import Pool
from models.refitting.refits import Job, Refit, refit_all
from models.refitting.shapes import code_key
from models.refitting.starting import started
from models.refutation.bench import Bench, Family, Layout
from models.refutation.refuting import STANDARD, UNALTERED, Effort, Refuting, altered_name, fit_as_it_is, simulated_name
from models.study import Study

type Say = Callable[[str], None]

COLUMNS = (
    "worry", "test", "done", "expected", "observed", "power", "false_alarms", "worth_db", "verdict", "reason",
    "probability", "probability_before", "refits", "sets", "converged", "hypothesis",
)  # fmt: skip

LAYOUTS: Mapping[Layout, str] = {"plain": "", "wide": ", units drawn anew", "hidden": ", with a hidden common cause"}


@dataclass(frozen=True)
class Run:
    """Where and how refits are run."""

    pool: Pool
    checkpoints: Checkpoints
    say: Say
    watch: Watch = plain_lines


@dataclass(frozen=True)
class Refuted:
    """The table of tests, and whether the fit of the data as they are converged."""

    table: pd.DataFrame
    converged: bool


def refute(study: Study, hypothesis: Hypothesis, effort: Effort, run: Run, out: Path) -> Refuted:
    """Write refutations.csv and refuted.json (the conclusion and the standard) into ``out``."""
    bench = Bench(study, hypothesis)
    run.say("compiling the theory")
    code = machine_code(pymc_model(bench.plain))
    run.say("fitting the data as they are")
    work = Refuting(bench, fit_as_it_is(bench, code, effort), effort)
    run.say(f"{hypothesis.id}: the conclusion has probability {work.fitted.certainty:.2f}")
    if work.fitted.certainty < STANDARD.shaken:
        run.say(
            f"below {STANDARD.shaken:.2f} the data conclude nothing that a test could overturn, and every test will be "
            "uninformative; --hypothesis takes another"
        )
    altered = _refits(work, run, "altered data", work.altered, _ways, calibrating=False)
    rates = calibrated(work, run)
    rows = [_row(*each) for family in work.families for each in _judged(work, family, altered, rates)]
    if effort.wants(FORBIDDEN):
        run.say("adding the edges that the theory forbids")
        rows += control_rows(work, run.pool, run.checkpoints)
    table = pd.DataFrame(rows, columns=list(COLUMNS)).assign(hypothesis=hypothesis.id)
    with staged(out) as stage:
        table.to_csv(stage / "refutations.csv", index=False)
        write_json(stage / "refuted.json", _conclusion(work))
    return Refuted(table, work.fitted.converged)


def calibrated(work: Refuting, run: Run) -> dict[str, Rates]:
    """How often each family rejects where the conclusion is right and where the worry is; kept for the structure.

    What is kept is used again by studies of the same theory, units and cells whose effect is of the same size.
    """
    kept = Checkpoints(run.checkpoints.folder, resume=True)
    keys = {family.key: _structure(work, family) for family in work.families}
    found = {name: rates for name, key in keys.items() if (rates := kept.load(key, Rates))}
    missing = [family for family in work.families if family.key not in found]
    if missing:
        plan = Calibration(work, tuple(missing))
        done = _refits(work, run, "simulated studies", plan.jobs, plan.count, calibrating=True)
        for family in missing:
            found[family.key] = _rates(work, family, done)
            kept.save(keys[family.key], found[family.key])
    return found


@dataclass(frozen=True)
class Calibration:
    """Refits of simulated studies for the families that have no rates yet."""

    work: Refuting
    families: tuple[Family, ...]

    def jobs(self, family: Family) -> Iterator[Job]:
        """Refits that calibrate a family; those of unaltered studies come with the first that needs them."""
        if family in self.families:
            yield from self.work.simulated(family, worried=False)
            if _by_itself(family):
                yield from self.work.simulated(family, worried=True)
            elif self._first(family):
                yield from self.work.unaltered()

    def count(self, family: Family) -> int:
        """How many those are."""
        rounds = 1 + (_by_itself(family) or self._first(family)) if family in self.families else 0
        return rounds * self.work.effort.sets

    def _first(self, family: Family) -> bool:
        return family.key == next(f.key for f in self.families if not _by_itself(f))


def _ways(family: Family) -> int:
    return sum(len(alteration.ways) for alteration in family.alterations)


def _by_itself(family: Family) -> bool:
    """Whether a world in which the worry is right can be simulated; else power is that of seeing a real effect at all."""
    return family.must == "stay"


def _rates(work: Refuting, family: Family, done: dict[str, Refit]) -> Rates:
    sets = range(work.effort.sets)
    names = [simulated_name(family, True, k) if _by_itself(family) else f"{UNALTERED} {k + 1}" for k in sets]
    alarms = sum(work.rejects(family, done[simulated_name(family, False, k)]) for k in sets)
    return Rates(alarms, sum(work.rejects(family, done[name]) for name in names), len(sets))


def _structure(work: Refuting, family: Family) -> str:
    """Digest of what rates depend on: the model and its cells, the test, the effort, and the size of the effect."""
    b, effort = work.bench, work.effort
    cells = [(row.unit, row.indicator, len(row.levels), row.confidence) for row in b.rows if row.is_evidence]
    settings = (effort.calibration, effort.calibration_ess, effort.sets, effort.seed, STANDARD, family.worry)
    size = round(work.fitted.finding.mean, 1)
    return digest(
        code_version(), code_key(b.plain), b.study.theory, dict(b.study.cases.units), cells, b.hypothesis.claim,
        b.hypothesis.smallest_effect, family.key, settings, size,
    )  # fmt: skip


def _refits(
    work: Refuting,
    run: Run,
    heading: str,
    jobs_of: Callable[[Family], Iterator[Job]],
    count_of: Callable[[Family], int],
    calibrating: bool,
) -> dict[str, Refit]:
    """Refits of every family's jobs, one layout after the other."""
    found: dict[str, Refit] = {}
    for layout, words in LAYOUTS.items():
        chosen = [family for family in work.families if family.layout == layout and count_of(family)]
        if chosen:
            jobs = chain.from_iterable(map(jobs_of, chosen))
            code = work.fitted.code if layout == "plain" else None
            with run.watch(f"{heading}{words}", sum(map(count_of, chosen))) as finished:
                template = started(
                    work.template(layout, calibrating), work.effort.seed, run.pool, run.checkpoints, code
                )
                found |= refit_all(
                    template,
                    jobs,
                    run.pool,
                    run.checkpoints,
                    lambda r: finished(r.name),
                    code,
                )
    return found


def _judged(
    work: Refuting, family: Family, refits: dict[str, Refit], rates: dict[str, Rates]
) -> Iterator[tuple[Refutation, bool]]:
    for alteration in family.alterations:
        own = [refits[altered_name(family, alteration, i)] for i in range(len(alteration.ways))]
        certainties = [work.certainty(refit) for refit in own]
        mean = sum(refit.findings[work.bench.hypothesis.id].mean for refit in own) / len(own)
        judged = judge_test(alteration.test, certainties, work.fitted.certainty, mean, rates[family.key], STANDARD)
        yield judged, all(refit.converged for refit in own)


def _row(judged: Refutation, converged: bool) -> dict[str, object]:
    ordered = sorted(judged.probabilities)
    test, rates = judged.test, judged.rates
    values = (
        test.worry, test.name, test.done, test.expected, judged.observed, rates.power, rates.false_alarm_rate,
        judged.worth_db, judged.verdict, judged.reason, ordered[len(ordered) // 2], judged.before, len(ordered),
        rates.sets, converged,
    )  # fmt: skip
    return dict(zip(COLUMNS[:-1], values, strict=True))


def _conclusion(work: Refuting) -> dict[str, object]:
    h, fitted = work.bench.hypothesis, work.fitted
    return {
        "hypothesis": h.id,
        "statement": h.statement,
        "claim": str(h.claim),
        "holds": fitted.sign > 0,
        "probability": fitted.certainty,
        "standard": STANDARD,
        "not_done": work.not_done,
        "only": sorted(work.effort.only),
        "sets": work.effort.sets,
        "seed": work.effort.seed,
    }
