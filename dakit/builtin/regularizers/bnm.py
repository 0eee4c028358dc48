"""Batch nuclear-norm maximisation: target predictions that are plain and of many classes."""

from __future__ import annotations

from typing import ClassVar, Literal, final

from dakit import RegularizerSpec


@final
class BNMSpec(RegularizerSpec):
    """Batch nuclear-norm maximisation: target predictions that are plain and of many classes.

    With the predictions ``P = softmax(z) (B, C)`` of the target rows of the batch and their
    singular values ``s`` (Cui et al. 2020, the BNM loss)::

        L = -sum_k s_k(P) / B

    Entropy alone would be lowest with all rows in one class; the nuclear norm is largest where
    they are plain and as diverse as they can be. The published code divides by the number of
    singular values, ``min(B, C)``, instead.
    """

    paper: ClassVar[str] = "Cui et al. 2020, CVPR (BNM), arXiv:2003.12237"
    oracle: ClassVar[str] = "pytorch-adapt and numpy's singular values"
    measured: ClassVar[str] = (
        "+0.061 in the mean of 5 small tasks, 2 seeds, harm on electronics_dvd -0.036"
    )
    implementation: ClassVar[str] = ".bnm_loss:BNM"

    name: Literal["bnm"] = "bnm"
