"""The DeepMerge network and its fused block, against the stock layers they stand for."""

from __future__ import annotations

import copy

import pytest
import torch
from torch import Tensor, nn
from torch.nn.functional import max_pool2d, relu

from dakit import InputError
from dakit.contracts import Backbone, BuildContext
from dakit.network import Head, Network
from dakit.spec.run import HeadSpec
from dakit_astro_mergers.deepmerge import DeepMerge
from dakit_astro_mergers.fused_block import norm_relu_pool


def build(*input_shape: int) -> Backbone:
    torch.manual_seed(0)
    backbone = DeepMerge().build(BuildContext(seed=0, input_shape=input_shape))
    assert isinstance(backbone, Backbone)
    return backbone


def stock(backbone: nn.Module, maps: Tensor) -> Tensor:
    """The same network as torch's own layers would compute it."""
    for conv, norm in (("conv1", "bn1"), ("conv2", "bn2"), ("conv3", "bn3")):
        maps = max_pool2d(relu(getattr(backbone, norm)(getattr(backbone, conv)(maps))), 2)
    return maps.flatten(1)


def random_norm(channels: int, dtype: torch.dtype) -> nn.BatchNorm2d:
    """Batch norm with scales of both signs, shifts, and running statistics away from 0 and 1."""
    norm = nn.BatchNorm2d(channels, dtype=dtype)
    with torch.no_grad():
        for values in (norm.weight, norm.bias, norm.running_mean):
            values.normal_()
        norm.running_var.uniform_(0.5, 2)
    return norm


def test_sizes_are_the_published_ones() -> None:
    backbone = build(3, 75, 75)
    network = Network(backbone, Head(HeadSpec(hidden=(64, 32)), backbone.feature_dim, 2))
    assert backbone.feature_dim == 2592
    assert sum(p.numel() for p in network.parameters()) == 174_626
    features, logits = network(torch.randn(2, 3, 75, 75))
    assert features.shape == (2, 2592)
    assert logits.shape == (2, 2)
    assert (features >= 0).all()


def test_state_dict_has_the_standard_keys() -> None:
    norm = ("weight", "bias", "running_mean", "running_var", "num_batches_tracked")
    expected = {f"bn{i}.{key}" for i in (1, 2, 3) for key in norm}
    expected |= {f"conv{i}.{key}" for i in (1, 2, 3) for key in ("weight", "bias")}
    assert set(build(3, 75, 75).state_dict()) == expected


@pytest.mark.parametrize("shape", [(1, 8, 8), (5, 9, 31), (3, 64, 40)])
def test_other_channels_and_sizes(shape: tuple[int, ...]) -> None:
    backbone = build(*shape)
    features = backbone(torch.randn(3, *shape))
    assert features.shape == (3, backbone.feature_dim)


@pytest.mark.parametrize("shape", [(), (7,), (3, 100), (3, 7, 75), (3, 75, 7), (2, 3, 75, 75)])
def test_inputs_that_are_no_such_images_are_named(shape: tuple[int, ...]) -> None:
    with pytest.raises(InputError) as caught:
        build(*shape)
    assert str(shape) in str(caught.value)
    assert "(channels, height, width)" in str(caught.value)


@pytest.mark.parametrize("shape", [(3, 75, 75), (1, 8, 8), (2, 17, 30)])
def test_training_step_equals_stock_layers(shape: tuple[int, ...]) -> None:
    """Features, gradients of everything and running statistics, in float64: 75, 37, 18 are odd."""
    ours = build(*shape).double()
    for name in ("bn1", "bn2", "bn3"):
        fresh = random_norm(getattr(ours, name).num_features, torch.float64)
        setattr(ours, name, fresh)
    theirs = copy.deepcopy(ours)
    inputs = torch.randn(6, *shape, dtype=torch.float64)
    mine, yours = inputs.clone().requires_grad_(), inputs.clone().requires_grad_()
    direction = torch.randn(6, ours.feature_dim, dtype=torch.float64)
    got, wanted = ours(mine), stock(theirs, yours)
    torch.testing.assert_close(got, wanted, rtol=1e-10, atol=1e-10)
    (got * direction).sum().backward()
    (wanted * direction).sum().backward()
    torch.testing.assert_close(mine.grad, yours.grad, rtol=1e-9, atol=1e-9)
    for (name, a), (_, b) in zip(ours.named_parameters(), theirs.named_parameters(), strict=True):
        torch.testing.assert_close(a.grad, b.grad, rtol=1e-9, atol=1e-9, msg=name)
    torch.testing.assert_close(ours.state_dict(), theirs.state_dict(), rtol=1e-10, atol=1e-10)


def test_float32_stays_within_1e_5_of_exact() -> None:
    """Measured against stock layers in float64, with images as far from centred as real fluxes."""
    torch.manual_seed(1)
    ours = build(3, 75, 75)
    exact = copy.deepcopy(ours).double()
    inputs = 3 + torch.randn(16, 3, 75, 75).exp()
    got, wanted = ours(inputs), stock(exact, inputs.double())
    torch.testing.assert_close(got.double(), wanted, rtol=1e-5, atol=1e-5)
    got.square().mean().backward()
    wanted.square().mean().backward()
    for (name, a), (_, b) in zip(ours.named_parameters(), exact.named_parameters(), strict=True):
        # The exact gradient of a convolution's bias before batch norm is 0: hence the 1e-7.
        tolerance = 1e-7 + 1e-5 * b.grad.abs().max()
        assert (a.grad.double() - b.grad).abs().max() < tolerance, name
    for name in ("bn1", "bn2", "bn3"):
        for statistic in ("running_mean", "running_var"):
            a, b = (getattr(getattr(net, name), statistic) for net in (ours, exact))
            torch.testing.assert_close(a.double(), b, rtol=1e-5, atol=1e-5)


