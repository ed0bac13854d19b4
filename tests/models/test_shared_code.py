"""Theories that share machine code: each estimate speaks of its own theory."""

import numpy as np
import pytest

from models.estimate import assemble
from models.evidence.rivals import blueprints
from models.simulation.rebuild import rebuild, theta_of
from tests.fitted import invented_trace
from tests.studies import write_study


def test_a_trace_with_another_theory_s_labels_is_named_after_the_theory_it_was_drawn_for(
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    from models.study import load_study

    compiled, other = blueprints(load_study(write_study(tmp_path_factory.mktemp("lakes"), cases=3, periods=2))).values()
    trace = invented_trace(compiled, chains=2, draws=50)
    tree = assemble(other, trace, np.random.default_rng(1))
    posterior = tree["posterior"].to_dataset()
    assert posterior["slope"]["coefficient"].to_numpy().tolist() == list(other.coords["coefficient"])
    scores = rebuild(other, theta_of(other, trace["posterior"].to_dataset())).z.reshape(2, 50, -1)
    for n, node in enumerate(other.coords["node"]):
        np.testing.assert_array_equal(posterior["score"].sel(node=node).to_numpy(), scores[..., n])
    np.testing.assert_array_equal(posterior["slope"].to_numpy(), trace["posterior"]["slope"].to_numpy())
