"""Accuracy on the source: the share of rows whose largest logit is that of the label."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, final

from dakit import ValidatorSpec

if TYPE_CHECKING:
    from dakit.contracts import BuildContext, Validator


@final
class SourceAccuracySpec(ValidatorSpec):
    """Accuracy on the source: the share of rows whose largest logit is that of the label."""

    name: Literal["source_accuracy"] = "source_accuracy"

    def build(self, context: BuildContext) -> Validator:
        """Build the validator."""
        from dakit.builtin.validators.source_accuracy_score import source_accuracy

        return source_accuracy
