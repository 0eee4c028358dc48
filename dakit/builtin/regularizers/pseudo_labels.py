"""The spec of the regularizer ``pseudo_labels``."""

from __future__ import annotations

from typing import ClassVar, Literal, final

from pydantic import Field

from dakit import RegularizerSpec


@final
class PseudoLabelsSpec(RegularizerSpec):
    """Pseudo-labels: the target's rows learn the class of the nearest centroid of the target.

    At the start of each epoch, from the features ``y_j`` and predictions ``q_j = softmax(z_j)``
    of the whole target training part (Liang et al. 2020, self-supervised pseudo-labelling, with
    the cosine distance)::

        c_k = sum_j q_jk y_j / sum_j q_jk,    l_j = argmax_k cos(y_j, c_k)
        c_k = sum_j [l_j = k] y_j / sum_j [l_j = k],    l_j = argmax_k cos(y_j, c_k)

    and then in each step ``L = mean_j -log softmax(z_j)_{l_j}``. Beside it SHOT has an
    information-maximisation term and holds the head fixed. A class without rows has no second
    centroid. The published code appends a 1 to the features before it compares angles; the
    paper does not, nor does this.
    """

    paper: ClassVar[str] = "Liang et al. 2020, ICML (SHOT)"
    oracle: ClassVar[str] = "a numpy loop from the paper"
    measured: ClassVar[str] = (
        "+0.094 in the mean of 5 small tasks, 1 seed, harm on electronics_dvd -0.108"
    )
    implementation: ClassVar[str] = ".pseudo_labels_loss:PseudoLabels"

    name: Literal["pseudo_labels"] = "pseudo_labels"
    weight: float = Field(
        0.3, ge=0, description="Factor of this term in the total loss (published: 0.3)."
    )
