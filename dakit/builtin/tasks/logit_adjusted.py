"""The spec of the task loss ``logit_adjusted``."""

from __future__ import annotations

from typing import ClassVar, Literal, final

from pydantic import Field

from dakit import TaskLossSpec


@final
class LogitAdjustedSpec(TaskLossSpec):
    """Logit-adjusted cross entropy: classes are told apart as if all were equally frequent.

    With logits ``z (B, C)``, labels ``y`` and the share ``pi_c`` of class ``c`` in the source
    training rows (Menon et al. 2021, the logit adjusted softmax cross entropy)::

        L = mean_i -log softmax(z_i + tau log pi)_{y_i}

    The adjustment is of the loss alone: the model predicts by ``z``, whose softmax is then the
    posterior under equal class shares. So it is what ``class_weights`` of ``balanced`` are to
    ``cross_entropy``, and takes none beside it; a rare class gets a margin, not louder rows. Where
    the target's classes are as unequal as the source's it loses accuracy and gains balanced
    accuracy. Where a term weighs the source rows, each row of the sum is multiplied by its weight.
    A class without source rows counts as one row.
    """

    paper: ClassVar[str] = "Menon et al. 2021, ICLR, arXiv:2007.07314"
    oracle: ClassVar[str] = "a numpy loop; tau 0 is scikit-learn's log loss"
    measured: ClassVar[str] = (
        "on no task yet: the classes of the small tasks are about equally frequent"
    )
    implementation: ClassVar[str] = ".logit_adjusted_loss:LogitAdjusted"

    name: Literal["logit_adjusted"] = "logit_adjusted"
    tau: float = Field(
        1.0, ge=0, le=100, description="Strength of the adjustment; 0: the cross entropy."
    )
