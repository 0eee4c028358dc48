"""Inputs as features."""

from __future__ import annotations

import math
from typing import final

from torch import Tensor

from dakit import InputError
from dakit.contracts import Backbone, BuildContext
from dakit_shallow.vectors import Vectors


@final
class VectorsBackbone(Backbone):
    """Inputs ``(B, ...)`` to the same numbers ``(B, D)``.

    Raises:
        InputError: inputs without a single value.
    """

    def __init__(self, spec: Vectors, context: BuildContext) -> None:
        super().__init__()
        self.feature_dim = math.prod(context.input_shape)
        if not context.input_shape or self.feature_dim < 1:
            raise InputError(
                "backbone 'vectors' needs inputs of one value or more, but the inputs have the "
                f"shape {context.input_shape}"
            )

    def forward(self, inputs: Tensor) -> Tensor:
        """Return the features ``(B, feature_dim)`` of ``inputs`` ``(B, *input_shape)``."""
        return inputs.flatten(1)
