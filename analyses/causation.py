"""Did legitimacy cause upgrading in this cluster and period, did the crisis, and did it go through social capital?"""

from pathlib import Path

import data
from analyses.trace import Ask, questions_of, trace, write_trace
from models.study import load_study

STUDY = Path(data.__file__).parent / "ba_clusters"
BECAUSE_OF = {
    "legitimacy": ("upgrading[ba_legitimacy=0]==0", "ba_legitimacy==1 & upgrading==1"),
    "crisis": ("upgrading[crisis=0]==0", "crisis==1 & upgrading==1"),
    "crisis, through social capital": (
        "upgrading[crisis=0]==0 & upgrading[social_capital=social_capital[crisis=0]]==0",
        "crisis==1 & upgrading==1",
    ),
    "institutions, through social capital": (
        "upgrading[institutions=0]==0 & upgrading[social_capital=social_capital[institutions=0]]==0",
        "institutions==1 & upgrading==1",
    ),
}
"""What is called a cause of upgrading: that it was there, that there was upgrading, and that without it there would be none."""


def main(out: Path = Path("results/ba_clusters")) -> None:
    study = load_study(STUDY)  # theory, rows and units, validated
    asked = questions_of(*map(list, zip(*BECAUSE_OF.values(), strict=True)))  # potential outcomes, parsed
    traced = trace(study, Ask(asked), say=print)  # coded, updated, asked of the population and of every unit
    names = dict(zip((str(q.asked) for q in asked), BECAUSE_OF, strict=True))
    table = traced.cases.assign(because=traced.cases["question"].map(names))
    print(table.pivot(index="unit", columns="because", values=["prob_given", "posterior"]).round(2).to_string())
    print(traced.population[["prior_mean", "prior_sd", "mean", "sd"]].round(2).to_string())
    write_trace(traced, out)


if __name__ == "__main__":
    main()
