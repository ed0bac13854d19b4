"""Claims read as they are written, print as they are read, and say where they go wrong."""

import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from causal.query import (
    CaseCounterfactual,
    Claim,
    ClaimError,
    Comparison,
    DirectEffect,
    Effect,
    Level,
    NaturalEffect,
    PathEffect,
    parse_claim,
)

NAMES = st.sampled_from(["trust", "ba_legitimacy", "C1", "Vertrauen", "größe", "信頼", "हिन्दी", "effect", "low", "_x"])
LEVEL: st.SearchStrategy[Level] = st.sampled_from(["low", "mean", "high"])
CASES = st.text(st.characters(codec="utf-8"), min_size=1).filter(str.strip) | st.sampled_from(
    ["sialkot", "c-1.2", "1994"]
)


@st.composite
def queries(draw: st.DrawFn) -> Effect | DirectEffect | PathEffect | NaturalEffect | CaseCounterfactual:
    names = draw(st.lists(NAMES, min_size=2, max_size=6, unique=True))
    split = draw(st.integers(2, len(names)))
    case = draw(st.none() | CASES)
    conditions = tuple((name, draw(LEVEL)) for name in names[split:])
    two = tuple((name, draw(LEVEL)) for name in names[2:])
    match draw(st.integers(0, 4)):
        case 0:
            return Effect(names[0], names[1], two, case)
        case 1:
            return DirectEffect(names[0], names[1], two, case)
        case 2:
            return PathEffect(tuple(names[:split]), conditions)
        case 3:
            return NaturalEffect(draw(st.sampled_from(["direct", "indirect"])), names[0], names[1], two)
        case _:
            return CaseCounterfactual(case or "x", names[0], names[1], draw(st.none() | LEVEL))


NUMBERS = st.floats(allow_nan=False, allow_infinity=False)
COMPARISONS = st.builds(Comparison, queries(), st.sampled_from([">", "<"]), queries() | NUMBERS)
CLAIMS = st.builds(Claim, st.lists(COMPARISONS, min_size=1, max_size=3).map(tuple))


@given(CLAIMS)
def test_every_claim_parses_back_from_its_own_text(claim: Claim) -> None:
    assert parse_claim(str(claim)) == claim


@given(CLAIMS, st.data())
def test_blanks_between_signs_change_nothing(claim: Claim, data: st.DataObject) -> None:
    blank = data.draw(st.sampled_from(["", "  ", "\n\t"]))
    text = str(claim)
    if '"' in text:
        return
    for sign in ("->", "|", "&", ",", "(", ")"):
        text = text.replace(f" {sign} ", f"{blank}{sign}{blank}").replace(sign, f"{blank}{sign}{blank}")
    assert parse_claim(text) == claim


@given(st.text(string.ascii_lowercase[:4] + 'effectpath()->|=,&<>. 01"\\', max_size=40))
def test_any_text_is_a_claim_or_an_error_with_its_place(text: str) -> None:
    try:
        claim = parse_claim(text)
    except ClaimError as error:
        assert str(error).startswith("character ")  # noqa: PT017
    else:
        assert parse_claim(str(claim)) == claim


def test_the_grammar_of_the_design_reads_as_meant() -> None:
    assert parse_claim("effect(A -> B) > 0") == Claim((Comparison(Effect("A", "B"), ">", 0.0),))
    assert parse_claim("direct(A->B)<0") == Claim((Comparison(DirectEffect("A", "B"), "<", 0.0),))
    assert parse_claim("path(A -> M -> B) > 0") == Claim((Comparison(PathEffect(("A", "M", "B")), ">", 0.0),))
    assert parse_claim("indirect(A -> B) > .2").parts[0] == Comparison(NaturalEffect("indirect", "A", "B"), ">", 0.2)
    moderated = parse_claim("effect(A -> B | M = high) > effect(A -> B | M = low)").parts[0]
    assert moderated == Comparison(Effect("A", "B", (("M", "high"),)), ">", Effect("A", "B", (("M", "low"),)))
    joint = parse_claim("effect(A -> B | case = sialkot) > 0 & effect(B -> C) < -1e-1")
    assert joint.parts[0].left == Effect("A", "B", case="sialkot")
    assert joint.parts[1] == Comparison(Effect("B", "C"), "<", -0.1)
    assert joint.queries == (Effect("A", "B", case="sialkot"), Effect("B", "C"))
    case = parse_claim('counterfactual(A = low -> B | case = "Sinos Valley") > 0')
    assert case.queries == (CaseCounterfactual("Sinos Valley", "A", "B", "low"),)


@pytest.mark.parametrize(
    ("text", "place", "message"),
    [
        ("", 1, "found the end; allowed is a quantity, one of effect(...)"),
        ("efect(A -> B) > 0", 1, "Did you mean 'effect'?"),
        ("effect(A > B) > 0", 10, "found '>'; allowed is '->'"),
        ("effect(A -> A) > 0", 13, "every construct may be named once"),
        ("effect(A -> B -> C) > 0", 15, "found '->'; allowed is ')'"),
        ("effect(A -> B)", 15, "found the end; allowed are '>' and '<'"),
        ("effect(A -> B) >= 0", 17, "a margin is the hypothesis's smallest_effect"),
        ("effect(A -> B) > 0 and x", 20, "found 'and'; allowed are '&' and a further comparison"),
        ("effect(A -> B) > 0 &", 21, "found the end; allowed is a quantity"),
        ("effect(A -> B) > nan", 18, "found 'nan'; allowed is a number or a quantity"),
        ("effect(A -> B) > 1e999", 18, "allowed are finite numbers"),
        ("effect(A -> B) > 12x", 18, "found '12x'; allowed is a number or a quantity"),
        ("effect(A -> B | M = hi) > 0", 21, "allowed are the levels low, mean, high"),
        ("effect(A -> B | A = high) > 0", 17, "a condition sets a construct that is not named yet"),
        ("effect(A -> B | M = high, M = low) > 0", 27, "a condition sets a construct that is not named yet"),
        ("path(A -> M -> B | M = high) > 0", 20, "a condition sets a construct that is not named yet"),
        ("effect(A -> B | case = x, case = y) > 0", 27, "one case may be named"),
        ("effect(A -> B | case = ) > 0", 24, "allowed is the id of a case or unit"),
        ("indirect(A -> B | case = x) > 0", 19, "indirect(...) is not asked of one case"),
        ("effect(A = low -> B) > 0", 10, "found '='; allowed is '->'"),
        ("counterfactual(A -> B) > 0", 1, "a counterfactual names its case"),
        ("counterfactual(A -> B | M = low, case = x) > 0", 25, "a counterfactual has no condition but its case"),
        ("0 < effect(A -> B)", 1, "found '0'; allowed is a quantity"),
    ],
)
def test_what_is_wrong_with_a_claim_is_said_at_its_place(text: str, place: int, message: str) -> None:
    with pytest.raises(ClaimError) as caught:
        parse_claim(text)
    assert str(caught.value).startswith(f"character {place} of the claim '{text}': ")
    assert message in str(caught.value)


def test_what_a_quantity_speaks_of_is_each_construct_once() -> None:
    assert parse_claim("path(A -> M -> B | G = high) > 0").queries[0].constructs == ("A", "M", "B", "G")
    assert parse_claim("natural_direct(A -> B | G = low) > 0").queries[0].constructs == ("A", "B", "G")
    assert parse_claim("counterfactual(A -> B | case = G) > 0").queries[0].constructs == ("A", "B")
