"""An edge of a theory as it is drawn: its label, its width for its strength, its colour for its support."""

from __future__ import annotations

from dataclasses import dataclass

from analyses.wording import probability

SUPPORT = ((0.95, "#1d4f91"), (0.75, "#4f86c6"), (0.25, "#757575"), (0.05, "#d0702a"), (0.0, "#96400d"))
"""From a probability of the expected sign upwards, its colour."""
KEY = ("at least .95", ".75 to .95", ".25 to .75", ".05 to .25", "below .05")
UNKNOWN = "#757575"


@dataclass(frozen=True, slots=True)
class Arrow:
    """An edge to draw.

    strength : mean coefficient after the data; support : probability of the expected sign, of a positive one when the theory
    expects none. None when the results have no coefficient for it
    """

    cause: str
    effect: str
    sign: str
    lag: int
    strength: float | None
    support: float | None
    moderator: str | None
    moderation: str | None

    @property
    def colour(self) -> str:
        return UNKNOWN if self.support is None else next(c for least, c in SUPPORT if self.support >= least)

    @property
    def label(self) -> str:
        share = (
            ""
            if self.support is None
            else f" {probability(self.support)}".replace("0.", ".").replace("< ", "<").replace("> ", ">")
        )
        later = f" t−{self.lag}" if self.lag else ""
        return f"{self.sign.replace('-', '−')}{share}{later}"

    @property
    def half(self) -> float:
        """Half the width of the label's frame."""
        return 4.1 * len(self.label) + 6

    @property
    def width(self) -> float:
        return 1.4 + 3.6 * min(abs(self.strength or 0.0), 1.5)
