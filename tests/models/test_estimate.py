"""One study really sampled: its draws in ArviZ's groups, read by ArviZ's functions, and the retry of a fit."""

from dataclasses import replace

import arviz as az
import matplotlib.pyplot as plt
import numpy as np
import pymc as pm
import pytest
import xarray as xr

from causal.query import Effect
from models import estimate as module
from models.blueprint import Blueprint
from models.estimate import Estimate, fit
from models.evidence.without import data_without
from models.sampling import Sampler, sample, swap
from models.sides import Sides
from tests.fitted import ANY_METRIC, SAMPLER, Fitted, invented_trace, lakes

GROUPS = {
    "posterior",
    "prior",
    "posterior_predictive",
    "prior_predictive",
    "log_likelihood",
    "log_prior",
    "observed_data",
    "constant_data",
    "sample_stats",
}


@pytest.fixture(scope="module")
def fitted() -> Fitted:
    return lakes()


@pytest.fixture(scope="module")
def reread(fitted: Fitted, tmp_path_factory: pytest.TempPathFactory) -> xr.DataTree:
    """The tree after a journey through a file."""
    path = tmp_path_factory.mktemp("tree") / "posterior.nc"
    fitted.estimate.tree.to_netcdf(path)
    return xr.open_datatree(path).load()


def test_every_group_comes_back_from_a_file_as_it_was_written(fitted: Fitted, reread: xr.DataTree) -> None:
    assert set(reread.children) == GROUPS
    for group in GROUPS:
        written, read = fitted.estimate.tree[group].to_dataset(), reread[group].to_dataset()
        assert set(written.data_vars) == set(read.data_vars)
        for name in written.data_vars:
            assert written[name].dims == read[name].dims
            assert np.array_equal(written[name].to_numpy(), read[name].to_numpy(), equal_nan=True), (group, name)


def test_every_family_has_predictions_and_a_likelihood_by_cell(reread: xr.DataTree) -> None:
    families = {"ordinal", "binomial", "count", "continuous"}
    for group in ("posterior_predictive", "prior_predictive", "log_likelihood"):
        assert set(reread[group].data_vars) == families
    assert families <= set(reread["observed_data"].data_vars)
    for family in families:
        cells = reread["log_likelihood"][family].coords[f"{family}_cell"].to_numpy().tolist()
        assert cells == reread["observed_data"][family].coords[f"{family}_cell"].to_numpy().tolist()


@pytest.mark.filterwarnings("ignore:Estimated shape parameter of Pareto:UserWarning")  # few draws
def test_arviz_summarises_compares_and_power_scales_the_tree(reread: xr.DataTree) -> None:
    summary = az.summary(reread, var_names=["slope", "effect"])
    assert "effect[effect(leadership -> stock)]" in summary.index
    assert len(summary) == reread["posterior"]["slope"].size // 400 + reread["posterior"]["effect"].size // 400
    for family in ("ordinal", "binomial", "count", "continuous"):
        assert np.isfinite(az.loo(reread, var_name=family).elpd)
    sensitivity = az.psense_summary(reread, var_names=["effect"])
    assert len(sensitivity) == reread["posterior"].sizes["estimand"]
    assert np.isfinite(sensitivity[["prior", "likelihood"]].to_numpy()).all()


@pytest.mark.parametrize("plot", ["plot_forest", "plot_trace", "plot_rank"])
def test_arviz_plots_the_tree(reread: xr.DataTree, plot: str) -> None:
    getattr(az, plot)(reread, var_names=["slope"], backend="matplotlib")
    assert plt.get_fignums()
    plt.close("all")


def test_the_log_likelihood_in_the_tree_is_pymc_s_own(fitted: Fitted) -> None:
    few = fitted.trace["posterior"].to_dataset().isel(draw=slice(0, 5))
    with fitted.model:
        theirs = pm.compute_log_likelihood(
            xr.DataTree.from_dict({"posterior": few}), extend_inferencedata=False, progressbar=False
        )
    ours = fitted.estimate.tree["log_likelihood"].to_dataset().isel(draw=slice(0, 5))
    for family in ours.data_vars:
        assert np.allclose(ours[family], theirs[family], rtol=1e-9, atol=1e-9), family


def test_scores_in_the_tree_satisfy_the_structural_equations(fitted: Fitted) -> None:
    """What is left of a score once its arcs are taken away is its case component and disturbance."""
    posterior = fitted.estimate.tree["posterior"].to_dataset()
    gone = posterior["score"].sel(node="Chala 2:monitoring") - posterior["score"].sel(
        node="Chala 2:leadership"
    ) * posterior["slope"].sel(coefficient="leadership->monitoring")
    component = posterior["case_sd"].sel(construct="monitoring") * posterior["case_deviation"].sel(
        case="Chala", construct="monitoring"
    )
    assert np.allclose(gone, component + posterior["disturbance"].sel(disturbed="Chala 2:monitoring"))


def test_the_same_seed_gives_the_same_numbers_and_another_seed_others(fitted: Fitted) -> None:
    short = replace(SAMPLER, draws=30, tune=60)
    one, same, other = (sample(fitted.code, s) for s in (short, short, replace(short, seed=8)))
    assert np.array_equal(one["posterior"]["slope"], same["posterior"]["slope"])
    assert not np.array_equal(one["posterior"]["slope"], other["posterior"]["slope"])


