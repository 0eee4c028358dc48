"""What components do at run time: the interfaces between plugins and the trainer.

A plugin's torch modules import from here; its light ``plugin.py`` imports from :mod:`dakit`.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Generator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
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
    "EpochView",
    "Job",
    "JobUpdate",
    "Launcher",
    "LossTerm",
    "Need",
    "PairSplit",
    "Provenance",
    "SourceSide",
    "TargetSide",
    "ValidationView",
    "Validator",
    "View",
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
    source_size: int = 0
    """Rows of the source's training part: a term's ``indices`` are below it."""
    target_size: int = 0
    """Rows of the target's training part."""
    num_source_domains: int = 1
    make_head: Callable[[int, int], nn.Module] = nn.Linear
    """From the width of the features and the number of classes to a head like the model's."""

    def new_head(self, purpose: str = "extra head") -> nn.Module:
        """Return a new head like the model's: features ``(B, D)`` to logits ``(B, C)``.

        Its weights follow from ``seed`` and ``purpose`` alone.
        """
        with torch.random.fork_rng(devices=[]), torch.device("cpu"):
            torch.default_generator.manual_seed(derived_seed(self.seed, purpose))
            return self.make_head(self.feature_dim, self.num_classes)


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


Need = Literal["indices", "second_view", "source_domains"]
"""What a term may ask for beyond the first view of the batch.

- ``indices``: ``batch.source.indices`` and ``batch.target.indices``, the rows of the batch in the
  training parts;
- ``second_view``: ``batch.target.second_view``, the same target images strongly augmented;
- ``source_domains``: ``batch.source.domains``, which of several source domains each row is from.
"""


@final
@dataclass(frozen=True)
class View:
    """What the network says of one view of some images: ``(B, D)`` and ``(B, C)``."""

    features: Tensor
    logits: Tensor

    def detached(self) -> View:
        """Return the same numbers without graphs."""
        return View(self.features.detach(), self.logits.detach())


@final
@dataclass(frozen=True)
class SourceSide:
    """The source half of a step: features ``(B, D)``, logits ``(B, C)``, labels ``(B,)`` int64.

    ``indices (B,)`` int64 are rows of the source's training part, where a term needs them;
    ``weights (B,)`` say how much each row counts, where a term weighs the source; ``domains (B,)``
    int64 tell which source domain each row is from, where a term needs to know.
    """

    features: Tensor
    logits: Tensor
    labels: Tensor
    indices: Tensor | None = None
    weights: Tensor | None = None
    domains: Tensor | None = None

    def detached(self) -> SourceSide:
        """Return the same numbers without graphs."""
        return replace(self, features=self.features.detach(), logits=self.logits.detach())


@final
@dataclass(frozen=True)
class TargetSide:
    """The target half of a step: features ``(B', D)`` and logits ``(B', C)``; never labels.

    Where a term needs them, ``indices (B',)`` int64 are rows of the target's training part, and
    ``second_view`` is of the same images, strongly augmented.
    """

    features: Tensor
    logits: Tensor
    indices: Tensor | None = None
    second_view: View | None = None

    def detached(self) -> TargetSide:
        """Return the same numbers without graphs."""
        second = None if self.second_view is None else self.second_view.detached()
        first = View(self.features, self.logits).detached()
        return replace(self, features=first.features, logits=first.logits, second_view=second)


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

    def detached(self) -> Batch:
        """Return the same numbers without graphs."""
        return Batch(self.source.detached(), self.target.detached(), self.progress)


@final
class EpochView:
    """What a loss term sees between two epochs: the network's outputs on the training parts.

    ``source`` and ``target`` hold every row of the training part, in the order that ``indices``
    count, as the network in evaluation mode sees it: not augmented, without gradients. Each is
    computed when it is first asked for, once for all terms.
    """

    def __init__(
        self,
        epoch: int,
        progress: float,
        source: Callable[[], SourceSide],
        target: Callable[[], TargetSide],
    ) -> None:
        self.epoch = epoch
        """The epoch that begins or has just ended; the first one is 1."""
        self.progress = progress
        """Of the whole training, in [0, 1]."""
        self._source, self._target = source, target

    @cached_property
    def source(self) -> SourceSide:
        """The whole source training part, with labels."""
        return self._source()

    @cached_property
    def target(self) -> TargetSide:
        """The whole target training part; never labels."""
        return self._target()


class LossTerm(nn.Module, ABC):
    """Abstract base of everything that is added up to the total loss.

    A term may own parameters (a discriminator, class centres): they are trained with the rest.
    State across steps (moving averages, a memory bank) belongs in buffers, changed in training
    mode only: they are saved, resumed and moved to the device with the rest.
    """

    uses_target: bool = True
    """Whether the term reads ``batch.target``; set to False where it does not."""
    needs: frozenset[Need] = frozenset()
    """What else must be in the batch; the run is refused before its first step without it."""
    weighs_source: bool = False
    """Whether :meth:`source_weights` weighs the source rows, for all terms that honour it."""
    honours_weights: bool = False
    """Whether the term weighs its source rows by ``batch.source.weights`` where they are given."""
    auxiliary_steps: int = 1
    """Steps of the auxiliary optimizer, if there is one, before each step of the main one."""

    @abstractmethod
    def forward(self, batch: Batch) -> Tensor:
        """Return the term as a scalar tensor, before its weight."""

    def lr_multiplier(self, parameter_name: str) -> float:
        """Return the factor on the learning rate of one of this module's parameters."""
        return 1.0

    def diagnostics(self) -> Mapping[str, Tensor]:
        """Return scalars of the latest forward call; their epoch means go to the metrics log."""
        return {}

    def source_weights(self, batch: Batch) -> Tensor:
        """Return how much each source row counts, ``(B,)``, none negative; without a graph.

        Asked only of a term with ``weighs_source``; the product over such terms is
        ``batch.source.weights``.
        """
        return torch.ones_like(batch.source.labels, dtype=torch.float32)

    def auxiliary_optimizer(self) -> torch.optim.Optimizer | None:
        """Return a new optimizer of some of the term's own parameters, or None.

        They are then in no other optimizer; its state is saved and resumed with the rest.
        """
        return None

    def auxiliary_loss(self, batch: Batch) -> Tensor:
        """Return the scalar that the auxiliary optimizer lowers; ``batch`` has no graphs."""
        raise NotImplementedError(f"{type(self).__name__} has an auxiliary optimizer and no loss")

    def on_epoch_start(self, view: EpochView) -> None:
        """Prepare for an epoch. What is kept must follow from ``view`` or stand in a buffer."""

    def on_epoch_end(self, view: EpochView) -> None:
        """Draw conclusions from an epoch, before it is scored and saved; keep them in buffers."""


@final
@dataclass(frozen=True)
class Domain:
    """One domain: its inputs, and what is known of each of them.

    ``inputs (N, ...)`` is an array or a memory map and is never copied whole. ``labels (N,)`` are
    class indices or None; ``ids (N,)`` are unique; ``groups (N,)`` name the object each input
    shows (views and augmented copies of one galaxy share a group), or None. A
    source made of several domains tells by ``domains (N,)``, indices of ``domain_names``, which
    of them each input is from.
    """

    name: str
    inputs: NDArray[Any]
    labels: NDArray[np.int64] | None
    ids: NDArray[Any]
    groups: NDArray[Any] | None = None
    domains: NDArray[np.int64] | None = None
    domain_names: tuple[str, ...] = ()

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
