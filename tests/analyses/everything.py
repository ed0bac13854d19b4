"""A results folder as every command leaves it, its numbers invented: what a reader of the longest report sees."""

from collections.abc import Iterator
from pathlib import Path

from tests.analyses import test_tracing_chapter as tracing
from tests.analyses.folders import Row, write_folder, write_table
from tests.analyses.invented import lakes, write_support
from tests.analyses.test_case_effects import ROW as COUNTERFACTUAL
from tests.analyses.test_independences import ROW as INDEPENDENCE
from tests.analyses.test_refutations_chapter import row as refutation

CLAIM = "leaders"
FAMILIES = ("priors", "coding", "confounding", "selection", "theory", "multiverse")
LEFT_OUT = (
    "The 63 rows that rest on this source were left out, and whatever else rests on them was worked out anew, once."
)
SOURCED = ("Chala", "Žuvintas", "São Bento")


def write_everything(out: Path) -> Path:
    """Files for every chapter that a report can have, but for one on pooling; returns the folder."""
    write_folder(lakes(), out)
    write_support(out)
    write_table(out / "case_effects.csv", [COUNTERFACTUAL | {"unit": f"a{i}"} for i in range(20)])
    tests = [
        refutation(f"without source {name}", v, LEFT_OUT)
        for name in SOURCED
        for v in ("survives", "fails", "uninformative")
    ]
    write_table(out / "refutations.csv", tests)
    write_table(out / "independences.csv", [INDEPENDENCE, INDEPENDENCE | {"verdict": "holds"}])
    write_table(out / "trace_population.csv", [tracing.population(), tracing.population("institutions did")])
    write_table(out / "trace.csv", tracing.CASES)
    write_table(out / "trace_assumptions.csv", tracing.ASSUMED)
    for name, rows in _sensitivity():
        write_table(out / "sensitivity" / f"{name}.csv", rows)
    return out


def _sensitivity() -> Iterator[tuple[str, list[Row]]]:
    own = {"own_gap": 0.3, "own_probability": 0.8, "own_verdict": "undecided"}
    worries = ("how wide the prior on effects is", "ratings a level off, all of a unit", "an unmeasured common cause")
    yield (
        "verdict",
        [
            {"hypothesis": CLAIM, "rank": i, "worry": worry, "stands": i != 1, "trials": 3, "changed": int(i == 1)}
            | {"probability": 0.9 - i / 5, "felt": i < 3, "sentence": "the verdict stands under all 3"}
            | own
            for i, worry in enumerate(worries, start=1)
        ],
    )
    for family in FAMILIES:
        yield family, [_variant(family, i) for i in range(30)]
    yield "recodings", [_variant("random recodings", i) for i in range(30)]
    axes = [(i / 10, j / 10) for i in range(8) for j in range(8)]
    yield (
        "contour",
        [
            {"hypothesis": CLAIM, "cause": "leadership", "effect": "stock"}
            | {"r2_cause": x, "r2_effect": y, "probability": 0.9 - x - y + x * y}
            for x, y in axes
        ],
    )
    yield (
        "benchmarks",
        [
            {"hypothesis": CLAIM, "cause": "leadership", "effect": "stock", "benchmark": "market_access"}
            | {"times": times, "r2_cause": 0.15 * times, "r2_effect": 0.2 * times}
            for times in (1.0, 2.0)
        ],
    )
    yield (
        "multiverse_shares",
        [{"hypothesis": CLAIM, "choice": c, "share_of_log_odds": s} for c, s in (("prior", 0.4), ("coder", 0.2))],
    )


def _variant(worry: str, i: int) -> Row:
    middle = 0.3 - i / 40
    return {
        "hypothesis": CLAIM, "worry": worry, "change": f"{SOURCED[i % 3]} {i} a level up", "gap_mean": middle,
        "gap_low": middle - 0.4, "gap_high": middle + 0.4, "probability": 0.9 - i / 60, "moved_db": -i / 4, "stands": i < 25,
    }  # fmt: skip
