"""What a validator sees."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol, final, runtime_checkable

from torch import Tensor


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


@runtime_checkable
class Validator(Protocol):
    """Scores a model; the higher the better."""

    def __call__(self, view: ValidationView) -> float:
        """Return the score of the model whose outputs ``view`` holds."""
