"""What all built-in backbones promise, whatever they are."""

from __future__ import annotations

import subprocess
import sys

import pytest
import torch

from dakit import BackboneSpec
from dakit.builtin.backbones import SPECS
from dakit.contracts import Backbone, BuildContext

SHAPES = {"conv1d": (2, 33)}
"""An input shape that suits the backbone; (3, 16, 16) otherwise."""


def build(spec_class: type[BackboneSpec]) -> tuple[Backbone, torch.Tensor]:
    spec = spec_class.model_validate({})
    shape = SHAPES.get(spec.name, (3, 16, 16))
    torch.manual_seed(5)
    backbone = spec.build(BuildContext(seed=0, input_shape=shape))
    return backbone, torch.randn(6, *shape)


def test_names_are_the_promised_ones() -> None:
    names = {spec.model_fields["name"].default for spec in SPECS}
    assert names == {"resnet18", "mlp", "small_cnn", "conv1d"}


def test_specs_import_no_torch() -> None:
    code = "import dakit.builtin.backbones, sys; sys.exit('torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


@pytest.mark.parametrize("spec_class", SPECS)
def test_every_parameter_gets_a_finite_gradient(spec_class: type[BackboneSpec]) -> None:
    backbone, inputs = build(spec_class)
    assert isinstance(backbone, Backbone)
    features = backbone(inputs)
    assert features.shape == (6, backbone.feature_dim)
    features.square().sum().backward()
    for name, parameter in backbone.named_parameters():
        assert parameter.grad is not None, name
        assert torch.isfinite(parameter.grad).all(), name


@pytest.mark.parametrize("spec_class", SPECS)
def test_the_seed_decides_the_weights(spec_class: type[BackboneSpec]) -> None:
    first, second = (build(spec_class)[0].state_dict() for _ in range(2))
    torch.testing.assert_close(first, second, rtol=0, atol=0)


@pytest.mark.parametrize("spec_class", SPECS)
def test_evaluation_treats_each_input_by_itself(spec_class: type[BackboneSpec]) -> None:
    backbone, inputs = build(spec_class)
    backbone(inputs)
    backbone.eval()
    alone = torch.cat([backbone(row[None]) for row in inputs])
    torch.testing.assert_close(backbone(inputs), alone, rtol=1e-4, atol=1e-5)
