"""The fit that a refutation starts from, and refits, on traces drawn from the prior instead of sampled."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import xarray as xr

from causal.query import Effect
from causal.theory import Edge
from data.cases import Cases
from data.codebook import Family as ColumnFamily
from models.blueprint import Blueprint, draw_blueprint
from models.measurement.columns import CannotEstimateError
from models.refitting import refits, stretches
from models.refitting.checkpoints import Checkpoints
from models.refitting.pool import Pool
from models.refitting.refits import Job, Template, about, refit_all, summarise
from models.refitting.templates import MOST
from models.refutation import refuting
from models.refutation.bench import Altered, Bench, Family
from models.refutation.refuting import Effort, Fitted, Refuting, fit_as_it_is
from models.sampling import Sampler
from models.sides import Sides
from models.simulation.rebuild import prior_theta
from models.study import Study, load_study
from tests.fitted import ANY_METRIC, invented_trace
from tests.models import small
from tests.models.columns import book, observed, rows, single_units
from tests.studies import write_study

UNITS = small.periods("abcd")
PAIR = draw_blueprint(small.theory(Edge("x", "y", "+")), small.rated("x", "y"), UNITS, small.ratings(UNITS, "x", "y"))
SHARED = Template(PAIR, UNITS, (about(Effect("x", "y")),), Sampler(draws=250, tune=10, chains=2))


@dataclass
class Code:
    """Stands for machine code: remembers what it was asked for."""

    asked: list[tuple[int, int]]


@pytest.fixture
def code(monkeypatch: pytest.MonkeyPatch) -> Code:
    """Sampling from the prior, with as many draws as asked and the job's seed."""
    used = Code([])

    def sample_sides(_: Blueprint, swapped: Code, sampler: Sampler, turned: tuple[str, ...], **__: object) -> Sides:
        swapped.asked.append((sampler.seed, sampler.draws))
        return Sides(invented_trace(PAIR, sampler.chains, sampler.draws, sampler.seed), turned, ANY_METRIC)

    monkeypatch.setattr(refits, "swap", lambda code, data: code)
    monkeypatch.setattr(stretches, "sample_sides", sample_sides)
    return used


@pytest.fixture
def work(tmp_path: Path) -> Refuting:
    """The lake study before its tests, with draws of the prior for a fit."""
    study = load_study(write_study(tmp_path / "lakes", cases=3, periods=2))
    bench = Bench(study, study.hypotheses[0])
    finding = summarise(np.full((2, 10), 1.0), 0.0)
    return Refuting(
        bench,
        Fitted(None, prior_theta(bench.plain, 20, np.random.default_rng(1)), finding, np.arange(20)),
        Effort(sets=2),
    )  # type: ignore[arg-type]


def test_a_refit_answers_from_its_own_draws(code: Code) -> None:
    first, second = refit_all(SHARED, [Job("a", 1), Job("b", 2)], Pool(threads=1), code=code).values()  # type: ignore[arg-type]
    assert [first.name, second.name] == ["a", "b"]
    for found in (first, second):
        assert found.converged
        assert found.draws == 500
        finding = found.findings["effect(x -> y)"]
        assert abs(finding.mean) < 4 * finding.sd / finding.ess**0.5  # the prior is even-handed
        assert finding.low < finding.mean < finding.high
    assert first.findings != second.findings


def test_too_few_effective_draws_are_followed_by_more(code: Code) -> None:
    (found,) = refit_all(replace(SHARED, wanted_ess=1000.0), [Job("a", 1)], code=code).values()  # type: ignore[arg-type]
    (seed, first), (other, further) = code.asked
    assert first == 250
    assert first < further <= (MOST - 1) * first
    assert found.draws == 2 * (first + further), "what was drawn first counts"
    assert other != seed, "the same seed would draw the same again"
    assert found.findings["effect(x -> y)"].ess == pytest.approx(found.draws, rel=0.2)


def test_a_refit_that_begins_with_as_many_draws_as_are_allowed_takes_no_more(code: Code) -> None:
    (found,) = refit_all(replace(SHARED, wanted_ess=1e9).paced(1.0, 1000), [Job("a", 1)], code=code).values()  # type: ignore[arg-type]
    assert [draws for _, draws in code.asked] == [MOST * 250]
    assert found.draws == 2 * MOST * 250


def test_draws_that_saw_one_side_only_do_not_count(code: Code, monkeypatch: pytest.MonkeyPatch) -> None:
    """The second stretch finds an image that the first missed; a third makes up for what is lost."""

    def sample_sides(_: Blueprint, swapped: Code, sampler: Sampler, turned: tuple[str, ...], **__: object) -> Sides:
        swapped.asked.append((sampler.seed, sampler.draws))
        found = ("x",) if len(swapped.asked) > 1 else turned
        return Sides(invented_trace(PAIR, sampler.chains, sampler.draws, sampler.seed), found, ANY_METRIC)

    monkeypatch.setattr(stretches, "sample_sides", sample_sides)
    (found,) = refit_all(replace(SHARED, wanted_ess=1000.0), [Job("a", 1)], code=code).values()  # type: ignore[arg-type]
    (_, missed), *rest = code.asked
    assert found.draws == 2 * sum(draws for _, draws in rest) >= 1000 > 2 * missed
    assert len({seed for seed, _ in code.asked}) == 3


def test_two_jobs_of_one_name_are_refused(code: Code) -> None:
    with pytest.raises(ValueError, match="two jobs are called a"):
        refit_all(SHARED, [Job("a", 1), Job("a", 2)], code=code)  # type: ignore[arg-type]


