"""The multilayer perceptron, against its formula."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor, nn

from dakit import InputError
from dakit.builtin.backbones.mlp import MLP
from dakit.contracts import Backbone, BuildContext


def build(*input_shape: int, **options: object) -> Backbone:
    torch.manual_seed(0)
    return MLP.model_validate(options).build(BuildContext(seed=0, input_shape=input_shape))


@pytest.mark.parametrize("shape", [(64,), (3, 8, 8), (2, 31), (1,)])
def test_any_shape_is_flattened(shape: tuple[int, ...]) -> None:
    backbone = build(*shape, hidden=(10, 6))
    inputs = torch.randn(4, *shape)
    assert backbone(inputs).shape == (4, 6) == (4, backbone.feature_dim)
    torch.testing.assert_close(backbone(inputs), backbone(inputs.flatten(1)))


def test_layers_follow_the_formula() -> None:
    backbone = build(5, hidden=(7, 3))
    first, second = (m for m in backbone.modules() if isinstance(m, nn.Linear))
    inputs = torch.randn(4, 5)

    def layer(values: Tensor, linear: nn.Linear) -> Tensor:
        return (values @ linear.weight.T + linear.bias).clamp(min=0)

    torch.testing.assert_close(backbone(inputs), layer(layer(inputs, first), second))
    assert sum(p.numel() for p in backbone.parameters()) == 5 * 7 + 7 + 7 * 3 + 3


def test_dropout_acts_in_training_only() -> None:
    backbone = build(20, hidden=(400,), dropout=0.5)
    inputs = torch.randn(50, 20)
    trained = backbone(inputs)
    plain = backbone.eval()(inputs)
    torch.testing.assert_close(plain, backbone(inputs))
    kept = trained[plain > 0] > 0
    assert 0.45 < kept.float().mean().item() < 0.55


def test_batch_norm_centres_before_relu() -> None:
    """Standardised values: about half of them are clipped, whatever the shift of the inputs."""
    backbone = build(20, hidden=(200,), batch_norm=True)
    features = backbone(100 + torch.randn(500, 20))
    assert 0.45 < (features > 0).float().mean().item() < 0.55


@pytest.mark.parametrize("shape", [(), (3, 0)])
def test_inputs_without_values_are_named(shape: tuple[int, ...]) -> None:
    with pytest.raises(InputError, match="one value or more") as caught:
        build(*shape)
    assert str(shape) in str(caught.value)
