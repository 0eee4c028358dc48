"""ResNet-18 against the known layout of torchvision's, whose state dicts must load."""

from __future__ import annotations

import math

import pytest
import torch

from dakit import InputError
from dakit.builtin.backbones.resnet18 import ResNet18
from dakit.builtin.backbones.resnet18_backbone import ResNet18Backbone
from dakit.contracts import BuildContext
from dakit.network import Head, Network
from dakit.spec.run import HeadSpec

Shapes = dict[str, tuple[int, ...]]


def build(*input_shape: int, **options: object) -> ResNet18Backbone:
    torch.manual_seed(0)
    spec = ResNet18.model_validate(options)
    backbone = spec.build(BuildContext(seed=0, input_shape=input_shape))
    assert isinstance(backbone, ResNet18Backbone)
    return backbone


def batch_norm(name: str, width: int) -> Shapes:
    shapes: Shapes = {f"{name}.num_batches_tracked": ()}
    for key in ("weight", "bias", "running_mean", "running_var"):
        shapes[f"{name}.{key}"] = (width,)
    return shapes


def torchvision_layout() -> Shapes:
    """Keys and shapes of torchvision.models.resnet18, without fc, written down by hand."""
    shapes: Shapes = {"conv1.weight": (64, 3, 7, 7), **batch_norm("bn1", 64)}
    previous = 64
    for layer, width in (("layer1", 64), ("layer2", 128), ("layer3", 256), ("layer4", 512)):
        for block, inputs in (("0", previous), ("1", width)):
            name = f"{layer}.{block}"
            shapes[f"{name}.conv1.weight"] = (width, inputs, 3, 3)
            shapes[f"{name}.conv2.weight"] = (width, width, 3, 3)
            shapes |= batch_norm(f"{name}.bn1", width) | batch_norm(f"{name}.bn2", width)
        if layer != "layer1":
            shapes[f"{layer}.0.downsample.0.weight"] = (width, previous, 1, 1)
            shapes |= batch_norm(f"{layer}.0.downsample.1", width)
        previous = width
    return shapes


def test_state_dict_of_torchvision_loads() -> None:
    backbone = build(3, 64, 64, bottleneck=None)
    assert {k: tuple(v.shape) for k, v in backbone.state_dict().items()} == torchvision_layout()
    assert len(torchvision_layout()) == 120  # 122 in torchvision, with fc.weight and fc.bias


def test_sizes_are_the_published_ones() -> None:
    backbone = build(3, 75, 75)
    network = Network(backbone, Head(HeadSpec(), backbone.feature_dim, 2))
    assert sum(p.numel() for p in network.parameters()) == 11_308_354
    without = build(3, 75, 75, bottleneck=None)
    assert sum(p.numel() for p in without.parameters()) + 512_000 + 1000 == 11_689_512  # ImageNet
    maps: list[torch.Size] = []
    backbone.layer4.register_forward_hook(lambda *seen: maps.append(seen[2].shape))
    assert network(torch.randn(2, 3, 75, 75))[0].shape == (2, 256)
    assert maps == [(2, 512, 3, 3)]
    assert without(torch.randn(2, 3, 75, 75)).shape == (2, 512) == (2, without.feature_dim)


def test_initialisation_is_torchvisions_and_the_papers() -> None:
    backbone = build(3, 64, 64)
    weight = backbone.layer4[1].conv2.weight
    assert weight.std().item() == pytest.approx(math.sqrt(2 / (512 * 9)), rel=0.01)
    assert backbone.bottleneck.weight.std().item() == pytest.approx(0.005, rel=0.02)
    assert backbone.bottleneck.bias.abs().max().item() == 0


def test_only_the_bottleneck_has_the_multiplier() -> None:
    backbone = build(3, 64, 64, bottleneck_lr_multiplier=10)
    factors = {name: backbone.lr_multiplier(name) for name, _ in backbone.named_parameters()}
    assert {n for n, f in factors.items() if f == 10} == {"bottleneck.weight", "bottleneck.bias"}
    assert {f for n, f in factors.items() if not n.startswith("bottleneck")} == {1}


def test_a_block_adds_its_shortcut() -> None:
    """With the residual's last scale at 0 a block without downsampling is ReLU of its input."""
    block = build(3, 64, 64).layer1[0].eval()
    torch.nn.init.zeros_(block.bn2.weight)
    maps = torch.randn(2, 64, 5, 5)
    torch.testing.assert_close(block(maps), maps.relu())


def test_other_channels_and_small_images() -> None:
    assert build(5, 9, 30)(torch.randn(2, 5, 9, 30)).shape == (2, 256)


@pytest.mark.parametrize("shape", [(), (12,), (3, 100), (1, 3, 64, 64)])
def test_inputs_that_are_no_images_are_named(shape: tuple[int, ...]) -> None:
    with pytest.raises(InputError, match="channels, height, width") as caught:
        build(*shape)
    assert str(shape) in str(caught.value)
