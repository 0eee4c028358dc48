"""A component that changes what all share is caught, and what it changed is put back."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from typing import Any, Literal

import numpy as np
import pytest
import torch
from torch import Tensor, nn
from torch.nn import functional

from dakit import BackboneSpec, DatasetSpec, TransferLossSpec, ValidatorSpec
from dakit.contracts import Backbone, Batch, BuildContext, LossTerm, ValidationView
from dakit.testing import check_component

LIBRARIES, GENERATORS = "leaves_libraries_as_they_are", "leaves_generators_alone"


def _own(*arguments: Any, **options: Any) -> Any:
    return torch.zeros(())


class Meddling(LossTerm):
    """Does something, then what a loss does."""

    def __init__(self, built: Callable[[], Any], called: Callable[[], Any]) -> None:
        super().__init__()
        built()
        self.called = called

    def forward(self, batch: Batch) -> Tensor:
        self.called()
        return (batch.source.features.mean(0) - batch.target.features.mean(0)).square().sum()


def nothing() -> None:
    pass


def meddling(
    built: Callable[[], Any] = nothing, called: Callable[[], Any] = nothing
) -> type[TransferLossSpec]:
    class MeddlingSpec(TransferLossSpec):
        """Meddles."""

        name: Literal["meddling"] = "meddling"

        def build(self, context: BuildContext) -> LossTerm:
            return Meddling(built, called)

    return MeddlingSpec


@pytest.fixture(autouse=True)
def _state() -> Iterator[None]:
    """Whatever happens, torch is torch again for other tests."""
    kept = (functional.normalize, torch.mm, nn.Linear.forward, np.linalg.norm)
    dtype = torch.get_default_dtype()
    yield
    torch.set_default_dtype(dtype)
    functional.normalize, torch.mm, nn.Linear.forward, np.linalg.norm = kept  # type: ignore


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (lambda: setattr(functional, "normalize", _own), r"torch\.nn\.functional\.normalize"),
        (lambda: setattr(functional, "normalize", functional.relu), r"functional\.normalize"),
        (lambda: setattr(nn.Linear, "forward", _own), r"torch\.nn\.modules\.linear\.forward"),
        (lambda: setattr(torch, "mm", torch.matmul), r"torch\.mm for everything"),
        (lambda: setattr(np.linalg, "norm", _own), r"numpy\.linalg\.norm"),
        (lambda: torch.set_default_dtype(torch.float64), "torch's default type"),
        (lambda: np.seterr(all="raise"), "numpy's way with errors"),
    ],
)
@pytest.mark.parametrize("when", ["built", "called"])
def test_what_is_replaced_is_named_and_put_back(
    change: Callable[[], Any],
    told: str,
    when: str,
    assert_caught: Callable[..., None],
    run_check: Callable[..., None],
) -> None:
    before = (functional.normalize, torch.mm, nn.Linear.forward, np.linalg.norm, np.geterr())
    assert_caught(meddling(**{when: change}), LIBRARIES, told)
    after = (functional.normalize, torch.mm, nn.Linear.forward, np.linalg.norm, np.geterr())
    assert after == before
    assert torch.get_default_dtype() == torch.float32
    run_check(meddling(), LIBRARIES)  # the next component is not blamed


def test_what_was_replaced_when_the_plugin_was_imported_is_named(
    assert_caught: Callable[..., None],
) -> None:
    functional.normalize = _own
    assert_caught(meddling(), LIBRARIES, r"torch\.nn\.functional\.normalize")


@pytest.mark.parametrize(
    ("call", "told"),
    [
        (lambda: torch.manual_seed(0), "it seeds torch's generator"),
        (lambda: np.random.rand(), r"it draws from numpy\.random, which no run seeds"),
        (lambda: np.random.seed(0), r"it draws from numpy\.random"),
        (random.random, "it draws from random, which no run seeds"),
    ],
)
def test_a_call_that_spoils_what_others_draw_is_caught(
    call: Callable[[], Any], told: str, assert_caught: Callable[..., None]
) -> None:
    assert_caught(meddling(called=call), GENERATORS, told)


@pytest.mark.parametrize(
    "call", [lambda: torch.rand(3), lambda: torch.Generator().manual_seed(3), nothing]
)
def test_torchs_generator_may_be_drawn_from(
    call: Callable[[], Any], run_check: Callable[..., None]
) -> None:
    run_check(meddling(called=call), GENERATORS)
    run_check(meddling(called=call), LIBRARIES)


class SeedsAndReplaces(Backbone):
    feature_dim = 3

    def __init__(self) -> None:
        super().__init__()
        self.layer = nn.Linear(16, 3)

    def forward(self, inputs: Tensor) -> Tensor:
        torch.manual_seed(0)
        functional.normalize = _own
        return self.layer(inputs)  # type: ignore[no-any-return]


class BackboneThatMeddles(BackboneSpec):
    """Meddles."""

    name: Literal["meddles"] = "meddles"

    def build(self, context: BuildContext) -> Backbone:
        return SeedsAndReplaces()


class ScoreThatMeddles(ValidatorSpec):
    """Meddles."""

    name: Literal["meddles"] = "meddles"

    def build(self, context: BuildContext) -> Any:
        def score(view: ValidationView) -> float:
            functional.normalize = _own
            return 0.0

        return score


class DataThatMeddle(DatasetSpec):
    """Meddle."""

    name: Literal["meddle"] = "meddle"

    def build(self, context: BuildContext) -> Any:
        from dakit.builtin.datasets.digits_shift import DigitsShift

        functional.normalize = _own
        return DigitsShift().build(context)


@pytest.mark.parametrize("spec_class", [BackboneThatMeddles, ScoreThatMeddles, DataThatMeddle])
def test_every_kind_is_looked_at(spec_class: Any) -> None:
    report = check_component(spec_class)
    failed = {outcome.check: outcome.reason for outcome in report.failed}
    assert "torch.nn.functional.normalize" in failed[LIBRARIES]
    assert (GENERATORS in failed) == (spec_class is BackboneThatMeddles)
