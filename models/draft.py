"""What the arrays of a blueprint are made of: names along every dimension, and parameters with their priors."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from causal.theory import Theory
from data.cases import Unit
from data.codebook import Codebook, Indicator
from models.measurement.cells import Block, Scaling
from models.measurement.columns import CannotEstimateError, Column, columns_of
from models.priors import Dirichlet, HalfNormal, HalfStudentT, LogNormal, Normal, Priors, StudentT
from models.structure.known import known_scores
from models.structure.layout import Structure
from models.structure.reading import Node
from models.structure.slopes import Slope
from models.structure.steps import by_levels, stepped

__all__ = ["CannotEstimateError", "Draft", "Parameter"]

type Array = NDArray[np.generic]
type Prior = StudentT | HalfStudentT | Normal | HalfNormal | LogNormal | Dirichlet

LOGISTIC_SD = float(np.pi / np.sqrt(3.0))
"""Standard deviation of a logistic disturbance: that of a yes/no, a level or a share around its linear predictor."""


@dataclass(frozen=True)
class Parameter:
    """A free parameter: its name, its dimensions, its prior, and the names of the data arrays the prior reads."""

    name: str
    dims: tuple[str, ...]
    shape: tuple[int, ...]
    prior: Prior
    reads: tuple[str, ...] = ()


@dataclass(frozen=True)
class Draft:
    """Works out the arrays of a blueprint; exists only while one is drawn."""

    theory: Theory
    codebook: Codebook
    units: Mapping[str, Unit]
    structure: Structure
    blocks: tuple[Block, ...]
    scaling: Mapping[str, Scaling]
    indicators: tuple[str, ...]
    priors: Priors
    first_columns: Mapping[str, Column] | None = None
    """Columns as first standardised, where other rows of the same cells are laid out."""

    @cached_property
    def keys(self) -> list[tuple[str, str]]:
        return [key for block in self.blocks for key in block.keys]

    @cached_property
    def specs(self) -> list[Indicator]:
        return [self.codebook.indicators[name] for name in self.indicators]

    @cached_property
    def surveys(self) -> list[str]:
        """Cells with extra noise share its sd within a survey (binomial) or an indicator (counts, columns)."""
        return list(dict.fromkeys(self.survey(key) for key in self.noisy))

    @cached_property
    def noisy(self) -> list[tuple[str, str]]:
        return [key for key in self.keys if self.spec(key).family in ("binomial", "count")]

    @cached_property
    def groups(self) -> list[str]:
        """Evidence groups that bear on more than one cell: only those can make cells depend on one another."""
        seen: dict[str, set[tuple[str, str]]] = {}
        for block in self.blocks:
            for key, rows in zip(block.keys, block.rows, strict=True):
                for row in rows:
                    seen.setdefault(row.evidence_group, set()).add(key)
        return [group for group, cells in seen.items() if len(cells) > 1]

    @cached_property
    def scales(self) -> dict[int, list[str]]:
        """What has cutpoints of its own, by number of levels: verbal scales, and every ordinal column that is a construct."""
        found: dict[int, list[str]] = {}
        for spec in self.specs:
            if spec.family == "ordinal":
                names = found.setdefault(len(self.codebook.levels(spec.name)), [])
                names += [name for name in (self.cut_scale(spec),) if name not in names]
        return dict(sorted(found.items()))

    def cut_scale(self, spec: Indicator) -> str:
        """The name of an ordinal indicator's cutpoints. Without a loading a column cannot share those of its verbal scale."""
        return f"column {spec.name}" if self.is_column(spec) else str(spec.scale)

    @cached_property
    def continuous(self) -> list[str]:
        return [spec.name for spec in self.specs if spec.family == "continuous"]

    @cached_property
    def columns(self) -> dict[str, Column]:
        """The column of every observed construct that has rows."""
        if self.first_columns is not None:
            return dict(self.first_columns)
        return columns_of(self.theory, self.codebook, self.blocks)

    @cached_property
    def steps(self) -> dict[str, Column]:
        """The column of every monotone edge's cause, by the name of the edge's nodes."""
        return stepped(self.theory, self.columns)

    def is_column(self, spec: Indicator) -> bool:
        return spec.measures in self.columns

    @cached_property
    def shifted(self) -> list[str]:
        """Indicators with a shift: all but ordinal columns, whose cutpoints are their own."""
        return [spec.name for spec in self.specs if not (spec.family == "ordinal" and self.is_column(spec))]

    def spec(self, key: tuple[str, str]) -> Indicator:
        return self.codebook.indicators[key[1]]

    def survey(self, key: tuple[str, str]) -> str:
        spec = self.spec(key)
        return key[0] if spec.family == "binomial" and not self.is_column(spec) else key[1]

    @cached_property
    def known(self) -> dict[Node, float]:
        """Scores that rows give."""
        return known_scores(self.structure, self.columns, self.blocks)

    @cached_property
    def disturbed(self) -> list[int]:
        """Nodes with a disturbance, by position: a known value needs none unless a refit may leave it out."""
        without = {} if self.structure.every_value else self.known
        return [n for n, node in enumerate(self.structure.nodes) if node not in without]

    @property
    def pooled(self) -> bool:
        return self.theory.model.pooling != "complete" and len(self.structure.cases) > 1

    def _spares(self, what: str) -> list[str]:
        count = self.structure.spare_slopes if what == "slope" else self.structure.spare_nodes
        return [f"(spare {what} {i + 1})" for i in range(count)]

    def _disturbed_names(self) -> list[str]:
        """At least one, so that every model has the same kinds of parameters and machine code."""
        names = [str(self.structure.nodes[n]) for n in self.disturbed] + self._spares("node")
        return names or ["(spare disturbance)"]

    @cached_property
    def coords(self) -> dict[str, list[str]]:
        coords = {
            "coefficient": [s.name for s in self.structure.slopes if not s.fixed_sign] + self._spares("slope"),
            "signed_coefficient": [s.name for s in self.structure.slopes if s.fixed_sign],
            "node": [str(n) for n in self.structure.nodes] + self._spares("node"),
            "disturbed": self._disturbed_names(),
            "case": list(self.structure.cases),
            "construct": list(self.theory.names),
            "inner_kind": list(self.structure.inner_kinds),
            "indicator": list(self.indicators),
            "shifted": self.shifted,
            "loaded": [spec.name for spec in self.specs if not self.is_column(spec)],
            "survey": self.surveys,
            "noisy_cell": [":".join(key) for key in self.noisy],
            "continuous_indicator": self.continuous,
            "evidence_group": self.groups,
            "cell": [":".join(key) for key in self.keys],
        }
        for levels, names in self.scales.items():
            coords[f"scale_{levels}"] = names
            coords[f"level_{levels}"] = [str(k) for k in range(levels)]
        for levels, names in by_levels(self.steps).items():
            coords[f"monotone_{levels}"] = names
            coords[f"step_{levels}"] = [str(k) for k in range(1, levels)]
        for block in self.blocks:
            coords[f"{block.family}_cell"] = block.labels
        return coords

    @cached_property
    def parameters(self) -> tuple[Parameter, ...]:
        p, size = self.priors, {name: len(values) for name, values in self.coords.items()}

        def of(name: str, dims: tuple[str, ...], prior: Prior, *reads: str) -> Parameter:
            return Parameter(name, dims, tuple(size[d] for d in dims), prior, reads)

        wanted = [
            of("slope", ("coefficient",), p.slope, "slope_location", "slope_scale"),
            of("signed_slope", ("signed_coefficient",), HalfStudentT(p.slope.nu), "signed_slope_scale"),
            of("disturbance", ("disturbed",), Normal(), "one"),
            of("shift", ("shifted",), Normal(), "shift_sd"),
            of("loading", ("loaded",), p.loading, "loading_log_median"),
            of("kind_sd", ("inner_kind",), p.kind_sd),
            of("noise", ("noisy_cell",), Normal(), "one"),
            of("noise_sd", ("survey",), p.noise_sd),
            of("residual_sd", ("continuous_indicator",), p.residual_sd, "residual_log_median"),
            of("group_error", ("evidence_group",), Normal(), "group_scale"),
            *(of(f"category_{k}", (f"scale_{k}", f"level_{k}"), p.category) for k in self.scales),
            *(of(f"steps_{k}", (f"monotone_{k}", f"step_{k}"), p.steps) for k in by_levels(self.steps)),
        ]
        if self.pooled:
            spread = "one" if self.theory.model.pooling == "partial" else "free_case_sd"
            wanted.append(of("case_deviation", ("case", "construct"), Normal(), spread))
        if self.pooled and self.theory.model.pooling == "partial":
            wanted.append(of("case_sd", ("construct",), p.case_sd))
        return tuple(w for w in wanted if np.prod(w.shape) > 0)

    @cached_property
    def prior_data(self) -> dict[str, Array]:
        """The arrays that priors read."""
        slopes, p, codebook = self.structure.slopes, self.priors, self.codebook.indicators
        free, fixed = [s for s in slopes if not s.fixed_sign], [s for s in slopes if s.fixed_sign]
        informed = self.theory.model.prior == "sign_informed"
        spare = self.structure.spare_slopes
        sign = np.array([{"+": 1.0, "-": -1.0}.get(s.sign, 0.0) for s in free] + [0.0] * spare)
        scale = np.array([self._scale_of(s) for s in free] + [self.theory.model.prior_scale] * spare, dtype=float)
        supposed = np.array([s.location for s in free] + [0.0] * spare)
        loaded = [codebook[name].family for name in self.coords["loaded"]]
        stretch = {
            f"cut_stretch_{k}": np.array(
                [p.column_stretch if n.startswith("column ") else p.cut_stretch for n in names]
            )
            for k, names in self.scales.items()
        }
        free_case_sd = (
            {"free_case_sd": np.array(p.free_case_sd)} if self.pooled and self.theory.model.pooling == "none" else {}
        )
        return (
            stretch
            | free_case_sd
            | {
                "one": np.array(1.0),
                "slope_location": supposed + p.sign_informed_location * scale * sign * informed,
                "slope_scale": scale,
                "signed_slope_scale": np.array([self._scale_of(s) for s in fixed], dtype=float),
                "fixed_sign": np.array([s.fixed_sign for s in fixed], dtype=float),
                "shift_sd": np.array([p.shift_sd[codebook[name].family] for name in self.shifted]),
                "loading_log_median": np.log([p.loading_median[family] for family in loaded]),
                "residual_log_median": np.array(float(np.log(p.residual_median))),
                "group_scale": np.array(float(self.theory.model.group_scale)),
            }
        )

    def _scale_of(self, slope: Slope) -> float:
        """Prior scale of a coefficient in the units of what it explains: log odds where that is a yes/no, a level or a share."""
        effect = self.theory.edges[slope.edge].effect if slope.edge >= 0 else slope.name.rpartition(":")[2]
        column = self.columns.get(effect)
        is_log_odds = column is not None and column.family in ("binary", "ordinal", "binomial")
        return slope.scale * (LOGISTIC_SD if is_log_odds else 1.0)
