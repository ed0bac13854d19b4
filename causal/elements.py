"""What a theory is made of: constructs, directed edges, admitted confounding, and the choices that change a number."""

from dataclasses import dataclass
from typing import Literal

type Sign = Literal["+", "-", "?"]
type ConstructKind = Literal["latent", "observed"]
type Pooling = Literal["partial", "none", "complete"]
type Prior = Literal["sceptical", "sign_informed"]

SIGNS: tuple[Sign, ...] = ("+", "-", "?")
CONSTRUCT_KINDS: tuple[ConstructKind, ...] = ("latent", "observed")
POOLINGS: tuple[Pooling, ...] = ("partial", "none", "complete")
PRIORS: tuple[Prior, ...] = ("sceptical", "sign_informed")


def is_name(text: str) -> bool:
    """Whether a construct or hypothesis may be called so: letters, digits and underscores, no digit first."""
    return text.isidentifier()


@dataclass(frozen=True, slots=True)
class Construct:
    """A node. `units` are the kinds of unit on which it varies; () means the outermost kind only."""

    name: str
    label: str = ""
    definition: str = ""
    source: str = ""
    kind: ConstructKind = "latent"
    units: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Edge:
    """A directed effect, its cause read `lag` periods back in the same case.

    Its strength may depend on a `moderator`, in the direction `moderation`. `prior_scale` None means the theory's own.
    `units` are the kinds of unit whose slope this is; () means all on which the effect varies.
    """

    cause: str
    effect: str
    sign: Sign = "?"
    because: str = ""
    source: str = ""
    lag: int = 0
    moderator: str | None = None
    moderation: Sign | None = None
    prior_scale: float | None = None
    units: tuple[str, ...] = ()
    monotone: bool = False

    @property
    def name(self) -> str:
        """How tables call the edge: `trust->settlement`, `trust[-1]->settlement`, `trust->settlement@association`."""
        lagged = f"[-{self.lag}]" if self.lag else ""
        kinds = f"@{'+'.join(self.units)}" if self.units else ""
        return f"{self.cause}{lagged}->{self.effect}{kinds}"


@dataclass(frozen=True, slots=True)
class Confounded:
    """Two constructs with an unmeasured common cause that the theory admits (a bidirected edge).

    strengths : prior location of its slopes on the two, where one is supposed (a file cannot say); strength_scale : their scale
    """

    between: tuple[str, str]
    because: str = ""
    source: str = ""
    strengths: tuple[float, float] | None = None
    strength_scale: float | None = None


@dataclass(frozen=True, slots=True)
class ModelChoices:
    """Choices that change a number; scales are standard deviations on standardised scores."""

    pooling: Pooling = "partial"
    prior: Prior = "sceptical"
    prior_scale: float = 0.5
    group_scale: float = 0.5