def test_only_what_is_missing_is_done_again(code: Code, tmp_path: Path) -> None:
    jobs = [Job(name, seed) for seed, name in enumerate("abc")]
    first = refit_all(SHARED, jobs[:2], checkpoints=Checkpoints(tmp_path), code=code)  # type: ignore[arg-type]
    code.asked.clear()
    told: list[str] = []
    kept = Checkpoints(tmp_path, resume=True)
    again = refit_all(SHARED, jobs, checkpoints=kept, finished=lambda r: told.append(r.name), code=code)  # type: ignore[arg-type]
    assert {seed for seed, _ in code.asked} == {2}
    assert sorted(told) == ["a", "b", "c"]
    assert list(again) == ["a", "b", "c"]
    assert {name: again[name] for name in first} == first
    code.asked.clear()
    refit_all(SHARED, [replace(jobs[0], seed=9)], checkpoints=kept, code=code)  # type: ignore[arg-type]
    assert code.asked, "another seed is another job"


def test_the_conclusion_is_the_likelier_side_and_simulated_studies_have_it_right(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    study = load_study(write_study(tmp_path / "lakes", cases=3, periods=2))
    bench = Bench(study, study.hypotheses[0])
    slope = bench.plain.coords["coefficient"].index("leadership->monitoring")

    def sample_sides(*_: object) -> Sides:
        return Sides(pushed(bench.plain, {"slope": (slope, -1.5)}), (), ANY_METRIC)

    monkeypatch.setattr(refuting, "sample_sides", sample_sides)
    effort = Effort(sets=3)
    fitted = fit_as_it_is(bench, None, effort)  # type: ignore[arg-type]
    assert fitted.converged
    assert fitted.sign == (-1 if fitted.finding.below > fitted.finding.probability else 1)
    assert fitted.certainty == max(fitted.finding.below, fitted.finding.probability)
    assert len(fitted.right) == round(fitted.certainty * 2000)
    work = Refuting(bench, fitted, effort)
    (family,) = (f for f in work.families if f.key == "subset")
    jobs = [*work.simulated(family, worried=False), *work.simulated(family, worried=True)]
    assert len({job.name for job in jobs}) == len(jobs) == 6
    assert [job.seed for job in jobs] == [
        job.seed for job in [*work.simulated(family, False), *work.simulated(family, True)]
    ]


@pytest.mark.parametrize(("family", "left_out"), [("binary", {"x", "y"}), ("count", {"y"})])
def test_a_case_is_left_out_with_the_value_of_its_observed_cause_unless_that_may_not_be_missing(
    family: ColumnFamily, left_out: set[str]
) -> None:
    units = single_units(4)
    codebook = book({"x": family, "y": "binary"})
    read = rows(codebook, list(units), {"x": (0.0, 1.0, 1.0, 0.0), "y": (0.0, 1.0, 0.0, 1.0)})
    study = Study(Path("t"), observed(Edge("x", "y")), {}, codebook, Cases(units, tuple(read)), (), {}, {})
    bench = Bench(study, about(Effect("x", "y")))
    first = next(iter(units))
    assert bench.removable(frozenset({f"x.{first}", f"y.{first}"})) == {f"{name}.{first}" for name in left_out}


def pushed(blueprint: Blueprint, moved: Mapping[str, tuple[int, float]]) -> Any:
    """A trace from the prior with some parameters moved."""
    trace = invented_trace(blueprint)
    posterior = trace["posterior"].to_dataset().copy(deep=True)
    for name, (place, by) in moved.items():
        posterior[name].to_numpy()[..., place] += by
    return xr.DataTree.from_dict({"posterior": posterior, "sample_stats": trace["sample_stats"].to_dataset()})


def test_every_test_finds_room_for_what_it_moves(work: Refuting) -> None:
    """Rows of the cause move in the plain layout, those of whole units in the wide one, and nothing in the hidden one."""
    assert not work.not_done
    rooms = {layout: work.template(layout, calibrating=False).blueprint for layout in ("plain", "wide", "hidden")}
    for family in work.families:
        for job in (*work.altered(family), *work.simulated(family, worried=True)):
            assert all(array.shape == rooms[family.layout].data[name].shape for name, array in job.changes.items())
    assert {family.key: family.layout for family in work.families if family.layout != "plain"} == {
        "bootstrap": "wide",
        "random common cause": "hidden",
        "unobserved common cause": "hidden",
    }


def test_cells_that_only_the_bootstrap_needs_are_in_its_own_layout(work: Refuting) -> None:
    sizes = {layout: sum(map(len, work.bench.laid_out(layout).blocks)) for layout in ("plain", "wide", "hidden")}
    assert sizes["hidden"] <= sizes["plain"] < sizes["wide"]


def test_what_cannot_be_done_is_found_out_once(work: Refuting, monkeypatch: pytest.MonkeyPatch) -> None:
    tried: list[str] = []
    true_job = Bench.job

    def job(bench: Bench, name: str, seed: int, family: Family, altered: Altered) -> Job:
        tried.append(name)
        if family.key == "subset":
            raise CannotEstimateError("for want of rows")
        return true_job(bench, name, seed, family, altered)

    monkeypatch.setattr(Bench, "job", job)
    assert work.not_done == {"random subsets": "for want of rows"}
    assert "subset" not in {family.key for family in work.families}
    assert tried == ["try"] * (sum(len(family.alterations) for family in work.families) + 1)
