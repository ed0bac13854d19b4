"""The lakes with draws of the prior in the place of posterior draws, and theories with invented scores: no sampler runs."""

import tempfile
from collections.abc import Mapping
from functools import cache
from pathlib import Path

from analyses.bridging import bridge_table, items_table
from analyses.collecting import next_table, prospects_table
from analyses.leading import leading_table, tipping_table
from analyses.ledgers import Ledger, groups_table, ledger_table
from analyses.rivalry import held_out_table, odds_table, rivals_table, scales_table
from analyses.run import askable
from analyses.tables import hypotheses_table, judgements
from causal.theory import Theory
from models.evidence.marginal import LogEvidence
from models.evidence.rivals import Scored, blueprints
from models.study import Study, load_study
from tests.fitted import SAMPLER, draw_up, invented_trace, put_together
from tests.studies import write_study


@cache
def lakes() -> Study:
    """Three lakes in two periods, with qualitative evidence."""
    root = write_study(Path(tempfile.mkdtemp(prefix="lakes-")), cases=3, periods=2)
    (root / "evidence.toml").write_text(EVIDENCE, encoding="utf-8")
    return load_study(root)


EVIDENCE = """\
[[evidence]]
id = "minutes"
statement = "Minutes of the elders speak of nets only after the patrols began."
source = "okafor2012, p. 40"
reliability = 0.9
ratios = { gear = [3, 6] }

[[evidence]]
id = "letter"
statement = "A letter of the fisheries office says the same."
source = "mbeki2018"
group = "minutes"
ratios = { gear = [2, 4] }

[[evidence]]
id = "mesh_first"
statement = "Catches rose a year after the new meshes."
source = "mbeki2018"
role = "build"
ratios = { gear = [0.25, 0.5] }
"""


@cache
def ledger() -> Ledger:
    """Whose draws say nothing of the data, and everything of the arithmetic."""
    study = lakes()
    blueprint = draw_up(study)
    estimate = put_together(blueprint, study, invented_trace(blueprint, chains=2, draws=400), SAMPLER)
    return Ledger(study, estimate, askable(study), judgements(estimate, askable(study)))


def scored(theories: Mapping[str, tuple[Theory, float]]) -> dict[str, Scored]:
    """Theories with a log marginal likelihood each, the same a little wider or narrower under other prior scales."""
    blueprint = next(iter(blueprints(lakes()).values()))
    return {
        name: Scored(
            theory,
            blueprint,
            LogEvidence(value, 0.1, (value,)),
            {case: LogEvidence(value / 3, 0.1, ()) for case in lakes().cases.cases},
            {scale: LogEvidence(value - abs(scale - 1), 0.1, ()) for scale in (0.5, 1.0, 2.0)},
        )
        for name, (theory, value) in theories.items()
    }


def theories() -> dict[str, Scored]:
    """The study's theories, 4 nats apart."""
    values = dict(zip(lakes().theories, (-100.0, -104.0), strict=True))
    return scored({name: (theory, values[name]) for name, theory in lakes().theories.items()})


def write_support(out: Path) -> None:
    """The tables of ``casewise support``, by the code that writes them, into a results folder."""
    found = theories()
    tables = {
        "hypotheses": hypotheses_table(ledger().hypotheses, ledger().judged, {}),
        "ledger": ledger_table(ledger()),
        "ledger_groups": groups_table(ledger()),
        "tipping": tipping_table(ledger()),
        "leading": leading_table(ledger(), {}, 1),
        "next_evidence": next_table(ledger()),
        "prospects": prospects_table(ledger(), 1),
        "rivals": rivals_table(found),
        "held_out": held_out_table(found),
        "theory_odds": odds_table(found),
        "rivals_by_scale": scales_table(found),
        "evidence_items": items_table(lakes()),
        "bridge": bridge_table(lakes(), {name: s.evidence for name, s in found.items()}),
    }
    for name, table in tables.items():
        table.to_csv(out / f"{name}.csv", index=False)
