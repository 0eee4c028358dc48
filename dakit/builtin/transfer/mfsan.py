"""The spec of the transfer loss ``mfsan``."""

from __future__ import annotations

from typing import ClassVar, Literal, final

from pydantic import Field, PositiveInt

from dakit import TransferLossSpec


@final
class MFSANSpec(TransferLossSpec):
    """A space and a classifier for each of several sources, which agree on the target.

    For source domains ``j = 1 ... N`` the term owns a layer ``h_j(x) = relu(A_j x + b_j)`` above
    the features and a linear classifier with predictions ``p_j``, and with ``CE`` the cross entropy
    of domain j's rows and ``MMD`` the squared one in the space ``h_j`` of domain j and the target
    (MFSAN, Zhu et al. 2019)::

        L = 1/N sum_j CE_j + a [1/N sum_j MMD_j + 2/(N (N - 1)) sum_{i < j} D_ij]
        D_ij = 1/m sum_{target} 1/C sum_c |p_ic - p_jc|,   a = 2 / (1 + exp(-10 p)) - 1

    with the training progress ``p``. What predicts is the mean of all ``p_j`` and no more the
    model's head. MMD is biased, over five Gaussian kernels of ``factors`` times the mean squared
    distance, averaged. A domain that is absent from the batch is left out of the averages.

    Departures: the published spaces are convolutions of width 256 above a shared ResNet, a step
    takes one source domain in turn, and the kernels are added up; here all domains of the batch
    count at once. The run's task trains the model's head beside it; it need not have one. Data of
    one source are refused.
    """

    paper: ClassVar[str] = "Zhu et al. 2019, AAAI 33, 5989 (MFSAN), arXiv:2201.01003"
    oracle: ClassVar[str] = "a loop over domains, pairs of rows and classes"
    measured: ClassVar[str] = (
        "-0.018 where three of Office-Caltech's cameras are the sources, 3 seeds (`mmd`: +0.003)"
    )
    implementation: ClassVar[str] = ".mfsan_loss:MFSAN"

    name: Literal["mfsan"] = "mfsan"
    width: PositiveInt = Field(256, le=100_000, description="Width of each domain's space.")
    factors: tuple[float, ...] = Field(
        (0.25, 0.5, 1.0, 2.0, 4.0),
        min_length=1,
        description="Multiples of the bandwidth, one kernel each.",
    )
