"""What the pages show a reader is run, so that it still works."""

import re
from pathlib import Path

import matplotlib as mpl
import nbformat
import pytest
import xarray as xr
from nbclient import NotebookClient

from analyses.cli import app
from analyses.outputs import write_draws
from causal import asking, hypotheses, theory
from data import alternatives, cases, codebook, evidence, units
from tests.fitted import lakes

DOCS = Path(__file__).parents[2] / "docs"
OF_A_STUDY = {"units", "observations", "inventory"}
"""Tables that are read, not written."""


def python_blocks(page: str) -> list[str]:
    return re.findall(r"^```python\n(.*?)^```", (DOCS / page).read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL)


def test_the_page_on_files_names_every_field_that_a_study_may_have() -> None:
    page = (DOCS / "reference" / "study_files.md").read_text(encoding="utf-8")
    fields = {
        *theory.THEORY_KEYS, *theory.CONSTRUCT_KEYS, *theory.EDGE_KEYS, *theory.CONFOUNDED_KEYS, *theory.MODEL_KEYS,
        *codebook.Indicator.__dataclass_fields__, *units.REQUIRED, *units.OPTIONAL, *cases.REQUIRED, *cases.OPTIONAL,
        *hypotheses.HYPOTHESIS_KEYS, *asking.KEYS, *evidence.KEYS, *alternatives.KEYS,
    } - {"name", "line"}  # fmt: skip
    missing = sorted(
        field for field in fields if not re.search(rf"\b{field}\b", " ".join(re.findall(r"`(.+?)`", page)))
    )
    assert missing == []
    required = {row.split("`")[1] for row in page.splitlines() if re.match(r"\| `\w+` \*", row)}
    assert {*units.REQUIRED, "observation", "value"} <= required


def test_the_page_on_results_names_every_table_that_a_command_writes() -> None:
    page = (DOCS / "reference" / "results_files.md").read_text(encoding="utf-8")
    named = set(re.findall(r"(\w+)\.(?:csv|json)", page))
    code = "\n".join(path.read_text(encoding="utf-8") for path in (DOCS.parent / "analyses").glob("*.py"))
    written = set(re.findall(r'"(\w+)\.(?:csv|json)"', code)) | set(
        re.findall(r'^ {8}"(\w+)": \w+_table\(', code, re.MULTILINE)
    )
    assert {"ledger", "rivals", "manifest", "refutations"} <= written
    assert sorted(written - named - OF_A_STUDY) == []


def test_every_link_of_the_readme_leads_to_a_file_of_the_repository() -> None:
    top = DOCS.parent
    links = re.findall(r"\]\(([^)#]+)", (top / "README.md").read_text(encoding="utf-8"))
    assert len(links) > 5
    assert [link for link in links if "://" not in link and not (top / link).exists()] == []


def test_every_command_has_a_page_that_tells_how_to_use_it() -> None:
    pages = "\n".join(p.read_text(encoding="utf-8") for p in (*(DOCS / "how_to").glob("*.md"), DOCS / "tutorial.md"))
    names = [command.name for command in app.registered_commands]
    assert len(names) > 10
    assert [name for name in names if not re.search(rf"casewise {name}\b", pages)] == []


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore::UserWarning", "ignore::RuntimeWarning", "ignore::FutureWarning")
def test_every_plot_on_the_page_about_arviz_is_drawn_from_a_posterior_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    opening, plots, summary = python_blocks("how_to/read_the_posterior.md")
    assert len(re.findall(r"^az\.plot_\w+\(", plots, re.MULTILINE)) == 10
    folder = tmp_path / "results" / "my_study"
    folder.mkdir(parents=True)
    write_draws(folder / "posterior.nc", lakes().estimate.tree)
    monkeypatch.chdir(tmp_path)
    with mpl.rc_context({"backend": "agg"}):
        names: dict[str, object] = {}
        for block in (opening, plots, summary):
            exec(compile(block, "page", "exec"), names)  # noqa: S102 - the page's own code is what is tested
    assert isinstance(names["tree"], xr.DataTree)


@pytest.mark.slow
def test_the_tutorial_notebook_runs_from_its_first_cell_to_its_last() -> None:
    notebook = nbformat.read(DOCS / "ten_minutes.ipynb", as_version=4)
    cells = [cell for cell in notebook.cells if cell.cell_type == "code"]
    assert not any(cell.outputs for cell in cells), "committed without outputs: they would go stale"
    NotebookClient(notebook, timeout=900, kernel_name="python3", resources={"metadata": {"path": str(DOCS)}}).execute()
    assert all(cell.execution_count for cell in cells)
    assert "supported" in str(cells[4].outputs) or "undecided" in str(cells[4].outputs)
