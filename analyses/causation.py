"""Did legitimacy cause upgrading in this cluster and period, did the crisis, and did it go through social capital?"""

from pathlib import Path

import data
from analyses.trace import Ask, own_questions, trace, write_trace
from analyses.trace_learning import clues_table, plans_table
from analyses.trace_rivals import compare
from models.study import load_study

STUDY = Path(data.__file__).parent / "ba_clusters"


def main(out: Path = Path("results/ba_clusters")) -> None:
    study = load_study(STUDY)  # theory, rows, units and the questions of trace.toml, validated
    ask = Ask(own_questions(study))  # potential outcomes, parsed
    traced = trace(study, ask, say=print)  # coded, updated, asked of the population and of every unit
    for what in ("prob_given", "posterior", "prob_in_all"):  # that it was there; that it then did it; that both are so
        print(f"{what}\n{traced.cases.pivot(index='name', columns='unit', values=what).round(2).to_string()}")
    print(traced.population[["name", "prior_mean", "prior_sd", "flat_prior_sd", "mean", "sd"]].round(2).to_string())
    compared = compare(study, ask, say=print)  # the study's other theories, and the expected signs, on the same units
    print(compared.rivals[["model", "for_it_db", "held_out_score"]].round(1).to_string())
    further = {"trace_clues": clues_table(traced), "trace_plans": plans_table(traced)}  # which clue first, wide or deep
    write_trace(traced, further | {"trace_rivals": compared.rivals, "trace_held_out": compared.held_out}, out)


if __name__ == "__main__":
    main()
