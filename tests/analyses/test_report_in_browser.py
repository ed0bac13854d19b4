"""The report as a browser shows it, on a laptop and on a phone: Chromium lays it out and a probe in the page reports."""

import html
import json
import re
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from analyses.report import write_report
from tests.analyses.everything import write_everything

pytestmark = pytest.mark.slow

BROWSERS = ("chromium", "chromium-browser", "google-chrome")
LAPTOP, PHONE = 1280, 375

PROBE = """
<script>
const luminance = rgb => rgb.map(v => (v /= 255) <= .04045 ? v / 12.92 : ((v + .055) / 1.055) ** 2.4)
  .reduce((sum, v, i) => sum + v * [.2126, .7152, .0722][i], 0);
const channels = colour => (colour.match(/[\\d.]+/g) || [0, 0, 0, 0]).map(Number);
const ground = e => { for (; e; e = e.parentElement) { const c = channels(getComputedStyle(e).backgroundColor);
  if (c.length < 4 || c[3] > 0) return c.slice(0, 3); } return [255, 255, 255]; };
const contrast = (e, ink) => { const [a, b] = [luminance(channels(ink).slice(0, 3)), luminance(ground(e))].sort((x, y) => y - x);
  return (a + .05) / (b + .05); };
const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
const faint = [];
for (let node; node = walk.nextNode();) {
  const e = node.parentElement;
  if (!node.data.trim() || ["SCRIPT", "STYLE", "title", "desc"].includes(e.tagName)) continue;
  const style = getComputedStyle(e), ratio = contrast(e, e instanceof SVGElement ? style.fill : style.color);
  if (ratio < 4.5) faint.push([node.data.trim().slice(0, 40), ratio]);
}
const links = [...document.querySelectorAll("a")];
const lost = links.filter(a => {
  const target = document.getElementById(decodeURIComponent((a.getAttribute("href") || a.getAttribute("xlink:href")).slice(1)));
  return !target || target.closest("details:not([open])");
}).length;
const cell = document.querySelector("#cases td details"), closed = cell.getBoundingClientRect().height;
cell.querySelector("summary").click();
const root = document.documentElement, drawings = [...document.querySelectorAll("figure svg")];
const small = drawings.flatMap(s => [...s.querySelectorAll("text")].filter(t => t.textContent.trim())
  .map(t => { const m = t.getScreenCTM(); return parseFloat(getComputedStyle(t).fontSize) * Math.hypot(m.a, m.b); }));
const inside = (r, b) => r.left >= b.left - 1 && r.right <= b.right + 1 && r.top >= b.top - 1 && r.bottom <= b.bottom + 1;
const cut = drawings.flatMap(s => [...s.querySelectorAll("text")]
  .filter(t => !inside(t.getBoundingClientRect(), s.getBoundingClientRect())).map(t => t.textContent.trim().slice(0, 60)));
const opened = cell.getBoundingClientRect().height - closed, sideways = root.scrollWidth - root.clientWidth;
document.querySelectorAll("details").forEach(d => { d.open = true; });
const over = [...document.querySelectorAll(".stack td > *, .stack th > *")]
  .filter(e => e.getBoundingClientRect().right > e.parentElement.getBoundingClientRect().right + 2)
  .map(e => e.textContent.slice(0, 60));
parent.postMessage(JSON.stringify({
  faint, lost, cut, links: links.length, sideways: Math.max(sideways, root.scrollWidth - root.clientWidth), over, opened,
  drawings: drawings.length,
  least: Math.min(...small), empty: drawings.filter(s => s.getBoundingClientRect().height < 40).length,
  fetched: performance.getEntriesByType("resource").length,
}), "*");
</script>
"""


def chromium(*options: str) -> subprocess.CompletedProcess[str]:
    found = [path for name in BROWSERS if (path := shutil.which(name))]
    assert found, f"install one of {', '.join(BROWSERS)}: this test looks at the report in a real browser"
    common = [
        "--headless",
        "--no-sandbox",
        "--disable-gpu",
        "--hide-scrollbars",
        "--enable-logging=stderr",
        "--log-level=0",
    ]
    return subprocess.run([found[0], *common, *options], capture_output=True, text=True, check=True, timeout=300)


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """With every chapter, in the longest form."""
    return write_report(write_everything(tmp_path_factory.mktemp("browser") / "out"))


type Look = Callable[[int], dict[str, Any]]


@pytest.fixture(scope="module")
def look(report: Path, tmp_path_factory: pytest.TempPathFactory) -> Look:
    """What the probe finds at a width in pixels; the page is framed, as a headless window has a least width."""
    seen: dict[int, dict[str, Any]] = {}
    folder = tmp_path_factory.mktemp("probe")
    text = report.read_text(encoding="utf-8")
    (folder / "page.html").write_text(text.replace("</body>", f"{PROBE}</body>"), encoding="utf-8")

    def found(width: int) -> dict[str, Any]:
        if width not in seen:
            (folder / "frame.html").write_text(
                '<pre id="found"></pre><script>onmessage = e => found.textContent = e.data</script>'
                f'<iframe src="page.html" style="width:{width}px;height:900px;border:0"></iframe>',
                encoding="utf-8",
            )
            done = chromium("--virtual-time-budget=20000", "--dump-dom", (folder / "frame.html").as_uri())
            answer = re.search(r'<pre id="found">(.+?)</pre>', done.stdout, re.DOTALL)
            assert answer, done.stderr
            seen[width] = json.loads(html.unescape(answer[1]))
        return seen[width]

    return found


@pytest.mark.parametrize("width", [LAPTOP, PHONE])
def test_the_page_never_scrolls_sideways_and_no_cell_runs_into_the_next(look: Look, width: int) -> None:
    assert look(width)["sideways"] <= 0
    assert look(width)["over"] == []


@pytest.mark.parametrize("width", [LAPTOP, PHONE])
def test_every_text_stands_out_from_its_ground(look: Look, width: int) -> None:
    assert look(width)["faint"] == []


@pytest.mark.parametrize("width", [LAPTOP, PHONE])
def test_figures_are_there_and_their_text_can_be_read(look: Look, width: int) -> None:
    found = look(width)
    assert found["drawings"] >= 20
    assert found["empty"] == 0
    assert found["cut"] == []
    assert found["least"] >= 9


def test_every_link_leads_to_something_that_is_shown(look: Look) -> None:
    assert look(LAPTOP)["links"] > 20
    assert look(LAPTOP)["lost"] == 0


def test_a_rating_opens_and_shows_where_it_stands(look: Look) -> None:
    assert look(LAPTOP)["opened"] > 10


def test_the_page_asks_for_nothing_else(look: Look) -> None:
    assert look(LAPTOP)["fetched"] == 0


def test_the_browser_has_no_complaint(report: Path) -> None:
    assert re.findall(r".*CONSOLE.*", chromium("--dump-dom", report.as_uri()).stderr) == []


def test_the_report_can_be_printed(report: Path, tmp_path: Path) -> None:
    chromium("--no-pdf-header-footer", f"--print-to-pdf={tmp_path / 'report.pdf'}", report.as_uri())
    assert (tmp_path / "report.pdf").read_bytes().startswith(b"%PDF")
