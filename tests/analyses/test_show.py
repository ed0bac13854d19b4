"""casewise show: the model as equations, as a graph, and as a script that runs without casewise."""

import subprocess
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

from analyses.cli import app
from causal.dagitty import from_dagitty
from models.study import load_study
from tests.studies import write_study

RUNNER = CliRunner()


@pytest.fixture(scope="module")
def lake(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_study(tmp_path_factory.mktemp("lake"), cases=3, periods=2)


def shown(*arguments: str | Path) -> str:
    done = RUNNER.invoke(app, ["show", *map(str, arguments)])
    assert done.exit_code == 0, done.stderr
    return done.stdout


def test_equations_name_every_construct_coefficient_and_indicator(lake: Path) -> None:
    study, text = load_study(lake), shown(lake)
    assert "stock = b[compliance->stock] * compliance + b[stock[-1]->stock] * stock[-1] + a + e    (6 scores)" in text
    assert "compliance@village = compliance + sd[village] * e    (12 scores)" in text
    assert "b[monitoring*market_access->compliance] * monitoring * market_access" in text
    assert "leaders_contested: P(1) = logistic(d - l * leadership)    (6 cells)" in text
    for name in (*study.theory.names, *study.codebook.indicators):
        assert name in text
    assert "b[leadership->monitoring] ~ StudentT(4, 0, 0.5), expected +" in text


def test_the_dagitty_text_reads_back_as_the_theory(lake: Path) -> None:
    theory, back = load_study(lake).theory, from_dagitty(shown(lake, "--as", "dagitty")).theory
    assert {(e.cause, e.effect, e.lag) for e in back.edges} == {(e.cause, e.effect, e.lag) for e in theory.edges}
    assert set(back.names) == set(theory.names)


def test_a_rival_is_shown_by_name(lake: Path) -> None:
    assert shown(lake, "--theory", "gear", "--as", "graph").startswith("stock <- gear (+), market_access (-)\n")
    assert '"gear" -> "stock"' in shown(lake, "--theory", "gear", "--as", "dot")


def test_a_view_that_there_is_not_is_a_usage_error(lake: Path) -> None:
    done = RUNNER.invoke(app, ["show", str(lake), "--as", "poem"])
    assert done.exit_code == 2
    assert "equations" in done.stderr


@pytest.mark.parametrize("view", ["equations", "graph", "dot", "dagitty", "pymc"])
def test_nothing_shown_needs_the_sampler(lake: Path, view: str) -> None:
    code = (
        "import sys; from pathlib import Path; from analyses.commands.show import shown; from models.study import load_study\n"
        f"assert shown(load_study(Path({str(lake)!r})), {view!r})\n"
        "assert not {'pymc', 'arviz', 'nutpie', 'pytensor'} & set(sys.modules), 'imported'"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=Path(__file__).parents[2])
    assert done.returncode == 0, done.stderr


@pytest.mark.slow
def test_the_script_samples_on_its_own(lake: Path, tmp_path: Path) -> None:
    """Run as a reader would, from a folder without casewise, with few draws."""
    script = tmp_path / "lake.py"
    few = "pm.sample(draws=20, tune=20, chains=1, progressbar=False, "
    script.write_text(shown(lake, "--as", "pymc").replace("pm.sample(", few), encoding="utf-8")
    done = subprocess.run(
        [sys.executable, "-I", str(script)], capture_output=True, text=True, cwd=tmp_path, check=False
    )
    assert done.returncode == 0, done.stderr
    assert "leadership->monitoring" in done.stdout
