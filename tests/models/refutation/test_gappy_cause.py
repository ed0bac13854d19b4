"""A column without effects in its theory is tried as a cause, with a value missing, on one compiled model."""

from pathlib import Path

import numpy as np
import pytest

from causal.implications import Independence
from causal.theory import Edge
from data.cases import Cases
from models.refutation.forbidden import open_bench
from models.sampling import Sampler
from models.study import Study
from tests.models import small
from tests.models.columns import Value, observed, table


@pytest.mark.slow
def test_a_gappy_column_is_a_cause_on_the_code_of_a_theory_in_which_it_has_no_effect() -> None:
    """m causes x and y, yes or no; x -> y is forbidden, and x of one unit is missing."""
    world, count = observed(Edge("m", "x"), Edge("m", "y")), 120
    values: dict[str, list[Value]] = {
        name: [float(i * k % 5 < 2) for i in range(count)] for name, k in (("m", 1), ("x", 2), ("y", 3))
    }
    values["x"][7] = None
    blue, units = table(world, dict.fromkeys("mxy", "binary"), values)
    rows = tuple(r for block in blue.blocks for cell in block.rows for r in cell)
    study = Study(Path("fork"), world, {}, blue.codebook, Cases(units, rows), (), {}, {})
    fork = Independence("x", "y", ("m",))
    bench = open_bench(study, [fork], Sampler(draws=300, tune=300, chains=2, seed=5, cores=1))
    bench.__dict__["fitted"] = small.pinned(bench.plain, {"m->x": 0.5, "m->y": 0.5})
    assert len(bench.rows) == 3 * count - 1
    with_edge, without = (bench.simulate(fork, edge, 1) for edge in (2.0, 0.0))
    found, nothing = bench.refit(fork, [with_edge, without])
    assert found.mean() == pytest.approx(2.0, abs=4 * found.std())
    assert np.quantile(found, 0.01) > 0
    assert 0.005 < (nothing > 0).mean() < 0.995
