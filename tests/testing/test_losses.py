"""Every way in which a loss is commonly broken is caught, by the check that is there for it."""

from __future__ import annotations

import pickle
from collections.abc import Callable
from dataclasses import replace
from typing import Any, Literal

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from dakit import RegularizerSpec, TransferLossSpec
from dakit.contracts import Batch, EpochView, LossTerm
from dakit.errors import RunError
from dakit.testing import Skipped, bound_checks, check_component
from dakit.testing.losses import DISCREPANCIES


class Sound(LossTerm):
    """Squared distance of the means, with everything a term may have."""

    def __init__(self) -> None:
        super().__init__()
        self.scale = nn.Parameter(torch.ones(6))
        self.register_buffer("steps", torch.zeros(()))

    def forward(self, batch: Batch) -> Tensor:
        shift = batch.source.features.float().mean(0) - batch.target.features.float().mean(0)
        return (self.scale * shift).square().sum()


class Detached(Sound):
    def forward(self, batch: Batch) -> Tensor:
        return super().forward(batch).detach()


class DetachedFromTarget(Sound):
    def forward(self, batch: Batch) -> Tensor:
        shift = batch.source.features.float().mean(0) - batch.target.features.detach().mean(0)
        return (self.scale * shift).square().sum()


class NaNOnCollapse(Sound):
    def forward(self, batch: Batch) -> Tensor:
        spread = batch.source.features.float().std(0).mean()
        return super().forward(batch) / spread


class NaNGradientOnCollapse(Sound):
    def forward(self, batch: Batch) -> Tensor:
        return super().forward(batch).sqrt()


class NeedsEqualSizes(Sound):
    def forward(self, batch: Batch) -> Tensor:
        return super().forward(batch) + (batch.source.features - batch.target.features).sum() * 0


class OnlyFloat32(Sound):
    def forward(self, batch: Batch) -> Tensor:
        return super().forward(batch) + (batch.source.features @ torch.ones(6)).sum() * 0


class NeedsEveryClass(Sound):
    def forward(self, batch: Batch) -> Tensor:
        means = [batch.source.features[batch.source.labels == c].mean() for c in range(3)]
        return super().forward(batch) + torch.stack(means).square().sum()


class WrongShape(Sound):
    def forward(self, batch: Batch) -> Tensor:
        return super().forward(batch)[None]


class UnregisteredParameter(Sound):
    def __init__(self) -> None:
        super().__init__()
        self.hidden = [torch.ones(6, requires_grad=True)]

    def forward(self, batch: Batch) -> Tensor:
        return super().forward(batch) * self.hidden[0].sum()


class UnregisteredModule(Sound):
    def __init__(self) -> None:
        super().__init__()
        self.layers = {"first": nn.Linear(6, 6)}

    def forward(self, batch: Batch) -> Tensor:
        return super().forward(batch) + self.layers["first"](self.scale).square().sum()


class NegativeLearningRate(Sound):
    def lr_multiplier(self, parameter_name: str) -> float:
        return -1.0


class Nondeterministic(Sound):
    def forward(self, batch: Batch) -> Tensor:
        return super().forward(batch) * float(np.random.default_rng().uniform(1, 2))


class DrawnFromTheGlobalGenerator(Sound):
    def __init__(self) -> None:
        super().__init__()
        self.scale = nn.Parameter(torch.randn(6))


class StateOutsideTheStateDict(Sound):
    def __init__(self) -> None:
        super().__init__()
        self.seen = 0.0

    def forward(self, batch: Batch) -> Tensor:
        self.seen += 1.0
        return super().forward(batch) * self.seen


class NotPicklable(Sound):
    def __init__(self) -> None:
        super().__init__()
        self.square = lambda x: x * x


class SaysItLeavesTheTargetAlone(Sound):
    uses_target = False


class SaysItLeavesTheSourceAlone(Sound):
    uses_source = False


class TeachesTheTargetByTheSource(Sound):
    """Its value says nothing of the source, and its gradient does."""

    uses_source = False

    def forward(self, batch: Batch) -> Tensor:
        rows = batch.target.features.float()
        pulled = rows * (1 + batch.source.features.detach().abs().sum().float())
        return (
            super().forward(replace(batch, source=batch.target)) + (pulled - pulled.detach()).sum()
        )


