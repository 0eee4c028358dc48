"""A broken backbone is caught by the check that is there for it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Literal

import numpy as np
import pytest
from torch import Tensor, nn

from dakit import BackboneSpec
from dakit.contracts import (
    Backbone,
    BuildContext,
)


class Layer(Backbone):
    def __init__(self, shape: tuple[int, ...]) -> None:
        super().__init__()
        self.layer = nn.Linear(int(np.prod(shape)), 4)
        self.feature_dim = 4

    def forward(self, inputs: Tensor) -> Tensor:
        return self.layer(inputs.flatten(1))


class WrongWidth(Layer):
    def __init__(self, shape: tuple[int, ...]) -> None:
        super().__init__(shape)
        self.feature_dim = 5


class SeesItsNeighbours(Layer):
    def forward(self, inputs: Tensor) -> Tensor:
        features = super().forward(inputs)
        return features - features.mean(0)


class DetachedBackbone(Layer):
    def forward(self, inputs: Tensor) -> Tensor:
        return super().forward(inputs).detach()


class DividesByTheSpread(Layer):
    def forward(self, inputs: Tensor) -> Tensor:
        return super().forward(inputs) / inputs.flatten(1).std()


class FailsOnImages(Layer):
    def __init__(self, shape: tuple[int, ...]) -> None:
        super().__init__(shape)
        (self.length,) = shape


class HiddenLayer(Layer):
    def __init__(self, shape: tuple[int, ...]) -> None:
        super().__init__(shape)
        self.more = [nn.Linear(4, 4)]

    def forward(self, inputs: Tensor) -> Tensor:
        return self.more[0](super().forward(inputs))


@pytest.mark.parametrize(
    ("backbone", "check", "message"),
    [
        (WrongWidth, "returns_features", "instead of"),
        (SeesItsNeighbours, "predicts_row_by_row", "change with the batch"),
        (DetachedBackbone, "learns", "detached"),
        (DividesByTheSpread, "is_finite", "zeros"),
        (FailsOnImages, "refuses_what_it_cannot_take", r"\(2, 32\).*InputError"),
        (HiddenLayer, "parameters_reach_the_optimizer", "not registered"),
    ],
)
def test_a_broken_backbone_is_caught(
    backbone: type[Layer],
    check: str,
    message: str,
    run_check: Callable[..., None],
    assert_caught: Callable[..., None],
) -> None:
    def spec_of(kind: type[Layer]) -> Any:
        class Spec(BackboneSpec):
            name: Literal["net"] = "net"

            def build(self, context: BuildContext) -> Backbone:
                return kind(context.input_shape)

        return Spec

    run_check(spec_of(Layer), check)
    assert_caught(spec_of(backbone), check, message)