def test_gradients_pass_gradcheck_twice() -> None:
    torch.manual_seed(2)
    norm = random_norm(2, torch.float64)
    # Distinct values: no window has a tie, so the function is smooth around this point.
    maps = torch.randperm(2 * 2 * 5 * 4).double().div(20).view(2, 2, 5, 4).requires_grad_()

    def block(maps: Tensor, weight: Tensor, bias: Tensor) -> Tensor:
        parameters = {"norm.weight": weight, "norm.bias": bias}
        return torch.func.functional_call(_Block(norm), parameters, maps)

    arguments = (maps, norm.weight, norm.bias)
    assert torch.autograd.gradcheck(block, arguments)
    assert torch.autograd.gradgradcheck(block, arguments)


class _Block(nn.Module):
    def __init__(self, norm: nn.BatchNorm2d) -> None:
        super().__init__()
        self.norm = norm

    def forward(self, maps: Tensor) -> Tensor:
        return norm_relu_pool(maps, self.norm)


def test_large_batches_are_merged_from_chunks() -> None:
    """More values than one chunk of the variance holds, with a mean that drifts over the batch."""
    torch.manual_seed(3)
    ours = random_norm(4, torch.float64)
    theirs = copy.deepcopy(ours)
    drift = torch.linspace(-5, 5, 80, dtype=torch.float64)[:, None, None, None]
    maps = torch.randn(80, 4, 64, 64, dtype=torch.float64) + drift
    got, wanted = norm_relu_pool(maps, ours), max_pool2d(relu(theirs(maps)), 2)
    torch.testing.assert_close(got, wanted, rtol=1e-10, atol=1e-10)
    torch.testing.assert_close(ours.running_var, theirs.running_var)


def test_ties_at_zero_and_constant_maps_follow_stock() -> None:
    ours = nn.BatchNorm2d(2)
    theirs = copy.deepcopy(ours)
    maps = torch.zeros(2, 2, 6, 6)
    maps[:, 1] = torch.randint(0, 2, (2, 6, 6)).float()
    mine, yours = maps.clone().requires_grad_(), maps.clone().requires_grad_()
    direction = torch.randn(2, 2, 3, 3)
    (norm_relu_pool(mine, ours) * direction).sum().backward()
    (max_pool2d(relu(theirs(yours)), 2) * direction).sum().backward()
    torch.testing.assert_close(mine.grad, yours.grad, rtol=1e-5, atol=1e-5)


@pytest.mark.parametrize("momentum", [0.3, None])
def test_running_statistics_follow_the_momentum(momentum: float | None) -> None:
    torch.manual_seed(4)
    ours = nn.BatchNorm2d(3, momentum=momentum)
    theirs = copy.deepcopy(ours)
    for _ in range(3):
        maps = torch.randn(4, 3, 6, 6) * 2 + 1
        norm_relu_pool(maps, ours)
        theirs(maps)
    torch.testing.assert_close(ours.state_dict(), theirs.state_dict())


def test_gradients_may_be_asked_for_again() -> None:
    backbone = build(3, 16, 16)
    features = backbone(torch.randn(4, 3, 16, 16)).square().mean()
    weights = list(backbone.parameters())
    first = torch.autograd.grad(features, weights, retain_graph=True)
    second = torch.autograd.grad(features, weights)
    torch.testing.assert_close(first, second, rtol=0, atol=0)


def test_evaluation_uses_running_statistics_and_changes_nothing() -> None:
    backbone = build(3, 24, 24)
    backbone(torch.randn(8, 3, 24, 24) + 1)
    backbone.eval()
    before = copy.deepcopy(backbone.state_dict())
    images = torch.randn(5, 3, 24, 24)
    together = backbone(images)
    alone = torch.cat([backbone(image[None]) for image in images])
    torch.testing.assert_close(together, alone, rtol=1e-5, atol=1e-6)
    torch.testing.assert_close(together, stock(backbone, images), rtol=1e-5, atol=1e-6)
    torch.testing.assert_close(backbone.state_dict(), before, rtol=0, atol=0)


def test_mixed_precision_trains() -> None:
    backbone = build(3, 24, 24)
    reference = copy.deepcopy(backbone)
    images = torch.randn(4, 3, 24, 24)
    with torch.autocast("cpu", torch.bfloat16):
        got, wanted = backbone(images), stock(reference, images)
    torch.testing.assert_close(got.float(), wanted.float(), rtol=0.05, atol=0.05)
    got.float().mean().backward()
    assert all(torch.isfinite(p.grad).all() for p in backbone.parameters())


def test_the_memory_layout_of_the_images_does_not_matter() -> None:
    backbone = build(3, 24, 24)
    images = torch.randn(4, 3, 24, 24)
    last = images.contiguous(memory_format=torch.channels_last)
    torch.testing.assert_close(backbone(images), backbone(last), rtol=0, atol=0)


def test_same_seed_same_network() -> None:
    torch.testing.assert_close(
        build(3, 24, 24).state_dict(), build(3, 24, 24).state_dict(), rtol=0, atol=0
    )
