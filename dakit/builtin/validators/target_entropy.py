"""The spec of the validator ``target_entropy``."""

from __future__ import annotations

from typing import ClassVar, Literal, final

from dakit import ValidatorSpec


@final
class TargetEntropySpec(ValidatorSpec):
    """Minus the mean entropy of the target predictions: ``mean_j sum_c p_jc log p_jc``.

    Between ``-log C`` and 0. A model that calls everything one class with confidence scores best:
    watch it beside ``information_maximization``.
    """

    paper: ClassVar[str] = "Morerio et al. 2018, arXiv:1711.10288"
    uses_source: ClassVar[bool] = False
    implementation: ClassVar[str] = ".target_entropy_score:TargetEntropy"

    name: Literal["target_entropy"] = "target_entropy"
