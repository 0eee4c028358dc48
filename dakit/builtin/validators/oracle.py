"""Accuracy on the labelled target: an upper bound, not a method; runs it chooses are stamped."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, Literal, final

from dakit import ValidatorSpec

if TYPE_CHECKING:
    from dakit.contracts import BuildContext, Validator


@final
class OracleSpec(ValidatorSpec):
    """Accuracy on the labelled target: an upper bound, not a method; runs it chooses are stamped.

    Raises InputError where the target has no labels.
    """

    uses_target_labels: ClassVar[bool] = True

    name: Literal["oracle"] = "oracle"

    def build(self, context: BuildContext) -> Validator:
        """Build the validator."""
        from dakit.builtin.validators.oracle_score import oracle

        return oracle
