import itertools
import re
import xml.etree.ElementTree as ET

import networkx as nx
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from matplotlib.patches import Rectangle

from analyses.arrows import Arrow
from analyses.figures import SVG, Span, dumbbells, forest, inline_svg, sheet, weights
from analyses.layering import GAP, Layers, arrange
from analyses.theory_figure import draw_theory


def drawn(seed: str = "x") -> str:
    with sheet(2) as (figure, ax):
        weights(ax, ["$5 & <more>", "b"], [1.0, -2.0], [0.1, 0.2], [False, True], ["#one", "#two"])
        return inline_svg(figure, seed, "Title & more", "Described")


def test_a_forest_marks_every_prior_and_posterior_where_they_are() -> None:
    with sheet(2) as (_, ax):
        forest(ax, ["a", "b"], [Span(-1, 0, 1)] * 2, [Span(0.1, 0.3, 0.7), Span(-0.6, -0.2, 0.0)], "sd")
        lines = [np.asarray(line.get_xdata()).tolist() for line in ax.lines]
    for expected in ([0.1, 0.7], [0.3], [-0.6, 0.0], [-0.2]):
        assert expected in lines
    assert lines.count([-1, 1]) == 2


def test_dumbbells_join_the_probability_before_to_the_one_after() -> None:
    with sheet(1) as (_, ax):
        dumbbells(ax, ["a"], [0.4], [0.9], 0.95)
        assert [0.4, 0.9] in [np.asarray(line.get_xdata()).tolist() for line in ax.lines]


def test_bars_are_as_long_as_the_weights_and_hatched_when_in_doubt() -> None:
    with sheet(2) as (_, ax):
        weights(ax, ["a", "b"], [1.0, -2.0], [0.1, 0.2], [False, True], ["#a", "#b"])
        bars = [bar for bar in ax.patches if isinstance(bar, Rectangle)]
        assert [bar.get_width() for bar in bars] == [1.0, -2.0]
        assert [bar.get_hatch() for bar in bars] == [None, "////"]


def test_a_label_is_text_and_not_mathematics() -> None:
    assert "$5 &amp; &lt;more&gt;" in drawn()


def test_the_same_figure_is_the_same_text() -> None:
    assert drawn() == drawn()


def test_ids_of_two_figures_on_one_page_do_not_meet() -> None:
    one, two = (set(re.findall(r'\bid="([^"]+)"', drawn(name))) for name in ("a", "b"))
    assert one
    assert not one & two


def test_every_reference_inside_a_figure_is_to_an_id_of_it() -> None:
    text = drawn()
    ids = set(re.findall(r'\bid="([^"]+)"', text))
    links = set(re.findall(r'href="#([^"]+)"', text)) | set(re.findall(r"url\(#([^)]+)\)", text))
    assert links - ids == {"one", "two"}


def test_a_link_without_text_is_passed_over_by_the_keyboard() -> None:
    for link in ET.fromstring(drawn()).iter(f"{{{SVG}}}a"):
        assert bool("".join(link.itertext()).strip()) != (link.get("tabindex") == "-1")


def test_a_link_can_say_where_it_leads() -> None:
    with sheet(1) as (figure, ax):
        weights(ax, ["a"], [1.0], [0.1], [False], ["#one"])
        root = ET.fromstring(inline_svg(figure, "x", "T", "D", {"#one": "Okafor, p. 3"}))
    for link in root.iter(f"{{{SVG}}}a"):
        assert [e.text for e in link.iter(f"{{{SVG}}}title")] == ["Okafor, p. 3"]


@st.composite
def graphs(draw: st.DrawFn) -> tuple[dict[str, float], list[tuple[str, str]]]:
    nodes = [f"n{i}" for i in range(draw(st.integers(1, 9)))]
    pairs = list(itertools.combinations(nodes, 2))
    edges = draw(st.lists(st.sampled_from(pairs), unique=True)) if pairs else []
    return {node: draw(st.floats(40, 300)) for node in nodes}, edges


@given(graphs())
def test_causes_stand_above_effects_and_no_two_nodes_overlap(
    graph: tuple[dict[str, float], list[tuple[str, str]]],
) -> None:
    widths, edges = graph
    layers = arrange(widths, edges)
    assert all(layers.layer[cause] < layers.layer[effect] for cause, effect in edges)
    for a, b in itertools.combinations(widths, 2):
        if layers.layer[a] == layers.layer[b]:
            assert abs(layers.x[a] - layers.x[b]) >= (widths[a] + widths[b]) / 2 + GAP - 1e-6
    assert all(
        layers.x[n] - w / 2 + 1e-6 >= 0 and layers.x[n] + w / 2 <= layers.width + 1e-6 for n, w in widths.items()
    )


@given(graphs())
def test_no_edge_runs_through_a_node(graph: tuple[dict[str, float], list[tuple[str, str]]]) -> None:
    widths, edges = graph
    layers = arrange(widths, edges)
    for (cause, effect), passes in layers.passes.items():
        assert len(passes) == layers.layer[effect] - layers.layer[cause] - 1
        for layer, x in enumerate(passes, start=layers.layer[cause] + 1):
            assert not _hit(layers, widths, layer, x)


