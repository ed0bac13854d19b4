"""Which columns of a wide table are meant: those named as constructs are, and those that options name."""

import re
from collections.abc import Iterator, Mapping, Sequence

from data.column_families import ColumnChoices
from data.problems import nearest
from data.widetable import TableChoices


def unmatched(header: Sequence[str], constructs: Mapping[str, bool], choices: TableChoices) -> Iterator[str]:
    """A sentence for each construct that lacks its column, and for each option that names none.

    constructs : their names, and whether each must have a column; one that need not still does where a column is named
        all but as it is: nobody who has a column Literacy means a latent literacy
    """
    named = dict(_named(choices))
    spare = [column for column in header if column not in constructs and column not in named.values()]
    lost = dict(_lost(header, spare, constructs))
    yield from lost.values()
    if not lost and not any(name in header for name in constructs):
        known = f"no column is named as a construct of the theory ({', '.join(constructs)})"
        yield f"{known}; columns are {', '.join(header)}. Rename one or the other."
    for option, name in _described(choices.columns):
        if name not in header and name not in lost:
            yield f"{option}: {_absent(name, header)}"
        elif name in header and name not in constructs:
            found = f"the column '{name}' is named as no construct of the theory, so that it is left aside"
            yield f"{option}: {found}.{nearest(name, constructs) or ' Drop the option.'}"
    for option, column in named.items():
        if column not in header:
            yield f"{option}: {_absent(column, header)}"


def _lost(header: Sequence[str], spare: Sequence[str], constructs: Mapping[str, bool]) -> Iterator[tuple[str, str]]:
    for name, must in constructs.items():
        alike = [column for column in spare if _plain(column) == _plain(name)]
        if name not in header and (must or alike):
            found = f"no column is named '{name}' as the construct is; columns are {', '.join(header)}"
            yield name, f"{found}.{nearest(name, alike or spare)} Rename one or the other."


def _plain(name: str) -> str:
    """A name without what is easily written otherwise: capitals, blanks, strokes."""
    return re.sub(r"[\W_]", "", name.casefold())


def _absent(column: str, header: Sequence[str]) -> str:
    return f"no column is named '{column}'; columns are {', '.join(header)}.{nearest(column, header) or ' Correct the option.'}"


def _described(choices: ColumnChoices) -> Iterator[tuple[str, str]]:
    """Each option that says how a construct's column is read, and the column."""
    yield from ((f"--family {name}={family}", name) for name, family in choices.families.items())
    yield from ((f"--levels {name}={','.join(levels)}", name) for name, levels in choices.levels.items())
    yield from ((f"--trials {name}={n}", name) for name, n in choices.trials.items())


def _named(choices: TableChoices) -> Iterator[tuple[str, str]]:
    """Each option that names a column besides those of constructs, and the column."""
    options = {"--unit": choices.unit, "--case": choices.case, "--period": choices.period}
    yield from ((f"{option} {column}", column) for option, column in options.items() if column)
    yield from ((f"--trials {name}={n}", n) for name, n in choices.columns.trials.items())
