"""Focal loss: rows that are learned count less."""

from __future__ import annotations

from typing import ClassVar, Literal, final

from pydantic import Field

from dakit import TaskLossSpec
from dakit.builtin.tasks.cross_entropy import ClassWeights


@final
class FocalSpec(TaskLossSpec):
    """Focal loss: rows that are learned count less.

    With the predicted probability ``p_i`` of the label of source row ``i`` (the focal
    loss of Lin et al. 2017, without alpha)::

        L = sum_i w_{y_i} l_i / sum_i w_{y_i},   l_i = -(1 - p_i)^gamma log p_i

    that is the mean of ``l_i`` without class weights ``w``. ``gamma`` 0 is the cross entropy. The
    paper's alpha is such a weight (eq. 5); there the sum below the line is the number of rows.
    ``balanced`` weights are those of ``cross_entropy``. Where a term weighs the source rows, each
    row of the sum above the line is multiplied by its weight. Probabilities are no longer
    calibrated: see the reliability diagram.
    """

    paper: ClassVar[str] = "Lin et al. 2017, ICCV, arXiv:1708.02002"
    oracle: ClassVar[str] = "scikit-learn's log loss at gamma 0; a loop over rows"
    measured: ClassVar[str] = (
        "on no task yet: the classes of the small tasks are about equally frequent"
    )
    implementation: ClassVar[str] = ".focal_loss:Focal"

    name: Literal["focal"] = "focal"
    class_weights: ClassWeights = None
    gamma: float = Field(2.0, ge=0, le=100, description="How much less; 0: the cross entropy.")
