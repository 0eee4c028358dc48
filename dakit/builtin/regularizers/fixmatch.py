"""The spec of the regularizer ``fixmatch``."""

from __future__ import annotations

from typing import ClassVar, Literal, final

from pydantic import Field

from dakit import RegularizerSpec


@final
class FixMatchSpec(RegularizerSpec):
    """FixMatch on both domains: labels, given or plain in an image, hold for its distorted copy.

    With the predictions ``q_j = softmax(z_j)`` of ``m`` target images as they are augmented in
    training, the logits ``s_j`` of their second view, strongly augmented (``data.augment.strong``),
    and ``r_i`` of the second view of the ``n`` labelled source images (FixMatch, Sohn et al. 2020;
    the source's strong view as in AdaMatch, Berthelot et al. 2022)::

        L = 1/m sum_j [max_c q_jc >= t] (-log softmax(s_j)_{argmax_c q_jc})
            + source 1/n sum_i (-log softmax(r_i)_{y_i})

    ``t`` is ``threshold``; with ``relative`` it is ``threshold`` times the mean confidence
    ``1/n sum_i max_c softmax(z_i)_c`` of the network on the source's first view, AdaMatch's
    relative threshold, which a network that is nowhere sure can pass too. ``q`` is a constant
    without gradient. Source rows count by their weights where a term weighs them.

    With ``source`` 0 and ``relative`` false it is ``consistency``. Departures: FixMatch's
    unlabelled batch is seven times larger; AdaMatch's alignment of class shares and its random
    mixture of logits under two batch statistics are not taken over.
    """

    short: ClassVar[str] = "FixMatch"
    paper: ClassVar[str] = (
        "Sohn et al. 2020, NeurIPS (FixMatch), arXiv:2001.07685; Berthelot et al. 2022, ICLR "
        "(AdaMatch), arXiv:2106.04732"
    )
    oracle: ClassVar[str] = "a numpy loop over rows"
    measured: ClassVar[str] = "-0.002 in the mean of 5 small tasks, 2 seeds, harm on sdss -0.042"
    implementation: ClassVar[str] = ".fixmatch_loss:FixMatch"

    name: Literal["fixmatch"] = "fixmatch"
    threshold: float = Field(
        0.95,
        ge=0,
        le=1,
        description="Least probability that makes a prediction a label (published: 0.95).",
    )
    relative: bool = Field(
        False, description="Whether the threshold is in units of the source's mean confidence."
    )
    source: float = Field(1.0, ge=0, description="Factor of the part on the source's second view.")
