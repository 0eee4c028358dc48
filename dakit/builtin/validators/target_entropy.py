"""Minus the mean entropy of the target predictions: ``mean_j sum_c p_jc log p_jc``."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, Literal, final

from dakit import ValidatorSpec

if TYPE_CHECKING:
    from dakit.contracts import BuildContext, Validator


@final
class TargetEntropySpec(ValidatorSpec):
    """Minus the mean entropy of the target predictions: ``mean_j sum_c p_jc log p_jc``.

    Between ``-log C`` and 0. A model that calls everything one class with confidence scores best:
    watch it beside ``information_maximization``.
    """

    paper: ClassVar[str] = "Morerio et al. 2018, arXiv:1711.10288"

    name: Literal["target_entropy"] = "target_entropy"

    def build(self, context: BuildContext) -> Validator:
        """Build the validator."""
        from dakit.builtin.validators.target_entropy_score import target_entropy

        return target_entropy