def _hit(layers: Layers, widths: dict[str, float], layer: int, x: float) -> list[str]:
    return [n for n, w in widths.items() if layers.layer[n] == layer and abs(layers.x[n] - x) < w / 2]


def test_a_tree_is_drawn_without_crossings() -> None:
    tree = nx.balanced_tree(2, 3, create_using=nx.DiGraph)
    edges = [(str(a), str(b)) for a, b in tree.edges]
    layers = arrange({str(n): 60.0 for n in tree}, edges[::-1])
    for (a, b), (c, d) in itertools.combinations(edges, 2):
        if layers.layer[a] == layers.layer[c] and a != c:
            assert (layers.x[a] - layers.x[c]) * (layers.x[b] - layers.x[d]) > 0


def test_a_cycle_is_refused() -> None:
    with pytest.raises(nx.NetworkXException):
        arrange({"a": 50.0, "b": 50.0}, [("a", "b"), ("b", "a")])


def test_the_drawing_of_a_theory_says_sign_support_lag_and_moderation() -> None:
    arrows = [
        Arrow("a", "b", "+", 0, 0.8, 0.97, "m", "-"),
        Arrow("m", "b", "-", 0, 0.1, 0.004, None, None),
        Arrow("b", "b", "+", 1, 0.5, 0.8, None, None),
        Arrow("a", "m", "?", 0, None, None, None, None),
    ]
    text = draw_theory({"a": "A <x>", "b": "B", "m": "M", "unused": "Nobody"}, arrows, "T", "D")
    said = {"".join(e.itertext()) for e in ET.fromstring(text).iter(f"{{{SVG}}}text")}
    assert {"A <x>", "B", "M", "+ .97", "− <.01", "+ .80 t−1", "?", "−"} - said == set()
    assert "Nobody" not in said
    assert text.count("stroke-dasharray") == 1


def ends(path: str) -> tuple[tuple[float, float], tuple[float, float]]:
    """Where a line of a drawing begins and ends."""
    numbers = [float(text) for text in re.findall(r"-?[\d.]+", path)]
    return (numbers[0], numbers[1]), (numbers[-2], numbers[-1])


@pytest.mark.parametrize("pair", [("a", "b"), ("a", "m"), ("b", "a")])
def test_an_unmeasured_common_cause_is_a_dotted_line_between_the_two_it_joins(pair: tuple[str, str]) -> None:
    arrows = [Arrow("a", "b", "+", 0, 0.8, 0.97, None, None), Arrow("m", "b", "-", 0, 0.1, 0.4, None, None)]
    root = ET.fromstring(draw_theory({"a": "A", "b": "B", "m": "M"}, arrows, "T", "D", [pair]))
    (line,) = [e for e in root.iter(f"{{{SVG}}}path") if e.get("stroke-linecap") == "round"]
    boxes = [e for e in root.iter(f"{{{SVG}}}rect") if e.get("rx") == "7"]
    labels = ["".join(e.itertext()) for e in root.iter(f"{{{SVG}}}text") if e.get("font-size") == "15"]
    found = set()
    for x, y in ends(line.attrib["d"]):
        for name, box in zip(labels, boxes, strict=True):
            left, top, width, height = (float(box.attrib[key]) for key in ("x", "y", "width", "height"))
            if left - 10 <= x <= left + width + 10 and top - 10 <= y <= top + height + 10:
                found.add(name.lower())
    assert found == set(pair)


def test_a_line_round_a_side_keeps_clear_of_every_construct() -> None:
    names = [f"c{i}" for i in range(6)]
    arrows = [Arrow(a, b, "+", 0, 0.5, 0.5, None, None) for a, b in itertools.pairwise(names)]
    arrows += [Arrow("x", "c3", "+", 0, 0.5, 0.5, None, None), Arrow("c5", "c0", "+", 1, 0.5, 0.5, None, None)]
    root = ET.fromstring(draw_theory({n: n for n in [*names, "x"]}, arrows, "T", "D", [("c0", "c4")]))
    boxes = [e for e in root.iter(f"{{{SVG}}}rect") if e.get("rx") == "7"]
    sides = [e.attrib["d"] for e in root.iter(f"{{{SVG}}}path") if "L" in e.attrib["d"]]
    assert len(sides) == 2
    for path in sides:
        x = float(path[path.index("L") + 1 :].split()[0])
        assert all(not float(b.attrib["x"]) <= x <= float(b.attrib["x"]) + float(b.attrib["width"]) for b in boxes)
        assert 0 <= x <= float(root.attrib["viewBox"].split()[2])


def test_the_stronger_an_edge_the_wider_and_its_colour_tells_its_support() -> None:
    weak, strong = (Arrow("a", "b", "+", 0, s, 0.9, None, None) for s in (0.1, -1.0))
    assert weak.width < strong.width
    colours = [Arrow("a", "b", "+", 0, 1.0, p, None, None).colour for p in (0.01, 0.1, 0.5, 0.9, 0.99)]
    assert len(set(colours)) == 5
