"""A check that cannot hold by design is waived with its reason, and shown."""

from __future__ import annotations

import unittest
from collections.abc import Mapping
from typing import Any, ClassVar, Literal

import pytest
import torch
from torch import Tensor, nn

from dakit import BackboneSpec, RegularizerSpec, ValidatorSpec
from dakit.cli.check_plugin import _print_reports
from dakit.contracts import Backbone, Batch, BuildContext, LossTerm, ValidationView
from dakit.testing import Report, check_component
from dakit.training.teacher import MovingAverage


class Density(ValidatorSpec):
    """How alike the rows of the target are to each other: no question of right and wrong."""

    name: Literal["density"] = "density"

    def build(self, context: BuildContext) -> Any:
        return density


def density(view: ValidationView) -> float:
    return -float(torch.cdist(view.target_features, view.target_features).mean())


class WaivedDensity(Density):
    """The same, with its reason."""

    waives: ClassVar[Mapping[str, str]] = {
        "prefers_the_better_model": "it compares epochs of one run, not models"
    }


class Weighs(LossTerm):
    uses_target = False
    weighs_source = True

    def forward(self, batch: Batch) -> Tensor:
        return 0 * batch.source.features.sum()

    def source_weights(self, batch: Batch) -> Tensor:
        return 1.0 + batch.source.labels


class WeighsSpec(RegularizerSpec):
    """Teaches the network nothing itself."""

    waives: ClassVar[Mapping[str, str]] = {"teaches_the_network": "it only weighs the source"}
    name: Literal["weighs"] = "weighs"

    def build(self, context: BuildContext) -> LossTerm:
        return Weighs()


class Embeds(Backbone):
    feature_dim = 4

    def __init__(self) -> None:
        super().__init__()
        self.table = nn.Embedding(4, 4)

    def forward(self, inputs: Tensor) -> Tensor:
        features: Tensor = self.table(inputs.long()).flatten(1, -2).mean(1)
        return features


class Tokens(BackboneSpec):
    """A table of vectors."""

    waives: ClassVar[Mapping[str, str]] = {"takes_real_numbers": "its inputs are tokens"}
    name: Literal["tokens"] = "tokens"

    def build(self, context: BuildContext) -> Backbone:
        return Embeds()


class TokensWithoutAWord(Tokens):
    """The same, without a waiver."""

    waives: ClassVar[Mapping[str, str]] = {}


def waived(report: Report) -> dict[str, str]:
    return {o.check: o.reason for o in report.outcomes if o.state == "waived"}


@pytest.mark.parametrize("spec_class", [WaivedDensity, WeighsSpec, Tokens])
def test_a_waived_check_fails_nothing_and_is_shown_with_its_reason(spec_class: Any) -> None:
    report = check_component(spec_class)
    failed = [outcome.check for outcome in report.failed]
    assert failed == ["imports_no_torch"], report  # this file does
    assert waived(report) == spec_class.waives
    (reason,) = spec_class.waives.values()
    assert "1 waived" in str(report)
    assert reason in str(report)


@pytest.mark.parametrize(
    ("spec_class", "check"),
    [(Density, "prefers_the_better_model"), (TokensWithoutAWord, "builds_from_its_spec")],
)
def test_without_a_waiver_it_fails(spec_class: Any, check: str) -> None:
    report = check_component(spec_class)
    assert check in [outcome.check for outcome in report.failed]
    assert not waived(report)


@pytest.mark.parametrize(
    ("waives", "told"),
    [
        ({"prefers_the_beter_model": "a"}, "did you mean 'prefers_the_better_model'"),
        ({"teaches_the_network": "a"}, "it waives 'teaches_the_network', which it cannot"),
        ({"does_not_read_target_labels": "a"}, "'does_not_read_target_labels', which it cannot"),
        ({"is_finite": " "}, "it waives 'is_finite' without a reason"),
    ],
)
def test_a_waiver_that_cannot_be_is_an_error(waives: Mapping[str, str], told: str) -> None:
    report = check_component(type("Wrong", (WaivedDensity,), {"waives": waives, "__doc__": "A."}))
    (failed,) = [o for o in report.failed if o.check == "waives_what_it_may"]
    assert told in failed.reason


