"""What components do at run time: the interfaces between plugins and the trainer.

A plugin's torch modules import from here; its light ``plugin.py`` imports from :mod:`dakit`.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Generator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal, Protocol, final

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from dakit.randomness import derived_seed

__all__ = [
    "Backbone",
    "Batch",
    "BuildContext",
    "Domain",
    "DomainPair",
    "DomainSplit",
    "Job",
    "JobUpdate",
    "Launcher",
    "LossTerm",
    "PairSplit",
    "Provenance",
    "SourceSide",
    "TargetSide",
    "ValidationView",
    "Validator",
    "derived_seed",
    "empty_target",
]


@final
@dataclass(frozen=True)
class BuildContext:
    """What a component may want to know when it is built.

    A dataset is built first, when the shapes are not known yet: it sees the seed and ``base_dir``
    only. A backbone sees ``input_shape``; loss terms see everything.
    """

    seed: int
    input_shape: tuple[int, ...] = ()
    """Shape of one input, without the batch."""
    feature_dim: int = 0
    num_classes: int = 0
    class_counts: tuple[int, ...] = ()
    """Source training images of each class; for loss terms."""
    base_dir: Path = field(default_factory=Path.cwd)
    """Folder that relative paths in the spec start from."""


class Backbone(nn.Module, ABC):
    """Abstract base of networks from inputs ``(B, *input_shape)`` to features ``(B, D)``."""

    feature_dim: int
    """D, the number of features."""

    @abstractmethod
    def forward(self, inputs: Tensor) -> Tensor:
        """Return the features ``(B, feature_dim)`` of ``inputs`` ``(B, *input_shape)``."""

    def lr_multiplier(self, parameter_name: str) -> float:
        """Return the factor on the learning rate of one of this module's parameters."""
        return 1.0


@final
@dataclass(frozen=True)
class SourceSide:
    """The source half of a step: features ``(B, D)``, logits ``(B, C)``, labels ``(B,)`` int64."""

    features: Tensor
    logits: Tensor
    labels: Tensor


@final
@dataclass(frozen=True)
class TargetSide:
    """The target half of a step: features ``(B', D)`` and logits ``(B', C)``; never labels."""

    features: Tensor
    logits: Tensor


@final
@dataclass(frozen=True)
class Batch:
    """What a loss term sees in one step.

    ``source`` and ``target`` may differ in size. ``progress`` runs from 0 to 1 over the whole
    training and is the trainer's: no term counts its own forward calls. Where no term of the
    run looks at the target, it is not passed through the network and ``target`` has 0 rows.
    """

    source: SourceSide
    target: TargetSide
    progress: float


class LossTerm(nn.Module, ABC):
    """Abstract base of everything that is added up to the total loss.

    A term may own parameters (a discriminator, class centres): they are trained with the rest.
    """

    uses_target: bool = True
    """Whether the term reads ``batch.target``; set to False where it does not."""

    @abstractmethod
    def forward(self, batch: Batch) -> Tensor:
        """Return the term as a scalar tensor, before its weight."""

    def lr_multiplier(self, parameter_name: str) -> float:
        """Return the factor on the learning rate of one of this module's parameters."""
        return 1.0

    def diagnostics(self) -> Mapping[str, Tensor]:
        """Return scalars of the latest forward call; their epoch means go to the metrics log."""
        return {}


@final
@dataclass(frozen=True)
class Domain:
    """One domain: its inputs, and what is known of each of them.

    ``inputs (N, ...)`` is an array or a memory map and is never copied whole. ``labels (N,)`` are
    class indices or None; ``ids (N,)`` are unique; ``groups (N,)`` name the object each input
    shows (views and augmented copies of one galaxy share a group), or None.
    """

    name: str
    inputs: NDArray[Any]
    labels: NDArray[np.int64] | None
    ids: NDArray[Any]
    groups: NDArray[Any] | None = None

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

    ``shared_groups`` says that equal group names in both domains mean the same object, so that a
    split keeps all its images on one side. ``split`` is given where a protocol prescribes it.
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


@final
@dataclass(frozen=True)
class ValidationView:
    """What a validator sees: the network's outputs on both validation parts.

    ``target_labels`` is filled only for validators whose spec says ``uses_target_labels``; the
    runs they choose are stamped as such.
    """

    source_features: Tensor
    source_logits: Tensor
    source_labels: Tensor
    target_features: Tensor
    target_logits: Tensor
    target_labels: Tensor | None = None


class Validator(Protocol):
    """Scores a model; the higher the better."""

    def __call__(self, view: ValidationView) -> float:
        """Return the score of the model whose outputs ``view`` holds."""


@final
@dataclass(frozen=True)
class Job:
    """A command that a launcher is to carry out: one run of a sweep."""

    name: str
    """Unique among the jobs that are launched together."""
    command: tuple[str, ...]
    """The program, as an absolute path, and its arguments; 0 is the exit code of success."""
    log: Path
    """The file for what the command prints; its folder exists, an older file is replaced."""


@final
@dataclass(frozen=True)
class JobUpdate:
    """What has become of a job."""

    name: str
    state: Literal["started", "succeeded", "failed"]
    reason: str = ""
    """Why it failed, as far as the launcher knows: the exit code, the signal, the time limit."""


class Launcher(ABC):
    """Abstract base of what carries out many jobs somewhere: this machine, a cluster."""

    @abstractmethod
    def launch(self, jobs: Sequence[Job]) -> Generator[JobUpdate, None, None]:
        """Carry out ``jobs`` and yield what becomes of them as it happens.

        Every job is yielded once as ``started`` and then once as ``succeeded`` or ``failed``; one
        that cannot be started is yielded as ``failed`` alone. A job that fails or crashes never
        stops the others. When the generator is closed, or an error such as KeyboardInterrupt is
        raised in it, all jobs are stopped before it returns: nothing goes on unseen. A job may
        be killed at any moment: the next launch goes on with its run.

        ``jobs`` are independent of each other and may be carried out in any order and number at
        a time.
        """


def empty_target(features: Tensor, logits: Tensor) -> TargetSide:
    """Return a target side of 0 rows with the width and type of the given source outputs."""
    return TargetSide(torch.empty_like(features[:0]), torch.empty_like(logits[:0]))
