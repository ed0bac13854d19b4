"""Sources and the citations that name them."""

from pathlib import Path

import pytest

from data.files import Problems
from data.sources import Citation, Source, citations, load_sources

GOOD = r"""% what we read
@book{doe2001,
  AUTHOR = {Doe, Jane and {World Bank}},
  title = {On {DNA} \& caf{\'e}s},
  year = 2001,
}
@misc{roe, editor = "Roe, R.", title = {Nets}, date = {1998-05} }
"""


def load(folder: Path, text: str) -> tuple[dict[str, Source], list[tuple[int | None, str]]]:
    (folder / "sources.bib").write_text(text, encoding="utf-8")
    problems = Problems()
    sources = load_sources(folder / "sources.bib", folder, problems)
    assert sources is not None
    return sources, [(problem.line, problem.message) for problem in problems.found]


@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_a_source_reads_as_plain_text_with_the_line_it_starts_on(tmp_path: Path, end: str) -> None:
    sources, problems = load(tmp_path, "\ufeff" + GOOD.replace("\n", end))
    assert problems == []
    assert sources == {
        "doe2001": Source("doe2001", "Doe, Jane and World Bank", "2001", "On DNA & cafés", 2),
        "roe": Source("roe", "Roe, R.", "1998", "Nets", 7),
    }


@pytest.mark.parametrize(
    ("entry", "key", "said"),
    [
        ("@misc{roe, title = {Other}}", "roe", "already on an earlier line"),
        ("@misc{poe, title = {Open}", "poe", "not valid BibTeX"),
        ("@misc{poe, title = {One}, title = {Two}}", "poe", "'poe' gives title twice"),
        ("@misc{poe 2, title = {One}}", "poe 2", "has a blank"),
    ],
)
def test_a_wrong_entry_is_one_problem_at_its_line_and_its_key_still_counts(
    tmp_path: Path, entry: str, key: str, said: str, capfd: pytest.CaptureFixture[str]
) -> None:
    sources, problems = load(tmp_path, f"{GOOD}\n{entry}\n")
    ((line, message),) = problems
    assert line == 9
    assert said in message
    assert key in sources
    assert sources["doe2001"].year == "2001"
    assert capfd.readouterr() == ("", "")


def test_a_file_that_is_not_there_has_no_sources_rather_than_none_that_are_known(tmp_path: Path) -> None:
    problems = Problems()
    assert load_sources(tmp_path / "sources.bib", tmp_path, problems) is None
    assert [problem.message for problem in problems.found] == ["the file is missing. Create it."]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", []),
        ("s2.4; s7.1", [Citation(None, "s2.4"), Citation(None, "s7.1")]),
        ("doe2001", [Citation("doe2001", "")]),
        ("doe2001, s2.4; roe, p. 84", [Citation("doe2001", "s2.4"), Citation("roe", "p. 84")]),
        ("doe2001, pp. 3, 7;", [Citation("doe2001", "pp. 3, 7")]),
        (
            "§ 7; table 3; pp. 3-5 and 9; app. B",
            [Citation(None, x) for x in ("§ 7", "table 3", "pp. 3-5 and 9", "app. B")],
        ),
        ("s2", [Citation("s2", "")]),  # a key may look like a section; a known key wins
        ("smith1999; p2001smith", [Citation("smith1999", ""), Citation("p2001smith", "")]),
        ("doe2001 p. 84", [Citation("doe2001 p. 84", "")]),  # no comma: not a key, for the caller to call unknown
    ],
)
def test_a_citation_names_keys_with_places_or_places_in_the_main_source(text: str, expected: list[Citation]) -> None:
    assert list(citations(text, {"doe2001": 0, "roe": 0, "s2": 0})) == expected
