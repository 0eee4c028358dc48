"""A small convolutional network for images of any size."""

from __future__ import annotations

from typing import final

from torch import Tensor, nn

from dakit import InputError
from dakit.builtin.backbones.small_cnn import SmallCNN
from dakit.contracts import Backbone, BuildContext

SMALLEST = 4


@final
class SmallCNNBackbone(Backbone):
    """Images ``(B, C, H, W)`` to features ``(B, D)``, all >= 0.

    Each stage is a 3x3 convolution, batch norm (optional), ReLU and 2x2 max pooling; a stage
    whose map is a single pixel high or wide is not pooled. D is the last number of channels
    (``pool``) or the size of the last map (``flatten``).

    Raises:
        InputError: inputs that are not images of 4 pixels a side or more.
    """

    def __init__(self, spec: SmallCNN, context: BuildContext) -> None:
        super().__init__()
        input_shape = context.input_shape
        if len(input_shape) != 3 or input_shape[0] < 1 or min(input_shape[1:]) < SMALLEST:
            raise InputError(
                f"backbone 'small_cnn' needs images (channels, height, width) of at least "
                f"{SMALLEST} x {SMALLEST} pixels, but the inputs have the shape {input_shape}"
            )
        width, *size = input_shape
        layers: list[nn.Module] = []
        for out in spec.channels:
            layers.append(nn.Conv2d(width, out, kernel_size=3, padding=1, bias=not spec.batch_norm))
            if spec.batch_norm:
                layers.append(nn.BatchNorm2d(out))
            layers.append(nn.ReLU())
            if min(size) >= 2:
                layers.append(nn.MaxPool2d(2))
                size = [side // 2 for side in size]
            width = out
        if spec.features == "pool":
            layers.append(nn.AdaptiveAvgPool2d(1))
            size = [1, 1]
        self.layers = nn.Sequential(*layers, nn.Flatten())
        self.feature_dim = width * size[0] * size[1]

    def forward(self, inputs: Tensor) -> Tensor:
        """Return the features ``(B, feature_dim)`` of images ``(B, C, H, W)``."""
        features: Tensor = self.layers(inputs)
        return features
