"""The measurement part of a plain PyMC script: linear predictors of cells, and the likelihood of what was read.

A cell's likelihood is the chance of its rows given each possible true value, summed over those values.
"""

from __future__ import annotations

from collections.abc import Iterator

from models.blueprint import Blueprint
from models.script.literals import Table, literal

CHANCES = '''
def chances(eta, cut):
    """P(level) with P(level <= k) = logistic(cut[k] - eta), one row per entry of eta."""
    u, one = cut - eta[:, None], pt.ones((eta.shape[0], 1))
    up_to, above = pt.concatenate([pt.sigmoid(u), one], axis=1), pt.concatenate([one, pt.sigmoid(-u)], axis=1)
    return up_to * above * pt.concatenate([[1.0], 1 - pt.exp(-pt.diff(cut)), [1.0]])

'''

PREDICTOR = '''
    def predictor(table):
        """Linear predictor of each cell: offset + shift + direction * loading * score, and errors that evidence shares."""
        names, direction, offset = zip(*(cell[2:5] for cell in CELLS[table]))
        j = [list(INDICATORS).index(name) for name in names]
        where = [place[cell[:2]] for cell in CELLS[table]]
        eta = np.array(offset) + shift[j] + np.array(direction) * loads[j] * scores[where]{shared}
'''

NOT_SHARED = """
        return eta
"""

SHARED = """
        share = np.zeros((len(names), GROUP_COUNT))
        for cell, group, part in GROUPS[table]:
            share[cell, group] = part
        return eta + share @ group_error
"""

TOLD = {
    "ordinal": "Levels and yes/no judgements",
    "binomial": "Shares",
    "count": "Counts",
    "continuous": "Measured values",
}


def predictor_source(blueprint: Blueprint) -> str:
    """The function that makes linear predictors of cells, with errors of evidence groups if the study has any."""
    shared = SHARED if blueprint.has("group_error") else NOT_SHARED
    return PREDICTOR.rstrip().format(shared=shared.rstrip())


def likelihood_lines(blueprint: Blueprint, table: Table) -> Iterator[str]:
    """The likelihood of a table's cells, as lines of the script."""
    name = repr(table.name)
    yield f"\n    # {TOLD[table.block.family]}: {table.name}"
    yield f"eta = predictor({name})"
    if table.block.family == "ordinal":
        yield from _ordinal(blueprint, table)
        return
    if table.block.family in ("binomial", "count"):
        surveys = _surveys(blueprint, table)
        yield f"noise = pm.Normal({'noise ' + table.name!r}, 0, 1, shape=len(CELLS[{name}]))"
        yield f"eta += noise_sd[np.array({literal(surveys)})] * noise"
    yield f"value, trials, right = (np.array([cell[k] for cell in CELLS[{name}]]) for k in (5, 6, 7))"
    yield f"wrong = np.array([cell[8] for cell in CELLS[{name}]])"
    match table.block.family:
        case "binomial":
            yield "chance = pm.logp(pm.Binomial.dist(n=trials, logit_p=eta[:, None]), value)"
        case "count":
            yield "chance = pm.logp(pm.Poisson.dist(mu=pt.exp(eta[:, None])), value)"
        case _:
            yield f"measured = [MEASURED.index(cell[2]) for cell in CELLS[{name}]]"
            yield "chance = pm.logp(pm.Normal.dist(eta[:, None], residual_sd[measured][:, None]), value)"
    yield f"pm.Potential({name}, pt.logaddexp(pt.logsumexp(chance + right, axis=1), wrong).sum())"


def _ordinal(blueprint: Blueprint, table: Table) -> Iterator[str]:
    name, stretch = repr(table.name), table.stretch
    if table.name == "binary":
        yield "cut = pt.zeros(1)"
    else:
        concentration = blueprint.priors.category.concentration
        yield f"share = pm.Dirichlet({'shares of ' + table.name!r}, np.full({table.levels}, {concentration:g}))"
        yield "below = pt.cumsum(share)[:-1]"
        yield f"cut = {literal(stretch)} * (pt.log(below) - pt.log1p(-below))"
    yield f"read = np.array([cell[5] for cell in CELLS[{name}]])"
    yield f"pm.Potential({name}, pt.log((chances(eta, cut) * read).sum(axis=1)).sum())"


def _surveys(blueprint: Blueprint, table: Table) -> list[int]:
    """Whose extra noise each cell shares."""
    data, start = blueprint.data, blueprint.slices[table.block.family].start
    return [int(data["survey_index"][data["noise_index"][start + c]]) for c in table.cells]
