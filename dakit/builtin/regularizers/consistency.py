"""The spec of the regularizer ``consistency``."""

from __future__ import annotations

from typing import ClassVar, Literal, final

from pydantic import Field

from dakit import RegularizerSpec


@final
class ConsistencySpec(RegularizerSpec):
    """Consistency under augmentation: what is plain in an image must hold for its distorted copy.

    With the predictions ``q_j = softmax(z_j)`` of the first view of ``n`` target images, augmented
    as all are in training, and the logits ``s_j`` of their second view, strongly augmented
    (``data.augment.strong``; FixMatch, Sohn et al. 2020, eq. 4)::

        L = 1/n sum_j [max_c q_jc >= threshold] (-log softmax(s_j)_{argmax_c q_jc})

    ``q`` is a constant without gradient. 0 where no image is plain enough. FixMatch's unlabelled
    set is here the target; its seven times larger unlabelled batch is not taken over.
    """

    paper: ClassVar[str] = "Sohn et al. 2020, NeurIPS (FixMatch)"
    oracle: ClassVar[str] = "a numpy loop over images"
    measured: ClassVar[str] = "-0.007 in the mean of 5 small tasks, 2 seeds, harm on sdss -0.042"
    implementation: ClassVar[str] = ".consistency_loss:Consistency"

    name: Literal["consistency"] = "consistency"
    threshold: float = Field(
        0.95, ge=0, le=1, description="Least probability that makes a prediction a label."
    )
