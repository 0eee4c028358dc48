"""Minus the cross entropy on the source: ``mean_i log p_i(y_i)``, at most 0."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, final

from dakit import ValidatorSpec

if TYPE_CHECKING:
    from dakit.contracts import BuildContext, Validator


@final
class SourceLossSpec(ValidatorSpec):
    """Minus the cross entropy on the source: ``mean_i log p_i(y_i)``, at most 0."""

    name: Literal["source_loss"] = "source_loss"

    def build(self, context: BuildContext) -> Validator:
        """Build the validator."""
        from dakit.builtin.validators.source_loss_score import source_loss

        return source_loss
