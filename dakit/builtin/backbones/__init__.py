"""Networks from inputs to features."""

from dakit import BackboneSpec
from dakit.builtin.backbones.conv1d import Conv1d
from dakit.builtin.backbones.mlp import MLP
from dakit.builtin.backbones.resnet18 import ResNet18
from dakit.builtin.backbones.small_cnn import SmallCNN

SPECS: tuple[type[BackboneSpec], ...] = (
    Conv1d,
    MLP,
    ResNet18,
    SmallCNN,
)
