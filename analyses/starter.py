"""A new study that runs: the invented starter study, copied to where a researcher's own shall stand."""

from __future__ import annotations

import shutil
from pathlib import Path

import data

STARTER = Path(data.__file__).parent / "starter"
NEXT = """\
A study that runs, invented from end to end, is now in {root}. Replace it by your own, in this order:
  theory.toml        constructs, and edges with sign, mechanism and source
  codebook.toml      verbal scales, indicators, and the rule for each level
  units.csv          what was observed: case, period, kind
  observations.csv   one judgement per row, with source, page and coder
  hypotheses.toml    each in words and as a claim, before the run
  sources.bib        what is cited; rivals/*.toml: competing theories
Then, as often as you like:
  casewise check {root}
  casewise run {root} --out results/{root.name}"""


def start_study(root: Path) -> str:
    """Copy the starter study to ``root`` and say what comes next. Raises FileExistsError when something is there."""
    if root.exists() and (not root.is_dir() or any(root.iterdir())):
        raise FileExistsError(f"{root} exists and is not an empty folder. Give a new name; nothing was written.")
    shutil.copytree(STARTER, root, dirs_exist_ok=True)
    return NEXT.format(root=root)
