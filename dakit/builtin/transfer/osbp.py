"""The spec of the transfer loss ``osbp``."""

from __future__ import annotations

from typing import ClassVar, Literal, final

from pydantic import Field

from dakit import TransferLossSpec


@final
class OSBPSpec(TransferLossSpec):
    """Open-set adaptation: target images are drawn to a known class, or to be unknown.

    The class of what is unknown is one of the data's classes of which the source has no row; name
    one ``unknown`` and label what is in no other by it, where the target has labels. With the
    head's probability ``u_j`` of it for each of ``m`` target rows (of all such classes, where there
    are several) and the threshold ``t`` (Saito et al. 2018)::

        L = -1/m sum_j [t log u_j + (1 - t) log(1 - u_j)]

    The head lowers ``L``, so that ``u_j`` is near ``t``; the gradient that reaches the features
    is reversed, and a backbone that raises ``L`` takes each row away from ``t``, to either side.
    The strength of the reversal rises with the progress, ``reversal (2 / (1 + exp(-10 p)) - 1)``;
    published is 1 all along.

    Data in which the source has every class are refused. Results then have OS, OS* and the
    H-score, see *Reading a report*.
    """

    paper: ClassVar[str] = "Saito et al. 2018, ECCV (OSBP), arXiv:1804.10427"
    oracle: ClassVar[str] = "a loop over rows; gradients by the chain rule without the reversal"
    measured: ClassVar[str] = (
        "H-score 0.667 on USPS with five unknown digits, 3 seeds, OS* 0.561 (none: 0, 0.868)"
    )
    implementation: ClassVar[str] = ".osbp_loss:OSBP"

    name: Literal["osbp"] = "osbp"
    threshold: float = Field(0.5, gt=0, lt=1, description="t: where known and unknown part.")
    reversal: float = Field(1.0, gt=0, description="Strength of the reversal at the end.")
