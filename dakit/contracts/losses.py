"""Loss terms, and what they may see between epochs."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import final

import torch
from torch import Tensor, nn

from dakit.contracts.batch import Batch, Need, SourceSide, TargetSide
from dakit.contracts.phases import Phase


@final
@dataclass(frozen=True)
class PartView:
    """The network's outputs on one part of both sides, of the target without labels."""

    source: SourceSide
    target: TargetSide


@final
class EpochView:
    """What a loss term sees between two epochs: the network's outputs on the training parts.

    ``source`` and ``target`` hold every row of the training part, in the order that ``indices``
    count, as the network in evaluation mode sees it: not augmented, without gradients, and with
    the logits of its own head. ``validation`` holds those of the validation parts, which have no
    ``indices``. Each is computed when it is first asked for, once for all terms.
    """

    def __init__(
        self,
        epoch: int,
        progress: float,
        source: Callable[[], SourceSide],
        target: Callable[[], TargetSide],
        validation: Callable[[], PartView] | None = None,
    ) -> None:
        self.epoch = epoch
        """The epoch that begins or has just ended; the first one is 1."""
        self.progress = progress
        """Of the whole training, in [0, 1]."""
        self._source, self._target, self._validation = source, target, validation

    @cached_property
    def source(self) -> SourceSide:
        """The whole source training part, with labels."""
        return self._source()

    @cached_property
    def target(self) -> TargetSide:
        """The whole target training part; never labels."""
        return self._target()

    @cached_property
    def validation(self) -> PartView:
        """Both validation parts, the source with labels, the target without.

        Raises ValueError in a view that was made without them.
        """
        if self._validation is None:
            raise ValueError("this view was made without validation parts")
        return self._validation()


class LogitPredictor(nn.Module, ABC):
    """Abstract base of predictors that start from the logits of the model's head.

    A predictor that is none of these starts from the features.
    """

    @abstractmethod
    def forward(self, logits: Tensor) -> Tensor:
        """Return the logits ``(B, C)`` that predict, of those of the head ``(B, C)``."""


class LossTerm(nn.Module, ABC):
    """Abstract base of everything that is added up to the total loss.

    A term may own parameters (a discriminator, class centres): they are trained with the rest.
    State across steps (moving averages, a memory bank) belongs in buffers, changed in training
    mode only: they are saved, resumed and moved to the device with the rest.
    """

    has_loss: bool = True
    """False where the term learns between epochs alone: ``forward`` is never called then."""
    uses_target: bool = True
    """Whether the term reads ``batch.target``; set to False where it does not."""
    uses_source: bool = True
    """Whether the term reads ``batch.source``; where no term of a run does, none is passed."""
    needs: frozenset[Need] = frozenset()
    """What else must be in the batch; the run is refused before its first step without it."""
    weighs_source: bool = False
    """Whether :meth:`source_weights` weighs the source rows, for all terms that honour it."""
    honours_weights: bool = False
    """Whether the term weighs its source rows by ``batch.source.weights`` where they are given."""
    phases: tuple[Phase, ...] = ()
    """Updates of its own before or after the main one."""

    @abstractmethod
    def forward(self, batch: Batch) -> Tensor:
        """Return the term as a scalar tensor, before its weight."""

    def lr_multiplier(self, parameter_name: str) -> float:
        """Return the factor on the learning rate of one of this module's parameters."""
        return 1.0

    def diagnostics(self) -> Mapping[str, Tensor | float]:
        """Return scalars of the latest forward call; their epoch means go to the metrics log."""
        return {}

    def source_weights(self, batch: Batch) -> Tensor:
        """Return how much each source row counts, ``(B,)``, none negative; without a graph.

        Asked only of a term with ``weighs_source``; the product over such terms is
        ``batch.source.weights``.
        """
        return torch.ones_like(batch.source.labels, dtype=torch.float32)

    def phase_loss(self, name: str, batch: Batch) -> Tensor:
        """Return the scalar that the phase ``name`` lowers; the term's weight is not applied."""
        raise NotImplementedError(f"{type(self).__name__} has the phase {name!r} and no phase_loss")

    def starts_over(self) -> bool:
        """Return whether the network goes back to what it was before the run's first step.

        Asked after every step of a term that overrides it. The run's optimizer forgets then; what
        the term forgets is its own to say.
        """
        return False

    def predictor(self) -> nn.Module | None:
        """Return what predicts in place of the model's head, from features to logits; None: it.

        ``(B, D)`` to ``(B, C)``, made of parameters and buffers of this term. It is saved with the
        model, where the term is built again from its spec, and is used by validators, evaluation,
        prediction and export; in a step the logits are those of the head.
        """
        return None

    def estimated_shares(self) -> Tensor | None:
        """Return the class shares ``(C,)`` of the target, where the term estimates them.

        Asked after the training, for results and report.
        """
        return None

    def on_epoch_start(self, view: EpochView) -> None:
        """Prepare for an epoch. What is kept must follow from ``view`` or stand in a buffer."""

    def on_epoch_end(self, view: EpochView) -> None:
        """Draw conclusions from an epoch, before it is scored and saved; keep them in buffers."""
