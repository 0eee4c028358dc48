"""Grad-CAM against the formula, written out with plain autograd, and against captum."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from captum.attr import LayerGradCam
from torch import Tensor, nn
from torch.nn import functional

from dakit.contracts import Backbone
from dakit.errors import InputError
from dakit.evaluation.grad_cam import grad_cam, last_convolution
from dakit.network import Head, Network
from dakit.spec.run import HeadSpec


class Toy(Backbone):
    feature_dim = 6 * 4 * 4

    def __init__(self) -> None:
        super().__init__()
        self.first = nn.Conv2d(2, 4, 3, padding=1)
        self.norm = nn.BatchNorm2d(4)
        self.second = nn.Conv2d(4, 6, 3, padding=1)
        self.rectify = nn.ReLU(inplace=True)

    def head_of(self, images: Tensor) -> Tensor:
        return functional.max_pool2d(functional.relu(self.norm(self.first(images))), 2)

    def tail_of(self, maps: Tensor) -> Tensor:
        return functional.max_pool2d(self.rectify(maps), 2).flatten(1)

    def forward(self, images: Tensor) -> Tensor:
        return self.tail_of(self.second(self.head_of(images)))


@pytest.fixture
def network() -> Network:
    torch.manual_seed(0)
    backbone = Toy()
    network = Network(backbone, Head(HeadSpec(hidden=(5,)), backbone.feature_dim, 3))
    network(torch.randn(20, 2, 16, 16))  # running statistics that are not the identity
    return network


@pytest.fixture
def images() -> Tensor:
    return torch.randn(4, 2, 16, 16, generator=torch.Generator().manual_seed(1))


CLASSES = np.asarray([0, 2, 1, 2])


def test_the_formula(network: Network, images: Tensor) -> None:
    found = grad_cam(network, images, CLASSES, "backbone.second")
    network.eval()
    toy = network.backbone
    assert isinstance(toy, Toy)
    for i, class_index in enumerate(CLASSES):
        maps = toy.second(toy.head_of(images[i : i + 1])).detach().requires_grad_()
        score = network.head(toy.tail_of(maps.clone()))[0, class_index]
        (gradient,) = torch.autograd.grad(score, maps)
        cam = torch.zeros(1, 1, 8, 8)
        for k in range(6):
            cam += gradient[0, k].sum() / 64 * maps[0, k]
        large = functional.interpolate(cam.clamp(min=0), size=(16, 16), mode="bilinear")
        np.testing.assert_allclose(found[i], large[0, 0].detach().numpy(), atol=1e-6)
    assert found.max() > 0


@pytest.mark.parametrize("layer", ["backbone.first", "backbone.second"])
def test_captum_agrees(network: Network, images: Tensor, layer: str) -> None:
    network.eval()
    module = dict(network.named_modules())[layer]
    attribution = LayerGradCam(lambda x: network(x)[1], module).attribute(
        images, target=torch.as_tensor(CLASSES), relu_attributions=True
    )
    large = functional.interpolate(attribution, size=(16, 16), mode="bilinear")
    found = grad_cam(network, images, CLASSES, layer)
    np.testing.assert_allclose(found, large[:, 0].detach().numpy(), atol=1e-5)


def test_the_network_is_left_as_it_was(network: Network, images: Tensor) -> None:
    network.train()
    before = {name: value.clone() for name, value in network.state_dict().items()}
    grad_cam(network, images, CLASSES, "backbone.second")
    assert network.training
    assert all(torch.equal(before[name], value) for name, value in network.state_dict().items())
    assert all(parameter.grad is None for parameter in network.parameters())
    assert not network.backbone.second._forward_hooks


def test_a_frozen_network_has_maps_too(network: Network, images: Tensor) -> None:
    expected = grad_cam(network, images, CLASSES, "backbone.second")
    network.requires_grad_(False)
    with torch.no_grad():
        found = grad_cam(network, images, CLASSES, "backbone.second")
    np.testing.assert_array_equal(found, expected)


def test_the_last_convolution(network: Network) -> None:
    assert last_convolution(network) == "backbone.second"
    assert last_convolution(network.head) is None


@pytest.mark.parametrize(
    ("layer", "said"), [("backbone.third", "backbone.second"), ("head.0", "stack of maps")]
)
def test_a_layer_that_will_not_do(network: Network, images: Tensor, layer: str, said: str) -> None:
    with pytest.raises(InputError, match=said):
        grad_cam(network, images, CLASSES, layer)
