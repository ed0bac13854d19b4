"""Means over replicates from means alone: the same numbers as from all replicates, wherever they are given."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from causal.query import Query
from models.effects import interventions
from models.effects.answers import queries
from models.effects.averages import mean_by_means
from models.effects.interventions import open_laboratory, standardised
from models.simulation.rebuild import prior_theta
from models.study import load_study
from tests.fitted import draw_up

STUDIES = ["data/starter", "data/ba_clusters"]


@pytest.mark.parametrize("folder", STUDIES)
def test_effects_by_means_are_those_by_replicates(folder: str, monkeypatch: pytest.MonkeyPatch) -> None:
    study = load_study(Path(folder))
    blueprint = draw_up(study)
    rng = np.random.default_rng(1)
    lab = open_laboratory(blueprint, study.cases.units, prior_theta(blueprint, 30, rng), rng)
    claimed = [q for h in study.hypotheses for q in h.claim.queries if set(q.constructs) <= set(study.theory.names)]
    asked: tuple[Query, ...] = tuple(dict.fromkeys((*queries(study.theory), *claimed)))
    short: list[bool] = []

    def counted(*arguments: Any) -> Any:
        found = mean_by_means(*arguments)
        short.append(found is not None)
        return found

    monkeypatch.setattr(interventions, "mean_by_means", counted)
    by_means = standardised(lab, *asked)
    assert any(short), "some effects are linear"
    monkeypatch.setattr(interventions, "mean_by_means", lambda *_: None)
    for one, other in zip(by_means, standardised(lab, *asked), strict=True):
        assert one == pytest.approx(other, rel=1e-9, abs=1e-9)
    if any(edge.moderator for edge in study.theory.edges):
        assert not all(short), "what is moderated by a score that varies takes replicates"
