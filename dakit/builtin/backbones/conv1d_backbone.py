"""One-dimensional convolutions for series and spectra."""

from __future__ import annotations

from typing import final

from torch import Tensor, nn

from dakit import InputError
from dakit.builtin.backbones.conv1d import Conv1d
from dakit.contracts import Backbone, BuildContext


@final
class Conv1dBackbone(Backbone):
    """Series ``(B, C, L)`` to features ``(B, channels[-1])``, all >= 0.

    Each stage is a convolution, batch norm (optional), ReLU and max pooling over 2 samples (left
    out once a single sample remains); the last map is averaged over its length.

    Raises:
        InputError: inputs that are not ``(C, L)``.
    """

    def __init__(self, spec: Conv1d, context: BuildContext) -> None:
        super().__init__()
        input_shape, kernel_size = context.input_shape, spec.kernel_size
        if len(input_shape) != 2 or min(input_shape) < 1:
            raise InputError(
                f"backbone 'conv1d' needs series (channels, length), "
                f"but the inputs have the shape {input_shape}"
            )
        width, length = input_shape
        layers: list[nn.Module] = []
        for out in spec.channels:
            layers.append(
                nn.Conv1d(
                    width, out, kernel_size, padding=kernel_size // 2, bias=not spec.batch_norm
                )
            )
            if spec.batch_norm:
                layers.append(nn.BatchNorm1d(out))
            layers.append(nn.ReLU())
            if length >= 2:
                layers.append(nn.MaxPool1d(2))
                length //= 2
            width = out
        self.layers = nn.Sequential(*layers, nn.AdaptiveAvgPool1d(1), nn.Flatten())
        self.feature_dim = width

    def forward(self, inputs: Tensor) -> Tensor:
        """Return the features ``(B, feature_dim)`` of series ``(B, C, L)``."""
        features: Tensor = self.layers(inputs)
        return features
