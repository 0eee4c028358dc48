"""Batch spectral penalisation: no direction of the features outweighs the others."""

from __future__ import annotations

from typing import ClassVar, Literal, final

from pydantic import Field, PositiveInt

from dakit import RegularizerSpec


@final
class BSPSpec(RegularizerSpec):
    """Batch spectral penalisation: no direction of the features outweighs the others.

    With the singular values ``s`` of the features ``(B, D)`` of each domain, the largest first
    (Chen et al. 2019, batch spectral penalization)::

        L = sum_{k <= largest} s_k(source)^2 + s_k(target)^2

    Made for adversarial training, which keeps what is easy to transfer and loses what tells the
    classes apart. It grows with the square of the features and with the batch.
    """

    paper: ClassVar[str] = "Chen et al. 2019, ICML, PMLR 97, 1081 (BSP)"
    oracle: ClassVar[str] = "pytorch-adapt and numpy's eigenvalues"
    measured: ClassVar[str] = (
        "-0.010 in the mean of 5 small tasks, 1 seed, harm on electronics_dvd -0.032, sdss -0.037"
    )
    implementation: ClassVar[str] = ".bsp_loss:BSP"

    name: Literal["bsp"] = "bsp"
    weight: float = Field(1e-4, ge=0, description="Factor of this term in the total loss.")
    largest: PositiveInt = Field(1, description="How many singular values are held down.")
