"""The refutation tests of a study from end to end, with posteriors that are made up instead of sampled."""

import json
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import analyses.refute
from analyses.progress import silent
from analyses.refute import Run, refute
from models.refitting.checkpoints import Checkpoints
from models.refitting.pool import Pool
from models.refitting.refits import Finding, Job, Refit, Template
from models.refutation.bench import Bench
from models.refutation.refutations import FAMILIES, families
from models.refutation.refuting import Effort, Fitted
from models.simulation.rebuild import prior_theta
from models.study import Study, load_study
from tests.studies import write_study

type Certain = Callable[[str], float]
SETS = 5


def found(probability: float) -> Finding:
    return Finding(2 * probability - 1, 1.0, -1.0, 1.0, probability, 1 - probability, 500.0, 500.0, 1.0)


@pytest.fixture
def study(tmp_path: Path) -> Study:
    return load_study(write_study(tmp_path / "lakes", cases=3, periods=2))


@pytest.fixture
def pretend(monkeypatch: pytest.MonkeyPatch) -> Callable[[float, Certain], list[str]]:
    """Replace sampling: the conclusion has one probability in the data and, by its name, another after every refit."""

    def install(before: float, after: Certain) -> list[str]:
        done: list[str] = []

        def fit(bench: Bench, code: object, effort: Effort) -> Fitted:
            theta = prior_theta(bench.plain, 20, np.random.default_rng(1))
            return Fitted(None, theta, found(before), np.arange(20))  # type: ignore[arg-type]

        def refit_all(
            template: Template,
            jobs: Iterator[Job],
            pool: Pool,
            kept: Checkpoints,
            tell: Callable[[Refit], None],
            code: object,
        ) -> Mapping[str, Refit]:
            refits = {
                job.name: Refit(job.name, {template.asked[0].id: found(after(job.name))}, 0, 1000) for job in jobs
            }
            done.extend(refits)
            for refit in refits.values():
                tell(refit)
            return refits

        monkeypatch.setattr(analyses.refute, "machine_code", lambda model: None)
        monkeypatch.setattr(analyses.refute, "pymc_model", lambda blueprint: None)
        monkeypatch.setattr(analyses.refute, "fit_as_it_is", fit)
        monkeypatch.setattr(analyses.refute, "refit_all", refit_all)
        monkeypatch.setattr(analyses.refute, "started", lambda template, *_: template)
        monkeypatch.setattr(analyses.refute, "control_rows", lambda *_: [])
        return done

    return install


def run(study: Study, out: Path, only: frozenset[str] = frozenset()) -> pd.DataFrame:
    work = Run(Pool(), Checkpoints(out / ".refits"), lambda _: None, silent)
    return refute(study, study.hypotheses[0], Effort(sets=SETS, only=only), work, out).table


def sound(name: str) -> float:
    """A study whose conclusion stands, and tests that work: placebos and worries leave nothing, everything else stays."""
    if "worry right" in name or name.startswith(("placebo", "dummy")):
        return 0.5
    return 0.99


def test_a_sound_conclusion_survives_every_test_that_works(study: Study, tmp_path: Path, pretend: Callable) -> None:  # type: ignore[type-arg]
    pretend(0.98, sound)
    table = run(study, tmp_path / "out")
    assert set(table.verdict) == {"survives"}
    assert (table.power == 1).all()
    assert (table.false_alarms == 0).all()
    written = pd.read_csv(tmp_path / "out" / "refutations.csv")
    assert list(written.columns[:6]) == ["worry", "test", "done", "expected", "observed", "power"]
    assert json.loads((tmp_path / "out" / "refuted.json").read_text())["hypothesis"] == study.hypotheses[0].id


def test_a_conclusion_that_one_case_carries_fails_there_and_only_there(
    study: Study, tmp_path: Path, pretend: Callable
) -> None:  # type: ignore[type-arg]
    pretend(0.98, lambda name: 0.4 if "without case Chala" in name else sound(name))
    table = run(study, tmp_path / "out").set_index("test")
    assert list(table.index[table.verdict == "fails"]) == ["without case Chala"]


def test_what_happens_at_random_says_nothing(study: Study, tmp_path: Path, pretend: Callable) -> None:  # type: ignore[type-arg]
    rng = np.random.default_rng(1)
    pretend(0.98, lambda name: float(rng.random()))
    assert set(run(study, tmp_path / "out").verdict) == {"uninformative"}


def test_every_worry_is_there_and_every_piece_is_left_out_once(study: Study, tmp_path: Path, pretend: Callable) -> None:  # type: ignore[type-arg]
    pretend(0.98, sound)
    tests = list(run(study, tmp_path / "out").test)
    assert len(tests) == len(set(tests))
    assert {f"without case {case}" for case in study.cases.cases} < set(tests)
    assert {
        "without period 1",
        "without coder AB",
        "without source okafor2012",
        "dummy outcome",
        "bootstrap over cases",
    } < set(tests)
    assert {"random common cause", "unobserved common cause", "random subsets", "compliance->stock turned"} < set(tests)


def test_some_of_the_tests_come_out_as_they_do_among_all(study: Study, tmp_path: Path, pretend: Callable) -> None:  # type: ignore[type-arg]
    pretend(0.98, sound)
    whole = run(study, tmp_path / "all").set_index("test")
    some = run(study, tmp_path / "some", frozenset({"dummy outcome", "without a period"})).set_index("test")
    assert list(some.index) == ["dummy outcome", "without period 1", "without period 2"]
    pd.testing.assert_frame_equal(some, whole.loc[some.index])
    assert json.loads((tmp_path / "some" / "refuted.json").read_text())["only"] == ["dummy outcome", "without a period"]


def test_every_family_of_tests_can_be_chosen_by_name(study: Study) -> None:
    made = families(Bench(study, study.hypotheses[0]), 1, 1)
    assert tuple(family.key for family in made) == FAMILIES


def test_rates_are_kept_for_the_structure(study: Study, tmp_path: Path, pretend: Callable) -> None:  # type: ignore[type-arg]
    done = pretend(0.98, sound)
    first = run(study, tmp_path / "out")
    simulated = sum("right" in name or "as simulated" in name for name in done)
    families = {name.partition(":")[0] for name in done if "conclusion right" in name}
    worried = {name.partition(":")[0] for name in done if "worry right" in name}
    assert simulated == SETS * (len(families) + len(worried) + 1)
    assert families - worried == {"placebo cause", "dummy outcome"}
    done.clear()
    assert run(study, tmp_path / "out").equals(first)
    assert not any("right" in name for name in done)


def test_where_nothing_is_concluded_nothing_is_overturned(study: Study, tmp_path: Path, pretend: Callable) -> None:  # type: ignore[type-arg]
    pretend(0.6, sound)
    table = run(study, tmp_path / "out")
    assert set(table.verdict) == {"uninformative"}
    assert table.reason.str.contains("conclude nothing").all()
