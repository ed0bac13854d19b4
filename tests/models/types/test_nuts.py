"""Causal types sampled with gradients agree with a model that knows no types, with exact posteriors and with weighted draws."""

import numpy as np
import pymc as pm
import pytest

from models.types.answers import query
from models.types.cases import read_cases
from models.types.graph import TypesError
from models.types.make import make
from models.types.marginal import score
from models.types.noisy import NoisyOr
from models.types.posterior import prior, update
from models.types.priors import LogisticNormal

ROWS = [{"A": 1, "B": 0, "Y": 1}, {"A": 0, "B": 0, "Y": 0}, {"A": 1, "B": 1, "Y": 1}, {"A": 0, "B": 1, "Y": 0}]
EFFECT = "Y[A=1] - Y[A=0]"


def test_a_logistic_normal_prior_has_no_more_faith_in_one_cause_than_in_another() -> None:
    before = prior(make("A -> Y <- B", priors=LogisticNormal()))
    one, other = (query(before, f"Y[{cause}=1] - Y[{cause}=0]").prior for cause in "AB")
    assert one.sd == pytest.approx(other.sd, abs=0.02)
    assert one.mean == pytest.approx(0, abs=0.02)
    assert not one.exact


def test_what_only_counting_can_do_is_refused_for_a_logistic_normal_prior() -> None:
    model = make("A -> Y", priors=LogisticNormal())
    cases = read_cases(model.graph, [{"A": 1, "Y": 1}])
    with pytest.raises(TypesError, match="selection of cases goes with priors that are updated by counting"):
        update(model, cases, selected="Y==1")
    with pytest.raises(TypesError, match="Gibbs goes with priors"):
        update(model, cases, method="gibbs")
    with pytest.raises(TypesError, match="no marginal likelihood"):
        score(model, cases)


@pytest.mark.slow
def test_a_noisy_or_has_the_posterior_of_a_regression_that_knows_no_types() -> None:
    """Pearl's formula as the probability of each outcome, in plain PyMC; Gibbs and gradients over types agree with it."""
    a, b, y = (np.array([row[name] for row in ROWS]) for name in "ABY")
    with pm.Model():
        p = pm.Beta("p", 1, 1, shape=2)
        leak, share = pm.Beta("leak", 1, 3), pm.Beta("share", 1, 1)
        pm.Bernoulli("b", share, observed=b)
        pm.Bernoulli("y", 1 - (1 - leak) * (1 - p[0] * a) * (1 - p[1] * b), observed=y)
        drawn = pm.sample(2000, tune=1000, chains=2, cores=1, random_seed=1, progressbar=False)["posterior"]
    fails = (1 - drawn["leak"]) * (1 - drawn["share"] * drawn["p"][..., 1])
    effect = (fails * drawn["p"][..., 0]).to_numpy()
    model = make("A -> Y <- B", priors={"Y": NoisyOr()})
    for method in ("gibbs", "nuts"):
        found = query(update(model, ROWS, method=method), EFFECT).posterior  # type: ignore[arg-type]
        assert found.mean == pytest.approx(effect.mean(), abs=0.015)
        assert found.sd == pytest.approx(effect.std(), abs=0.015)


@pytest.mark.slow
def test_gradients_find_the_posterior_that_is_listed() -> None:
    """With confounding, a restriction, a missing value and coding in doubt."""
    model = make("A -> Y <- B; A <-> Y", ["increasing(A -> Y)"])
    rows = [*ROWS, {"B": 1, "Y": 1}, {"A": {0: 0.2, 1: 0.8}, "Y": 0}]
    exact, sampled = update(model, rows, method="exact"), update(model, rows, method="nuts")
    assert sampled.method.startswith("NUTS: 4 chains, 1000 draws of each after 1000")
    for asked in (EFFECT, "Y[A=0]==0 given A==1 & Y==1"):
        one, other = query(exact, asked).posterior, query(sampled, asked).posterior
        assert other.r_hat == pytest.approx(1, abs=0.02)
        assert other.mean == pytest.approx(one.mean, abs=0.02)
        assert other.sd == pytest.approx(one.sd, abs=0.02)


@pytest.mark.slow
def test_a_logistic_normal_prior_is_updated_as_weighted_draws_of_it_are() -> None:
    """And what is learnt of a cause where the other is absent reaches where it is present."""
    model = make("A -> Y <- B", priors={"Y": LogisticNormal(causes=2.0)})
    rows = [{"A": x, "B": 0, "Y": x} for x in (0, 1)] * 3
    posterior = update(model, rows)
    shares = model.laws["Y"].draw(np.zeros((400_000, 16)), np.random.default_rng(2))
    table = model.types["Y"]  # in the order A=0 B=0, A=0 B=1, A=1 B=0, A=1 B=1
    weight = np.prod([shares @ (table[:, 2 * row["A"] + row["B"]] == row["Y"]) for row in rows], axis=0)
    for b in (0, 1):
        effect = shares @ (table[:, 2 + b] - table[:, b])
        mean = float(np.average(effect, weights=weight))
        sd = float(np.sqrt(np.average((effect - mean) ** 2, weights=weight)))
        found = query(posterior, f"Y[A=1, B={b}] - Y[A=0, B={b}]").posterior
        assert (found.mean, found.sd) == (pytest.approx(mean, abs=0.015), pytest.approx(sd, abs=0.015))
        assert mean > 0.1
