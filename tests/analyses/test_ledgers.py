"""The ledger's tables, on draws that need no sampler: what importance weights say, and where refits take their place."""

import dataclasses
from functools import cache
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import xarray as xr
from scipy import stats
from scipy.special import expit

from analyses.collecting import prospects_table
from analyses.leading import Entering, leaders, leading_table, tipping_table
from analyses.ledgers import Ledger, bearing_rows, groups_table, ledger_table
from analyses.tables import judgements
from causal.judgement import DECIBANS
from causal.ledger import FIXED
from causal.query import Effect
from causal.theory import Edge
from data.cases import Cases
from data.codebook import Family
from models.evidence.entering import entering_gains
from models.evidence.pieces import KINDS
from models.evidence.removal import Removal
from models.refitting.refits import Finding, Refit, about
from models.simulation.rebuild import log_likelihood, rebuild, theta_of
from models.study import Study
from tests.analyses.invented import ledger
from tests.fitted import SAMPLER, invented_trace, put_together
from tests.models.columns import observed, table


@cache
def rows() -> pd.DataFrame:
    return ledger_table(ledger())


@cache
def groups() -> pd.DataFrame:
    return groups_table(ledger())


def finding(probability: float) -> Finding:
    return Finding(0.0, 1.0, -1.0, 1.0, probability, 0.0, 300.0, 300.0, 1.01)


def test_every_row_is_weighed_for_every_hypothesis_with_its_case_source_and_place() -> None:
    known = ledger()
    evidence = {row.name for row in known.study.cases.observations if row.is_evidence}
    assert set(rows()["observation"]) == evidence
    assert len(rows()) == len(evidence) * len(known.hypotheses)
    assert rows()[["case", "source", "locator", "unit", "indicator"]].notna().all(axis=None)


def test_groups_are_of_every_kind_there_is() -> None:
    assert set(groups()["group"]) == set(KINDS)


def test_a_row_s_chances_under_claim_and_denial_have_its_weight_as_their_ratio() -> None:
    """For a cell with one reader; two readers share one true level, so that neither row is a test by itself."""
    table = rows()
    counts = pd.Series([(r.unit, r.indicator) for r in ledger().rows]).value_counts()
    alone = [r.name for r in ledger().rows if counts[r.unit, r.indicator] == 1 and r.evidence_group == r.name]
    some = table[table["observation"].isin(alone) & (table["kind"] != "") & table["weight_db"].notna()]
    ratio = DECIBANS * (np.log(some["p_given_claim"]) - np.log(some["p_given_other"]))
    assert len(some) > 20
    assert np.abs(ratio - some["weight_db"]).max() < 0.15


def test_only_rating_and_yes_no_rows_have_a_kind_of_test() -> None:
    families = {name: spec.family for name, spec in ledger().study.codebook.indicators.items()}
    tested = rows()["indicator"].map(families).isin(["ordinal", "binary"])
    assert ((rows()["kind"] != "") == tested).all()


def test_a_refit_takes_the_place_of_weights_that_few_draws_dominate() -> None:
    known = ledger()
    wanted = known.unreliable(bearing_rows(known.study, known.estimate))
    assert wanted
    assert all(known.losses[piece].pareto_k > 0.7 for piece in wanted)
    refit = Refit("r", {h.id: finding(0.4) for h in known.hypotheses}, 0, 800)
    again = dataclasses.replace(known, refitted={wanted[0]: refit})
    c = again.contribution(wanted[0], "leaders")
    p = known.holds["leaders"].mean()
    assert c.method == "refit"
    assert c.weight_db == pytest.approx(DECIBANS * (np.log(p / (1 - p)) - np.log(0.4 / 0.6)))


def test_rows_on_constructs_that_no_edge_touches_are_not_refitted_for() -> None:
    known = ledger()
    bearing = bearing_rows(known.study, known.estimate)
    isolated = {r.name for r in known.rows if known.study.construct_of(r) == "gear"}
    assert isolated
    assert not isolated & bearing


def test_the_conclusion_is_said_with_what_would_flip_it() -> None:
    table = tipping_table(ledger()).set_index("hypothesis")
    assert set(table["conclusion"]) <= {"supported", "contradicted", "points for it", "points against it"}
    evidence = {row.name for row in ledger().rows}
    assert set(table["row"]) <= evidence
    assert (table["bias"] >= 1).all()
    flipping = table[table["rows_that_flip"] > 0]
    assert (flipping["row_flips_to"] != flipping["conclusion"]).all()


def test_leading_rows_get_shares_that_sum_to_what_they_weigh_together() -> None:
    known = ledger()
    found = leaders(known, "leaders")
    assert found
    assert {leader.side for leader in found} <= {"for", "against"}
    items = frozenset(leader.name for leader in found)
    blueprint, theta = known.estimate.blueprint, known.estimate.theta()
    entering = Entering({"leaders": known.holds["leaders"].ravel()}, entering_gains(blueprint, theta, items))
    table = leading_table(known, {items: entering}, 1)
    mine = table[table["hypothesis"] == "leaders"]
    assert mine["share_db"].sum() == pytest.approx(mine["together_db"].iloc[0])
    worth = entering.worth("leaders")
    assert mine["together_db"].iloc[0] == pytest.approx(worth(items) - worth(frozenset()))


def test_rows_weighed_in_one_after_another_are_the_likelihood_of_all() -> None:
    known = ledger()
    two_readers = next(cell for b in known.estimate.blueprint.blocks for cell in b.rows if len(cell) > 1)
    items = frozenset([*(row.name for row in two_readers), known.rows[0].name])
    gains = entering_gains(known.estimate.blueprint, known.estimate.theta(), items)
    everything = sum(cell[max(cell, key=len)] for cell in gains)
    removal = Removal(known.estimate.blueprint, known.estimate.theta())
    assert everything == pytest.approx(-removal.log_ratio(items))


