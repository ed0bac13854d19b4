"""``casewise trace``: what caused what in this case? A study's theory as a model over causal types, its cases coded."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pandas as pd
import xarray as xr

from analyses.outputs import staged, write_json
from causal.potential import Question, parse_question
from models.study import Study
from models.types.answers import Answer, query
from models.types.coding import Coded, Cut, code, expected_signs
from models.types.gibbs import Effort
from models.types.make import DEFAULT, Model, make
from models.types.posterior import Posterior, update
from models.types.priors import Prior

type Say = Callable[[str], None]

EFFORT = Effort(chains=80, warm_up=150, draws=25, thin=4)
WORST_R_HAT = 1.05
DEFAULT_CUT = Cut()
NODES = ((0.0, 2 / 3), (-np.sqrt(3), 1 / 6), (np.sqrt(3), 1 / 6))
"""Where an uncertain cut is tried, in standard errors, and how much each place counts (Gauss-Hermite, three points)."""


@dataclass(frozen=True)
class Ask:
    """What is asked of a study, and under which assumptions.

    signs : impose the theory's expected signs on types; restrictions : further ones; selected : a statement without which a unit
    could not have become a case
    """

    questions: tuple[Question, ...]
    cut: Cut = DEFAULT_CUT
    prior: Prior = DEFAULT
    signs: bool = False
    restrictions: tuple[str, ...] = ()
    selected: str = ""
    effort: Effort = EFFORT
    seed: int = 0


@dataclass(frozen=True)
class Traced:
    """The answers.

    population : a row per question, prior beside posterior; cases : a row per question and unit; coding : a row per unit and
    construct; tree : the same with draws; worst_r_hat : of the population's posteriors where they were sampled
    """

    population: pd.DataFrame
    cases: pd.DataFrame
    coding: pd.DataFrame
    tree: xr.DataTree
    method: str
    notes: tuple[str, ...]
    worst_r_hat: float

    @property
    def converged(self) -> bool:
        """Whether chains agree, where there are any."""
        return self.worst_r_hat <= WORST_R_HAT


@dataclass(frozen=True)
class _At:
    """A posterior with the cut at one of the places tried, and how much it counts."""

    weight: float
    coded: Coded
    posterior: Posterior


def questions_of(texts: Sequence[str], given: Sequence[str]) -> tuple[Question, ...]:
    """Questions paired with their conditions: one for all, or one each, or none. Raises PotentialError, ValueError."""
    if len(given) not in (0, 1, len(texts)):
        raise ValueError(
            f"{len(texts)} questions and {len(given)} conditions: give one condition for all, or one each."
        )
    conditions = list(given) * len(texts) if len(given) == 1 else list(given) or [""] * len(texts)
    return tuple(parse_question(text, condition) for text, condition in zip(texts, conditions, strict=True))


def trace(study: Study, ask: Ask, say: Say = lambda _: None) -> Traced:
    """Code the cases, update, and answer of the population and of every unit. Raises TypesError for what cannot be asked."""
    model, places = _model(study, ask), []
    for shift, weight in NODES if ask.cut.sd else NODES[:1]:
        at = tuple(float(np.clip(c + shift * ask.cut.sd, 0.01, 0.99)) for c in ask.cut.at)
        coded = code(study, replace(ask.cut, at=at, sd=0.0), ask.seed)
        say(f"cut at {', '.join(f'{c:.2f}' for c in at)}: {len(coded.cases)} units")
        posterior = update(model, coded.cases, "best", ask.selected, ask.effort, ask.seed)
        places.append(_At(weight if ask.cut.sd else 1.0, coded, posterior))
    population, draws = _population(ask, places)
    cases = _cases(study, ask, places, say)
    notes = tuple(dict.fromkeys(n for q in ask.questions for n in query(places[0].posterior, q).notes))
    coding = _coding(study, code(study, ask.cut, ask.seed))
    tree = _tree(draws, cases, coding, places[0].posterior.method)
    worst = max((r for r in population["r_hat"] if r == r), default=1.0)
    return Traced(population, cases, coding, tree, places[0].posterior.method, notes, float(worst))


def write_trace(traced: Traced, out: Path) -> None:
    """trace.csv (by case), trace_population.csv, trace_coding.csv, trace.json and trace.nc into a folder."""
    with staged(out) as stage:
        traced.cases.to_csv(stage / "trace.csv", index=False)
        traced.population.to_csv(stage / "trace_population.csv", index=False)
        traced.coding.to_csv(stage / "trace_coding.csv", index=False)
        summary = {"method": traced.method, "notes": traced.notes, "worst_r_hat": traced.worst_r_hat}
        write_json(stage / "trace.json", {**summary, "converged": traced.converged})
        traced.tree.to_netcdf(stage / "trace.nc", engine="h5netcdf")


def _model(study: Study, ask: Ask) -> Model:
    graph = code(study, replace(ask.cut, draws=1), ask.seed).graph
    signs = expected_signs(study.theory) if ask.signs else []
    return make(graph, [*signs, *ask.restrictions], ask.prior)


def _population(ask: Ask, places: Sequence[_At]) -> tuple[pd.DataFrame, dict[str, tuple[np.ndarray, np.ndarray]]]:
    """trace_population.csv, and draws of every question before and after, cuts in proportion to what they count."""
    rows, draws = [], {}
    for question in ask.questions:
        answers = [query(at.posterior, question) for at in places]
        after = _mixed([_drawn(a) for a in answers], [at.weight for at in places])
        before = answers[0].prior
        assert before.draws is not None, "a population is answered by draws"
        low, high = np.quantile(after, [0.025, 0.975])
        means = [a.posterior.mean for a in answers]
        rows.append(
            {
                "question": answers[0].question,
                "given": answers[0].given,
                "prior_mean": before.mean,
                "prior_sd": before.sd,
                "mean": sum(at.weight * m for at, m in zip(places, means, strict=True)),
                "sd": float(after.std()),
                "low": low,
                "high": high,
                "least_over_cuts": min(means),
                "most_over_cuts": max(means),
                "r_hat": max((a.posterior.r_hat for a in answers if a.posterior.r_hat), default=float("nan")),
                "method": answers[0].method,
            }
        )
        draws[str(question)] = (before.draws, after)
    return pd.DataFrame(rows), draws


def _cases(study: Study, ask: Ask, places: Sequence[_At], say: Say) -> pd.DataFrame:
    """trace.csv: every question of every outermost unit; the probability of the condition stands beside that of the answer."""
    rows = []
    for name in [case.name for case in places[0].coded.cases]:
        say(f"  {name}")
        unit = study.cases.units[name]
        for question in ask.questions:
            answers = [query(at.posterior, question, case=name) for at in places]
            joint = [at.weight * a.holds for a, at in zip(answers, places, strict=True)]
            means = [a.posterior.mean for a in answers]
            rows.append(
                {
                    "case": unit.case,
                    "period": unit.period,
                    "unit": name,
                    "label": unit.label,
                    "question": answers[0].question,
                    "given": answers[0].given,
                    "prob_given": sum(joint),
                    "prior": sum(a.prior.mean * at.weight for a, at in zip(answers, places, strict=True)),
                    "posterior": sum(m * j for m, j in zip(means, joint, strict=True)) / sum(joint),
                    "least_over_cuts": min(means),
                    "most_over_cuts": max(means),
                }
            )
    return pd.DataFrame(rows)


def _coding(study: Study, coded: Coded) -> pd.DataFrame:
    """trace_coding.csv: how probable each level of each construct is in each unit by its rows alone, and how many there are."""
    return pd.DataFrame(
        {"case": study.cases.units[case.name].case, "unit": case.name, "construct": node}
        | {f"level_{level}": weight for level, weight in enumerate(weights)}
        | {"rows": coded.rows.get((case.name, node), 0)}
        for case in coded.cases
        for node, weights in case.seen.items()
    )


def _drawn(answer: Answer) -> np.ndarray:
    assert answer.posterior.draws is not None, "a population is answered by draws"
    return answer.posterior.draws


def _mixed(draws: Sequence[np.ndarray], weights: Sequence[float]) -> np.ndarray:
    """Draws of a mixture, evenly spaced from each part in proportion to its weight."""
    size = max(map(len, draws))
    parts = [
        d[np.linspace(0, len(d) - 1, max(1, round(w * size))).astype(int)] for d, w in zip(draws, weights, strict=True)
    ]
    return np.concatenate(parts)


def _tree(
    draws: dict[str, tuple[np.ndarray, np.ndarray]], cases: pd.DataFrame, coding: pd.DataFrame, method: str
) -> xr.DataTree:
    def stacked(which: int) -> xr.Dataset:
        size = min(len(pair[which]) for pair in draws.values())
        values = np.stack([pair[which][:size] for pair in draws.values()])
        array = xr.DataArray(values[:, None], dims=("question", "chain", "draw"), coords={"question": list(draws)})
        return xr.Dataset({"answer": array})

    tree = xr.DataTree.from_dict(
        {"prior": stacked(0), "posterior": stacked(1), "cases": cases.to_xarray(), "coding": coding.to_xarray()}
    )
    tree.attrs["method"] = method
    return tree
