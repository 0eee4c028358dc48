"""What a loss term sees in one step."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, Literal, Protocol, final

import torch
from torch import Tensor

from dakit.contracts.sides import Side

Need = Literal[
    "indices",
    "second_view",
    "source_second_view",
    "source_domains",
    "unknown_class",
    "inputs",
    "network",
    "teacher",
]
"""What a term may ask for beyond the first view of the batch.

- ``indices``: ``batch.source.indices`` and ``batch.target.indices``, the rows of the batch in the
  training parts;
- ``second_view``: ``batch.target.second_view``, the same target images strongly augmented;
- ``source_second_view``: ``batch.source.second_view``, the same of the source;
- ``source_domains``: ``batch.source.domains``, which of several source domains each row is from;
- ``unknown_class``: a class of which the source has no row, by ``context.class_counts``;
- ``inputs``: ``batch.source.inputs`` and ``batch.target.inputs``, what the network was given;
- ``network``: ``batch.network``, for further passes through the network;
- ``teacher``: ``batch.teacher``, for passes through a moving average of it.
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

    def none(self) -> View:
        """Return a view of 0 rows like these, without graphs."""
        return View(self.features[:0], self.logits[:0]).detached()


class StepNetwork(Protocol):
    """The network of a step, for passes of a term's own: with graphs, and nothing to keep.

    It is in the mode of the step: dropout, precision, and BatchNorm as ``training.batch_norm``
    says. Under ``joint`` the batch statistics are those of the inputs given, under ``source``,
    ``target`` and ``domain`` they go by ``domain``, whose images the inputs are. Running averages
    stay as they are.
    """

    def __call__(self, inputs: Tensor, domain: Side = "target") -> View:
        """Return features and logits of ``inputs (B, ...)``."""

    def backbone(self, inputs: Tensor, domain: Side = "target") -> Tensor:
        """Return the features ``(B, D)`` of ``inputs (B, ...)``."""

    def head(self, features: Tensor) -> Tensor:
        """Return the logits ``(B, C)`` of ``features (B, D)``."""


class Teacher(Protocol):
    """A moving average of the network, for passes without graphs.

    It is in evaluation mode: without dropout, and BatchNorm by running averages, which are
    averaged as the weights are. With ``training.batch_norm`` ``domain`` the layers go by
    ``domain``.
    """

    def __call__(self, inputs: Tensor, domain: Side = "target") -> View:
        """Return features and logits of ``inputs (B, ...)``, without graphs."""


@final
@dataclass(frozen=True)
class SourceSide:
    """The source half of a step: features ``(B, D)``, logits ``(B, C)``, labels ``(B,)`` int64.

    ``indices (B,)`` int64 are rows of the source's training part, where a term needs them;
    ``weights (B,)`` say how much each row counts, where a term weighs the source; ``domains (B,)``
    int64 tell which source domain each row is from, ``inputs (B, ...)`` are what the network was
    given, and ``second_view`` is of the same images, strongly augmented, where a term needs them.
    """

    features: Tensor
    logits: Tensor
    labels: Tensor
    indices: Tensor | None = None
    weights: Tensor | None = None
    domains: Tensor | None = None
    inputs: Tensor | None = None
    second_view: View | None = None

    def detached(self) -> SourceSide:
        """Return the same numbers without graphs."""
        return replace(self, **_detached(self))


@final
@dataclass(frozen=True)
class TargetSide:
    """The target half of a step: features ``(B', D)`` and logits ``(B', C)``; never labels.

    Where a term needs them, ``indices (B',)`` int64 are rows of the target's training part,
    ``second_view`` is of the same images, strongly augmented, and ``inputs (B', ...)`` are what
    the network was given for the first view.
    """

    features: Tensor
    logits: Tensor
    indices: Tensor | None = None
    second_view: View | None = None
    inputs: Tensor | None = None

    def detached(self) -> TargetSide:
        """Return the same numbers without graphs."""
        return replace(self, **_detached(self))


def _detached(side: SourceSide | TargetSide) -> dict[str, Any]:
    second = None if side.second_view is None else side.second_view.detached()
    return {**vars(View(side.features, side.logits).detached()), "second_view": second}


@final
@dataclass(frozen=True)
class Batch:
    """What a loss term sees in one step.

    ``source`` and ``target`` may differ in size. ``progress`` runs from 0 to 1 over the whole
    training and is the trainer's: no term counts its own forward calls. Where no term of the
    run looks at the target, it is not passed through the network and ``target`` has 0 rows; where
    none uses the source, ``source`` has 0 rows. ``network`` and ``teacher`` are there where a term
    needs them.
    """

    source: SourceSide
    target: TargetSide
    progress: float
    network: StepNetwork | None = None
    teacher: Teacher | None = None

    def detached(self) -> Batch:
        """Return the same numbers without graphs."""
        return replace(self, source=self.source.detached(), target=self.target.detached())


def empty_target(features: Tensor, logits: Tensor) -> TargetSide:
    """Return a target side of 0 rows with the width and type of the given source outputs."""
    return TargetSide(torch.empty_like(features[:0]), torch.empty_like(logits[:0]))


def empty_source(features: Tensor, logits: Tensor) -> SourceSide:
    """Return a source side of 0 rows with the width and type of the given target outputs."""
    labels = torch.empty(0, dtype=torch.int64, device=features.device)
    return SourceSide(torch.empty_like(features[:0]), torch.empty_like(logits[:0]), labels)
