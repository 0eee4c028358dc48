"""Consistency of mixed target inputs."""

from __future__ import annotations

from typing import final

import torch
from torch import Tensor

from dakit import InputError
from dakit.builtin.validators.mixval import MixValSpec
from dakit.contracts import BuildContext, ValidationView, derived_seed


@final
class MixVal:
    """The share of mixed target inputs that are predicted as their larger part."""

    def __init__(self, spec: MixValSpec, context: BuildContext) -> None:
        self._share = spec.share
        self._seed = derived_seed(context.seed, "mixval")

    def __call__(self, view: ValidationView) -> float:
        """Return the mean of the shares within and between predicted classes, in [0, 1].

        0 where there are no pairs at all.

        Raises:
            InputError: the inputs are whole numbers.
        """
        assert view.target_inputs is not None  # the spec declares the need
        if not view.target_inputs.is_floating_point():
            raise InputError(
                "validator 'mixval' mixes inputs, and those of this run are whole numbers; choose "
                "a validator that needs no inputs, such as 'bnm'"
            )
        predicted = view.target_logits.argmax(dim=1)
        order = torch.randperm(len(predicted), generator=torch.Generator().manual_seed(self._seed))
        order = order.to(predicted.device)
        within = order[predicted[order].argsort(stable=True)]  # neighbours are of one class
        shares = [
            self._consistent(view, predicted, first, first.roll(-1), alike)
            for first, alike in ((within, True), (order, False))
        ]
        known = [share for share in shares if share is not None]
        return sum(known) / len(known) if known else 0.0

    def _consistent(
        self, view: ValidationView, predicted: Tensor, first: Tensor, second: Tensor, alike: bool
    ) -> float | None:
        """Return the share among pairs of rows whose classes are alike, or are not."""
        assert view.target_inputs is not None
        assert view.network is not None
        chosen = ((predicted[first] == predicted[second]) == alike) & (first != second)
        first, second = first[chosen], second[chosen]
        if not len(first):
            return None
        inputs = view.target_inputs
        mixed = self._share * inputs[first] + (1 - self._share) * inputs[second]
        found = view.network(mixed).logits.argmax(dim=1)
        return (found == predicted[first]).double().mean().item()
