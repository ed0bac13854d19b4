"""What a notebook shows of the objects that it holds: a table each, escaped, with the numbers that matter."""

from dataclasses import replace
from html.parser import HTMLParser

import pytest

from analyses.run import Run
from tests.analyses.invented import lakes, ledger

HOSTILE = "<script>alert(1)</script> & more"


class Tags(HTMLParser):
    """Every tag, and whether what was opened was closed in order."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.seen: list[str] = []
        self.open: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: object) -> None:
        self.seen.append(tag)
        self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


def run() -> Run:
    return Run(lakes(), ledger().estimate, ledger().judged, {}, (), {})


@pytest.mark.parametrize("of", ["study", "theory", "estimate", "judgement", "run"])
def test_each_shows_itself_as_one_well_formed_table(of: str) -> None:
    found = run()
    shown = {
        "study": found.study, "theory": found.study.theory, "estimate": found.estimate, "run": found,
        "judgement": next(iter(found.judged.values())),
    }[of]  # fmt: skip
    tags = Tags(shown._repr_html_())
    assert tags.seen.count("table") == 1
    assert tags.open == []


def test_a_run_shows_every_judged_hypothesis_with_its_verdict() -> None:
    text = run()._repr_html_()
    for h in run().study.hypotheses:
        if h.id in run().judged:
            assert h.statement.split("'")[0] in text
            assert run().judged[h.id].verdict in text


def test_words_of_a_study_are_never_markup() -> None:
    theory = replace(run().study.theory, title=HOSTILE)
    assert "script" not in Tags(theory._repr_html_()).seen
    assert "&lt;script&gt;" in theory._repr_html_()
