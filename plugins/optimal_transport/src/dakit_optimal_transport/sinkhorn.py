"""The spec of the transfer loss ``sinkhorn``."""

from __future__ import annotations

from typing import ClassVar, Literal, final

from pydantic import Field

from dakit import TransferLossSpec


@final
class Sinkhorn(TransferLossSpec):
    """Sinkhorn divergence between source and target features, blur and weights as in SIDDA.

    With the entropic transport cost ``OT`` of the cost ``|a - b|^2 / 2`` at the blur ``sigma``
    (regularization ``sigma^2``), source features ``x (n, D)`` and target features ``y (m, D)``::

        S(x, y) = OT(x, y) - OT(x, x) / 2 - OT(y, y) / 2

    (Feydy et al. 2019, AISTATS, eq. 3; computed by geomloss). It is never negative but for
    rounding and 0 on equal samples; small blurs give half the squared Wasserstein distance, large
    ones half the squared distance of the means. ``dynamic`` blur (SIDDA, Pandya et al. 2025):
    ``sigma = max(least_blur, blur_fraction max_ij |x_i - y_j|)``, as a constant without gradient;
    ``fixed``: ``sigma = least_blur``.

    Dynamic weights, also SIDDA's (after Kendall et al. 2018, eq. 7): with learned ``a, b`` that
    begin at 1, ``a >= 0.001`` and ``b >= a / 4``, the total of task ``T`` and divergence is::

        T / (2 a^2) + S / (2 b^2) + log(a b)

    The first part reaches the task through the weights of the source rows, so the task must be
    one that honours them; ``a`` learns from the batch's plain cross entropy. Give ``weight`` 1
    for just this form. The published code clamps ``a, b`` before the optimizer's step, here after.
    """

    paper: ClassVar[str] = "Feydy et al. 2019, AISTATS; Pandya et al. 2025 (SIDDA)"
    oracle: ClassVar[str] = "geomloss and POT"
    measured: ClassVar[str] = (
        "+0.027 in the mean of 5 small tasks, 3 seeds, harm on usps_mnist -0.037; with the "
        "published dynamic weights: -0.18 on digits_shift"
    )
    discrepancy: ClassVar[bool] = True
    implementation: ClassVar[str] = ".sinkhorn_loss:SinkhornLoss"

    name: Literal["sinkhorn"] = "sinkhorn"
    weight: float = Field(
        0.01, ge=0, description="Factor of this term in the total loss (with dynamic weights: 1)."
    )
    blur: Literal["dynamic", "fixed"] = Field(
        "dynamic", description="Whether the blur follows the spread of the features in the batch."
    )
    blur_fraction: float = Field(
        0.05, gt=0, description="dynamic: the blur as a fraction of the largest distance."
    )
    least_blur: float = Field(
        0.01, gt=0, description="dynamic: the lower bound of the blur; fixed: the blur itself."
    )
    scaling: float = Field(
        0.5,
        gt=0,
        lt=1,
        description="Ratio of successive blurs in the annealing: nearer to 1 is slower, exacter.",
    )

    dynamic_weights: bool = Field(
        False,
        description=(
            "Whether task and divergence are weighed by what is learned of both (published: true, "
            "with weight 1, which gains on large images and cost 18 points on digits_shift)."
        ),
    )