class LooksAtTheSourceBetweenEpochs(Sound):
    uses_source = False

    def on_epoch_start(self, view: EpochView) -> None:
        self.steps.fill_(float(view.source.features.mean()))

    def forward(self, batch: Batch) -> Tensor:
        return (self.scale * (batch.target.features.float().mean(0) - self.steps)).square().sum()


class ChangesTheBatch(Sound):
    def forward(self, batch: Batch) -> Tensor:
        batch.source.features.data.add_(1.0)
        return super().forward(batch)


class DiagnosesWithAGraph(Sound):
    def forward(self, batch: Batch) -> Tensor:
        self.last = super().forward(batch)
        return self.last

    def diagnostics(self) -> dict[str, Tensor]:
        return {"last": self.last}


class NotZeroOnIdentical(Sound):
    def forward(self, batch: Batch) -> Tensor:
        return super().forward(batch) + 100.0


class FallsWithTheShift(Sound):
    def forward(self, batch: Batch) -> Tensor:
        return -super().forward(batch)


def spec_of(term: Callable[[], LossTerm], *, is_discrepancy: bool = True) -> Any:
    class Spec(TransferLossSpec):
        """A loss."""

        discrepancy = is_discrepancy
        name: Literal["loss"] = "loss"

        def build(self, context: Any) -> Any:
            return term()

    return Spec


IN_THE_TEST = {"imports_no_torch", "survives_pickling"}
"""What a spec class in a function of a test module cannot keep."""


def test_the_sound_one_passes() -> None:
    report = check_component(spec_of(Sound))
    assert {outcome.check for outcome in report.failed} == IN_THE_TEST


@pytest.mark.parametrize(
    ("mutation", "check"),
    [
        (Detached, "teaches_the_network"),
        (DetachedFromTarget, "teaches_the_network"),
        (SaysItLeavesTheSourceAlone, "does_without_the_source"),
        (TeachesTheTargetByTheSource, "does_without_the_source"),
        (LooksAtTheSourceBetweenEpochs, "does_without_the_source"),
        (NaNOnCollapse, "is_finite[identical rows]"),
        (NaNGradientOnCollapse, "is_finite[zeros]"),
        (NeedsEqualSizes, "is_finite[more source rows]"),
        (OnlyFloat32, "is_finite[float64]"),
        (OnlyFloat32, "is_finite[bfloat16]"),
        (NeedsEveryClass, "is_finite[one class]"),
        (WrongShape, "returns_a_scalar"),
        (UnregisteredParameter, "parameters_reach_the_optimizer"),
        (UnregisteredModule, "parameters_reach_the_optimizer"),
        (NegativeLearningRate, "parameters_reach_the_optimizer"),
        (Nondeterministic, "follows_from_the_seed"),
        (DrawnFromTheGlobalGenerator, "draws_from_the_context_alone"),
        (StateOutsideTheStateDict, "survives_its_state_dict"),
        (NotPicklable, "survives_pickling_when_built"),
        (SaysItLeavesTheTargetAlone, "uses_the_target_as_it_says"),
        (ChangesTheBatch, "leaves_the_batch_alone"),
        (DiagnosesWithAGraph, "diagnoses_with_scalars"),
        (NotZeroOnIdentical, "vanishes_on_identical_samples"),
        (FallsWithTheShift, "grows_with_a_shift"),
        (lambda: 42, "builds_from_its_spec"),
    ],
)
def test_a_mutation_is_caught(mutation: Callable[[], LossTerm], check: str) -> None:
    (bound,) = [b for b in bound_checks(spec_of(mutation)) if b.check.name == check]
    broken = (AssertionError, RuntimeError, AttributeError, pickle.PicklingError, RunError)
    with pytest.raises(broken):
        bound()


def test_an_adversarial_loss_is_no_discrepancy() -> None:
    bound = bound_checks(spec_of(FallsWithTheShift, is_discrepancy=False))
    of_discrepancies = {check.name for check in DISCREPANCIES}
    for check in (b for b in bound if b.check.name in of_discrepancies):
        with pytest.raises(Skipped, match="does not declare"):
            check()


def test_a_regularizer_is_not_asked_for_a_discrepancy() -> None:
    class Spec(RegularizerSpec):
        """A term."""

        name: Literal["term"] = "term"

        def build(self, context: Any) -> Any:
            return Sound()

    assert "grows_with_a_shift" not in {b.check.name for b in bound_checks(Spec)}
