"""The head and the network, against their formula."""

from __future__ import annotations

from typing import Any, ClassVar, Literal, final

import pytest
import torch
from torch import Tensor, nn

from dakit import BackboneSpec
from dakit.builtin.backbones.mlp import MLP
from dakit.contracts import Backbone, BuildContext
from dakit.network import Head, Network, build_network
from dakit.spec.run import HeadSpec, ModelSpec


@final
class Published(BackboneSpec):
    """A network that was published with hidden layers in its head."""

    published_head: ClassVar[tuple[int, ...]] = (64, 32)

    name: Literal["published"] = "published"

    def build(self, context: Any) -> Any: ...


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


def test_a_backbone_alone_brings_the_head_it_was_published_with() -> None:
    published = ModelSpec(backbone=Published()).head
    assert published == HeadSpec(hidden=(64, 32))
    given = {"backbone": Published(), "head": {"dropout": 0.1}}
    assert ModelSpec.model_validate(given).head == HeadSpec(hidden=(64, 32), dropout=0.1)


@pytest.mark.parametrize("hidden", [(), (7,)])
def test_a_head_that_the_spec_gives_is_taken(hidden: tuple[int, ...]) -> None:
    assert ModelSpec(backbone=Published(), head=HeadSpec(hidden=hidden)).head.hidden == hidden


@pytest.mark.parametrize("hidden", [(), (4,), (4, 3)])
def test_dropout_of_the_head_drops_the_inputs_of_each_layer(hidden: tuple[int, ...]) -> None:
    head = Head(HeadSpec(hidden=hidden, dropout=0.25), 1000, 2)
    layers = list(head)
    linear = [i for i, layer in enumerate(layers) if isinstance(layer, nn.Linear)]
    dropped = [layers[i - 1](torch.ones(40, 100)) for i in linear]
    assert len(linear) == len(hidden) + 1
    for values in dropped:
        assert sorted(values.unique().tolist()) == pytest.approx([0, 1 / 0.75])
        assert (values == 0).float().mean() == pytest.approx(0.25, abs=0.03)


def test_a_head_with_dropout_takes_the_weights_of_one_without() -> None:
    plain, dropping = (
        Head(HeadSpec(hidden=(4,)), 5, 2),
        Head(HeadSpec(hidden=(4,), dropout=0.5), 5, 2),
    )
    assert list(plain.state_dict()) == ["0.weight", "0.bias", "2.weight", "2.bias"]
    dropping.load_state_dict(plain.state_dict())
    features = torch.randn(3, 5)
    assert torch.equal(dropping.eval()(features), plain(features))
    assert not torch.equal(dropping.train()(features), plain(features))


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
