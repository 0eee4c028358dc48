"""The one-dimensional network on series of many lengths."""

from __future__ import annotations

import pytest
import torch
from pydantic import ValidationError
from torch import nn

from dakit import InputError
from dakit.builtin.backbones.conv1d import Conv1d
from dakit.contracts import Backbone, BuildContext


def build(*input_shape: int, **options: object) -> Backbone:
    torch.manual_seed(0)
    return Conv1d.model_validate(options).build(BuildContext(seed=0, input_shape=input_shape))


@pytest.mark.parametrize("shape", [(1, 1), (2, 2), (3, 7), (1, 100)])
def test_any_length_gives_one_feature_a_channel(shape: tuple[int, ...]) -> None:
    backbone = build(*shape, channels=(4, 6, 8))
    assert backbone(torch.randn(5, *shape)).shape == (5, 8) == (5, backbone.feature_dim)


def test_a_shift_by_the_total_stride_moves_no_feature() -> None:
    """Averaging over the length makes features blind to where a line lies."""
    backbone = build(1, 256, channels=(4, 6)).eval()
    series = torch.zeros(1, 1, 256)
    series[..., 100:104] = torch.tensor([1.0, 3.0, -2.0, 1.0])
    torch.testing.assert_close(backbone(series), backbone(series.roll(4 * 7, dims=2)))


def test_kernels_keep_the_length_and_are_odd() -> None:
    backbone = build(2, 40, kernel_size=9, channels=(4,))
    (conv,) = (m for m in backbone.modules() if isinstance(m, nn.Conv1d))
    assert conv(torch.randn(1, 2, 40)).shape == (1, 4, 40)
    with pytest.raises(ValidationError, match="kernel_size"):
        Conv1d.model_validate({"kernel_size": 4})


def test_batch_norm_is_optional() -> None:
    assert not any(isinstance(m, nn.BatchNorm1d) for m in build(1, 9, batch_norm=False).modules())


@pytest.mark.parametrize("shape", [(), (64,), (3, 8, 8), (0, 8), (2, 0)])
def test_inputs_that_are_no_series_are_named(shape: tuple[int, ...]) -> None:
    with pytest.raises(InputError, match="channels, length") as caught:
        build(*shape)
    assert str(shape) in str(caught.value)
