"""Accuracy on the labelled target: for an upper bound only."""

from __future__ import annotations

from typing import final

from dakit import InputError
from dakit.builtin.validators.oracle import OracleSpec
from dakit.builtin.validators.source_accuracy_score import accuracy
from dakit.contracts import BuildContext, ValidationView


@final
class Oracle:
    """Accuracy on the labelled target."""

    def __init__(self, spec: OracleSpec, context: BuildContext) -> None: ...

    def __call__(self, view: ValidationView) -> float:
        """Return the accuracy on the target validation rows, in [0, 1].

        Raises:
            InputError: the target has no labels.
        """
        if view.target_labels is None:
            raise InputError(
                "validator 'oracle' needs target labels, but the target of this run has none; "
                "choose a validator that works without them, such as 'source_accuracy'"
            )
        return accuracy(view.target_logits, view.target_labels)
