"""The page that shows causal types from Python does what it says when it is run from top to bottom."""

import re
import subprocess
import sys
from pathlib import Path

PAGE = Path(__file__).parents[3] / "docs" / "how_to" / "trace_what_caused_what.md"


def test_the_code_of_the_page_runs_from_top_to_bottom(tmp_path: Path) -> None:
    code = "".join(re.findall(r"```python\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL))
    shown = code + "print(effect)\nprint(sialkot)\n"
    done = subprocess.run([sys.executable, "-c", shown], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert "case Sialkot" in done.stdout
    assert (tmp_path / "answers.nc").exists()
