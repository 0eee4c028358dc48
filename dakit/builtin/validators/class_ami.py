"""The spec of the validator ``class_ami``."""

from __future__ import annotations

from typing import ClassVar, Literal, final

from dakit import ValidatorSpec


@final
class ClassAMISpec(ValidatorSpec):
    """Predicted classes are the clusters of the target features.

    The adjusted mutual information of predicted classes and of C clusters by k-means (the best of
    ten starts, which do not depend on the seed): 1 where they are the same, about 0 by chance. Two
    rows or fewer give 0.
    """

    paper: ClassVar[str] = "Musgrave et al. 2022, arXiv:2208.07360 (ClassAMI)"
    uses_source: ClassVar[bool] = False
    implementation: ClassVar[str] = ".class_ami_score:ClassAMI"

    name: Literal["class_ami"] = "class_ami"