def test_every_claim_is_told_what_more_cases_periods_and_indicators_would_do_to_it() -> None:
    table = prospects_table(ledger(), 1)
    for _, mine in table.groupby("hypothesis"):
        assert set(mine["scope"]) >= {"case", "period", "new indicator"}
        assert mine["beyond_db"].is_monotonic_decreasing
    assert set(table.loc[table["scope"] == "period", "name"]) == set(ledger().study.cases.cases)
    assert table["probability_settles"].between(0, 1).all()


X: dict[Family, tuple[float, ...]] = {
    "binary": (0.0, 0.0, 1.0, 1.0, 1.0),
    "continuous": (-1.0, 0.0, 0.5, 1.0, 3.0),
    "count": (0.0, 1.0, 2.0, 3.0, 9.0),
}
Y = (0.0, 1.0, 0.0, 1.0, 1.0)


@cache
def fitted_table(family: Family) -> tuple[Ledger, dict[str, np.ndarray]]:
    """Observed x -> y, y a yes or no; the posterior is drawn from prior draws by their likelihood. Returns these too."""
    blue, units = table(observed(Edge("x", "y")), {"x": family, "y": "binary"}, {"x": X[family], "y": Y})
    read = tuple(row for block in blue.blocks for cell in block.rows for row in cell)
    asked = (about(Effect("x", "y")),)
    study = Study(Path("t"), blue.theory, {}, blue.codebook, Cases(units, read), asked, {}, {})
    trace = invented_trace(blue, draws=5000)
    theta = theta_of(blue, trace["posterior"].to_dataset())
    log = np.sum([v.sum(axis=1) for v in log_likelihood(blue, theta, rebuild(blue, theta).cells).values()], axis=0)
    chosen = np.random.default_rng(1).choice(len(log), size=len(log), p=np.exp(log - np.logaddexp.reduce(log)))
    posterior = trace["posterior"].to_dataset().copy(deep=True)
    for name, values in posterior.data_vars.items():
        values.to_numpy()[:] = theta[str(name)][chosen].reshape(values.shape)
    tree = xr.DataTree.from_dict({"posterior": posterior, "sample_stats": trace["sample_stats"].to_dataset()})
    estimate = put_together(blue, study, tree, SAMPLER)
    return Ledger(study, estimate, asked, judgements(estimate, asked)), theta


@pytest.mark.parametrize("family", ["binary", "continuous"])
def test_the_value_of_a_cause_weighs_what_the_same_table_says_less_without_it(family: Family) -> None:
    """By the likelihood written down: x of a unit known, or summed (a number: integrated) over."""
    known, theta = fitted_table(family)
    blue, units = known.estimate.blueprint, list(known.study.cases.units)
    shift = {name: theta["shift"][:, list(blue.coords["shifted"]).index(name)] for name in "xy"}
    if family == "binary":
        at, chance = blue.columns["x"].score(np.array([0.0, 1.0])), expit(np.stack([-shift["x"], shift["x"]], axis=1))
        at = np.broadcast_to(at, chance.shape)
        likely = [chance[:, int(x)] for x in X[family]]
        place = [blue.columns["x"].score(x) for x in X[family]]
    else:
        nodes, weights = np.polynomial.hermite_e.hermegauss(40)
        sd = theta["residual_sd"][:, [0]]
        at, chance = shift["x"][:, None] + sd * nodes, np.broadcast_to(weights / weights.sum(), (len(sd), 40))
        place = list((np.array(X[family]) - np.mean(X[family])) / np.std(X[family]))
        likely = [stats.norm.pdf(x, shift["x"], sd[:, 0]) for x in place]
    slope = theta["slope"][:, [0]]
    says = [np.abs(1.0 - y - expit(shift["y"] + slope[:, 0] * x)) for x, y in zip(place, Y, strict=True)]
    each = [p * q for p, q in zip(likely, says, strict=True)]

    def odds(weight: np.ndarray) -> float:
        share = float(weight[slope[:, 0] > 0].sum() / weight.sum())
        return float(DECIBANS * (np.log(share) - np.log1p(-share)))

    found = ledger_table(known).set_index("observation")
    for u, unit in enumerate(units):
        without = (chance * np.abs(1.0 - Y[u] - expit(shift["y"][:, None] + slope * at))).sum(axis=1)
        others = np.prod([own for v, own in enumerate(each) if v != u], axis=0)
        expected = odds(others * each[u]) - odds(others * without)
        row = found.loc[f"x.{unit}"]
        assert row["weight_db"] == pytest.approx(expected, abs=4 * row["weight_mcse"] + 0.05)
        assert row["believed"] or family == "continuous"  # of five numbers one may be too much of an outlier
        assert (row["kind"] != "") == (family == "binary")
    assert found["weight_db"].abs().max() > 1.0


def test_a_count_that_has_effects_is_listed_without_a_weight() -> None:
    known, _ = fitted_table("count")
    table = ledger_table(known).set_index("observation")
    causes = table.index.str.startswith("x.")
    assert set(table.loc[causes, "method"]) == {FIXED}
    assert table.loc[causes, "weight_db"].isna().all()
    assert table.loc[~causes, "weight_db"].notna().all()
    assert not known.fixed & {name for rows in known.pieces.values() for name in rows}
    assert tipping_table(known)["row"].item().startswith("y.")
