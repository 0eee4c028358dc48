"""Every way to break a promise beyond the formula is caught, by the check that is there for it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import Any, Literal, get_args

import pytest
import torch
from torch import Tensor, nn

from dakit import TransferLossSpec
from dakit.contracts import Batch, EpochView, LossTerm, Need, Phase, seeded
from dakit.errors import RunError
from dakit.testing import Skipped, bound_checks, check_component
from dakit.testing.capabilities import CHECKS
from dakit.training.passes import Passes
from dakit.training.teacher import MovingAverage


class Able(LossTerm):
    """A loss with everything that a term may have and need."""

    needs = frozenset(get_args(Need))
    weighs_source = True
    honours_weights = True
    maximize = False

    def __init__(self) -> None:
        super().__init__()
        sgd = partial(torch.optim.SGD, lr=0.01, maximize=self.maximize)
        self.phases = (
            Phase("critic", {"term"}, "before", 2, "detached", optimizer=sgd),
            Phase("closer", {"backbone", "head"}),
        )
        self.scale = nn.Parameter(torch.ones(6))
        self.critic = nn.Parameter(torch.full((6,), 0.1))
        with seeded(0, "guess"):
            self.guess: nn.Module = nn.Linear(6, 3)
        self.register_buffer("bank", torch.zeros(64, 6))
        self.register_buffer("mean", torch.zeros(6))
        self.register_buffer("drift", torch.zeros(()))

    def forward(self, batch: Batch) -> Tensor:
        source, target = batch.source, batch.target
        assert source.domains is not None
        assert target.second_view is not None
        weights = torch.ones(len(source.labels)) if source.weights is None else source.weights
        mean = (weights[:, None] * source.features.float()).mean(0)
        if self.training:
            self.mean = 0.9 * self.mean + 0.1 * mean.detach()
        shift = mean + self.mean - target.features.float().mean(0)
        past = target.features.float() - self.bank[target.indices]
        second = (target.logits - target.second_view.logits).float().square().mean()
        assert batch.network is not None
        assert target.inputs is not None
        second = second + batch.network(target.inputs + 0.1).logits.square().mean()
        assert source.second_view is not None
        assert batch.teacher is not None
        moved_source = (source.features - source.second_view.features).float().square().mean()
        second = (
            second + moved_source + (target.logits - batch.teacher(target.inputs).logits).mean()
        )
        moved = (self.scale * shift).square().sum() + past.square().mean() + second
        return moved * (1 + self.drift) + 0 * source.domains.sum()

    def predictor(self) -> nn.Module:
        return self.guess

    def starts_over(self) -> bool:
        return self.mean.norm().item() > 1e3

    def on_epoch_start(self, view: EpochView) -> None:
        self.bank.copy_(view.target.features)

    def on_epoch_end(self, view: EpochView) -> None:
        self.drift.copy_((view.target.features - view.source.features).square().mean())

    def source_weights(self, batch: Batch) -> Tensor:
        return 1.0 + batch.source.labels

    def phase_loss(self, name: str, batch: Batch) -> Tensor:
        gap = batch.source.features.float().mean(0) - batch.target.features.float().mean(0)
        return gap.square().sum() if name == "closer" else (gap @ self.critic - 1).square()


class DeclaresNoIndices(Able):
    needs = Able.needs - {"indices"}


class DeclaresNoSecondView(Able):
    needs = Able.needs - {"second_view"}


class DeclaresNoDomains(Able):
    needs = Able.needs - {"source_domains"}


class PredictsTooFewClasses(Able):
    def __init__(self) -> None:
        super().__init__()
        self.guess = nn.Linear(6, 2)


class FirstRow(nn.Module):
    """Says of all rows what it says of the first."""

    def __init__(self) -> None:
        super().__init__()
        self.layer = nn.Linear(6, 3)

    def forward(self, features: Tensor) -> Tensor:
        row: Tensor = self.layer(features[:1])
        return row


class PredictsOneRow(Able):
    def __init__(self) -> None:
        super().__init__()
        self.guess = FirstRow()


class PredictsByNoModule(Able):
    def predictor(self) -> nn.Module:
        return len  # type: ignore[return-value]


class PredictsByAStranger(Able):
    def predictor(self) -> nn.Module:
        return nn.Linear(6, 3)


class Forgetful(nn.Module):
    """Predicts by what no state dict knows."""

    def __init__(self) -> None:
        super().__init__()
        self.offset = torch.randn(3)

    def forward(self, features: Tensor) -> Tensor:
        return features[:, :3] + self.offset


class PredictsByWhatIsNotSaved(Able):
    def __init__(self) -> None:
        super().__init__()
        self.guess = Forgetful()


class PredictsNaN(Able):
    def on_epoch_end(self, view: EpochView) -> None:
        super().on_epoch_end(view)
        next(self.guess.parameters()).fill_(float("nan"))


class DeclaresNoSourceSecondView(Able):
    needs = Able.needs - {"source_second_view"}


class DeclaresNoTeacher(Able):
    needs = Able.needs - {"teacher"}


class WritesIntoTheTeacher(Able):
    def forward(self, batch: Batch) -> Tensor:
        assert isinstance(batch.teacher, MovingAverage)
        batch.teacher.network.backbone.layer.bias.add_(1.0)
        return super().forward(batch)


class MovesTheTeachersAverages(Able):
    def forward(self, batch: Batch) -> Tensor:
        assert isinstance(batch.teacher, MovingAverage)
        batch.teacher.network.train()(batch.target.inputs)
        return super().forward(batch)


class KeepsTheTeacher(Able):
    def forward(self, batch: Batch) -> Tensor:
        self.teacher = batch.teacher
        return super().forward(batch)


class DeclaresNoInputs(Able):
    needs = Able.needs - {"inputs"}


class DeclaresNoNetwork(Able):
    needs = Able.needs - {"network"}


class MovesRunningAverages(Able):
    def forward(self, batch: Batch) -> Tensor:
        assert isinstance(batch.network, Passes)
        batch.network.network(batch.target.inputs)
        return super().forward(batch)


class ChangesTheNetwork(Able):
    def forward(self, batch: Batch) -> Tensor:
        assert isinstance(batch.network, Passes)
        value = super().forward(batch)
        with torch.no_grad():
            batch.network.network.backbone.layer.bias.add_(1.0)
        return value


class KeepsTheHead(Able):
    def forward(self, batch: Batch) -> Tensor:
        assert isinstance(batch.network, Passes)
        self.head = batch.network.network.head
        return super().forward(batch)


class SaysATensor(Able):
    def starts_over(self) -> bool:
        return self.scale.sum() < 0  # type: ignore[return-value]  # that is the mutation


class CountsInSecret(Able):
    """Starts over at every third step, and forgets which one it is."""

    seen = 0

    def starts_over(self) -> bool:
        self.seen += 1
        return self.seen % 3 == 0


class Misspells(Able):
    needs = Able.needs | {"indexes"}  # type: ignore[assignment]


class MovesInEvaluation(Able):
    def forward(self, batch: Batch) -> Tensor:
        value = super().forward(batch)
        self.mean = self.mean + 1
        return value


class ChangesTheView(Able):
    def on_epoch_start(self, view: EpochView) -> None:
        view.target.features.mul_(2)


class ChangesTheValidationView(Able):
    def on_epoch_end(self, view: EpochView) -> None:
        super().on_epoch_end(view)
        view.validation.source.labels.zero_()


class LearnsInAHook(Able):
    def on_epoch_end(self, view: EpochView) -> None:
        self.scale.add_(1.0)


class ForgetsTheEpoch(Able):
    def on_epoch_end(self, view: EpochView) -> None:
        self.offset = 7.0

    def forward(self, batch: Batch) -> Tensor:
        return super().forward(batch) + getattr(self, "offset", 0.0)


class NaNAfterAnEpoch(Able):
    def on_epoch_end(self, view: EpochView) -> None:
        self.drift.fill_(float("nan"))


class NegativeWeights(Able):
    def source_weights(self, batch: Batch) -> Tensor:
        return batch.source.labels - 1.0


class NoWeights(Able):
    def source_weights(self, batch: Batch) -> Tensor:
        return 0.0 * batch.source.labels


class WeighsTheClasses(Able):
    def source_weights(self, batch: Batch) -> Tensor:
        return torch.ones(3)


class IgnoresWeights(Able):
    def forward(self, batch: Batch) -> Tensor:
        return super().forward(replace(batch, source=replace(batch.source, weights=None)))


class HonoursInSecret(Able):
    honours_weights = False


class TrainsWhatIsNotItsOwn(Able):
    def __init__(self) -> None:
        super().__init__()
        stranger = nn.Parameter(torch.ones(6))
        self.phases = (replace(self.phases[0], optimizer=lambda _: torch.optim.SGD([stranger])),)


class AscendsItsLoss(Able):
    maximize = True


class DetachedPhase(Able):
    def phase_loss(self, name: str, batch: Batch) -> Tensor:
        return super().phase_loss(name, batch).detach()


class ForgetsThePhaseLoss(Able):
    phase_loss = LossTerm.phase_loss


class MovesNothingOfWhatItNames(Able):
    def phase_loss(self, name: str, batch: Batch) -> Tensor:
        return super().phase_loss("closer", batch)


class MovesItsOwnUnnamed(Able):
    def phase_loss(self, name: str, batch: Batch) -> Tensor:
        if name == "closer":
            with torch.no_grad():
                self.scale.mul_(0.5)
        return super().phase_loss(name, batch)


class MovesTheBackboneUnnamed(Able):
    def phase_loss(self, name: str, batch: Batch) -> Tensor:
        assert isinstance(batch.network, Passes)
        if name == "critic":
            with torch.no_grad():
                batch.network.network.backbone.layer.weight.mul_(0.5)
        return super().phase_loss(name, batch)


class MovesAveragesInAPhase(Able):
    def phase_loss(self, name: str, batch: Batch) -> Tensor:
        assert isinstance(batch.network, Passes)
        batch.network.network(batch.target.inputs)
        return super().phase_loss(name, batch)


class KeepsTheHeadInAPhase(Able):
    def phase_loss(self, name: str, batch: Batch) -> Tensor:
        assert isinstance(batch.network, Passes)
        self.head = batch.network.network.head
        return super().phase_loss(name, batch)


class TwoOfAName(Able):
    def __init__(self) -> None:
        super().__init__()
        self.phases = (self.phases[1], self.phases[1])


def spec_of(term: Callable[[], LossTerm]) -> Any:
    class Spec(TransferLossSpec):
        """A loss."""

        name: Literal["loss"] = "loss"

        def build(self, context: Any) -> Any:
            return term()

    return Spec


def test_the_able_one_passes_and_nothing_of_it_is_skipped() -> None:
    report = check_component(spec_of(Able))
    assert {outcome.check for outcome in report.failed} == {
        "imports_no_torch",
        "survives_pickling",
    }
    asked = {check.name for check in CHECKS} | {"moves_what_its_phases_name"}
    assert not asked & {outcome.check for outcome in report.skipped}


@pytest.mark.parametrize(
    ("mutation", "check"),
    [
        (DeclaresNoIndices, "needs_what_it_declares"),
        (DeclaresNoSecondView, "needs_what_it_declares"),
        (DeclaresNoDomains, "needs_what_it_declares"),
        (DeclaresNoSourceSecondView, "needs_what_it_declares"),
        (DeclaresNoTeacher, "needs_what_it_declares"),
        (WritesIntoTheTeacher, "leaves_the_teacher_alone"),
        (MovesTheTeachersAverages, "leaves_the_teacher_alone"),
        (KeepsTheTeacher, "leaves_the_teacher_alone"),
        (ChangesTheValidationView, "leaves_the_view_alone"),
        (PredictsTooFewClasses, "predicts_as_it_is_saved"),
        (PredictsOneRow, "predicts_as_it_is_saved"),
        (PredictsByNoModule, "predicts_as_it_is_saved"),
        (PredictsByAStranger, "predicts_as_it_is_saved"),
        (PredictsByWhatIsNotSaved, "predicts_as_it_is_saved"),
        (PredictsNaN, "predicts_as_it_is_saved"),
        (SaysATensor, "starts_over_as_it_is_saved"),
        (CountsInSecret, "starts_over_as_it_is_saved"),
        (DeclaresNoInputs, "needs_what_it_declares"),
        (DeclaresNoNetwork, "needs_what_it_declares"),
        (MovesRunningAverages, "leaves_the_network_alone"),
        (ChangesTheNetwork, "leaves_the_network_alone"),
        (KeepsTheHead, "leaves_the_network_alone"),
        (Misspells, "needs_what_it_declares"),
        (MovesInEvaluation, "keeps_its_state_in_evaluation"),
        (ChangesTheView, "leaves_the_view_alone"),
        (LearnsInAHook, "leaves_the_view_alone"),
        (ForgetsTheEpoch, "goes_on_after_an_epoch"),
        (NaNAfterAnEpoch, "goes_on_after_an_epoch"),
        (NegativeWeights, "weighs_the_source_soundly"),
        (NoWeights, "weighs_the_source_soundly"),
        (WeighsTheClasses, "weighs_the_source_soundly"),
        (IgnoresWeights, "honours_weights_as_it_says"),
        (HonoursInSecret, "honours_weights_as_it_says"),
        (TrainsWhatIsNotItsOwn, "moves_what_its_phases_name"),
        (AscendsItsLoss, "moves_what_its_phases_name"),
        (DetachedPhase, "moves_what_its_phases_name"),
        (ForgetsThePhaseLoss, "moves_what_its_phases_name"),
        (MovesNothingOfWhatItNames, "moves_what_its_phases_name"),
        (MovesItsOwnUnnamed, "moves_what_its_phases_name"),
        (MovesTheBackboneUnnamed, "moves_what_its_phases_name"),
        (MovesAveragesInAPhase, "moves_what_its_phases_name"),
        (MovesAveragesInAPhase, "leaves_the_network_alone"),
        (KeepsTheHeadInAPhase, "leaves_the_network_alone"),
        (TwoOfAName, "moves_what_its_phases_name"),
    ],
)
def test_a_mutation_is_caught(mutation: Callable[[], LossTerm], check: str) -> None:
    (bound,) = [b for b in bound_checks(spec_of(mutation)) if b.check.name == check]
    with pytest.raises((AssertionError, NotImplementedError, RunError)):
        bound()


def test_a_plain_loss_is_not_asked_for_what_it_has_not() -> None:
    class Plain(LossTerm):
        def forward(self, batch: Batch) -> Tensor:
            return (batch.source.features.mean() - batch.target.features.mean()).square()

    reasons = []
    for bound in bound_checks(spec_of(Plain))[-10:-2]:
        try:
            bound()
        except Skipped as reason:
            reasons.append(str(reason))
    assert len(reasons) == 6
