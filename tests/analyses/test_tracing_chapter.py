"""The chapter on causal types, from rows as `casewise trace` writes them."""

from analyses.chapters.tracing import chapter
from analyses.results import Results, Row

UNITS = [{"name": "sinos_p3", "label": "Sinos 3: after the buyer left"}, {"name": "sialkot_p1", "label": ""}]


def population(name: str = "crisis caused upgrading", sd: str = "0.12", **changed: str) -> Row:
    return {
        "name": name, "question": "upgrading[crisis=0] < upgrading", "given": "crisis > 0 & upgrading > 0",
        "prior_mean": "0.30", "prior_sd": "0.20", "mean": "0.41", "sd": sd, "low": "0.10", "high": "0.70",
        "flat_prior_mean": "0.44", "flat_prior_sd": "0.03", "least_over_cuts": "0.35", "most_over_cuts": "0.45", "r_hat": "1.0",
        "method": "exact",
    } | changed  # fmt: skip


def case(
    unit: str, holds: str, posterior: str, name: str = "crisis caused upgrading", given: str = "crisis > 0"
) -> Row:
    return {
        "case": unit.split("_")[0], "period": "3", "unit": unit, "label": "", "name": name,
        "question": "upgrading[crisis=0] < upgrading", "given": given, "prob_given": holds, "prior": "0.30",
        "posterior": posterior, "least_over_cuts": "0.3", "most_over_cuts": "0.5",
    }  # fmt: skip


CASES = [case("sinos_p3", "0.62", "0.47"), case("sialkot_p1", "0.02", "0.33")]
ASSUMED = [
    {"assumption": a, "value": v}
    for a, v in {
        "graph": "crisis -> upgrading", "cut": "0.50", "standard error of the cut": "0.05 (tried at 0.50; 0.41; 0.59)",
        "restrictions": "none", "method": "exact: a mixture of 7 Dirichlets",
    }.items()
]  # fmt: skip


def results(**tables: list[Row]) -> Results:
    later = {"trace_population": [population()], "trace": CASES, "trace_assumptions": ASSUMED} | tables
    return Results([], [], [], [], [], {}, {}, {"units": UNITS}, later=later, sensitivity={})


def said(**tables: list[Row]) -> str:
    made = chapter(results(**tables))
    assert made is not None
    return "\n".join(made.findings)


def test_before_the_command_has_run_there_is_no_chapter() -> None:
    assert chapter(results(trace=[], trace_population=[])) is None


def test_an_answer_stands_beside_its_prior_and_names_the_unit_in_which_the_question_arises() -> None:
    text = said()
    assert "Crisis caused upgrading: in the population 0.30 before the cases, 0.41 after (95 % 0.10 to 0.70)" in text
    assert "the cases took 64% of its variance" in text
    assert "arises in Sinos 3 (with probability 0.62), where it is so with probability 0.47" in text


def test_what_the_cases_hardly_narrow_is_said_to_be_prior() -> None:
    text = said(trace_population=[population(sd="0.19")])
    assert "hardly narrow it, so that it is mostly prior" in text
    assert "The option --signs asks the same" in text
    assert "--signs" not in said()
    by_direction = [*ASSUMED, {"assumption": "prior over types", "value": "noisy-or, each cause as the theory expects"}]
    assert "--signs" not in said(trace_population=[population(sd="0.19")], trace_assumptions=by_direction)


def test_several_levels_and_a_flat_prior_with_too_many_types_are_told_as_they_are() -> None:
    cut = [{**row, "value": "0.33 and 0.67"} if row["assumption"] == "cut" else row for row in ASSUMED]
    text = said(trace_population=[population(flat_prior_sd="", flat_prior_mean="")], trace_assumptions=cut)
    assert "at a higher level in a unit for every cut that its rows put it above, at 0.33 and 0.67 of its range" in text
    assert "A flat prior over types is not weak" not in text


def test_an_effect_may_be_negative() -> None:
    effect = population(
        "effect", question="upgrading[crisis=1] - upgrading[crisis=0]", given="", mean="-0.2", low="-0.5"
    )
    assert "Effect: in the population 0.30 before the cases, −0.20 after (95 % −0.50 to 0.70)" in said(
        trace_population=[effect]
    )


def test_the_dogmatism_of_the_flat_prior_is_shown_where_there_is_any() -> None:
    assert "standard deviation is 0.030 before any case, beside 0.200" in said()
    assert "flat prior" not in said(trace_population=[population(flat_prior_sd="0.21")])


def test_where_constructs_were_cut_and_what_was_ruled_out_is_said() -> None:
    assert "above 0.50 of its range (standard error of that cut 0.05 (tried at 0.50; 0.41; 0.59))" in said()
    assert "no way of responding was ruled out" in said()


