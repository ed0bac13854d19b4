import csv
import json
import shutil
from collections import Counter
from pathlib import Path

import pytest

from analyses.report import prose, write_report
from analyses.results import read_table
from models.study import load_study
from tests.analyses.everything import write_everything
from tests.analyses.folders import write_folder, write_table
from tests.analyses.pages import Element, read_page
from tests.studies import write_study

HOSTILE = """<script>alert("x")</script> & <b>'bold'</b> $x_1$ {{ 7 * 7 }} </title></table></svg> \x07 日本 😀"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The results of the lakes, with invented numbers."""
    root = tmp_path_factory.mktemp("lakes")
    return write_folder(load_study(write_study(root / "study")), root / "out")


@pytest.fixture
def copy(folder: Path, tmp_path: Path) -> Path:
    """The same folder, to be changed."""
    return shutil.copytree(folder, tmp_path / "out")


@pytest.fixture(scope="module")
def page(folder: Path) -> Element:
    return read_page(write_report(folder))


def section(page: Element, name: str) -> Element:
    (found,) = page.find("section", id=name)
    return found


def test_the_report_is_complete_html_in_one_file(page: Element) -> None:
    assert not page.find("script")
    assert not page.find("link")
    assert not page.find("iframe")
    assert [e.attributes for e in page.all if any(name.startswith("on") for name in e.attributes)] == []


def test_nothing_in_the_report_comes_from_elsewhere(page: Element, folder: Path) -> None:
    references = [
        e.attributes[name] for e in page.all for name in ("src", "href", "xlink:href") if name in e.attributes
    ]
    assert references
    assert [r for r in references if not r.startswith("#")] == []
    text = (folder / "report.html").read_text(encoding="utf-8")
    assert "@import" not in text
    assert text.count("url(") == text.count("url(#")


def test_every_link_of_the_report_leads_somewhere_and_no_place_is_named_twice(page: Element) -> None:
    named = Counter(e.attributes["id"] for e in page.all if "id" in e.attributes)
    assert [name for name, count in named.items() if count > 1] == []
    links = [e.attributes.get("href") or e.attributes.get("xlink:href", "") for e in page.find("a") + page.find("use")]
    assert [link for link in links if link.removeprefix("#") not in named] == []


def test_the_table_of_hypotheses_holds_the_numbers_of_its_file(page: Element, folder: Path) -> None:
    rows = {row["id"]: row for row in read_table(folder / "hypotheses.csv")}
    shown = [row for row in section(page, "answer").find("tr") if "data-id" in row.attributes]
    assert [row.attributes["data-id"] for row in shown] == [i for i, r in rows.items() if r["verdict"] != "not asked"]
    for row in shown:
        for column in ("prior_probability", "posterior_probability", "weight_db"):
            (cell,) = [e for e in row.all if e.attributes.get("data-column") == column]
            (number,) = cell.find("data")
            assert number.attributes["value"] == rows[row.attributes["data-id"]][column]
            said = number.text.removeprefix("at least ").removeprefix("at most ").replace("−", "-")
            if said[0] not in "<>n":
                digits = 1 if column == "weight_db" else 2
                assert float(said.split(" ")[0]) == pytest.approx(
                    float(number.attributes["value"]), abs=0.51 * 10**-digits
                )


def test_every_exact_number_of_the_report_is_in_a_file_of_the_folder(page: Element, folder: Path) -> None:
    written = {cell for path in folder.glob("*.csv") for row in read_table(path) for cell in row.values()}
    leaves = [json.loads(path.read_text(encoding="utf-8")) for path in folder.glob("*.json")]
    while leaves:
        leaf = leaves.pop()
        if isinstance(leaf, dict | list):
            leaves += leaf.values() if isinstance(leaf, dict) else leaf
            written.add(", ".join(map(str, leaf)) or "none")
        else:
            written.add("not recorded" if leaf is None else str(leaf))
    shown = [e.attributes["value"] for e in page.find("data")]
    assert len(shown) > 100
    assert [value for value in shown if value not in written] == []


def test_the_first_hypothesis_is_the_headline(page: Element, folder: Path) -> None:
    first = read_table(folder / "hypotheses.csv")[0]
    (headline,) = section(page, "answer").find("div", **{"class": "headline"})
    assert first["statement"] in headline.text
    assert f"{float(first['posterior_probability']):.2f}" in headline.text


def test_a_hypothesis_that_cannot_speak_gives_its_reason_and_is_no_finding(page: Element) -> None:
    (row,) = [r for r in section(page, "answer").find("tr") if "cannot speak" in r.text]
    assert "no row measures trust" in row.text
    assert "not a finding" in row.text


