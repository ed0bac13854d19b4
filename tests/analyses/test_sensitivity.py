"""What the conclusion depends on: every worry has its table, figure and place in the verdict. Here the posterior is the prior."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest
from typer.testing import CliRunner

import models.estimate
import models.refitting.refits
import models.refitting.starting
import models.refitting.stretches
from analyses.cli import app
from analyses.progress import silent
from analyses.report import write_report
from analyses.sensitivity import work
from analyses.sensitivity.bench import Bench, Effort
from analyses.sensitivity.multiverse import edit_of, options
from analyses.sensitivity.work import PARTS, Part, sensitivity, write_sensitivity
from data.alternatives import Alternative
from models.blueprint import Blueprint
from models.evidence.without import swapped
from models.refitting.pool import Pool
from models.refitting.refits import Job, Refit, Template
from models.sampling import Sampler
from models.sides import Sides
from models.study import Study, load_study
from tests.analyses.folders import write_folder
from tests.analyses.pages import Element, read_page
from tests.fitted import ANY_METRIC, invented_trace
from tests.studies import write_study

TABLES = {
    "verdict", "priors", "powerscaling", "coding", "coding_moves", "recodings", "recodings_share", "confounding", "robustness",
    "benchmarks", "contour", "selection", "chosen", "failures", "theory", "theory_assumed", "multiverse", "multiverse_shares",
}  # fmt: skip
SAMPLER = Sampler(draws=100, tune=1, chains=2, cores=1)
EFFORT = Effort(SAMPLER, SAMPLER, recodings=2, universes=4, seed=1)
TRADERS = Alternative("compliance", "traders", ("traders",))


@pytest.fixture(scope="module")
def lakes(tmp_path_factory: pytest.TempPathFactory) -> Study:
    study = load_study(write_study(tmp_path_factory.mktemp("lakes"), cases=3, periods=2))
    return replace(study, alternatives=(TRADERS,))


@contextmanager
def posterior_is_prior() -> Iterator[None]:
    """No compiling, no sampling: "machine code" is the blueprint, and a sampler draws from its prior."""

    def sample_sides(
        _: Blueprint,
        code: Blueprint,
        sampler: Sampler,
        progress: bool = False,
        turned: tuple[str, ...] = (),
        **__: object,
    ) -> Sides:
        return Sides(invented_trace(code, sampler.chains, sampler.draws, sampler.seed), turned, ANY_METRIC)

    true_refit = models.refitting.refits.refit

    def refit(template: Template, code: Blueprint, job: Job) -> Refit:
        return true_refit(template, swapped(job.blueprint or template.blueprint, job.changes), job)  # type: ignore[arg-type]

    with pytest.MonkeyPatch.context() as patch:
        for module in (models.estimate, models.refitting.stretches):
            patch.setattr(module, "sample_sides", sample_sides)
        patch.setattr(models.refitting.refits, "refit", refit)
        for sampling in (models.refitting.refits, models.refitting.starting):
            patch.setattr(sampling, "swap", lambda code, data: code)
            patch.setattr(sampling, "compiled", lambda template: template.blueprint)
        patch.setattr(work, "pymc_model", lambda blueprint: blueprint)
        patch.setattr(work, "machine_code", lambda model: model)
        yield


def look_into(study: Study, parts: Sequence[Part] = PARTS) -> work.Sensitivity:
    with posterior_is_prior():
        asked = study.hypotheses[:1]
        return sensitivity(study, asked, parts, EFFORT, Pool(threads=1), None, lambda _: None, silent)


@pytest.fixture(scope="module")
def tables(lakes: Study) -> dict[str, pd.DataFrame]:
    return dict(look_into(lakes).tables)


@pytest.fixture(scope="module")
def bench(lakes: Study) -> Bench:
    with posterior_is_prior():
        return work.set_up(lakes, lakes.hypotheses[:2], PARTS, EFFORT, Pool(threads=1), None)


@pytest.fixture(scope="module")
def page(lakes: Study, tables: dict[str, pd.DataFrame], tmp_path_factory: pytest.TempPathFactory) -> Element:
    folder = write_folder(lakes, tmp_path_factory.mktemp("out") / "out")
    write_sensitivity(work.Sensitivity(tables, True), folder)
    assert {path.stem for path in (folder / "sensitivity").glob("*.csv")} == TABLES
    return read_page(write_report(folder))


def test_every_worry_has_its_tables(tables: dict[str, pd.DataFrame]) -> None:
    assert set(tables) == TABLES
    assert not [name for name, table in tables.items() if table.empty]


def test_the_verdict_ranks_every_worry_once_those_that_change_it_first(tables: dict[str, pd.DataFrame]) -> None:
    verdict = tables["verdict"]
    tried = {
        w
        for name in ("priors", "coding", "confounding", "selection", "theory", "multiverse")
        for w in tables[name]["worry"]
    }
    assert tried < set(verdict["worry"])
    assert verdict["worry"].is_unique
    assert list(verdict["rank"]) == list(range(1, len(verdict) + 1))
    alone = verdict[:-2]
    assert set(verdict["worry"][-2:]) == {"random recodings", "combinations of defensible choices"}
    assert alone["stands"].is_monotonic_increasing
    for _, same in alone.groupby("stands"):
        assert same["moved_db"].abs().is_monotonic_decreasing


def test_each_refit_is_counted_in_the_verdict(tables: dict[str, pd.DataFrame]) -> None:
    trials = tables["verdict"].set_index("worry")["trials"]
    for name in ("priors", "coding", "confounding", "theory", "multiverse", "recodings"):
        for worry, rows in tables[name].groupby("worry"):
            assert trials[worry] == len(rows)
            assert tables["verdict"].set_index("worry")["changed"][worry] == (~rows["stands"]).sum()


def test_failures_are_tried_alone_in_pairs_and_all_together(tables: dict[str, pd.DataFrame]) -> None:
    assert sorted(tables["selection"]["failures"]) == [0, 1, 1, 1, 2, 2, 2, 3]
    assert tables["failures"]["most_tried"].item() == 3


def test_twins_that_are_not_wanted_carry_no_weight(bench: Bench) -> None:
    from analyses.sensitivity import selection

    found = [v for v in selection.variants(bench) if "leaders" in v.about]
    weights = [v.changes["cell_weight"] for v in found]
    own = len(bench.base.coords["cell"])
    assert {int(w.sum()) for w in weights[:1]} == {own}
    assert all((w == 1).all() for w in weights[-1:])
    assert len({id(v.blueprint) for v in found}) == 1


def test_an_alternative_measures_the_construct_by_its_own_indicators_alone(bench: Bench) -> None:
    from analyses.sensitivity import coding

    variant = next(v for v in coding.variants(bench) if "traders" in v.change)
    before, after = bench.base.data["latent"], variant.changes["latent"]
    keys = [key for block in bench.base.blocks for key in block.keys]
    changed = {indicator for (_, indicator), a, b in zip(keys, before, after, strict=True) if a != b}
    assert changed == {"traders"}
    nodes = [bench.base.structure.nodes[n].construct for (_, i), n in zip(keys, after, strict=True) if i == "traders"]
    assert set(nodes) == {"compliance"}
    silenced = {row.indicator for row in bench.study.cases.observations if row.name in variant.edit}
    assert silenced == {"rules_kept", "households_complying"}


def test_combinations_leave_open_only_what_the_study_leaves_open(lakes: Study) -> None:
    found = options(lakes, [lakes.theory.name])
    assert found["coder"] == ["all", "AB", "CD"]
    assert found["pooling"] == ["partial", "none", "complete"]
    assert "theory" not in found
    universe = {name: values[0] for name, values in found.items()}
    assert edit_of(lakes, universe) == {}
    rows = {row.name: row for row in lakes.cases.observations}
    edit = edit_of(lakes, universe | {"coder": "CD", "build items": "out", "ranges": "low"})
    assert all(rows[n].coder == "AB" or rows[n].role == "build" for n, r in edit.items() if r is None)
    assert all(len(r.levels) == 1 < len(rows[n].levels) for n, r in edit.items() if r is not None)


def test_the_report_has_a_figure_and_a_table_for_each_worry(page: Element) -> None:
    for name in ("sensitivity", *(f"sensitivity-{part}" for part in PARTS)):
        (section,) = page.find("section", id=name)
        assert section.find("svg"), name
        assert section.find("table"), name
    ids = [e.attributes["id"] for e in page.all if "id" in e.attributes]
    assert len(ids) == len(set(ids))


def test_the_verdict_tells_what_matters_in_its_order_and_names_the_rest(
    page: Element, tables: dict[str, pd.DataFrame]
) -> None:
    (section,) = page.find("section", id="sensitivity")
    *said, rest = [item.text for item in section.find("li")]
    verdict = tables["verdict"]
    matters = verdict[~verdict["stands"] | verdict["felt"]]
    assert [s.split(":")[0].lower() for s in said] == [worry.lower() for worry in matters["worry"]]
    assert all(worry in rest for worry in set(verdict["worry"]) - set(matters["worry"]))


def test_each_worry_says_how_far_its_variants_move_the_claim(page: Element, tables: dict[str, pd.DataFrame]) -> None:
    for name in ("priors", "coding", "theory", "multiverse"):
        (section,) = page.find("section", id=f"sensitivity-{name}")
        own, low, high = tables["verdict"]["own_probability"][0], *tables[name]["probability"].agg(["min", "max"])
        said = f"probability {own:.2f} as run; from {low:.2f} ("
        assert any(said in item.text and f"to {high:.2f} (" in item.text for item in section.find("li")), name


def test_one_worry_alone_writes_its_own_tables_and_a_verdict(lakes: Study) -> None:
    assert set(look_into(lakes, ["theory"]).tables) == {"theory", "theory_assumed", "verdict"}


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [(["--only", "prior"], 2, "allowed are"), (["--hypothesis", "nobody"], 1, "Those that can be tested: leaders")],
)
def test_a_worry_or_a_hypothesis_that_does_not_exist_ends_before_anything_is_done(
    lakes: Study, tmp_path: Path, arguments: list[str], code: int, said: str
) -> None:
    result = CliRunner().invoke(app, ["sensitivity", str(lakes.root), "--out", str(tmp_path / "out"), *arguments])
    assert result.exit_code == code
    assert said in result.output
    assert not (tmp_path / "out").exists()


def test_a_wrong_sensitivity_file_is_refused_with_its_line(lakes: Study, tmp_path: Path) -> None:
    root = write_study(tmp_path / "study", cases=2, periods=2)
    text = '[[alternatives]]\nconstruct = "compliance"\nname = "x"\nindicators = ["rules_keept"]\n'
    (root / "sensitivity.toml").write_text(text, encoding="utf-8")
    result = CliRunner().invoke(app, ["sensitivity", str(root), "--out", str(tmp_path / "out")])
    assert result.exit_code == 1
    assert "sensitivity.toml line 4: 'rules_keept' is no indicator" in result.output
    assert "rules_kept" in result.output


@pytest.mark.slow
def test_a_real_study_goes_through_the_command_and_is_taken_up_again(lakes: Study, tmp_path: Path) -> None:
    arguments = [
        "sensitivity", str(lakes.root), "--out", str(tmp_path), "--only", "priors,confounding", "--draws", "60", "--tune", "100",
        "--json",
    ]  # fmt: skip
    first = CliRunner().invoke(app, arguments)
    assert first.exit_code in (0, 3), first.output
    once = {path.name: path.read_text() for path in (tmp_path / "sensitivity").glob("*.csv")}
    again = CliRunner().invoke(app, [*arguments, "--resume"])
    assert again.exit_code == first.exit_code
    assert {path.name: path.read_text() for path in (tmp_path / "sensitivity").glob("*.csv")} == once
