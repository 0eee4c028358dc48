"""Two domains of data, their split, and where they come from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, final

import numpy as np
from numpy.typing import NDArray

from dakit.contracts.naming import as_groups, as_names


@final
@dataclass(frozen=True)
class Domain:
    """One domain: its inputs, and what is known of each of them.

    ``inputs (N, ...)`` is an array or a memory map and is never copied whole. ``labels (N,)`` are
    class indices or None; ``ids (N,)`` are unique; ``groups (N,)`` name the object each input
    shows (views and augmented copies of one galaxy share a group), or None. Ids and groups that
    are bytes, dates or objects become texts here, and a row whose group is missing (NaN, NaT,
    None, masked, an empty text) becomes an object of its own.

    A source made of several domains tells by ``domains (N,)``, indices of ``domain_names``, which
    of them each input is from. New inputs to predict on tell in ``left_out`` the ids of those that
    could not be used, and why; they are no rows.
    """

    name: str
    inputs: NDArray[Any]
    labels: NDArray[np.int64] | None
    ids: NDArray[Any]
    groups: NDArray[Any] | None = None
    domains: NDArray[np.int64] | None = None
    domain_names: tuple[str, ...] = ()
    left_out: tuple[tuple[str, str], ...] = ()

    def __post_init__(self) -> None:
        object.__setattr__(self, "ids", as_names(self.ids))
        groups = self.groups
        if groups is not None and groups.shape == self.ids.shape == (len(self.inputs),):
            object.__setattr__(self, "groups", as_groups(groups, self.name, self.ids))

    def __len__(self) -> int:
        return len(self.inputs)

    @property
    def input_shape(self) -> tuple[int, ...]:
        """Shape of one input."""
        return tuple(self.inputs.shape[1:])


@final
@dataclass(frozen=True)
class DomainSplit:
    """Row indices of one domain's parts, each sorted, disjoint."""

    train: NDArray[np.int64]
    validation: NDArray[np.int64]
    test: NDArray[np.int64]


@final
@dataclass(frozen=True)
class PairSplit:
    """The split of both domains."""

    source: DomainSplit
    target: DomainSplit


@final
@dataclass(frozen=True)
class Provenance:
    """What the data are and where they come from."""

    origin: str
    """One word: ``files``, ``zenodo``, ``mock``, ``generated`` ... shown beside every number."""
    description: str
    checksums: Mapping[str, str] = field(default_factory=dict)
    """SHA-256 by name; together with the shapes they make the fingerprint of the data."""
    notes: tuple[str, ...] = ()
    """Anything a reader of the results must know."""


@final
@dataclass(frozen=True)
class DomainPair:
    """A labelled source and a target domain, ready to be split and normalised.

    Data without a source, on which a model trained earlier is adapted, have :func:`no_source` in
    its place. ``shared_groups`` says that equal group names in both domains mean the same object,
    so that a split keeps all its images on one side. ``split`` is given where a protocol
    prescribes it.
    """

    source: Domain
    target: Domain
    class_names: tuple[str, ...]
    provenance: Provenance
    shared_groups: bool = False
    split: PairSplit | None = None

    @property
    def num_classes(self) -> int:
        """Number of classes."""
        return len(self.class_names)

    @property
    def domains(self) -> tuple[Domain, ...]:
        """Source and target; the target alone where there is no source."""
        return (self.source, self.target) if len(self.source) else (self.target,)


def no_source(target: Domain) -> Domain:
    """Return the source of data that have none: no row, inputs of the shape of the target's."""
    return Domain("source", target.inputs[:0], np.empty(0, np.int64), np.empty(0, np.int64))
