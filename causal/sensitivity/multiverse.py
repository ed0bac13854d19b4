"""The multiverse: combinations of defensible choices, and how much of the answer's variation each choice makes.

Specification curve: Simonsohn, Simmons and Nelson (2020). Shares: first-order (main-effect) indices of Sobol (1993) for choices
that are independent and uniform on their options, from an additive fit, so that they need no full set of combinations.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import product

import numpy as np
from numpy.typing import NDArray

type Floats = NDArray[np.float64]
type Options = Mapping[str, Sequence[str]]
"""Each choice with its options, the study's own first."""
type Universe = dict[str, str]


def universes(options: Options, most: int, rng: np.random.Generator) -> list[Universe]:
    """Combinations of options: all of them when there are no more than ``most``, else a balanced sample.

    The study's own combination comes first. In a sample every option of a choice occurs equally often, but for a remainder.
    """
    own = {name: values[0] for name, values in options.items()}
    if np.prod([len(values) for values in options.values()]) <= most:
        return [dict(zip(options, each, strict=True)) for each in product(*options.values())]
    found = [own]
    while len(found) < most:  # a batch may repeat combinations; those are left out
        batch = {name: _balanced(values, most, rng) for name, values in options.items()}
        for each in zip(*batch.values(), strict=True):
            universe = dict(zip(options, each, strict=True))
            if universe not in found and len(found) < most:
                found.append(universe)
    return found


def _balanced(values: Sequence[str], length: int, rng: np.random.Generator) -> list[str]:
    column = [values[i % len(values)] for i in range(length)]
    return [column[i] for i in rng.permutation(length)]


def shares(options: Options, tried: Sequence[Universe], answers: Floats) -> dict[str, float]:
    """The share of the answer's variance that each choice makes alone, and under ``""`` what their combinations make.

    answers : one number per universe tried
    Exact when the answer is a sum of one term per choice and the universes tell the terms apart. The rest, the variance that the
    sum does not fit, is divided by its degrees of freedom.
    """
    columns, owners = _indicators(options, tried)
    fit, _, rank, _ = np.linalg.lstsq(columns, answers, rcond=None)
    left = answers - columns @ fit
    free = len(answers) - int(rank)
    rest = float(left @ left) / free if free else 0.0
    main = {}
    for name, values in options.items():
        effects = np.array([0.0, *fit[[i for i, owner in enumerate(owners) if owner == name]]])
        assert len(effects) == len(values)
        main[name] = float(effects.var())
    main[""] = rest
    total = sum(main.values())
    return {name: value / total if total > 0 else 0.0 for name, value in main.items()}


def _indicators(options: Options, tried: Sequence[Universe]) -> tuple[Floats, list[str]]:
    """A column of ones, and one for each option but the first of each choice, with the choice that owns it."""
    columns, owners = [np.ones(len(tried))], [""]
    for name, values in options.items():
        for value in values[1:]:
            columns.append(np.array([universe[name] == value for universe in tried], dtype=float))
            owners.append(name)
    return np.stack(columns, axis=1), owners
