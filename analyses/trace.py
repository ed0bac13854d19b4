"""``casewise trace``: what caused what in this case? A study's theory as a model over causal types, its cases coded."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pandas as pd
import xarray as xr

from analyses.outputs import staged, write_json
from causal.asking import Named, questions_from
from causal.digits import apart
from causal.potential import parse_question
from models.study import Study
from models.types.answers import Answer, compile_question, query
from models.types.coding import DEFAULT_CUT, Coded, code, expected_signs, signed
from models.types.cuts import Cut
from models.types.gibbs import Effort
from models.types.graph import TypesError
from models.types.logistic import LogisticNormal
from models.types.make import DEFAULT, Model, make
from models.types.noisy import NoisyOr
from models.types.posterior import Posterior, prior, update
from models.types.priors import Flat, Prior

type Say = Callable[[str], None]
type Draws = dict[str, tuple[np.ndarray, np.ndarray]]

EFFORT = Effort(chains=80, warm_up=150, draws=25, thin=4)
WORST_R_HAT = 1.05


@dataclass(frozen=True)
class Ask:
    """What is asked of a study, and under which assumptions.

    signs : impose the theory's expected signs on types; restrictions : further ones; selected : a statement without which a unit
    could not have become a case
    """

    questions: tuple[Named, ...]
    cut: Cut = DEFAULT_CUT
    prior: Prior = DEFAULT
    signs: bool = False
    restrictions: tuple[str, ...] = ()
    selected: str = ""
    effort: Effort = EFFORT
    seed: int = 0


@dataclass(frozen=True)
class Place:
    """The cases coded with the cut at one of the places tried, what is then known, and how much the place counts."""

    weight: float
    cut: Cut
    coded: Coded
    posterior: Posterior


@dataclass(frozen=True)
class Traced:
    """The answers.

    population : a row per question, prior beside posterior; cases : a row per question and unit; coding : a row per unit and
    construct; draws : of every question before and after; places : where the cut was tried, the stated one first
    worst_r_hat : of the population's posteriors where they were sampled
    """

    ask: Ask
    places: tuple[Place, ...]
    population: pd.DataFrame
    cases: pd.DataFrame
    coding: pd.DataFrame
    draws: Draws
    notes: tuple[str, ...]
    worst_r_hat: float

    @property
    def posterior(self) -> Posterior:
        """What is known with the cut where it was stated."""
        return self.places[0].posterior

    @property
    def converged(self) -> bool:
        """Whether chains agree, where there are any."""
        return self.worst_r_hat <= WORST_R_HAT

    @property
    def said_r_hat(self) -> str:
        """The worst R-hat, in digits that show on which side of the limit it is."""
        return apart(self.worst_r_hat, WORST_R_HAT, 2)


def questions_of(texts: Sequence[str], given: Sequence[str]) -> tuple[Named, ...]:
    """Questions paired with their conditions: one for all, or one each, or none. Raises PotentialError, ValueError."""
    if len(given) not in (0, 1, len(texts)):
        raise ValueError(
            f"{len(texts)} questions and {len(given)} conditions: give one condition for all, or one each."
        )
    conditions = list(given) * len(texts) if len(given) == 1 else list(given) or [""] * len(texts)
    asked = [parse_question(text, condition) for text, condition in zip(texts, conditions, strict=True)]
    return tuple(Named(str(question), question) for question in dict.fromkeys(asked))


def own_questions(study: Study, cut: Cut = DEFAULT_CUT) -> tuple[Named, ...]:
    """What a study asks of its cases: trace.toml, or whether what its hypotheses claim happened. ValueError for neither."""
    able = [h for h in study.hypotheses if h not in study.unaskable]
    asked = study.questions or questions_from(able, study.theory, {n: cut.levels(n) - 1 for n in study.theory.names})
    if not asked:
        raise ValueError(
            "nothing is asked: give --query, write a trace.toml with [[questions]] into the study, or hypotheses such as "
            "effect(A -> B) > 0."
        )
    return asked


def trace(study: Study, ask: Ask, say: Say = lambda _: None) -> Traced:
    """Code the cases, update, and answer of the population and of every unit. Raises TypesError for what cannot be asked."""
    model = model_of(study, ask)
    for named in ask.questions:
        compile_question(model, named.question)
    places = tuple(_places(study, ask, model, say))
    population, draws, notes = _population(ask, places)
    cases = _cases(study, ask, places, say)
    coding = _coding(study, code(study, ask.cut, ask.seed))
    worst = max((r for r in population["r_hat"] if r == r), default=1.0)
    return Traced(ask, places, population, cases, coding, draws, notes, float(worst))


def write_trace(traced: Traced, further: dict[str, pd.DataFrame], out: Path) -> None:
    """trace.csv (by case), trace_population, trace_coding and trace_assumptions.csv, trace.json, trace.nc and further tables."""
    run = {"method": traced.posterior.method, "notes": traced.notes, "worst_r_hat": traced.worst_r_hat}
    tables = {
        "trace": traced.cases,
        "trace_population": traced.population,
        "trace_coding": traced.coding,
        "trace_assumptions": pd.DataFrame(list(assumptions(traced).items()), columns=["assumption", "value"]),
    }
    with staged(out) as stage:
        for name, table in (tables | further).items():
            table.to_csv(stage / f"{name}.csv", index=False)
        write_json(stage / "trace.json", {**run, "converged": traced.converged})
        _tree(traced).to_netcdf(stage / "trace.nc", engine="h5netcdf")


def assumptions(traced: Traced) -> dict[str, str]:
    """What the answers rest on, in words, by name."""
    ask, coded = traced.ask, traced.places[0].coded

    tried = "; ".join(str(place.cut) for place in traced.places)
    return {
        "graph": str(coded.graph),
        "cut": str(ask.cut),
        "standard error of the cut": f"{ask.cut.sd:g}" + (f" (tried at {tried})" if ask.cut.sd else ""),
        "restrictions": "; ".join(str(r) for r in traced.posterior.model.restrictions) or "none",
        "prior over types": _prior_in_words(ask.prior),
        "units could be cases only if": ask.selected or "any unit could",
        "rows of other families, passed over": str(coded.passed),
        "method": traced.posterior.method,
        "chains": f"{'agree' if traced.converged else 'disagree'} (worst R-hat {traced.said_r_hat}, limit {WORST_R_HAT})",
        "beware": " ".join(traced.notes) or "nothing",
    }


def model_of(study: Study, ask: Ask) -> Model:
    """The study's theory as a model over causal types, as asked."""
    graph = code(study, replace(ask.cut, draws=1), ask.seed).graph
    return make(graph, restrictions_of(study, ask), signed(ask.prior, graph, study.theory))


