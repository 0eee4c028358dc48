"""A multilayer perceptron."""

from __future__ import annotations

import math
from typing import final

from torch import Tensor, nn

from dakit import InputError
from dakit.builtin.backbones.mlp import MLP
from dakit.contracts import Backbone, BuildContext


@final
class MLPBackbone(Backbone):
    """Inputs ``(B, ...)``, flattened, to features ``(B, hidden[-1])``, all >= 0.

    Each layer is linear, batch norm (optional), ReLU, dropout (optional).

    Raises:
        InputError: inputs without a single value.
    """

    def __init__(self, spec: MLP, context: BuildContext) -> None:
        super().__init__()
        input_shape = context.input_shape
        width = math.prod(input_shape)
        if not input_shape or width < 1:
            raise InputError(
                f"backbone 'mlp' needs inputs of one value or more, "
                f"but the inputs have the shape {input_shape}"
            )
        layers: list[nn.Module] = [nn.Flatten()]
        for size in spec.hidden:
            layers.append(nn.Linear(width, size))
            if spec.batch_norm:
                layers.append(nn.BatchNorm1d(size))
            layers.append(nn.ReLU())
            if spec.dropout > 0:
                layers.append(nn.Dropout(spec.dropout))
            width = size
        self.layers = nn.Sequential(*layers)
        self.feature_dim = width

    def forward(self, inputs: Tensor) -> Tensor:
        """Return the features ``(B, feature_dim)`` of ``inputs`` ``(B, *input_shape)``."""
        features: Tensor = self.layers(inputs)
        return features
