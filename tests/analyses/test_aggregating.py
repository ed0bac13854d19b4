"""A long table becomes a study of a few counted units, or says why its rows are more than rows."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from typer.testing import CliRunner

from analyses.cli import app
from analyses.importing import import_table
from data.column_families import ColumnChoices
from data.widetable import TableChoices
from models.blueprint import Blueprint, draw_blueprint
from models.simulation.rebuild import log_likelihood, prior_theta, rebuild
from models.study import load_study

THEORY = """\
name = "wages"
title = "Does a degree pay?"

[constructs.degree]
[constructs.mood]
[constructs.wage]

[[edges]]
cause = "degree"
effect = "wage"
sign = "+"

[[edges]]
cause = "wage"
effect = "mood"
sign = "+"
"""

CHOICES = TableChoices(ColumnChoices({}, {"mood": ("Low", "High")}))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    rng = np.random.default_rng(1)
    degree = rng.integers(2, size=60)
    wage = np.round(10 + 2 * degree + rng.normal(size=60))
    mood = np.where(wage + rng.normal(size=60) > 11, "High", "Low")
    table = pd.DataFrame({"degree": np.where(degree, "yes", "no"), "mood": mood, "wage": wage + 0.5})
    table.loc[3, "mood"] = ""
    table.to_csv(tmp_path / "wages.csv", index=False)
    (tmp_path / "theory.toml").write_text(THEORY, encoding="utf-8")
    return tmp_path


def imported(folder: Path, aggregate: bool) -> Blueprint:
    out = folder / f"study {aggregate}"
    import_table(folder / "wages.csv", folder / "theory.toml", out, CHOICES, aggregate)
    study = load_study(out)
    return draw_blueprint(study.theory, study.codebook, study.cases.units, study.cases.observations)


def test_a_study_taken_together_has_the_likelihood_of_the_table(folder: Path) -> None:
    alone, together = imported(folder, False), imported(folder, True)
    assert len(together.structure.nodes) < len(alone.structure.nodes)
    theta, found = prior_theta(alone, 4, np.random.default_rng(1)), []
    for blueprint in (alone, together):
        cells = log_likelihood(blueprint, theta, rebuild(blueprint, theta).cells)
        weight = blueprint.data["cell_weight"]
        found.append(sum((v * weight[blueprint.slices[family]]).sum(axis=1) for family, v in cells.items()))
    assert found[1] == pytest.approx(found[0], rel=1e-9)


def test_units_say_for_how_many_rows_they_stand_and_rows_with_gaps_stay(folder: Path) -> None:
    import_table(folder / "wages.csv", folder / "theory.toml", folder / "study", CHOICES, aggregate=True)
    units = pd.read_csv(folder / "study" / "units.csv")
    assert units["count"].sum() == 60
    study = load_study(folder / "study")
    gaps = [row.unit for row in study.cases.observations if row.indicator == "mood" and row.missing]
    assert all(study.cases.units[name].count == 1 for name in gaps)


def test_commands_on_single_rows_refuse_counted_ones(folder: Path) -> None:
    import_table(folder / "wages.csv", folder / "theory.toml", folder / "study", CHOICES, aggregate=True)
    for command in ("support", "sensitivity", "refute"):
        said = CliRunner().invoke(app, [command, str(folder / "study"), "--out", str(folder / "out")])
        assert said.exit_code == 1
        assert "without --aggregate" in said.output
    assert not (folder / "out").exists()


def test_a_theory_whose_rows_have_scores_of_their_own_is_refused_in_a_sentence(folder: Path) -> None:
    (folder / "theory.toml").write_text(f"{THEORY}\n[constructs.luck]\n", encoding="utf-8")
    args = [
        "import",
        str(folder / "wages.csv"),
        "--theory",
        str(folder / "theory.toml"),
        "--out",
        str(folder / "study"),
    ]
    said = CliRunner().invoke(app, [*args, "--levels", "mood=Low,High", "--aggregate"])
    assert said.exit_code == 1
    assert "luck has a score in every row" in said.output
    assert not (folder / "study").exists()


@pytest.mark.parametrize("count", ["0", "-2", "many"])
def test_a_count_that_counts_nothing_is_reported_at_its_line(folder: Path, count: str) -> None:
    out = folder / "study"
    import_table(folder / "wages.csv", folder / "theory.toml", out, CHOICES, aggregate=True)
    units = (out / "units.csv").read_text(encoding="utf-8").splitlines()
    units[1] = ",".join([*units[1].split(",")[:-1], count])
    (out / "units.csv").write_text("\n".join(units) + "\n", encoding="utf-8")
    said = CliRunner().invoke(app, ["check", str(out)])
    assert said.exit_code == 1
    assert "units.csv line 2" in said.output
    assert "a number above 0" in said.output
