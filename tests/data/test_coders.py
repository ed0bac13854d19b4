"""How coders compare, against counts made by hand and the rows they come from."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from data.cases import Cases, Observation
from data.codebook import Codebook, Indicator, Scale
from data.coders import agreement_by, construct, disagreement_table, kind, own_indicator, silence
from data.units import Unit

LEVELS = ("low", "middle", "high")
CODEBOOK = Codebook(
    {"three": Scale("three", LEVELS)},
    {
        "warmth": Indicator("warmth", "climate", "ordinal", "three"),
        "rain": Indicator("rain", "climate", "ordinal", "three"),
        "seen": Indicator("seen", "trace", "binary"),
    },
)
UNITS = {f"u{i}": Unit(f"u{i}", "c", 1, "valley" if i < 4 else "lake") for i in range(8)}


def row(unit: int, indicator: str, coder: str, text: str) -> Observation:
    low, _, high = text.partition("..")
    ordinal = indicator != "seen" and bool(text)
    levels = tuple(range(LEVELS.index(low), LEVELS.index(high or low) + 1)) if ordinal else ()
    value = float(text) if text and not ordinal else None
    name = f"{unit}{indicator}{coder}"
    return Observation(
        name, f"u{unit}", indicator, levels, value, None, not text, text, coder, 0.9, "s", "p. 1", name, "test", ""
    )  # fmt: skip


def cases(*rows: Observation) -> Cases:
    return Cases(UNITS, rows)


def both(unit: int, indicator: str, one: str, other: str) -> tuple[Observation, Observation]:
    return row(unit, indicator, "A", one), row(unit, indicator, "B", other)


MIXED = cases(
    *both(0, "warmth", "low", "low"),
    *both(1, "warmth", "high", "low"),
    *both(4, "warmth", "middle", "middle..high"),
    *both(0, "rain", "high", ""),
    *both(5, "rain", "", ""),
    *both(2, "seen", "1", "1"),
    *both(3, "seen", "0", "0"),
    row(6, "warmth", "B", "low"),
)


def test_each_part_counts_its_own_cells_and_scales_are_not_mixed() -> None:
    by_kind = agreement_by(kind, MIXED, CODEBOOK).set_index(["part", "of"])
    assert by_kind["cells"].to_dict() == {("valley", "three"): 2, ("valley", "binary"): 2, ("lake", "three"): 1}
    assert by_kind["identical"].to_dict() == {("valley", "three"): 0.5, ("valley", "binary"): 1, ("lake", "three"): 0}
    assert by_kind["agreeing"].to_dict() == {("valley", "three"): 0.5, ("valley", "binary"): 1, ("lake", "three"): 1}
    by_construct = agreement_by(construct, MIXED, CODEBOOK).set_index("part")
    assert by_construct["cells"].to_dict() == {"climate": 3, "trace": 2}
    # nobody but one coder speaks of rain, so that it has no agreement
    assert list(agreement_by(own_indicator, MIXED, CODEBOOK)["part"]) == ["warmth", "seen"]


def test_a_nominal_difference_is_as_bad_between_neighbours_as_between_ends() -> None:
    def alphas(other: str) -> tuple[float, float]:
        rows = (
            both(0, "warmth", "low", other) + both(1, "warmth", "middle", "middle") + both(2, "warmth", "high", "high")
        )
        (found,) = agreement_by(construct, cases(*rows), CODEBOOK).to_dict("records")
        return found["alpha_far"], found["nominal_far"]

    near, far = alphas("middle"), alphas("high")
    assert near[0] > far[0]
    assert near[1] == pytest.approx(far[1])
    # by hand: codes 1 2 | 2 2 | 3 3 disagree in one of three cells, and in 22 of the 30 ordered pairs of all six
    assert near[1] == pytest.approx(1 - (1 / 3) / (22 / 30))


def test_silence_and_not_looking_are_different() -> None:
    found = silence(MIXED, ("A", "B"))
    assert (found.cells, found.both_spoke, found.both_silent, found.only) == (7, 5, 1, {"A": 1, "B": 0})
    assert found.agreeing == pytest.approx(6 / 7)
    # by hand: 14 answers, 3 of them silent; ordered unlike pairs 2 * 3 * 11 of 14 * 13
    assert found.alpha == pytest.approx(1 - (1 / 7) / (66 / 182))


def test_coders_without_a_common_cell_cannot_be_compared() -> None:
    with pytest.raises(ValueError, match="A and C have no cell in common"):
        silence(MIXED, ("A", "C"))


def test_the_table_says_how_each_cell_differs() -> None:
    table = disagreement_table(MIXED, CODEBOOK)
    found = {(r["unit"], r["indicator"]): (r["A"], r["B"], r["difference"]) for r in table.to_dict("records")}
    assert found == {
        ("u1", "warmth"): ("high", "low", "apart"),
        ("u4", "warmth"): ("middle", "middle..high", "overlapping"),
        ("u0", "rain"): ("high", "", "one silent"),
    }


TEXTS = st.sampled_from(["", "low", "middle", "high", "low..middle", "middle..high", "low..high"])


@given(st.lists(st.tuples(TEXTS, TEXTS), min_size=1, max_size=8))
def test_identical_agreements_and_listed_differences_make_up_all_cells(codes: list[tuple[str, str]]) -> None:
    study = cases(*(row for unit, pair in enumerate(codes) for row in both(unit, "warmth", *pair)))
    table = agreement_by(lambda _unit, _indicator: "all", study, CODEBOOK)
    listed = disagreement_table(study, CODEBOOK)["difference"].value_counts()
    seen = silence(study, ("A", "B"))
    identical = round(float((table["identical"] * table["cells"]).sum()))
    assert identical + listed.get("overlapping", 0) + listed.get("apart", 0) == seen.both_spoke
    assert listed.get("one silent", 0) == sum(seen.only.values())
    assert seen.both_spoke + seen.both_silent + sum(seen.only.values()) == seen.cells == len(codes)
