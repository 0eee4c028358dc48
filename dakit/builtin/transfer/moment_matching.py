"""The spec of the transfer loss ``moment_matching``."""

from __future__ import annotations

from typing import ClassVar, Literal, final

from pydantic import Field, PositiveInt

from dakit import TransferLossSpec


@final
class MomentMatchingSpec(TransferLossSpec):
    """Moment matching of several sources with the target, and with one another.

    With source domains ``i = 1 ... N`` of features ``x_i``, the target's ``y``, powers taken
    entry by entry and the Euclidean norm (M3SDA, Peng et al. 2019, eq. 1)::

        L = sum_k [ 1/N sum_i |mean x_i^k - mean y^k|
                    + 1/C(N,2) sum_{i<j} |mean x_i^k - mean x_j^k| ],   k = 1 ... moments

    A domain that is absent from the batch is left out of both averages. Eq. 1 is not defined for
    one source (``C(1, 2) = 0``): such data are refused.
    """

    paper: ClassVar[str] = "Peng et al. 2019, ICCV (M3SDA)"
    oracle: ClassVar[str] = "a numpy loop over domains and moments"
    measured: ClassVar[str] = (
        "-0.013 on three cameras of Office-Caltech to the fourth, 1 seed; with weight 1 -0.369, "
        "3 seeds"
    )
    implementation: ClassVar[str] = ".moment_matching_loss:MomentMatching"

    name: Literal["moment_matching"] = "moment_matching"
    weight: float = Field(
        0.01,
        ge=0,
        description="Factor of this term in the total loss; with 1 small networks unlearned it.",
    )
    moments: PositiveInt = Field(2, le=5, description="The highest power that is matched.")
