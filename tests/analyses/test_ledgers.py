"""The ledger's tables, on draws that need no sampler: what importance weights say, and where refits take their place."""

import dataclasses
from functools import cache

import numpy as np
import pandas as pd
import pytest

from analyses.collecting import prospects_table
from analyses.leading import Entering, leaders, leading_table, tipping_table
from analyses.ledgers import bearing_rows, groups_table, ledger_table
from causal.judgement import DECIBANS
from models.evidence.entering import entering_gains
from models.evidence.pieces import KINDS
from models.evidence.without import Removal
from models.refitting.refits import Finding, Refit
from tests.analyses.invented import ledger


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