def test_every_coded_row_of_the_study_is_in_the_report_with_its_source(page: Element, folder: Path) -> None:
    cells = section(page, "cases").find("details")
    rows = read_table(folder / "ratings.csv")
    assert len(cells) == len(rows)
    text = section(page, "cases").text
    assert [row["observation"] for row in rows if f"row {row['observation']}" not in text] == []
    silent = sum(row["missing"] == "True" for row in rows)
    assert silent
    assert sum("read, silent" in cell.text for cell in cells) == silent


def test_a_rating_is_reached_by_the_keyboard_and_says_where_it_stands(page: Element) -> None:
    summaries = section(page, "cases").find("summary")
    assert all(summary.attributes["title"].strip() for summary in summaries)


def test_only_evidence_beyond_twice_its_error_is_ranked_and_shaky_weights_are_marked(
    page: Element, folder: Path
) -> None:
    chart = section(page, "ledger").find("table")[0]
    rows = {
        (row["hypothesis"], row["observation"]): row for row in read_table(folder / "ledger.csv") if row["weight_db"]
    }
    first = read_table(folder / "hypotheses.csv")[0]["id"]
    ranked = [r for r in chart.find("tr") if r.attributes.get("id", "").startswith("evidence-")]
    assert 0 < len(ranked) <= 20
    for shown in ranked:
        row = rows[first, shown.find("small")[0].text]
        assert abs(float(row["weight_db"])) > 2 * float(row["weight_mcse"])
        assert ("needs a refit" in shown.text) == (float(row["pareto_k"]) > 0.7)
    strong = sorted((float(r["weight_db"]) for (h, _), r in rows.items() if h == first), reverse=True)
    assert float(ranked[0].find("data")[0].attributes["value"]) == strong[0]


def test_a_bar_of_the_ledger_says_its_source_and_leads_to_its_row(page: Element) -> None:
    (chart,) = section(page, "ledger").find("svg")
    rows = {row.attributes["id"]: row for row in section(page, "ledger").find("tr") if "id" in row.attributes}
    links = [link for link in chart.find("a") if link.find("title")]
    assert {link.attributes["xlink:href"].removeprefix("#") for link in links} == set(rows)
    for link in links:
        row = rows[link.attributes["xlink:href"].removeprefix("#")]
        (source,) = row.find("a")
        assert source.text in link.find("title")[0].text


def test_every_figure_has_a_name_a_description_and_a_table_behind_it(tmp_path: Path) -> None:
    page = read_page(write_report(write_everything(tmp_path / "out")))
    assert len(page.find("svg")) >= 20
    for drawing in page.find("svg"):
        names = drawing.attributes["aria-labelledby"].split()
        told = {e.attributes["id"]: e.text for e in drawing.all if "id" in e.attributes and e.tag in ("title", "desc")}
        assert [told[name].strip() != "" for name in names] == [True, True]
    for part in page.find("main")[0].find("section"):
        assert bool(part.find("table")) or not part.find("svg"), part.attributes["id"]


def test_a_figure_that_is_not_interactive_is_an_image_and_one_with_links_is_not(tmp_path: Path) -> None:
    for drawing in read_page(write_report(write_everything(tmp_path / "out"))).find("svg"):
        assert drawing.attributes["role"] == ("group" if drawing.find("a") else "img")


def test_every_table_of_the_report_names_its_columns_and_its_rows(tmp_path: Path) -> None:
    for table in read_page(write_report(write_everything(tmp_path / "out"))).find("table"):
        heads = {head.attributes.get("scope") for head in table.find("th")}
        assert "row" in heads
        assert heads <= {"row", "col", "rowgroup"}
        assert "pairs" in table.attributes.get("class", "") or "col" in heads


def test_a_run_that_did_not_converge_says_so_first(folder: Path, copy: Path) -> None:
    manifest = json.loads((copy / "manifest.json").read_text(encoding="utf-8"))
    manifest |= {"converged": False, "failures": ["R-hat of slope[a->b] is 1.200, above 1.01"]}
    (copy / "manifest.json").write_text(json.dumps(manifest), encoding="utf-8")
    page = read_page(write_report(copy))
    (alarm,) = page.find("section", role="alert")
    assert "R-hat of slope[a->b] is 1.200" in alarm.text
    assert page.text.index("did not converge") < page.text.index("The answer")
    assert not read_page(write_report(folder)).find("section", role="alert")