class Needless(WaivedDensity):
    """Its score is finite, and it needs no waiver for that."""

    waives: ClassVar[Mapping[str, str]] = {
        "is_finite": "it may overflow",
        "prefers_the_better_model": "it compares epochs of one run, not models",
    }


def test_a_waiver_of_a_check_that_holds_is_stale(capsys: pytest.CaptureFixture[str]) -> None:
    report = check_component(Needless)
    (stale,) = [o for o in report.outcomes if o.state == "stale"]
    assert stale.check == "is_finite"
    assert "it may overflow" in stale.reason
    assert "take it away" in stale.reason
    assert "1 waived, 1 waiver stale" in str(report)
    assert list(waived(report)) == ["prefers_the_better_model"]
    assert [o.check for o in report.failed] == ["imports_no_torch"], "a stale waiver fails nothing"
    _print_reports([report], show_all=False)
    (row,) = [line for line in capsys.readouterr().out.splitlines() if " stale " in line]
    assert row.split()[:4] == ["validator", "density", "is_finite", "stale"]


class Meddles(LossTerm):
    """Trains the teacher itself."""

    needs = frozenset({"inputs", "teacher"})

    def forward(self, batch: Batch) -> Tensor:
        assert isinstance(batch.teacher, MovingAverage)
        next(batch.teacher.parameters()).add_(1.0)
        return batch.target.features.square().mean()


class MeddlesSpec(WeighsSpec):
    """Not to be excused."""

    waives: ClassVar[Mapping[str, str]] = {"leaves_the_teacher_alone": "it knows better"}
    name: Literal["meddles"] = "meddles"  # type: ignore[assignment]

    def build(self, context: BuildContext) -> LossTerm:
        return Meddles()


def test_what_spoils_other_terms_is_waived_by_nobody() -> None:
    failed = {outcome.check: outcome.reason for outcome in check_component(MeddlesSpec).failed}
    assert "of the teacher" in failed["leaves_the_teacher_alone"]
    assert "which it cannot" in failed["waives_what_it_may"]


class Exponential(LossTerm):
    def forward(self, batch: Batch) -> Tensor:
        return batch.target.features.exp().mean()


class Overflows(WeighsSpec):
    """Not finite for large features only."""

    waives: ClassVar[Mapping[str, str]] = {"is_finite": "it may overflow"}

    def build(self, context: BuildContext) -> LossTerm:
        return Exponential()


def test_a_waiver_that_one_case_or_none_needs_is_not_stale() -> None:
    report = check_component(Overflows)
    states = {o.state for o in report.outcomes if o.check.startswith("is_finite")}
    assert states == {"waived", "passed"}
    assert "stale" not in {o.state for o in report.outcomes}


class Unbuilt(Needless):
    """Does not build, so that nothing is known of what it waives."""

    def build(self, context: BuildContext) -> Any:
        raise ValueError


def test_a_waived_check_that_was_skipped_is_not_stale() -> None:
    assert "stale" not in {o.state for o in check_component(Unbuilt).outcomes}


def test_what_is_never_waived_fails_all_the_same() -> None:
    class Reads(WaivedDensity):
        """Reads the target labels."""

        waives: ClassVar[Mapping[str, str]] = {"does_not_read_target_labels": "so it is"}

        def build(self, context: BuildContext) -> Any:
            return lambda v: 0.0 if v.target_labels is None else float(v.target_labels[0])

    failed = [outcome.check for outcome in check_component(Reads).failed]
    assert "does_not_read_target_labels" in failed


def test_a_waived_check_is_skipped_in_pytest_with_its_reason(run_check: Any) -> None:
    with pytest.raises(unittest.SkipTest, match="waived: it only weighs the source"):
        run_check(WeighsSpec, "teaches_the_network")
