"""The spec of the transfer loss ``mmd``."""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal, final

from pydantic import Field, PositiveFloat

from dakit import TransferLossSpec

Positives = Annotated[tuple[PositiveFloat, ...], Field(min_length=1)]

PUBLISHED_VARIANCES = (
    *(1e-6, 1e-5, 1e-4, 1e-3, 1e-2, 1e-1),
    *(1.0, 5.0, 10.0, 15.0, 20.0, 25.0, 30.0, 35.0),
    *(1e2, 1e3, 1e4, 1e5, 1e6),
)
"""The bank of 19 of Bousmalis et al. 2016, used by DeepMerge II."""


@final
class MMDSpec(TransferLossSpec):
    """Maximum mean discrepancy between source and target features, with Gaussian kernels.

    The value is the squared MMD (no root). With source features ``x (n, D)``, target features
    ``y (m, D)`` and ``k(a, b) = sum_s exp(-|a - b|^2 / (2 s))`` over the bank of variances ``s``
    (Gretton et al. 2012, JMLR 13):

    - biased (eq. 5): ``mean_ij k(x_i, x_j) + mean_ij k(y_i, y_j) - 2 mean_ij k(x_i, y_j)``;
      never negative, 0 on equal batches, at most 2 a kernel (38 for the bank of 19);
    - unbiased (eq. 3): the first two means over ``i != j``; may be negative;
    - linear (lemma 14): the mean over ``i`` of ``k(x_2i, x_2i+1) + k(y_2i, y_2i+1) -
      k(x_2i, y_2i+1) - k(x_2i+1, y_2i)``, over the first ``min(n, m) // 2`` pairs; cheap, noisy,
      may be negative.

    A heuristic bandwidth gives the variances ``s = f h`` for each factor ``f``, where ``h`` is the
    median (the lower of the middle two) or mean of ``|a - b|^2`` over the pairs of distinct rows
    that the estimator compares, source and target together, as a constant without gradient.

    Published DeepMerge II: biased, the sum of 19 fixed variances, and a clamp at 1e-4 below which
    there is no gradient; here nothing is clamped unless asked for.
    """

    short: ClassVar[str] = "MMD"
    paper: ClassVar[str] = "Gretton et al. 2012, JMLR 13, 723; Long et al. 2015 (DAN)"
    oracle: ClassVar[str] = "pytorch-adapt, dalib, geomloss and scikit-learn's kernels"
    measured: ClassVar[str] = (
        "+0.039 in the mean of 5 small tasks, 2 seeds, harm on caltech_amazon -0.065"
    )
    discrepancy: ClassVar[bool] = True
    implementation: ClassVar[str] = ".mmd_loss:MMD"

    name: Literal["mmd"] = "mmd"
    estimator: Literal["biased", "unbiased", "linear"] = Field(
        "biased", description="How the squared MMD is estimated from the batch."
    )
    bandwidth: Literal["fixed", "median", "mean"] = Field(
        "fixed",
        description=(
            "fixed: the variances given; median, mean: factors times the median or mean squared "
            "distance in the batch."
        ),
    )
    variances: Positives = Field(
        PUBLISHED_VARIANCES,
        description="fixed: the kernels' variances s in exp(-d^2 / (2 s)), one kernel each.",
    )
    factors: Positives = Field(
        (0.25, 0.5, 1.0, 2.0, 4.0),
        description="median, mean: multiples of the bandwidth, one kernel each.",
    )
    kernels: Literal["sum", "mean"] = Field(
        "sum", description="Whether the kernels are added up (as published) or averaged."
    )
    clamp: float | None = Field(
        None,
        ge=0,
        description=(
            "Lower bound of the value, without gradient below it (published: 1e-4); null: none."
        ),
    )
