"""The DeepMerge network (Ciprijanovic et al. 2021, arXiv:2103.01373; published code)."""

from __future__ import annotations

from typing import final

import torch
from torch import Tensor, nn

from dakit import InputError
from dakit.contracts import Backbone, BuildContext
from dakit_astro_mergers.deepmerge import DeepMerge
from dakit_astro_mergers.fused_block import norm_relu_pool

SMALLEST = 8


@final
class DeepMergeBackbone(Backbone):
    """Images ``(B, C, H, W)`` to features ``(B, 32 * (H // 8) * (W // 8))``, all >= 0.

    Three stages of convolution, batch norm, ReLU and 2x2 max pooling, with 8 (5x5), 16 and 32
    (3x3) channels. 3 x 75 x 75 gives 2592 features; with a head of (64, 32) hidden units and two
    classes the network has 174,626 parameters.

    Raises:
        InputError: inputs that are not images of 8 pixels a side or more.
    """

    def __init__(self, spec: DeepMerge, context: BuildContext) -> None:
        super().__init__()
        input_shape = context.input_shape
        if len(input_shape) != 3 or min(input_shape[1:]) < SMALLEST:
            raise InputError(
                f"backbone 'deepmerge' needs images (channels, height, width) of at least "
                f"{SMALLEST} x {SMALLEST} pixels, but the inputs have the shape {input_shape}"
            )
        channels, height, width = input_shape
        self.conv1 = nn.Conv2d(channels, 8, kernel_size=5, padding=2)
        self.bn1 = nn.BatchNorm2d(8)
        self.conv2 = nn.Conv2d(8, 16, kernel_size=3, padding=1)
        self.bn2 = nn.BatchNorm2d(16)
        self.conv3 = nn.Conv2d(16, 32, kernel_size=3, padding=1)
        self.bn3 = nn.BatchNorm2d(32)
        self.feature_dim = 32 * (height // 8) * (width // 8)

    def forward(self, inputs: Tensor) -> Tensor:
        """Return the features ``(B, feature_dim)`` of images ``(B, C, H, W)``."""
        # Channels-last is torch's fastest layout for so few channels.
        maps = inputs.contiguous(memory_format=torch.channels_last)
        maps = norm_relu_pool(self.conv1(maps), self.bn1)
        maps = norm_relu_pool(self.conv2(maps), self.bn2)
        maps = norm_relu_pool(self.conv3(maps), self.bn3)
        return maps.flatten(1)
