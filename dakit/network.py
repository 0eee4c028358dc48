"""The network: a backbone and a head, from inputs to features and logits."""

from __future__ import annotations

from typing import final

from torch import Tensor, nn

from dakit.contracts import Backbone, BuildContext
from dakit.spec.model import HeadSpec, ModelSpec


@final
class Head(nn.Sequential):
    """Fully connected layers with ReLU between them: features ``(B, D)`` -> logits ``(B, C)``."""

    def __init__(self, spec: HeadSpec, feature_dim: int, num_classes: int) -> None:
        layers: list[nn.Module] = []
        width = feature_dim
        for hidden in spec.hidden:
            layers += [nn.Linear(width, hidden), nn.ReLU()]
            width = hidden
        super().__init__(*layers, nn.Linear(width, num_classes))
        self._multiplier = spec.lr_multiplier

    def lr_multiplier(self, parameter_name: str) -> float:
        """Return the factor on the learning rate of the head."""
        return self._multiplier


@final
class Network(nn.Module):
    """Backbone and head; returns features ``(B, D)`` and logits ``(B, C)``."""

    def __init__(self, backbone: Backbone, head: Head) -> None:
        super().__init__()
        self.backbone = backbone
        self.head = head

    def forward(self, inputs: Tensor) -> tuple[Tensor, Tensor]:
        """Return ``(features, logits)`` of ``inputs`` ``(B, *input_shape)``."""
        features = self.backbone(inputs)
        return features, self.head(features)


def build_network(spec: ModelSpec, context: BuildContext) -> Network:
    """Build the network of ``spec`` for inputs of ``context.input_shape``."""
    backbone: Backbone = spec.backbone.build(context)
    return Network(backbone, Head(spec.head, backbone.feature_dim, context.num_classes))