def test_sections_of_other_commands_appear_when_their_files_do(page: Element, copy: Path) -> None:
    later = ("baseline", "reliability")
    assert not [name for name in (*later, "sensitivity") if page.find("section", id=name)]
    for name in later:
        row = {"name": f"{name} here", "value": -0.123456, "cause": "traders", "effect": "nets"}
        write_table(copy / f"{name}.csv", [row])
    write_table(copy / "sensitivity" / "prior_scale.csv", [{"scale": 0.3, "probability": 0.71}])
    full = read_page(write_report(copy))
    for name in later:
        assert f"{name} here" in section(full, name).text
        assert section(full, name).find("data", value="-0.123456")
    assert "Prior scale" in section(full, "sensitivity").text


def test_text_of_a_study_is_never_markup(copy: Path) -> None:
    with (copy / "ratings.csv").open(encoding="utf-8", newline="") as file:
        rows = [
            row | {"note": HOSTILE, "text": HOSTILE, "locator": HOSTILE, "coder": HOSTILE}
            for row in csv.DictReader(file)
        ]
    write_table(copy / "ratings.csv", rows)
    hypotheses = [
        row | {"statement": HOSTILE, "id": f"{HOSTILE} {i}"}
        for i, row in enumerate(read_table(copy / "hypotheses.csv"))
    ]
    write_table(copy / "hypotheses.csv", hypotheses)
    write_table(
        copy / "ledger.csv",
        [row | {"hypothesis": f"{HOSTILE} 0", "value": HOSTILE} for row in read_table(copy / "ledger.csv")],
    )
    theory = json.loads((copy / "theory.json").read_text(encoding="utf-8"))
    for thing in (*theory["constructs"], *theory["units"]):
        thing["label"] = HOSTILE
    for edge in theory["edges"]:
        edge["because"] = HOSTILE
    (copy / "theory.json").write_text(json.dumps(theory | {"title": HOSTILE}), encoding="utf-8")
    page = read_page(write_report(copy))
    assert not page.find("script")
    assert not page.find("b")
    assert "{{ 7 * 7 }}" in page.text
    assert HOSTILE.replace("\x07", " ") in page.text


def test_prose_is_escaped_and_what_stands_between_backticks_is_code() -> None:
    assert prose("`casewise support` refits <b>them</b>, < 0.01") == (
        "<code>casewise support</code> refits &lt;b&gt;them&lt;/b&gt;, &lt;\u00a00.01"
    )


def test_a_rating_called_none_or_na_is_kept(copy: Path) -> None:
    rows = read_table(copy / "ratings.csv")
    rows[0] |= {"text": "None", "locator": "NA"}
    write_table(copy / "ratings.csv", rows)
    texts = [s.text for s in section(read_page(write_report(copy)), "cases").find("summary")]
    assert any(text.strip().startswith("None") for text in texts)


def test_files_are_named_as_they_are_called_and_only_what_was_standardised_is_told(copy: Path) -> None:
    manifest = json.loads((copy / "manifest.json").read_text(encoding="utf-8"))
    manifest["inputs"] = {"rivals/state_led.toml": "0123"}
    manifest["scaling"]["rules_kept"] = {"center": 0.0, "spread": 1.0}
    (copy / "manifest.json").write_text(json.dumps(manifest), encoding="utf-8")
    told = section(read_page(write_report(copy)), "reproduce").text
    assert "rivals/state_led.toml" in told
    assert "Catch per effort.spread" in told
    assert "ules kept" not in told


def test_the_same_results_give_the_same_report(folder: Path, copy: Path) -> None:
    assert write_report(copy).read_bytes() == write_report(folder).read_bytes()


def test_a_hypothesis_of_another_theory_is_listed_apart(copy: Path) -> None:
    rows = read_table(copy / "hypotheses.csv")
    blank = {name: "" for name in rows[0] if name not in ("id", "statement", "claim", "smallest_effect")}
    rows[0] |= blank | {"verdict": "not asked", "reason": "this theory has no such effect"}
    write_table(copy / "hypotheses.csv", rows)
    answer = section(read_page(write_report(copy)), "answer")
    assert rows[0]["id"] not in [r.attributes.get("data-id") for r in answer.find("tr")]
    (headline,) = answer.find("div", **{"class": "headline"})
    assert "Not asked: this theory has no such effect" in headline.text


def test_a_folder_without_a_run_is_refused_by_the_name_of_what_it_lacks(copy: Path) -> None:
    (copy / "ledger.csv").unlink()
    with pytest.raises(FileNotFoundError, match=r"ledger\.csv"):
        write_report(copy)
