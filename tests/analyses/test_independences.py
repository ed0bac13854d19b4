"""What is said of a theory's implied independences, in the table and in the report."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

from analyses import independences as module
from analyses.chapters.independences import chapter
from analyses.independences import COLUMNS, independences_table
from analyses.results import Results
from causal.implications import Independence
from causal.independences import Standard
from causal.theory import Construct
from models.refitting.checkpoints import Checkpoints
from models.study import Study, load_study
from tests.studies import write_study

ROW = dict.fromkeys(COLUMNS, "") | {
    "independence": "a _||_ b | m", "forbidden": "a->b", "mean": "0.1234", "low": "-0.5", "high": "0.61",
    "verdict": "uninformative", "reason": "no edge is found, but one of 1 would be in only 2 of 8 simulated studies",
}  # fmt: skip


@pytest.fixture(scope="module")
def lake(tmp_path_factory: pytest.TempPathFactory) -> Study:
    return load_study(write_study(tmp_path_factory.mktemp("lake"), cases=2, periods=1))


def results(rows: list[dict[str, str]] | None) -> Results:
    later = {} if rows is None else {"independences": rows}
    return Results([], [], [], [], [], {}, {}, {}, later, {})


def test_what_is_borne_out_or_broken_is_told_and_the_uninformative_are_named_together() -> None:
    holds = ROW | {"independence": "stock_now _||_ c", "verdict": "holds", "reason": "none is found"}
    unasked = ROW | {"independence": "d _||_ e", "verdict": "fails", "mean": "", "reason": "because"}
    found = chapter(results([ROW, holds, unasked]))
    assert found is not None
    count, broken, kept, silent = found.findings
    assert count.startswith("Of three implied independences 1 are borne out and 1 are broken; on 1 ")
    assert broken == "d and e: fails; because."
    assert kept == "stock now and c: holds. The forbidden edge `a->b` is 0.12 (90 % −0.50 to 0.61); none is found."
    assert silent.startswith("Uninformative at this N: a and b, given m.")
    assert [table.rows for table in found.tables] == [[ROW, holds, unasked]]


def test_without_judged_independences_there_is_no_chapter() -> None:
    assert chapter(results(None)) is None


def test_a_theory_that_forbids_nothing_has_an_empty_table(lake: Study) -> None:
    empty = replace(lake.theory, constructs=(Construct("stock"),), edges=())
    table = independences_table(replace(lake, theory=empty))
    assert len(table) == 0
    assert tuple(table.columns) == COLUMNS


def pretended(extended: Sequence[Independence]) -> SimpleNamespace:
    """A bench whose posteriors are sure of every edge that is in the data, which here is the edge's coefficient."""
    rng = np.random.default_rng(1)
    return SimpleNamespace(
        rows=0.0,
        extended={i: SimpleNamespace(coefficient=f"{i.a}->{i.b}") for i in extended},
        refit=lambda _, studies: [edge + rng.normal(0, 0.2, 500) for edge in studies],
        simulate=lambda _, edge, seed: edge,
    )


def test_what_was_judged_is_kept_and_what_no_edge_can_join_is_said(
    lake: Study, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened: list[int] = []

    def open_bench(study: Study, missing: Sequence[Independence], *_: object) -> SimpleNamespace:
        opened.append(len(missing))
        return pretended(missing[1:])

    monkeypatch.setattr(module, "open_bench", open_bench)
    standard, checkpoints = Standard(simulations=4), Checkpoints(tmp_path, resume=True)
    first = independences_table(lake, standard, checkpoints=checkpoints)
    again = independences_table(lake, standard, checkpoints=checkpoints)
    assert opened == [len(first), 1]
    assert first.equals(again)
    assert first["reason"][0].startswith("no edge between them")
    assert set(first["verdict"][1:]) == {"holds"}
    assert (first["power"][1:] == 1).all()
    assert (first["false_alarms"][1:] == 0).all()
    independences_table(lake, Standard(simulations=8), checkpoints=checkpoints)
    assert opened[-1] == len(first)
