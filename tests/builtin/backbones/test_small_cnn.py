"""The small convolutional network on images of many sizes."""

from __future__ import annotations

import pytest
import torch
from torch import nn

from dakit import InputError
from dakit.builtin.backbones.small_cnn import SmallCNN
from dakit.contracts import Backbone, BuildContext


def build(*input_shape: int, **options: object) -> Backbone:
    torch.manual_seed(0)
    return SmallCNN.model_validate(options).build(BuildContext(seed=0, input_shape=input_shape))


@pytest.mark.parametrize("features", ["pool", "flatten"])
@pytest.mark.parametrize("shape", [(1, 8, 8), (3, 4, 4), (2, 5, 31), (4, 75, 75)])
def test_feature_dim_is_what_comes_out(shape: tuple[int, ...], features: str) -> None:
    backbone = build(*shape, features=features, channels=(4, 6, 8))
    assert backbone(torch.randn(3, *shape)).shape == (3, backbone.feature_dim)


def test_sizes_follow_the_stages() -> None:
    assert build(1, 8, 8, channels=(4, 6)).feature_dim == 6 * 2 * 2
    assert build(1, 75, 75, channels=(8, 16, 32)).feature_dim == 32 * 9 * 9
    assert build(1, 8, 8, channels=(4, 6), features="pool").feature_dim == 6
    # 5 -> 2 -> 1 rows: the third stage no longer pools the 31 -> 15 -> 7 columns.
    assert build(1, 5, 31, channels=(2, 2, 2)).feature_dim == 2 * 1 * 7


def test_pool_is_the_mean_of_the_map_that_flatten_returns() -> None:
    pooled, flat = (build(3, 12, 12, features=kind).eval() for kind in ("pool", "flatten"))
    images = torch.randn(2, 3, 12, 12)
    expected = flat(images).view(2, 32, 9).mean(2)
    torch.testing.assert_close(pooled(images), expected)


def test_batch_norm_is_optional() -> None:
    with_norm, without = (build(3, 8, 8, batch_norm=choice) for choice in (True, False))
    assert sum(isinstance(m, nn.BatchNorm2d) for m in with_norm.modules()) == 2
    assert not any(isinstance(m, nn.BatchNorm2d) for m in without.modules())


@pytest.mark.parametrize("shape", [(), (64,), (3, 100), (3, 3, 8), (3, 8, 3), (0, 8, 8)])
def test_inputs_that_are_no_such_images_are_named(shape: tuple[int, ...]) -> None:
    with pytest.raises(InputError, match="channels, height, width") as caught:
        build(*shape)
    assert str(shape) in str(caught.value)
