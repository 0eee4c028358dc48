"""The head and the network, against their formula."""

from __future__ import annotations

from typing import final

import torch
from torch import Tensor, nn

from dakit.builtin.backbones.specs import MLP
from dakit.contracts import Backbone, BuildContext
from dakit.network import Head, Network, build_network
from dakit.spec.model import HeadSpec, ModelSpec


@final
class Doubling(Backbone):
    """Returns twice its inputs."""

    feature_dim = 5

    def forward(self, inputs: Tensor) -> Tensor:
        return 2 * inputs


def test_head_follows_the_formula() -> None:
    head = Head(HeadSpec(hidden=(4, 3)), 5, 2)
    first, second, last = (layer for layer in head if isinstance(layer, nn.Linear))
    features = torch.randn(6, 5)
    values = (features @ first.weight.T + first.bias).clamp(min=0)
    values = (values @ second.weight.T + second.bias).clamp(min=0)
    torch.testing.assert_close(head(features), values @ last.weight.T + last.bias)


def test_head_without_hidden_layers_is_linear() -> None:
    head = Head(HeadSpec(), 5, 3)
    assert sum(p.numel() for p in head.parameters()) == 5 * 3 + 3
    rows = torch.randn(2, 5)
    torch.testing.assert_close(head(rows.sum(0)), head(rows[0]) + head(rows[1]) - head[0].bias)


def test_head_of_deepmerge_has_its_published_size() -> None:
    head = Head(HeadSpec(hidden=(64, 32)), 2592, 2)
    assert sum(p.numel() for p in head.parameters()) == 174_626 - 6_528


def test_learning_rate_multiplier_is_the_specs() -> None:
    head = Head(HeadSpec(lr_multiplier=10), 5, 2)
    assert {head.lr_multiplier(name) for name, _ in head.named_parameters()} == {10}


def test_network_returns_features_and_their_logits() -> None:
    head = Head(HeadSpec(), 5, 2)
    inputs = torch.randn(3, 5)
    features, logits = Network(Doubling(), head)(inputs)
    torch.testing.assert_close(features, 2 * inputs)
    torch.testing.assert_close(logits, head(2 * inputs))


def test_built_network_fits_inputs_and_classes() -> None:
    spec = ModelSpec(backbone=MLP(hidden=(8,)), head=HeadSpec(hidden=(4,)))
    network = build_network(spec, BuildContext(seed=0, input_shape=(2, 3), num_classes=7))
    features, logits = network(torch.randn(5, 2, 3))
    assert features.shape == (5, 8)
    assert logits.shape == (5, 7)