def restrictions_of(study: Study, ask: Ask) -> list[str]:
    """Those stated, and the theory's signs where they are imposed."""
    return [*(expected_signs(study.theory) if ask.signs else []), *ask.restrictions]


def _flat(model: Model, seed: int) -> Posterior | None:
    """The same model under a flat prior, unless it has types without number."""
    try:
        return prior(make(model.graph, model.restrictions, Flat()), seed)
    except TypesError:
        return None


def _prior_in_words(given: Prior) -> str:
    match given:
        case NoisyOr():
            return "noisy-or, each cause in the direction that the theory expects"
        case Flat(count=count):
            return "flat" if count == 1 else f"flat, {count:g} of a case for each type"
        case LogisticNormal():
            return "logistic-normal"
    return type(given).__name__.lower()


def _places(study: Study, ask: Ask, model: Model, say: Say) -> list[Place]:
    found = []
    for weight, cut in ask.cut.tried():
        coded = code(study, cut, ask.seed)
        say(f"cut at {cut}: {len(coded.cases)} units")
        posterior = update(model, coded.cases, "best", ask.selected, ask.effort, ask.seed)
        found.append(Place(weight, cut, coded, posterior))
    return found


def _population(ask: Ask, places: Sequence[Place]) -> tuple[pd.DataFrame, Draws, tuple[str, ...]]:
    """trace_population.csv, draws of every question before and after (cuts in proportion to what they count), and notes.

    An answer of which a note says that its mean says nothing has no R-hat: chains that sit on either peak do not disagree.
    """
    model = places[0].posterior.model
    flat = _flat(model, ask.seed)
    rows, draws, notes = [], {}, dict[str, None]()
    for named in ask.questions:
        answers = [query(place.posterior, named.question) for place in places]
        after = _mixed([_drawn(a) for a in answers], [place.weight for place in places])
        before, under_flat = answers[0].prior, query(flat, named.question).prior if flat else None
        assert before.draws is not None, "a population is answered by draws"
        low, high = np.quantile(after, [0.025, 0.975])
        means = [a.posterior.mean for a in answers]
        rows.append(
            {
                "name": named.name,
                "question": answers[0].question,
                "given": answers[0].given,
                "prior_mean": before.mean,
                "prior_sd": before.sd,
                "mean": sum(place.weight * m for place, m in zip(places, means, strict=True)),
                "sd": float(after.std()),
                "low": low,
                "high": high,
                "flat_prior_mean": under_flat.mean if under_flat else float("nan"),
                "flat_prior_sd": under_flat.sd if under_flat else float("nan"),
                "least_over_cuts": min(means),
                "most_over_cuts": max(means),
                "r_hat": max(
                    (a.posterior.r_hat for a in answers if a.posterior.r_hat and not a.notes), default=float("nan")
                ),
                "method": answers[0].method,
            }
        )
        draws[named.name] = (before.draws, after)
        notes |= dict.fromkeys(answers[0].notes)
    return pd.DataFrame(rows), draws, tuple(notes)


