"""The multiverse: every defensible combination of choices, and which of the choices matter most."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence

import numpy as np
import pandas as pd

from analyses.sensitivity.bench import Bench, Outcome, Row, Variant
from analyses.sensitivity.priors import scaled, with_pooling, with_prior
from causal.elements import POOLINGS
from causal.sensitivity.multiverse import Universe, shares, universes
from causal.theory import Theory
from data import recoding
from data.recoding import Edit
from models.claims import askable
from models.study import Study

WORRY = "combinations of defensible choices"
AS_CODED = "as coded"
PRIORS: Mapping[str, Callable[[Theory], Theory]] = {
    "own": lambda theory: theory,
    "twice as wide": lambda theory: scaled(theory, 2.0),
    "signs informed": lambda theory: with_prior(theory, "sign_informed"),
}


def options(study: Study, theories: Sequence[str]) -> dict[str, list[str]]:
    """Each choice with its options, the study's own first; choices that a study does not leave open are left out.

    theories : the study's own and the rivals that can be asked the claims
    """
    rows, coders = study.cases.observations, recoding.coders(study.cases.observations)
    own = study.theory.model.pooling
    found: dict[str, list[str]] = {
        "theory": list(theories),
        "prior": list(PRIORS),
        "pooling": [own, *(p for p in POOLINGS if p != own)],
        "coder": ["all", *(coders if len(coders) > 1 else ())],
        "ranges": [AS_CODED, *(["low", "high"] if recoding.collapsed(rows, "low") else [])],
        "build items": ["in", *(["out"] if recoding.without_build(rows) else [])],
    }
    return {name: values for name, values in found.items() if len(values) > 1}


def askable_theories(bench: Bench) -> list[str]:
    """The theories of the study, its own first, that can be asked every claim."""
    theories = bench.study.theories
    return [name for name, theory in theories.items() if all(askable(h, theory) for h in bench.asked)]


def edit_of(study: Study, universe: Universe) -> Edit:
    """What a combination does to the rows."""
    rows = study.cases.observations
    edits: list[Edit] = []
    if universe.get("coder", "all") != "all":
        edits.append(recoding.coder_alone(rows, universe["coder"]))
    if universe.get("ranges", AS_CODED) != AS_CODED:
        edits.append(recoding.collapsed(rows, "low" if universe["ranges"] == "low" else "high"))
    if universe.get("build items", "in") == "out":
        edits.append(recoding.without_build(rows))
    return recoding.between(rows, recoding.applied(rows, *edits))


def theory_of(study: Study, universe: Universe) -> Theory:
    """The theory of a combination, with its prior and pooling."""
    theory = study.theories[universe.get("theory", study.theory.name)]
    pooling = next(p for p in POOLINGS if p == universe.get("pooling", study.theory.model.pooling))
    return PRIORS[universe.get("prior", "own")](with_pooling(theory, pooling))


def variants(bench: Bench) -> Iterator[Variant]:
    """A refit for each combination, or for a balanced sample of them when there are too many."""
    study = bench.study
    chosen = universes(
        options(study, askable_theories(bench)), bench.effort.universes, np.random.default_rng(bench.effort.seed)
    )
    theories = {_words(u, ("theory", "prior", "pooling")): theory_of(study, u) for u in chosen}
    laid = {words: bench.lay_out(theory) for words, theory in theories.items()}
    for universe in chosen:
        blueprint = laid[_words(universe, ("theory", "prior", "pooling"))]
        yield Variant("multiverse", WORRY, _words(universe), blueprint, edit_of(study, universe), details=universe)


def _words(universe: Universe, names: Sequence[str] = ()) -> str:
    return ", ".join(f"{name} {value}" for name, value in universe.items() if not names or name in names)


def shares_table(bench: Bench, found: Sequence[Outcome]) -> pd.DataFrame:
    """multiverse_shares.csv: each choice's share of the variance of the effect and of its log odds."""
    rows: list[Row] = []
    open_choices = options(bench.study, askable_theories(bench))
    for h in bench.asked:
        own = [o for o in found if o.variant.table == "multiverse" and o.hypothesis.id == h.id]
        if len(own) < 2:
            continue
        tried = [{name: str(o.variant.details[name]) for name in open_choices} for o in own]
        of_effect = shares(open_choices, tried, np.array([o.finding.mean for o in own]))
        of_odds = shares(open_choices, tried, np.array([o.standing.odds_db for o in own]))
        rows += [
            {"hypothesis": h.id, "choice": name or "combinations of them", "share_of_effect": of_effect[name]}
            | {"share_of_log_odds": of_odds[name]}
            for name in sorted(of_odds, key=lambda name: -of_odds[name])
        ]
    return pd.DataFrame(rows)
