"""One fit of a study's theory, alone in its process, with the processor seconds of each step printed as JSON.

    python -m benchmarks.one_fit STUDY casewise|nutpie|plain|usual DRAWS TUNE

casewise : the model as casewise compiles it (or loads it, as CASEWISE_CACHE says); nutpie samples
nutpie : the same model, compiled by nutpie itself
plain : the script that ``casewise show --as pymc`` prints, an ordinary PyMC model in vectors, sampled by PyMC's own NUTS
usual : that script with a random variable for every parameter and everything kept (``benchmarks.usual``), sampled likewise
"""

from __future__ import annotations

import json
import os
import runpy
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

CHAINS = 4
VECTORS, SCALARS = "import pymc as pm\n", "from benchmarks import usual as pm\n"


def main(study: str, way: str, draws: str, tune: str) -> None:
    seconds, ended = {}, [0.0]  # from the start of the process

    def lap(name: str) -> None:
        now = sum(os.times()[:2])
        seconds[name] = now - ended[0]
        ended[0] = now

    began = time.perf_counter()
    WAYS[way](Path(study), int(draws), int(tune), lap)
    print(json.dumps(seconds | {"clock": time.perf_counter() - began}))


def sampled_by_nutpie(study: Path, draws: int, tune: int, lap: Callable[[str], None], by_nutpie: bool = False) -> None:
    import nutpie

    from models.blueprint import draw_blueprint
    from models.compile import machine_code, pymc_model
    from models.sampling import Sampler, sample
    from models.study import load_study

    lap("import")
    loaded = load_study(study)
    cases = loaded.cases
    model = pymc_model(draw_blueprint(loaded.theory, loaded.codebook, cases.units, cases.observations))
    lap("build")
    code = nutpie.compile_pymc_model(model) if by_nutpie else machine_code(model)
    lap("compile")
    sample(code, Sampler(draws=draws, tune=tune, chains=CHAINS, cores=1))
    lap("sample")


def compiled_by_nutpie(study: Path, draws: int, tune: int, lap: Callable[[str], None]) -> None:
    sampled_by_nutpie(study, draws, tune, lap, by_nutpie=True)


def plain(study: Path, draws: int, tune: int, lap: Callable[[str], None], usual: bool = False) -> None:
    import pymc as pm

    from benchmarks.usual import keep_scores

    lap("import")
    from analyses.commands.show import shown
    from models.study import load_study

    with tempfile.TemporaryDirectory() as folder:
        script = Path(folder) / "model.py"
        text = shown(load_study(study), "pymc")
        script.write_text(text.replace(VECTORS, SCALARS) if usual else text, encoding="utf-8")
        lap("write the script")
        written = runpy.run_path(str(script))
    model = written["model"]
    if usual:
        keep_scores(model, written["z"])
    lap("build")
    with model:
        pm.sample(
            draws, tune=tune, chains=CHAINS, cores=1, nuts_sampler="pymc", target_accept=0.9, random_seed=1,
            progressbar=False, compute_convergence_checks=False,
        )  # fmt: skip
    lap("compile and sample")


def written_the_usual_way(study: Path, draws: int, tune: int, lap: Callable[[str], None]) -> None:
    plain(study, draws, tune, lap, usual=True)


WAYS = {
    "casewise": sampled_by_nutpie,
    "nutpie": compiled_by_nutpie,
    "plain": plain,
    "usual": written_the_usual_way,
}

if __name__ == "__main__":
    main(*sys.argv[1:])
