"""How the pages are built: ``make docs`` writes build/docs. Any warning, a dead link among them, fails the build."""

import subprocess
import sys
from importlib import metadata
from pathlib import Path

project = "casewise"
author = "The casewise authors"
version = release = metadata.version("casewise")

extensions = ["myst_nb", "sphinx.ext.autodoc", "sphinx.ext.autosummary", "sphinx.ext.viewcode"]
templates_path = ["_templates"]
exclude_patterns = ["_templates"]
html_theme = "furo"
html_title = "casewise"

myst_enable_extensions = ["deflist", "dollarmath", "fieldlist"]
myst_heading_anchors = 3
nb_execution_mode = "off"  # a test runs the notebook
autosummary_generate = True
autodoc_member_order = "bysource"
autodoc_typehints = "signature"
# Our docstrings are prose with short lists of arguments, read in an editor first; their layout is no concern of docutils.
suppress_warnings = ["docutils", "autosummary.import_cycle", "ref.python"]

# The page on the command line is what `casewise --help` says.
COMMANDS = Path(__file__).parent / "reference" / "commands.md"
OPTIONS = ("--name", "casewise", "--title", "The command line", "--output", str(COMMANDS))
subprocess.run(
    [sys.executable, "-m", "typer", "analyses.cli", "utils", "docs", *OPTIONS], check=True, stdout=subprocess.DEVNULL
)