def test_chains_that_disagree_and_an_unseen_mediator_are_said_first() -> None:
    doubtful = [{"assumption": "chains", "value": "disagree (worst R-hat 1.40, limit 1.05)"},
                {"assumption": "beware", "value": "'m' was seen in no case"}]  # fmt: skip
    made = chapter(results(trace_assumptions=[*ASSUMED, *doubtful]))
    assert made is not None
    assert made.findings[0] == (
        "Chains disagree (worst R-hat 1.40, limit 1.05): do not use these numbers; sample more with --draws."
    )
    assert made.findings[1] == "Beware: 'm' was seen in no case"


def test_the_first_clue_and_whether_to_go_wide_or_deep_are_told() -> None:
    clue = {"name": "crisis caused upgrading", "unit": "sinos_p3", "clue": "social_capital", "prob_given": "0.62",
            "now": "0.47", "share_learnt": "0.123", "if_0": "0.2", "if_1": "0.6"}  # fmt: skip
    plan = {"name": "crisis caused upgrading", "sd": "0.2", "expected_sd": "0.1", "looking_at": "crisis, upgrading"}
    wide = plan | {"plan": "a new case", "wide": "True", "share_learnt": "0.05"}
    deep = plan | {"plan": "sinos_p3", "wide": "False", "share_learnt": "0.02", "looking_at": "social_capital"}
    text = said(trace_clues=[clue], trace_plans=[deep, wide])
    assert "is social capital in Sinos 3: from 0.47 now to 0.20 if at 0, 0.60 if at 1" in text
    assert "take 12.3% of the variance" in text
    assert "go wide. A further case is expected to take 5.0%" in text
    assert "being certain of social capital in Sinos 3 2.0%" in text
    turned = [wide | {"share_learnt": "0.01"}, deep]
    assert "neither tells much" in said(trace_plans=turned)
    turned[1] = deep | {"share_learnt": "0.2"}
    assert "go deep" in said(trace_plans=turned)
    assert "No clue that is still open would settle it" in said(trace_clues=[clue | {"share_learnt": "0.001"}])
    assert "No clue" not in text


def rival(model: str, behind: str, ahead: str, held_out: str) -> Row:
    return {"model": model, "restrictions": "", "log_marginal_likelihood": "-40", "mcse": "0.1", "behind_best_db": behind,
            "posterior_probability": "0.5", "for_it_db": ahead, "least_over_cuts_db": "1.5", "most_over_cuts_db": "4.5",
            "held_out_score": held_out, "held_out_mcse": "0.1", "exact": "False"}  # fmt: skip


def test_rivals_are_told_from_the_best_with_their_range_over_cuts() -> None:
    text = said(trace_rivals=[rival("state_led", "0", "3.2", "-44"), rival("asked", "3.2", "0.0", "-42")])
    assert "“state led” foresees the coded units best, 3.2 dB ahead of “asked”" in text
    assert "do not tell it apart, by ten to one, from the one other" in text
    assert "Against the theory as asked it is +3.2 dB, +1.5 to +4.5 over the cuts tried" in text
    assert "best foreseen from the others by “asked”" in text
    near = said(trace_rivals=[rival("state_led", "0", "3.2", "-42.2"), rival("asked", "13.2", "0.0", "-42")])
    assert "“asked” and “state led” lead, and are not told apart beyond the error of the estimates" in near
    assert "by ten to one" not in near


def test_the_case_table_has_a_row_per_unit_and_a_column_per_question() -> None:
    others = [
        case("sinos_p3", "0.5", "0.11", "institutions did"),
        case("sialkot_p1", "0.9", "0.22", "institutions did"),
    ]
    made = chapter(results(trace=[*CASES, *others]))
    assert made is not None
    assert made.tables[0].rows == [
        {"unit": "Sinos 3", "crisis caused upgrading": "0.47 (0.62)", "institutions did": "0.11 (0.50)"},
        {"unit": "sialkot_p1", "crisis caused upgrading": "0.33 (0.02)", "institutions did": "0.22 (0.90)"},
    ]
    assert not made.tables[0].folded


def test_units_in_which_the_question_hardly_arises_are_not_drawn() -> None:
    made = chapter(results())
    assert made is not None
    (drawing,) = made.drawings
    assert "Sinos 3: crisis caused upgrading" in drawing.svg
    assert "sialkot_p1" not in drawing.svg
    nobody = chapter(results(trace=[case("sialkot_p1", "0.02", "0.3")]))
    assert nobody is not None
    assert not nobody.drawings
