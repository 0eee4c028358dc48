"""Scores of what validators see: after each epoch of a training, and of what a run has kept."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import final

import torch
from torch import Tensor

from dakit.components import ValidatorSpec
from dakit.contracts import BuildContext, ValidationView, Validator
from dakit.errors import RunError
from dakit.plugins.faults import built, number


@final
class Scorers:
    """Validators by name, each shown what its spec declares and nothing else."""

    def __init__(self, specs: Mapping[str, ValidatorSpec], context: BuildContext) -> None:
        self.specs = specs
        self._validators: dict[str, Validator] = {
            name: built(spec, context, Validator) for name, spec in specs.items()
        }

    @torch.no_grad()
    def score(
        self, name: str, view: ValidationView, target_labels: Callable[[], Tensor] | None = None
    ) -> float:
        """Return the score of ``view`` by one of the validators.

        Raises RunError naming the validator whose score is NaN.
        """
        spec, validator = self.specs[name], self._validators[name]
        seen = view.limited_to(spec.needs)
        if spec.uses_target_labels and target_labels is not None:
            seen = replace(seen, target_labels=target_labels())
        score = number(validator(seen), validator, "__call__")
        if math.isnan(score):
            raise RunError(f"the validator '{name}' returned NaN after epoch {view.epoch}")
        return score
