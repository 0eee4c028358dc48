"""The spec of the transfer loss ``sliced_wasserstein``."""

from __future__ import annotations

from typing import ClassVar, Literal, final

from pydantic import Field

from dakit import TransferLossSpec


@final
class SlicedWasserstein(TransferLossSpec):
    """Sliced Wasserstein distance of order 2, squared, between source and target features.

    With directions ``t`` drawn uniformly on the sphere, anew at every step, and ``W_2`` between
    the samples projected on them, which is exact in one dimension (Bonneel et al. 2015, J. Math.
    Imaging Vis. 51, eq. 13; computed by POT, also for batches of different sizes)::

        L = mean_t W_2(x t, y t)^2

    The square is taken because the root has no gradient at 0. Lee et al. 2019 (CVPR) compare the
    outputs of two classifiers by it; here it compares the features of the domains.
    """

    paper: ClassVar[str] = "Bonneel et al. 2015, J. Math. Imaging Vis. 51, 22; Lee et al. 2019"
    oracle: ClassVar[str] = "POT with the same directions"
    measured: ClassVar[str] = "+0.079 in the mean of 5 small tasks, 1 seed"
    discrepancy: ClassVar[bool] = True
    implementation: ClassVar[str] = ".sliced_wasserstein_loss:SlicedWassersteinLoss"

    name: Literal["sliced_wasserstein"] = "sliced_wasserstein"
    projections: int = Field(128, ge=1, description="Number of random directions per step.")
