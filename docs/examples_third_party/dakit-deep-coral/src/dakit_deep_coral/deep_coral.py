"""The spec of the transfer loss ``deep_coral``. Imports neither torch nor anything slow."""

from __future__ import annotations

from typing import ClassVar, Literal, final

from dakit import TransferLossSpec
from pydantic import Field


@final
class DeepCoral(TransferLossSpec):
    """Deep CORAL: squared distance of the covariances of source and target.

    With ``d`` activations of the layer, source rows ``x (n, d)`` and target rows ``y (m, d)``::

        L = |C(x) - C(y)|_F^2 / (4 d^2)                      eq. 1
        C(x) = (x^T x - (1^T x)^T (1^T x) / n) / (n - 1)     eq. 2; eq. 3 for y

    Blind to a shift of all rows: it compares covariances, not means. The paper's layer is the
    last one. A single row counts as covariance 0.
    """

    paper: ClassVar[str] = "Sun & Saenko 2016, arXiv:1607.01719"
    discrepancy: ClassVar[bool] = False  # it does not grow with a shift
    implementation: ClassVar[str] = ".deep_coral_loss:DeepCoralLoss"

    name: Literal["deep_coral"] = "deep_coral"
    layer: Literal["features", "logits"] = Field(
        "logits", description="Whose covariances: the features', or the logits' as in the paper."
    )
