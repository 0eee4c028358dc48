"""What a validator sees."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields, replace
from typing import Any, Literal, Protocol, final, get_args, runtime_checkable

from torch import Tensor

from dakit.contracts.batch import View

ValidatorNeed = Literal["train_features", "inputs", "network"]
"""What a validator may ask for beyond the outputs on the validation parts.

- ``train_features``: ``view.source_train_features`` and ``view.target_train_features``;
- ``inputs``: ``view.source_inputs`` and ``view.target_inputs``, what the network was given;
- ``network``: ``view.network``, for further passes.
"""
VALIDATOR_NEEDS: tuple[ValidatorNeed, ...] = get_args(ValidatorNeed)
"""All that a validator may ask for."""

_GIVES: Mapping[ValidatorNeed, tuple[str, ...]] = {
    "train_features": ("source_train_features", "target_train_features"),
    "inputs": ("source_inputs", "target_inputs"),
    "network": ("network",),
}


@final
@dataclass(frozen=True)
class ValidationView:
    """What a validator sees: the network's outputs on both validation parts.

    ``target_labels`` is filled only for validators whose spec says ``uses_target_labels``; the
    runs they choose are stamped as such. What stands behind ``classifier`` is filled only for
    those whose spec names it in ``needs``.
    """

    source_features: Tensor
    source_logits: Tensor
    source_labels: Tensor
    target_features: Tensor
    target_logits: Tensor
    target_labels: Tensor | None = None
    epoch: int = 1
    """The epoch that has just ended; the first is 1."""
    classifier: Tensor | None = None
    """The weights ``(C, D')`` of the head's last layer; D' is D where it is its only one."""
    source_train_features: Tensor | None = None
    target_train_features: Tensor | None = None
    source_inputs: Tensor | None = None
    """The validation rows as the network gets them, normalised."""
    target_inputs: Tensor | None = None
    network: Callable[[Tensor], View] | None = None
    """Gives outputs for inputs of the target, without graphs, in evaluation mode."""

    def tensors(self) -> dict[str, Tensor]:
        """Return the tensors that are there, by name."""
        found = {each.name: getattr(self, each.name) for each in fields(self)}
        return {name: value for name, value in found.items() if isinstance(value, Tensor)}

    def limited_to(self, needs: frozenset[str]) -> ValidationView:
        """Return the view without what no need in ``needs`` asks for."""
        hidden = [name for need, names in _GIVES.items() if need not in needs for name in names]
        nothing: dict[str, Any] = dict.fromkeys(hidden)
        return replace(self, **nothing)


@runtime_checkable
class Validator(Protocol):
    """Scores a model; the higher the better."""

    def __call__(self, view: ValidationView) -> float:
        """Return the score of the model whose outputs ``view`` holds."""
