"""``casewise check`` has something to say of every theory of every study, lagged ones included."""

from pathlib import Path

import pytest

import data
from analyses.overview import overview
from analyses.starter import start_study
from analyses.unsaid import unsaid
from data.reliability import disagreements
from models.study import load_study
from tests.studies import write_study

CLUSTERS = Path(data.__file__).parent / "ba_clusters"


@pytest.mark.parametrize("theory", sorted(path.stem for path in (CLUSTERS / "rivals").glob("*.toml")))
def test_every_rival_of_the_first_study_can_be_checked(theory: str) -> None:
    study = load_study(CLUSTERS, theory)
    sections = overview(study).as_json
    assert any(line.startswith("crisis: ") for line in sections["Rows by construct"])
    asked = [line for line in sections["Hypotheses"] if "not a question to this theory" not in line]
    assert len(asked) == len(study.hypotheses) - len(study.unaskable)


def test_what_is_counted_adds_up_to_the_rows_of_the_study(tmp_path: Path) -> None:
    study = load_study(write_study(tmp_path / "lakes"))
    sections = overview(study).as_json
    for title in ("Rows by kind of unit", "Rows by case and period"):
        counted = [int(word) for line in sections[title] for word in line.replace(",", "").split() if word.isdigit()]
        periods = [int(line.split("period ")[1].split(":")[0]) for line in sections[title] if "period " in line]
        assert sum(counted) == len(study.cases.observations)
        assert all(period > 0 for period in periods)


def test_a_lagged_independence_is_counted_on_the_construct_it_lags() -> None:
    sections = overview(load_study(CLUSTERS, "long")).as_json
    lagged = [line for line in sections["Implied independences"] if "[-1]" in line]
    assert lagged
    assert all("units have rows on all of it" in line for line in lagged)


def test_an_effect_that_only_lagged_edges_carry_is_listed_with_the_units_that_can_show_it(tmp_path: Path) -> None:
    root = tmp_path / "study"
    start_study(root)
    theory = root / "theory.toml"
    first = theory.read_text("utf-8").index("[[edges]]") + len("[[edges]]\n")
    theory.write_text(f"{theory.read_text('utf-8')[:first]}lag = 1\n{theory.read_text('utf-8')[first:]}", "utf-8")
    study = load_study(root)
    edge = next(edge for edge in study.theory.edges if edge.lag)
    followed = sum(bool(unit.previous) for unit in study.cases.units.values())
    units = f"{followed} of {len(study.cases.units)} units have a previous one"
    (line,) = [x for x in overview(study).as_json["Effects"] if x.startswith(f"{edge.cause} -> {edge.effect} ")]
    assert line.startswith(f"{edge.cause} -> {edge.effect} (over periods; {units}): ")


def test_every_cell_on_which_coders_exclude_each_other_is_named(tmp_path: Path) -> None:
    study = load_study(write_study(tmp_path / "lakes"))
    apart = [d for d in disagreements(study.cases) if not d.compatible]
    assert apart
    lines = overview(study).as_json["Agreement between coders"]
    for d in apart:
        (line,) = [line for line in lines if line.startswith(f"  {d.unit}, {d.indicator}: ")]
        assert all(f"{coder} {text}" in line for coder, text in d.texts.items() if text)
        assert "(observations.csv, lines " in line


def test_what_a_valid_study_leaves_unsaid_is_said(tmp_path: Path) -> None:
    root = tmp_path / "study"
    start_study(root)
    (whole,) = [line for line in unsaid(load_study(root)) if "one indicator" in line]
    assert whole.endswith(": capacity")
    theory, units = root / "theory.toml", root / "units.csv"
    argument = next(line for line in theory.read_text("utf-8").splitlines() if line.startswith("because"))
    theory.write_text(theory.read_text("utf-8").replace(argument, ""), "utf-8")
    units.write_text(
        units.read_text("utf-8").replace("harrow_2,harrow,2,city_period,,harrow_1", "harrow_2,harrow,2,city_period,,"),
        "utf-8",
    )
    for rival in (root / "rivals").iterdir():
        rival.unlink()
    hypotheses = (root / "hypotheses.toml").read_text("utf-8").replace('rivals = ["capacity_only"]', "")
    (root / "hypotheses.toml").write_text(hypotheses, "utf-8")
    told = unsaid(load_study(root))
    assert "edges without a mechanism (because): exposure->conviction" in told
    assert "units that follow others of their case without saying so (previous): harrow_2" in told
    assert any("no rival" in line for line in told)


def test_names_that_differ_only_by_capitals_or_blanks_are_told(tmp_path: Path) -> None:
    root = tmp_path / "study"
    start_study(root)
    units = root / "units.csv"
    units.write_text(
        units.read_text("utf-8").replace("harrow_2,harrow,2", "harrow_2, Harrow,2").replace(",harrow_1", ","), "utf-8"
    )
    told = unsaid(load_study(root))
    assert "cases that may be one, spelt with other capitals or blanks: harrow / Harrow" in told


def test_a_study_that_says_everything_leaves_nothing_unsaid() -> None:
    lines = unsaid(load_study(CLUSTERS))
    assert [line for line in lines if "indicator" not in line] == []
