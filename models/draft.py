"""The arrays of a blueprint: parameters with their priors and dimensions, and the data that the compiled model reads."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from causal.theory import Theory
from data.cases import Unit
from data.codebook import Codebook, Indicator
from models.cells import Block, Scaling
from models.layout import NO_CASE, UNIT_SCALE, Structure
from models.priors import Dirichlet, HalfNormal, HalfStudentT, LogNormal, Normal, Priors, StudentT
from models.reading import Node, Reader

type Array = NDArray[np.generic]
type Prior = StudentT | HalfStudentT | Normal | HalfNormal | LogNormal | Dirichlet

MAX_GROUPS = 4
"""Evidence groups that may bear on one cell."""


class CannotEstimateError(ValueError):
    """A valid study that this model has no likelihood for; the message says why and what to do."""


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

    @cached_property
    def keys(self) -> list[tuple[str, str]]:
        return [key for block in self.blocks for key in block.keys]

    @cached_property
    def specs(self) -> list[Indicator]:
        return [self.codebook.indicators[name] for name in self.indicators]

    @cached_property
    def surveys(self) -> list[str]:
        """Cells with extra noise share its sd within a survey (binomial) or an indicator (count)."""
        return list(dict.fromkeys(self._survey(key) for key in self.noisy))

    @cached_property
    def noisy(self) -> list[tuple[str, str]]:
        return [key for key in self.keys if self._spec(key).family in ("binomial", "count")]

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
        """Verbal scales in use, by number of levels."""
        found: dict[int, list[str]] = {}
        for spec in self.specs:
            if spec.family == "ordinal":
                names = found.setdefault(len(self.codebook.scales[str(spec.scale)].levels), [])
                if spec.scale not in names:
                    names.append(str(spec.scale))
        return dict(sorted(found.items()))

    @cached_property
    def continuous(self) -> list[str]:
        return [spec.name for spec in self.specs if spec.family == "continuous"]

    @cached_property
    def observed(self) -> dict[str, str]:
        """Observed constructs and the indicator that is their column."""
        return {
            spec.measures: spec.name for spec in self.specs if self.theory.construct(spec.measures).kind == "observed"
        }

    def _spec(self, key: tuple[str, str]) -> Indicator:
        return self.codebook.indicators[key[1]]

    def _survey(self, key: tuple[str, str]) -> str:
        return key[0] if self._spec(key).family == "binomial" else key[1]

    @property
    def pooled(self) -> bool:
        return self.theory.model.pooling != "complete" and len(self.structure.cases) > 1

    def _spares(self, what: str) -> list[str]:
        count = self.structure.spare_slopes if what == "slope" else self.structure.spare_nodes
        return [f"(spare {what} {i + 1})" for i in range(count)]

    @cached_property
    def coords(self) -> dict[str, list[str]]:
        coords = {
            "coefficient": [s.name for s in self.structure.slopes if not s.fixed_sign] + self._spares("slope"),
            "signed_coefficient": [s.name for s in self.structure.slopes if s.fixed_sign],
            "node": [str(n) for n in self.structure.nodes] + self._spares("node"),
            "case": list(self.structure.cases),
            "construct": list(self.theory.names),
            "inner_kind": list(self.structure.inner_kinds),
            "indicator": list(self.indicators),
            "loaded": [spec.name for spec in self.specs if spec.measures not in self.observed],
            "survey": self.surveys,
            "noisy_cell": [":".join(key) for key in self.noisy],
            "continuous_indicator": self.continuous,
            "evidence_group": self.groups,
            "cell": [":".join(key) for key in self.keys],
        }
        for levels, names in self.scales.items():
            coords[f"scale_{levels}"] = names
            coords[f"level_{levels}"] = [str(k) for k in range(levels)]
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
            of("disturbance", ("node",), Normal(), "one"),
            of("shift", ("indicator",), Normal(), "shift_sd"),
            of("loading", ("loaded",), p.loading, "loading_log_median"),
            of("kind_sd", ("inner_kind",), p.kind_sd),
            of("noise", ("noisy_cell",), Normal(), "one"),
            of("noise_sd", ("survey",), p.noise_sd),
            of("residual_sd", ("continuous_indicator",), p.residual_sd, "residual_log_median"),
            of("group_error", ("evidence_group",), Normal(), "group_scale"),
            *(of(f"category_{k}", (f"scale_{k}", f"level_{k}"), p.category) for k in self.scales),
        ]
        if self.pooled:
            wanted.append(of("case_deviation", ("case", "construct"), Normal(), "one"))
        if self.pooled and self.theory.model.pooling == "partial":
            wanted.append(of("case_sd", ("construct",), p.case_sd))
        return tuple(w for w in wanted if np.prod(w.shape) > 0)

    @cached_property
    def data(self) -> dict[str, Array]:
        return self._prior_data() | self._structure_data() | self._cell_data() | self._block_data()

    def _prior_data(self) -> dict[str, Array]:
        slopes, p = self.structure.slopes, self.priors
        free, fixed = [s for s in slopes if not s.fixed_sign], [s for s in slopes if s.fixed_sign]
        informed = self.theory.model.prior == "sign_informed"
        spare = self.structure.spare_slopes
        sign = np.array([{"+": 1.0, "-": -1.0}.get(s.sign, 0.0) for s in free] + [0.0] * spare)
        scale = np.array([s.scale for s in free] + [self.theory.model.prior_scale] * spare, dtype=float)
        loaded = [spec for spec in self.specs if spec.measures not in self.observed]
        return {
            "one": np.array(1.0),
            "slope_location": p.sign_informed_location * scale * sign * informed,
            "slope_scale": scale,
            "signed_slope_scale": np.array([s.scale for s in fixed], dtype=float),
            "fixed_sign": np.array([s.fixed_sign for s in fixed], dtype=float),
            "shift_sd": np.array([p.shift_sd[spec.family] for spec in self.specs]),
            "loading_log_median": np.log([p.loading_median[spec.family] for spec in loaded]),
            "residual_log_median": np.array(float(np.log(p.residual_median))),
            "cut_stretch": np.array(p.cut_stretch),
            "group_scale": np.array(float(self.theory.model.group_scale)),
        }

    def _structure_data(self) -> dict[str, Array]:
        s = self.structure
        zero = len(self.theory.names) * len(s.cases)
        component = np.where(s.case == NO_CASE, zero, s.case * len(self.theory.names) + s.construct)
        scale = np.where(s.kind == UNIT_SCALE, 0, 2 + s.kind)
        spare = s.spare_nodes
        given, is_given = np.zeros(len(s.nodes) + spare), np.zeros(len(s.nodes) + spare, dtype=bool)
        for node, value in self._given().items():
            given[s.index[node]], is_given[s.index[node]] = value, True
        missing = self._missing()
        shift = np.full(len(s.nodes), len(self.indicators))
        for n, node in enumerate(s.nodes):
            if is_given[n]:
                scale[n] = 1
            elif node in missing and missing[node] not in self.continuous:
                raise CannotEstimateError(
                    f"the observed construct {node.construct} has no row for {node.unit}, and only a continuous column "
                    'may have gaps. Code the row, or make the construct kind = "latent".'
                )
            elif node in missing:
                shift[n] = self.indicators.index(missing[node])
                scale[n] = 2 + len(s.inner_kinds) + self.continuous.index(missing[node])
        return {
            **s.arrays,
            "component": np.pad(component, (0, spare), constant_values=zero).astype(np.int64),
            "scale_index": np.pad(scale, (0, spare)).astype(np.int64),
            "node_shift": np.pad(shift, (0, spare), constant_values=len(self.indicators)).astype(np.int64),
            "given": given,
            "is_given": is_given,
        }

    def _given(self) -> dict[Node, float]:
        """Values of observed constructs, standardised, where a row gives them."""
        found: dict[Node, float] = {}
        for block in self.blocks:
            for i, (unit, name) in enumerate(block.keys):
                construct = self._spec((unit, name)).measures
                if construct in self.observed:
                    found[Node(unit, construct)] = self._score_of(block, i, name)
        return found

    def _score_of(self, block: Block, cell: int, name: str) -> float:
        """The value by which an observed construct enters its effects: standardised over the study's rows."""
        column = [float(b.value[i, 0]) for b in self.blocks for i, key in enumerate(b.keys) if key[1] == name]
        if block.family == "continuous":
            return float(block.value[cell, 0])
        return float((block.value[cell, 0] - np.mean(column)) / (np.std(column) or 1.0))

    def _missing(self) -> dict[Node, str]:
        """Scores of observed constructs that no row gives: parameters of the model."""
        given = self._given()
        return {
            node: self.observed[node.construct]
            for node in self.structure.nodes
            if node.construct in self.observed and node not in given and not node.start
        }

    def _cell_data(self) -> dict[str, Array]:
        reader = Reader(self.theory, self.units)
        index, loaded = self.structure.index, self.coords["loaded"]
        latent, loading, direction, offset = [], [], [], []
        for key in self.keys:
            spec = self._spec(key)
            owner = reader.owner(self.units[key[0]], spec.measures)
            assert owner is not None, f"{key}: the study join lets no row through whose construct has no score here"
            own = spec.measures in self.observed
            latent.append(index[Node(owner.name, spec.measures)] + own * (len(index) + self.structure.spare_nodes))
            loading.append(len(loaded) if own else loaded.index(spec.name))
            direction.append(-1.0 if spec.reversed else 1.0)
            offset.append(self.scaling[spec.name].center if spec.family == "count" else 0.0)
        noisy = {key: i for i, key in enumerate(self.noisy)}
        group_index, group_share = self._group_data()
        return {
            "latent": np.array(latent, dtype=np.int64),
            "cell_indicator": np.array([self.indicators.index(key[1]) for key in self.keys], dtype=np.int64),
            "cell_loading": np.array(loading, dtype=np.int64),
            "direction": np.array(direction),
            "offset": np.array(offset),
            "noise_index": np.array([noisy.get(key, len(noisy)) for key in self.keys], dtype=np.int64),
            "survey_index": np.array([self.surveys.index(self._survey(key)) for key in self.noisy], dtype=np.int64),
            "group_index": group_index,
            "group_share": group_share,
            "cell_weight": np.ones(len(self.keys)),
        }

    def _group_data(self) -> tuple[Array, Array]:
        """For each cell the evidence groups behind it and the share of its rows that rest on each."""
        index = np.full((len(self.keys), MAX_GROUPS), len(self.groups), dtype=np.int64)
        share = np.zeros((len(self.keys), MAX_GROUPS))
        cells = [rows for block in self.blocks for rows in block.rows]
        for c, rows in enumerate(cells):
            named = [row.evidence_group for row in rows if row.evidence_group in self.groups]
            for m, group in enumerate(dict.fromkeys(named)):
                if m == MAX_GROUPS:
                    raise CannotEstimateError(
                        f"{rows[0].indicator} of {rows[0].unit} rests on more than {MAX_GROUPS} evidence groups "
                        "that other ratings share. Merge some of them."
                    )
                index[c, m], share[c, m] = self.groups.index(group), named.count(group) / len(rows)
        return index, share

    def _block_data(self) -> dict[str, Array]:
        data: dict[str, Array] = {}
        for block in self.blocks:
            data[f"{block.family}_log_reading"] = block.log_reading
            if block.family == "ordinal":
                data |= self._cut_data(block)
                continue
            data[f"{block.family}_value"] = block.value
            data[f"{block.family}_constant"] = block.constant
            data[f"{block.family}_log_null"] = block.log_null
            if block.family == "binomial":
                data["binomial_trials"] = block.trials
            if block.family == "continuous":
                positions = [self.continuous.index(key[1]) for key in block.keys]
                data["residual_index"] = np.array(positions, dtype=np.int64)
        return data

    def _cut_data(self, block: Block) -> dict[str, Array]:
        """Row of the stacked cutpoint matrix for each ordinal cell; row 0 is a binary indicator's single cutpoint at 0."""
        order = [name for names in self.scales.values() for name in names]
        rows = [
            0 if self._spec(key).family == "binary" else 1 + order.index(str(self._spec(key).scale))
            for key in block.keys
        ]
        return {"cut_row": np.array(rows, dtype=np.int64)}