def test_the_number_of_draws_is_the_number_asked_for(fitted: Fitted) -> None:
    assert fitted.estimate.shape() == (SAMPLER.chains, SAMPLER.draws)
    assert fitted.estimate.theta()["slope"].shape[0] == SAMPLER.chains * SAMPLER.draws
    assert fitted.estimate.tree["sample_stats"]["diverging"].shape == (SAMPLER.chains, SAMPLER.draws)


def test_every_query_has_draws_before_and_after_the_data(fitted: Fitted) -> None:
    estimands = fitted.estimate.tree["posterior"]["estimand"].to_numpy().tolist()
    assert estimands == [str(a.query) for a in fitted.estimate.answers]
    assert estimands == fitted.estimate.tree["prior"]["estimand"].to_numpy().tolist()
    stock = next(a for a in fitted.estimate.answers if a.query == Effect("leadership", "stock"))
    kept = fitted.estimate.tree["posterior"]["effect"].sel(estimand="effect(leadership -> stock)")
    assert np.array_equal(kept.to_numpy().ravel(), stock.posterior)


def test_code_swapped_to_data_without_a_row_samples_without_it(fitted: Fitted) -> None:
    """Without any row at all the posterior is the prior."""
    everything = {row.name for block in fitted.blueprint.blocks for cell in block.rows for row in cell}
    emptied = swap(fitted.code, data_without(fitted.blueprint, everything))
    trace = sample(emptied, replace(SAMPLER, draws=400))
    slope = trace["posterior"]["slope"].to_numpy()
    assert abs(np.median(slope)) < 0.12
    assert np.subtract(*np.quantile(slope, [0.75, 0.25])) == pytest.approx(2 * 0.7407 * 0.5, rel=0.25)


# the retry, with a sampler that only pretends


class FakeSampler:
    """Returns traces in turn and remembers how it was asked."""

    def __init__(self, *traces: xr.DataTree) -> None:
        self.traces = list(traces)
        self.asked: list[Sampler] = []
        self.turned: list[tuple[str, ...]] = []
        self.heard: list[str] = []

    def __call__(
        self, blueprint: Blueprint, code: object, sampler: Sampler, progress: bool, turned: tuple[str, ...]
    ) -> Sides:
        self.asked.append(sampler)
        self.turned.append(turned)
        return Sides(self.traces[len(self.asked) - 1], ("monitoring",), ANY_METRIC)


def fit_with(fake: FakeSampler, fitted: Fitted, monkeypatch: pytest.MonkeyPatch) -> Estimate:
    monkeypatch.setattr(module, "sample_sides", fake)
    return fit(fitted.blueprint, fitted.study.cases.units, fitted.code, SAMPLER, say=fake.heard.append)


def test_a_fit_that_converges_is_not_repeated(fitted: Fitted, monkeypatch: pytest.MonkeyPatch) -> None:
    fake = FakeSampler(invented_trace(fitted.blueprint))
    found = fit_with(fake, fitted, monkeypatch)
    assert found.diagnostics.converged, found.diagnostics.failures
    assert fake.asked == [SAMPLER]
    assert (found.sampler, found.diagnostics.attempts, fake.heard) == (SAMPLER, 1, [])


def diverged(trace: xr.DataTree) -> xr.DataTree:
    """The trace with a hundredth of its draws divergent."""
    stats = trace["sample_stats"].to_dataset()
    marked = stats["diverging"].copy()
    marked[:, :: stats.sizes["draw"] // 4] = True
    return xr.DataTree.from_dict(
        {"posterior": trace["posterior"].to_dataset(), "sample_stats": stats.assign(diverging=marked)}
    )


@pytest.mark.parametrize("divergent", [False, True])
def test_a_fit_that_does_not_converge_is_repeated_once_with_more_effort(
    fitted: Fitted, monkeypatch: pytest.MonkeyPatch, divergent: bool
) -> None:
    """Chains that mix slowly get more draws, chains that diverge smaller steps."""
    good = invented_trace(fitted.blueprint)
    fake = FakeSampler(diverged(good) if divergent else fitted.trace, good)
    found = fit_with(fake, fitted, monkeypatch)
    first, second = fake.asked
    assert (second.draws > first.draws, second.target_accept > first.target_accept) == (not divergent, divergent)
    assert second.tune > first.tune
    assert second.seed != first.seed
    assert fake.turned == [(), ("monitoring",)]  # what needed its mirror image once is not sampled without it again
    assert found.diagnostics.converged
    assert (found.sampler, found.diagnostics.attempts) == (SAMPLER, 2), (
        "asked for again, it takes the same two attempts"
    )
    (said,) = fake.heard
    assert f"sampling once more, {second.chains} chains of {second.tune} + {second.draws} draws" in said


def test_a_fit_that_fails_twice_is_handed_back_as_not_converged(
    fitted: Fitted, monkeypatch: pytest.MonkeyPatch
) -> None:
    fake = FakeSampler(fitted.trace, fitted.trace)
    found = fit_with(fake, fitted, monkeypatch)
    assert len(fake.asked) == 2
    assert not found.diagnostics.converged
    assert found.diagnostics.attempts == 2
    assert any("ESS" in failure for failure in found.diagnostics.failures)
