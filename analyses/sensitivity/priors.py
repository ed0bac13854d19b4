"""Priors: scales swept, signs informed or not, pooling, and power-scaling of the study's own fit."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pandas as pd

from analyses.sensitivity.bench import Bench, Row, Variant
from analyses.sensitivity.reweighted import COLUMNS, Record, reweighted
from causal.elements import POOLINGS, PRIORS, Pooling, Prior
from causal.theory import Theory
from models.checks.powerscale import power_scaled

FACTORS = (0.25, 0.5, 2.0, 4.0)
POWER = "how much a part of the prior counts"
SCALES, SIGNS, POOLING = "how wide the prior on effects is", "whether the prior knows the signs", "how cases are pooled"
NAMES = {"sceptical": "sceptical prior", "sign_informed": "sign-informed prior"}
POWER_COLUMNS = ("hypothesis", "component", "alpha", "sensitivity", *COLUMNS)


def theories(theory: Theory) -> dict[str, Theory]:
    """The theory under other priors, by what is changed."""
    found = {f"scale x {factor:g}": scaled(theory, factor) for factor in FACTORS}
    found |= {NAMES[prior]: with_prior(theory, prior) for prior in PRIORS if prior != theory.model.prior}
    return found | {f"pooling {p}": with_pooling(theory, p) for p in POOLINGS if p != theory.model.pooling}


def scaled(theory: Theory, factor: float) -> Theory:
    """Every prior scale of the theory multiplied."""
    model = replace(theory.model, prior_scale=factor * theory.model.prior_scale)
    edges = (e if e.prior_scale is None else replace(e, prior_scale=factor * e.prior_scale) for e in theory.edges)
    return replace(theory, model=model, edges=tuple(edges))


def with_prior(theory: Theory, prior: Prior) -> Theory:
    """The theory with its coefficients' priors centred on 0 (sceptical) or on the declared signs."""
    return replace(theory, model=replace(theory.model, prior=prior))


def with_pooling(theory: Theory, pooling: Pooling) -> Theory:
    """The theory with cases pooled partially, completely or not at all."""
    return replace(theory, model=replace(theory.model, pooling=pooling))


def variants(bench: Bench) -> Iterator[Variant]:
    """A refit for each other prior."""
    for change, theory in theories(bench.study.theory).items():
        worry = SCALES if change.startswith("scale") else POOLING if change.startswith("pooling") else SIGNS
        yield Variant("priors", worry, change, bench.lay_out(theory))


def powerscaling_table(bench: Bench) -> pd.DataFrame:
    """powerscaling.csv: each claim with a part of the prior, or the likelihood, counting half and double."""
    return pd.DataFrame(list(_powerscaling(bench)), columns=list(POWER_COLUMNS))


def _powerscaling(bench: Bench) -> Iterator[Row]:
    for found in power_scaled(bench.estimate.tree, bench.gaps):
        h = next(h for h in bench.asked if h.id == found.quantity)
        what = {"hypothesis": h.id, "component": found.component, "alpha": found.alpha}
        yield what | {"sensitivity": found.sensitivity} | reweighted(bench, h, found.draws)


def power_words(row: Record) -> str:
    """What a row of powerscaling.csv changed."""
    return f"{row['component']} to the power {row['alpha']:g}"
