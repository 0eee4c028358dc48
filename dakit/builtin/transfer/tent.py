"""The spec of the transfer loss ``tent``."""

from __future__ import annotations

from typing import ClassVar, Literal, final

from pydantic import Field

from dakit import TransferLossSpec


@final
class TentSpec(TransferLossSpec):
    """Tent: entropy of target predictions, taken down by BatchNorm's weights and biases alone.

    With the entropy ``H_j`` of the prediction of each target row and ``K`` classes::

        L = mean of the H_j that are below reliable log K

    Rows of which the model is not sure teach nothing (``reliable`` 1: all rows count, as in Wang
    et al. 2021). Alone, it ends in one class for all: where the moving average of ``L``,
    ``0.9 before + 0.1 L``, falls below ``reset log K``, the network goes back to what the run
    started from and the optimizer forgets (Niu et al. 2023, SAR, whose 0.2 on ImageNet is
    ``0.03 log 1000`` and whose reliable rows are those below ``0.4 log 1000``)::

        "init_from": {"run": "...", "train_only": ["batch_norm"]},
        "objective": {"task": null, "transfer": "tent"}, "training": {"epochs": 1}

    Batch statistics are the target's (``training.batch_norm``, by default where no term uses the
    source). Published as an online method: each batch is predicted as it is learned, with its own
    statistics. Here the model is evaluated after the epoch, with running averages of them.
    """

    short: ClassVar[str] = "Tent"
    paper: ClassVar[str] = "Wang et al. 2021, ICLR (Tent); Niu et al. 2023, ICLR (SAR)"
    oracle: ClassVar[str] = "a numpy loop over rows"
    measured: ClassVar[str] = (
        "target accuracy of its start: digits_shift +.04, MNIST -> USPS .00; USPS -> MNIST -.03"
    )
    implementation: ClassVar[str] = ".tent_loss:Tent"

    name: Literal["tent"] = "tent"
    reliable: float = Field(
        0.4, gt=0, le=1, description="Rows above this share of log K do not count; 1: all do."
    )
    reset: float = Field(
        0.03, ge=0, lt=1, description="Start again below this share of log K; 0: never."
    )
