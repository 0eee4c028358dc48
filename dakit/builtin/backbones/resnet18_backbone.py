"""ResNet-18 (He et al. 2016, arXiv:1512.03385), laid out as torchvision's."""

from __future__ import annotations

from typing import final

from torch import Tensor, nn
from torch.nn.functional import relu

from dakit import InputError
from dakit.builtin.backbones.resnet18 import ResNet18
from dakit.contracts import Backbone, BuildContext


@final
class BasicBlock(nn.Module):
    """Two 3x3 convolutions and a shortcut: ``relu(x' + F(x))``, figure 2 of the paper.

    Where size or width changes, ``x'`` is a 1x1 convolution of ``x`` (option B, section 4.1).
    """

    def __init__(self, inputs: int, outputs: int, stride: int) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(inputs, outputs, 3, stride=stride, padding=1, bias=False)
        self.bn1 = nn.BatchNorm2d(outputs)
        self.conv2 = nn.Conv2d(outputs, outputs, 3, padding=1, bias=False)
        self.bn2 = nn.BatchNorm2d(outputs)
        self.downsample: nn.Sequential | None = None
        if stride != 1 or inputs != outputs:
            self.downsample = nn.Sequential(
                nn.Conv2d(inputs, outputs, 1, stride=stride, bias=False), nn.BatchNorm2d(outputs)
            )

    def forward(self, maps: Tensor) -> Tensor:
        """Return the maps ``(B, outputs, H / stride, W / stride)`` of ``(B, inputs, H, W)``."""
        shortcut = maps if self.downsample is None else self.downsample(maps)
        residual = self.bn2(self.conv2(relu(self.bn1(self.conv1(maps)))))
        return relu(residual + shortcut)


@final
class ResNet18Backbone(Backbone):
    """Images ``(B, C, H, W)`` to features ``(B, bottleneck)``, or ``(B, 512)`` without one.

    A state dict of torchvision's ``resnet18`` loads into it once its ``fc.*`` are left out. The
    bottleneck is linear, weights N(0, 0.005), bias 0, as in DeepMerge II; with 256 features, a
    plain linear head and two classes the network has 11,308,354 parameters.

    Deviation: the published code draws the weights of the classifier from N(0, 0.01); here the
    head belongs to the core and has torch's default initialisation.

    Raises:
        InputError: inputs that are not images.
    """

    def __init__(self, spec: ResNet18, context: BuildContext) -> None:
        super().__init__()
        input_shape = context.input_shape
        if len(input_shape) != 3 or min(input_shape) < 1:
            raise InputError(
                f"backbone 'resnet18' needs images (channels, height, width), "
                f"but the inputs have the shape {input_shape}"
            )
        self.conv1 = nn.Conv2d(input_shape[0], 64, 7, stride=2, padding=3, bias=False)
        self.bn1 = nn.BatchNorm2d(64)
        self.maxpool = nn.MaxPool2d(3, stride=2, padding=1)
        self.layer1 = _layer(64, 64, stride=1)
        self.layer2 = _layer(64, 128, stride=2)
        self.layer3 = _layer(128, 256, stride=2)
        self.layer4 = _layer(256, 512, stride=2)
        self.avgpool = nn.AdaptiveAvgPool2d(1)
        _initialize(self)
        self.bottleneck = _bottleneck(512, spec.bottleneck)
        self.feature_dim = spec.bottleneck or 512
        self._bottleneck_lr_multiplier = spec.bottleneck_lr_multiplier

    def forward(self, inputs: Tensor) -> Tensor:
        """Return the features ``(B, feature_dim)`` of images ``(B, C, H, W)``."""
        maps = self.maxpool(relu(self.bn1(self.conv1(inputs))))
        maps = self.layer4(self.layer3(self.layer2(self.layer1(maps))))
        features: Tensor = self.bottleneck(self.avgpool(maps).flatten(1))
        return features

    def lr_multiplier(self, parameter_name: str) -> float:
        """Return the bottleneck's factor for its parameters and 1 for the trunk."""
        in_bottleneck = parameter_name.startswith("bottleneck.")
        return self._bottleneck_lr_multiplier if in_bottleneck else 1.0


def _layer(inputs: int, outputs: int, stride: int) -> nn.Sequential:
    return nn.Sequential(BasicBlock(inputs, outputs, stride), BasicBlock(outputs, outputs, 1))


def _initialize(network: nn.Module) -> None:
    """Draw convolutions as torchvision does; its batch norms start as torch's default."""
    for module in network.modules():
        if isinstance(module, nn.Conv2d):
            nn.init.kaiming_normal_(module.weight, mode="fan_out", nonlinearity="relu")


def _bottleneck(inputs: int, outputs: int | None) -> nn.Module:
    if outputs is None:
        return nn.Identity()
    layer = nn.Linear(inputs, outputs)
    nn.init.normal_(layer.weight, std=0.005)
    nn.init.zeros_(layer.bias)
    return layer
