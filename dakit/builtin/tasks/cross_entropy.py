"""The spec of the task loss ``cross_entropy``."""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal, final

from pydantic import Field

from dakit import TaskLossSpec

ClassWeights = Annotated[
    tuple[Annotated[float, Field(gt=0)], ...] | Literal["balanced"] | None,
    Field(
        description=(
            "One positive weight a class; balanced: n / (C n_c) of the source training labels; "
            "null: all classes weigh the same."
        ),
    ),
]


@final
class CrossEntropySpec(TaskLossSpec):
    """Cross entropy of the source labels, with class weights and label smoothing.

    With logits ``z (B, C)``, labels ``y``, class weights ``w`` and smoothing ``e``::

        L = sum_i w_{y_i} l_i / sum_i w_{y_i},
        l_i = -(1 - e) log p_i(y_i) - e/C sum_c (w_c / w_{y_i}) log p_i(c)

    that is ``-log p(y)`` averaged over the batch where neither is used, as DeepMerge II does.
    Where a term weighs the source rows, each ``w_{y_i} l_i`` above is multiplied by the weight of
    its row; the sum below the line stays.
    ``balanced`` weights are ``w_c = n / (C n_c)`` with ``n_c`` of the n source training images in
    class c: every class then has the same say, however rare it is. A class without any has 0.
    """

    paper: ClassVar[str] = "Szegedy et al. 2016, section 7 (label smoothing)"
    oracle: ClassVar[str] = "scikit-learn's log loss and class weights"
    measured: ClassVar[str] = "the task of every measurement in docs/methods.md"
    implementation: ClassVar[str] = ".cross_entropy_loss:CrossEntropy"

    name: Literal["cross_entropy"] = "cross_entropy"
    class_weights: ClassWeights = None
    label_smoothing: float = Field(
        0.0, ge=0, lt=1, description="Share of the label spread evenly over all classes."
    )
