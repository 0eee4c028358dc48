"""A broken backbone is caught by the check that is there for it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Literal

import numpy as np
import pytest
import torch
from torch import Tensor, nn
from torch.nn import functional

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


class TiedWeights(Layer):
    """What a run has to save though safetensors alone would not: tied weights, a view."""

    def __init__(self, shape: tuple[int, ...]) -> None:
        super().__init__(shape)
        self.again = nn.Linear(4, 4)
        self.once_more = nn.Linear(4, 4)
        self.once_more.weight = self.again.weight
        self.register_buffer("whole", torch.randn(4))
        self.register_buffer("part", self.whole[:2])

    def forward(self, inputs: Tensor) -> Tensor:
        features = self.once_more(self.again(super().forward(inputs)))
        return features + self.whole + self.part.sum()


class SparseState(Layer):
    def __init__(self, shape: tuple[int, ...]) -> None:
        super().__init__(shape)
        self.register_buffer("mask", torch.eye(4).to_sparse())


class ForgetsItsState(Layer):
    def __init__(self, shape: tuple[int, ...]) -> None:
        super().__init__(shape)
        self.shift = torch.randn(4)

    def forward(self, inputs: Tensor) -> Tensor:
        return super().forward(inputs) + self.shift


class LooksIntoItsNorm(Layer):
    """Works in every mode: what it asks of its BatchNorm layer is there in each."""

    def __init__(self, shape: tuple[int, ...]) -> None:
        super().__init__(shape)
        self.norm = nn.BatchNorm1d(4)

    def forward(self, inputs: Tensor) -> Tensor:
        norm = self.norm
        return functional.batch_norm(
            super().forward(inputs),
            norm.running_mean,
            norm.running_var,
            norm.weight,
            norm.bias,
            training=norm.training,
            eps=norm.eps,
        )


class InsistsOnItsNorm(LooksIntoItsNorm):
    def forward(self, inputs: Tensor) -> Tensor:
        if type(self.norm) is not nn.BatchNorm1d:
            raise TypeError("another layer than mine")
        return super().forward(inputs)


class HiddenLayer(Layer):
    def __init__(self, shape: tuple[int, ...]) -> None:
        super().__init__(shape)
        self.more = [nn.Linear(4, 4)]

    def forward(self, inputs: Tensor) -> Tensor:
        return self.more[0](super().forward(inputs))


def spec_of(kind: type[Layer]) -> Any:
    class Spec(BackboneSpec):
        name: Literal["net"] = "net"

        def build(self, context: BuildContext) -> Backbone:
            return kind(context.input_shape)

    return Spec


@pytest.mark.parametrize(
    ("backbone", "check", "message"),
    [
        (WrongWidth, "returns_features", "instead of"),
        (SeesItsNeighbours, "predicts_row_by_row", "change with the batch"),
        (DetachedBackbone, "learns", "detached"),
        (DividesByTheSpread, "is_finite", "zeros"),
        (FailsOnImages, "refuses_what_it_cannot_take", r"\(2, 32\).*InputError"),
        (HiddenLayer, "parameters_reach_the_optimizer", "not registered"),
        (SparseState, "is_saved_with_its_run", "'mask' is no dense tensor"),
        (ForgetsItsState, "is_saved_with_its_run", "gives other outputs"),
    ],
)
def test_a_broken_backbone_is_caught(
    backbone: type[Layer],
    check: str,
    message: str,
    run_check: Callable[..., None],
    assert_caught: Callable[..., None],
) -> None:
    run_check(spec_of(Layer), check)
    assert_caught(spec_of(backbone), check, message)


def test_a_layer_that_cannot_be_split_is_caught(
    run_check: Callable[..., None], assert_caught: Callable[..., None]
) -> None:
    check = "trains_in_every_batch_norm_mode"
    run_check(spec_of(LooksIntoItsNorm), check)
    assert_caught(spec_of(InsistsOnItsNorm), check, "another layer than mine")


def test_tied_weights_and_views_are_saved_rightly(run_check: Callable[..., None]) -> None:
    for check in ("is_saved_with_its_run", "survives_its_state_dict"):
        run_check(spec_of(TiedWeights), check)
