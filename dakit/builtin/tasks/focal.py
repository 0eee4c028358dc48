"""Focal loss: rows that are learned count less."""

from __future__ import annotations

from typing import ClassVar, Literal, final

from pydantic import Field

from dakit import TaskLossSpec


@final
class FocalSpec(TaskLossSpec):
    """Focal loss: rows that are learned count less.

    With the predicted probability ``p_i`` of the label of source row ``i`` (the focal
    loss of Lin et al. 2017, without alpha)::

        L = mean_i -(1 - p_i)^gamma log p_i

    ``gamma`` 0 is the cross entropy. Where a term weighs the source rows, each row of the sum is
    multiplied by its weight. Probabilities are no longer calibrated: see the reliability diagram.
    """

    paper: ClassVar[str] = "Lin et al. 2017, ICCV, arXiv:1708.02002"
    implementation: ClassVar[str] = ".focal_loss:Focal"

    name: Literal["focal"] = "focal"
    gamma: float = Field(2.0, ge=0, le=100, description="How much less; 0: the cross entropy.")
