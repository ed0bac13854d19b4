"""What is said of every theory of a study, on a fit that is already there."""

from analyses.theories import answerable, convergence, verdicts
from tests.fitted import lakes


def test_a_theory_has_one_row_of_diagnostics_whether_or_not_it_converged() -> None:
    estimate = lakes().estimate
    row = convergence(estimate)
    assert row["theory"] == lakes().study.theory.name
    assert row["converged"] is (not estimate.diagnostics.failures)
    assert row["worst_r_hat"] == estimate.diagnostics.worst_r_hat
    assert row["failures"] == "; ".join(estimate.diagnostics.failures)


def test_a_theory_is_judged_on_every_hypothesis_that_it_can_be_asked() -> None:
    study, estimate = lakes().study, lakes().estimate
    rows = list(verdicts(study, estimate))
    assert [row["hypothesis"] for row in rows] == [h.id for h in answerable(study, estimate.blueprint)]
    assert {row["theory"] for row in rows} == {study.theory.name}
    assert all(0 <= row["posterior_probability"] <= 1 for row in rows)  # type: ignore[operator]
