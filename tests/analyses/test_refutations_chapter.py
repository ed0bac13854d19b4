"""The chapter on refutation, from rows as they stand in refutations.csv."""

from analyses.chapters.refutations import chapter
from analyses.results import Results, Row


def row(test: str, verdict: str, done: str = "Rows were left out.") -> Row:
    return {
        "worry": f"Worry about {test}.", "test": test, "done": done, "expected": "It stays.", "observed": "It moved.",
        "power": "0.9", "false_alarms": "0.1", "worth_db": "12.0", "verdict": verdict, "reason": "worth 12 dB",
        "probability": "0.41", "probability_before": "0.97", "refits": "1", "sets": "40", "converged": "True",
        "hypothesis": "h1",
    }  # fmt: skip


def results(rows: list[Row] | None) -> Results:
    later = {} if rows is None else {"refutations": rows}
    return Results([], [], [], [], [], {}, {}, {}, later=later, sensitivity={})


def test_without_refutations_there_is_no_chapter() -> None:
    assert chapter(results(None)) is None


def test_failures_are_told_and_every_test_stands_in_a_table_failures_first() -> None:
    made = chapter(results([row("a", "survives"), row("b", "uninformative"), row("c", "fails")]))
    assert made is not None
    count, failure = made.findings
    assert "survives 1 and fails 1; 1 are uninformative" in count
    assert failure.startswith("It fails “c”. The worry: Worry about c. Rows were left out. It moved.")
    assert "worth 12 dB" in failure
    told = made.tables[0]
    assert not told.folded
    assert [r["test"] for r in told.rows] == ["c", "a", "b"]
    assert all(r["what was done"] == "Rows were left out." for r in told.rows)


def test_every_refit_of_the_conclusion_is_drawn_and_forbidden_edges_are_not() -> None:
    forbidden = row("negative control", "survives", done="The edge a->b, which the theory forbids, was added.")
    made = chapter(results([row("without case A", "fails"), forbidden]))
    assert made is not None
    (drawing,) = made.drawings
    assert "without case A" in drawing.svg
    assert "negative control" not in drawing.svg
    assert made.tables[-1].rows == [row("without case A", "fails"), forbidden]
