"""A broken validator is caught by the check that is there for it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Literal

import pytest
import torch

from dakit import ValidatorSpec
from dakit.contracts import (
    BuildContext,
    ValidationView,
    Validator,
)


def right(view: ValidationView) -> float:
    return (view.source_logits.argmax(1) == view.source_labels).float().mean().item()


def peeks(view: ValidationView) -> float:
    if view.target_labels is None:
        return right(view)
    return (view.target_logits.argmax(1) == view.target_labels).float().mean().item()


def changes_the_view(view: ValidationView) -> float:
    view.target_logits.add_(1.0)
    return right(view)


@pytest.mark.parametrize(
    ("validator", "declares", "check", "message"),
    [
        (peeks, False, "does_not_read_target_labels", "declare uses_target_labels"),
        (right, True, "does_not_read_target_labels", "changes nothing"),
        (lambda view: -right(view), False, "prefers_the_better_model", "perfect"),
        (lambda v: v.target_features.std(0).log().mean().item(), False, "is_finite", "one row"),
        (lambda view: float(torch.rand(())), False, "gives_the_same_score_twice", "then"),
        (changes_the_view, False, "gives_the_same_score_twice", "in place"),
        (lambda view: right(view), False, "survives_pickling_when_built", "pickle"),
        (lambda view: "good", False, "builds_from_its_spec", "str"),
    ],
)
@pytest.mark.filterwarnings("ignore:std")
def test_a_broken_validator_is_caught(
    validator: Validator,
    declares: bool,
    check: str,
    message: str,
    run_check: Callable[..., None],
    assert_caught: Callable[..., None],
) -> None:
    def spec_of(scores: Validator, declared: bool) -> Any:
        class Spec(ValidatorSpec):
            uses_target_labels = declared
            name: Literal["score"] = "score"

            def build(self, context: BuildContext) -> Validator:
                return scores

        return Spec

    run_check(spec_of(right, False), check)
    assert_caught(spec_of(validator, declares), check, message)
