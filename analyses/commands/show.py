"""``casewise show``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Literal

import typer

from analyses.commands.shared import StudyPath, TheoryName, load, stop

if TYPE_CHECKING:
    from models.study import Study

type View = Literal["equations", "graph", "dot", "dagitty", "pymc"]


def show(
    study: StudyPath,
    theory: TheoryName = None,
    view: Annotated[
        Literal["equations", "graph", "dot", "dagitty", "pymc"],
        typer.Option("--as", help="Equations, causes of each construct, Graphviz, dagitty, or a script of plain PyMC."),
    ] = "equations",
) -> None:
    """Print the model: its equations, its graph, or a script of plain PyMC that runs without casewise. Samples nothing."""
    from models.draft import CannotEstimateError

    loaded = load(study, theory)
    try:
        typer.echo(shown(loaded, view), nl=False)
    except CannotEstimateError as error:
        stop(str(error))


def shown(study: Study, view: View) -> str:
    """The text of a view of the study's main theory."""
    from causal.dagitty import Drawing, to_dagitty
    from causal.dot import to_dot, to_text
    from models.blueprint import draw_blueprint

    match view:
        case "graph":
            return to_text(study.theory)
        case "dot":
            return to_dot(study.theory)
        case "dagitty":
            return to_dagitty(Drawing(study.theory, frozenset(study.unmeasured)))
    blueprint = draw_blueprint(study.theory, study.codebook, study.cases.units, study.cases.observations)
    if view == "equations":
        from models.script.equations import equations

        return equations(blueprint, study.cases.units)
    from models.script.writer import pymc_script

    return pymc_script(blueprint, study.cases.units)
