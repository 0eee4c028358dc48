"""Deep CORAL: equal covariances of source and target features."""

from __future__ import annotations

from typing import ClassVar, Literal, final

from dakit import TransferLossSpec


@final
class CORALSpec(TransferLossSpec):
    """Deep CORAL: equal covariances of source and target features.

    With the unbiased covariances ``C_S, C_T (D, D)`` of the features of the batch
    (Sun & Saenko 2016, the CORAL loss)::

        L = |C_S - C_T|_F^2 / (4 D^2)

    Where the domains differ by their means alone it is 0. 0 also where a domain has fewer than two
    rows. Other libraries add the distance of the means
    (tllib, DomainBed) or leave out the 4 (DeepMerge): not this loss.
    """

    paper: ClassVar[str] = "Sun & Saenko 2016, ECCV workshops (Deep CORAL), arXiv:1607.01719"
    oracle: ClassVar[str] = "pytorch-adapt, skada and torch.cov"
    measured: ClassVar[str] = "-0.012 in the mean of 5 small tasks, 2 seeds, harm on sdss -0.042"
    implementation: ClassVar[str] = ".coral_loss:CORAL"

    name: Literal["coral"] = "coral"
