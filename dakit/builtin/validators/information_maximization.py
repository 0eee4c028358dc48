"""The spec of the validator ``information_maximization``."""

from __future__ import annotations

from typing import ClassVar, Literal, final

from dakit import ValidatorSpec


@final
class InformationMaximizationSpec(ValidatorSpec):
    """Mutual information of target inputs and predictions: confident and diverse.

    ``H(mean_j p_j) - mean_j H(p_j)``, the entropy of the mean prediction minus the mean entropy
    of the predictions, between 0 and ``log C``.
    """

    paper: ClassVar[str] = "Musgrave et al. 2022, arXiv:2208.07360 (IM); Liang et al. 2020"
    uses_source: ClassVar[bool] = False
    implementation: ClassVar[str] = ".information_maximization_score:InformationMaximization"

    name: Literal["information_maximization"] = "information_maximization"