def _cases(study: Study, ask: Ask, places: Sequence[Place], say: Say) -> pd.DataFrame:
    """trace.csv: every question of every outermost unit; the probability of the condition stands beside that of the answer.

    prob_in_all : of a statement, how probable it is that the condition holds and the statement too
    """
    rows = []
    for name in [case.name for case in places[0].coded.cases]:
        say(f"  {name}")
        unit = study.cases.units[name]
        for named in ask.questions:
            answers = [query(place.posterior, named.question, case=name) for place in places]
            joint = [place.weight * a.holds for a, place in zip(answers, places, strict=True)]
            means = [a.posterior.mean for a in answers]
            rows.append(
                {
                    "case": unit.case,
                    "period": unit.period,
                    "unit": name,
                    "label": unit.label,
                    "name": named.name,
                    "question": answers[0].question,
                    "given": answers[0].given,
                    "prob_given": sum(joint),
                    "prior": sum(a.prior.mean * place.weight for a, place in zip(answers, places, strict=True)),
                    "posterior": (both := sum(m * j for m, j in zip(means, joint, strict=True))) / sum(joint),
                    "prob_in_all": both if named.question.is_probability else float("nan"),
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


def _tree(traced: Traced) -> xr.DataTree:
    """Draws of the population's answers, and the tables by question, unit, construct and level."""

    def stacked(which: int) -> xr.Dataset:
        size = min(len(pair[which]) for pair in traced.draws.values())
        values = np.stack([pair[which][:size] for pair in traced.draws.values()], axis=-1)
        names = {"question": list(traced.draws)}
        return xr.Dataset({"answer": xr.DataArray(values[None], dims=("chain", "draw", "question"), coords=names)})

    numbers = ["prob_given", "prior", "posterior", "prob_in_all", "least_over_cuts", "most_over_cuts"]
    units = traced.cases.drop_duplicates("unit").set_index("unit")[["case", "period", "label"]]
    by_unit = traced.cases.rename(columns={"question": "asked", "name": "question"}).set_index(["unit", "question"])
    cases = by_unit[numbers].to_xarray().reindex(unit=list(units.index), question=list(traced.draws))
    population = traced.population.rename(columns={"question": "asked", "name": "question"}).set_index("question")
    coding = traced.coding.set_index(["unit", "construct"])
    levels = [name for name in coding.columns if name.startswith("level_")]
    coded = coding[levels].to_xarray().to_dataarray("level", name="probability")
    coded = coded.assign_coords(level=range(len(levels))).transpose("unit", "construct", "level")
    tree = xr.DataTree.from_dict(
        {
            "prior": stacked(0),
            "posterior": stacked(1),
            "population": population.to_xarray(),
            "cases": cases.assign_coords({name: ("unit", column.to_numpy()) for name, column in units.items()}),
            "coding": coded.to_dataset().assign(rows=coding["rows"].to_xarray()).reindex(unit=list(units.index)),
        }
    )
    tree.attrs["method"] = traced.posterior.method
    return tree
