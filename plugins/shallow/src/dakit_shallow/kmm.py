"""The spec of the transfer method ``kmm``."""

from __future__ import annotations

from typing import ClassVar, Literal, final

from pydantic import Field

from dakit import TransferLossSpec


@final
class KMM(TransferLossSpec):
    """Kernel mean matching: source rows count by how much they are like the target's.

    With a Gaussian kernel ``k(a, b) = exp(-|a - b|^2 / (2 h))``, ``h`` the mean squared distance
    of the rows, the weights ``w`` of ``n`` source rows ``x`` bring their mean in the space of the
    kernel to that of ``m`` target rows ``z`` (Huang et al. 2007)::

        min_w  |1/n sum_i w_i phi(x_i) - 1/m sum_j phi(z_j)|^2
        with 0 <= w_i <= largest_weight,  |mean w - 1| <= slack

    and a logistic regression learns from the weighted rows. It is fitted at the end of an epoch
    and has no loss: ``weight`` and ``ramp`` do nothing.
    """

    paper: ClassVar[str] = "Huang et al. 2007, NeurIPS (KMM)"
    oracle: ClassVar[str] = "scipy's SLSQP, and skada where the bound does not matter"
    measured: ClassVar[str] = "46.4 % in the mean of 12 tasks of Office-Caltech10 (SURF)"
    implementation: ClassVar[str] = ".kmm_loss:KMMMethod"

    name: Literal["kmm"] = "kmm"
    largest_weight: float = Field(10.0, ge=1, description="No row counts more (B).")
    slack: float = Field(0.1, ge=0, description="How far the mean weight may be from 1 (epsilon).")
    inverse_regularization: float = Field(
        0.01, gt=0, description="C of the logistic regression, the smaller the stronger."
    )
