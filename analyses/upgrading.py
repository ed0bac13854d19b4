"""Did legitimate business associations help clusters upgrade? The estimation of the first study, start to finish."""

from pathlib import Path

import data
from analyses.run import run_study, write_run
from models.sampling import Sampler
from models.study import load_study

STUDY = Path(data.__file__).parent / "ba_clusters"
SAMPLER = Sampler(draws=2000, tune=1000, chains=4, seed=20261124)


def main(out: Path = Path("results/ba_clusters")) -> None:
    study = load_study(STUDY)  # theory, codebook, cases: validated, or stops and says why
    run = run_study(study, SAMPLER, say=print)  # compiled once, sampled, checked for convergence
    for hypothesis in study.hypotheses:
        if judgement := run.judged.get(hypothesis.id):
            print(
                f"{hypothesis.id}: {judgement.verdict}; probability {judgement.prior_probability:.2f} before the data, "
                f"{judgement.posterior_probability:.2f} after ({judgement.weight_db:+.1f} dB)"
            )
    print(f"report: {write_run(run, out)}")


if __name__ == "__main__":
    main()
