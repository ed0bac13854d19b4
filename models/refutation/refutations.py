"""The refutation tests of a study: in words, and as alterations of its rows or theory."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import numpy as np

from causal.refute import Test
from data import alterations
from data.alterations import groups, moved, outermost, resample, shuffles
from models.blueprint import Blueprint
from models.refutation.bench import Alter, Alteration, Altered, Bench, Family, Rng, Rows
from models.simulation.replicates import carriers

PIECES = ("case", "period", "source", "coder")
FAMILIES = (
    "placebo cause", "dummy outcome", *(f"without a {by}" for by in PIECES), "subset", "bootstrap", "turned edge",
    "random common cause", "unobserved common cause",
)  # fmt: skip
SHUFFLES = 19
RESAMPLES = 20
SUBSETS = 10
LEFT_OUT = 0.3
"""The share of outermost units that a subset leaves out."""


def families(bench: Bench, sign: int, seed: int) -> list[Family]:
    """Every family of tests that this study allows, each with at least one test.

    sign : of the effect concluded, 1 or -1
    """
    rng = np.random.default_rng([seed, 1])
    plain, hidden = bench.plain, bench.hidden
    no_effect = dict.fromkeys(carriers(plain, bench.hypothesis.claim), 0.0)
    confounded = no_effect | _confounding(bench, sign)
    made = [
        Family("placebo cause", "vanish", _placebos(bench, rng), {}, plain),
        Family("dummy outcome", "vanish", _dummy(bench), {}, plain),
        *(Family(f"without a {by}", "stay", _without(bench, by), no_effect, plain) for by in PIECES),
        Family("subset", "stay", _subsets(bench), no_effect, plain),
        Family("bootstrap", "stay", _bootstrap(bench), no_effect, plain, "wide"),
        Family("turned edge", "stay", _turned(bench), no_effect, plain),
        Family("random common cause", "stay", _random_cause(bench), no_effect, hidden, "hidden"),
        Family("unobserved common cause", "stay", _unobserved(bench), confounded, hidden, "hidden"),
    ]
    return [family for family in made if any(alteration.ways for alteration in family.alterations)]


def _placebos(bench: Bench, rng: Rng) -> tuple[Alteration, ...]:
    units, found = bench.study.cases.units, []
    for within, where in ((False, "all units"), (True, "the periods of each case")):
        orders = shuffles(units, within, SHUFFLES, rng)
        test = Test(
            "placebo cause",
            f"placebo cause over {where}",
            "Any other pattern of the cause would have given the same answer.",
            f"The rows of {bench.cause} were shuffled over {where}, {len(orders)} times.",
            "The conclusion is no longer sure: a shuffled cause has no effect.",
            "vanish",
        )
        found.append(Alteration(test, tuple(_moving(bench, order, bench.indicators(bench.cause)) for order in orders)))
    return tuple(a for a in found if a.ways)


def _moving(bench: Bench, order: Mapping[str, str], indicators: frozenset[str]) -> Alter:
    return lambda rows, rng: Altered(moved(rows, bench.study.cases.units, order, indicators))


def _dummy(bench: Bench) -> tuple[Alteration, ...]:
    test = Test(
        "dummy outcome",
        "dummy outcome",
        "The model finds an effect in whatever outcome it is given.",
        f"Every rating of {bench.effect} was replaced by one drawn from all ratings of its indicator, {SHUFFLES} times.",
        "The conclusion is no longer sure: nothing causes a random outcome.",
        "vanish",
    )
    outcome = bench.indicators(bench.effect)
    return (Alteration(test, (lambda rows, rng: Altered(alterations.dummy(rows, outcome, rng)),) * SHUFFLES),)


def _without(bench: Bench, by: str) -> tuple[Alteration, ...]:
    found = []
    for kind, name, rows in groups(bench.rows, bench.study.cases.units):
        if kind == by:
            removed = bench.removable(rows)
            test = Test(
                f"without a {by}",
                f"without {by} {name}",
                f"One {by} carries the conclusion alone.",
                f"The {len(removed)} rows of {by} {name} were left out.",
                "The conclusion stays: the rest of the evidence leads to it too.",
                "stay",
            )
            found.append(Alteration(test, (_leaving(removed),)))
    return tuple(found)


def _leaving(removed: frozenset[str]) -> Alter:
    return lambda rows, rng: Altered([row for row in rows if row.name not in removed])


def _subsets(bench: Bench) -> tuple[Alteration, ...]:
    units = bench.study.cases.units

    def alter(rows: Rows, rng: Rng) -> Altered:
        removed = bench.removable(alterations.part(rows, units, LEFT_OUT, rng))
        return Altered([row for row in rows if row.name not in removed])

    test = Test(
        "subset",
        "random subsets",
        "A few units that happen to be in the study carry the conclusion.",
        f"A random {LEFT_OUT:.0%} of the {len(outermost(units))} outermost units were left out, {SUBSETS} times.",
        "The conclusion stays in most subsets.",
        "stay",
    )
    return (Alteration(test, (alter,) * SUBSETS),)


def _bootstrap(bench: Bench) -> tuple[Alteration, ...]:
    units, lagged = bench.study.cases.units, any(edge.lag for edge in bench.study.theory.edges)
    what = "cases" if lagged else "units"

    def alter(rows: Rows, rng: Rng) -> Altered:
        return Altered(moved(rows, units, resample(units, lagged, rng), bench.indicators()))

    test = Test(
        "bootstrap",
        f"bootstrap over {what}",
        f"Another sample of {what} would have led elsewhere.",
        f"The {what} were drawn anew from themselves, with replacement, {RESAMPLES} times.",
        "The conclusion stays in most samples.",
        "stay",
    )
    return (Alteration(test, (alter,) * RESAMPLES),)


def _turned(bench: Bench) -> tuple[Alteration, ...]:
    """Each edge that does not itself carry the effect, turned round where no cycle results and nothing else changes shape."""
    theory, found = bench.study.theory, []
    carrying = carriers(bench.plain, bench.hypothesis.claim)
    for e, edge in enumerate(theory.edges):
        if edge.lag or edge.moderator or edge.units or edge.name in carrying or bench.cause == edge.cause:
            continue
        turned = replace(edge, cause=edge.effect, effect=edge.cause)
        blueprint = bench.with_edges((*theory.edges[:e], turned, *theory.edges[e + 1 :]))
        if blueprint is not None:
            test = Test(
                "turned edge",
                f"{edge.name} turned",
                "An arrow elsewhere in the theory points the wrong way, and the conclusion with it.",
                f"The theory was given {edge.effect} -> {edge.cause} instead of {edge.cause} -> {edge.effect}.",
                "The conclusion stays: it does not hang on that arrow.",
                "stay",
            )
            found.append(Alteration(test, (_under(blueprint),)))
    return tuple(found)


def _under(blueprint: Blueprint) -> Alter:
    return lambda rows, rng: Altered(rows, blueprint)


def _random_cause(bench: Bench) -> tuple[Alteration, ...]:
    nodes = [n for n, node in enumerate(bench.hidden.structure.nodes) if node.construct == bench.hidden_cause]

    def alter(rows: Rows, rng: Rng) -> Altered:
        given, is_given = (np.array(bench.hidden.data[name]) for name in ("given", "is_given"))
        given[:, nodes], is_given[nodes] = rng.normal(size=len(nodes)), True
        return Altered(rows, None, {"given": given, "is_given": is_given})

    test = Test(
        "random common cause",
        "random common cause",
        "The conclusion changes when something irrelevant is held constant.",
        f"A random variable was added as an observed common cause of {bench.cause} and {bench.effect}, {SUBSETS} times.",
        "The conclusion stays: chance explains nothing.",
        "stay",
    )
    return (Alteration(test, (alter,) * SUBSETS),) if nodes else ()


def _unobserved(bench: Bench) -> tuple[Alteration, ...]:
    test = Test(
        "unobserved common cause",
        "unobserved common cause",
        "Something nobody measured moves both cause and effect.",
        f"An unmeasured common cause of {bench.cause} and {bench.effect} was added, its strengths as uncertain as any edge's.",
        "The conclusion stays: the data leave no room for such a cause.",
        "stay",
    )
    return (Alteration(test, (lambda rows, rng: Altered(rows),)),)


def _confounding(bench: Bench, sign: int) -> dict[str, float]:
    """A world in which the common cause moves both ends by a disturbance's sd, so that they seem to move one another."""
    first, second = next(
        p.between for p in bench.hidden.theory.confounded if set(p.between) == {bench.cause, bench.effect}
    )
    return {f"{bench.hidden_cause}:{first}": 1.0, f"{bench.hidden_cause}:{second}": float(sign)}
