"""Accuracy on the labelled target: for an upper bound only."""

from __future__ import annotations

from dakit import InputError
from dakit.builtin.validators.source_accuracy_score import accuracy
from dakit.contracts import ValidationView


def oracle(view: ValidationView) -> float:
    """Return the accuracy on the target validation part; raise InputError without labels."""
    if view.target_labels is None:
        raise InputError(
            "validator 'oracle' needs target labels, but the target of this run has none; choose "
            "a validator that works without them, such as 'source_accuracy'"
        )
    return accuracy(view.target_logits, view.target_labels)
