"""Adaptive feature norm: larger features, as those of a domain that the network knows."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar, Literal, final

from pydantic import Field

from dakit import RegularizerSpec


@final
class AFNSpec(RegularizerSpec):
    """Adaptive feature norm: larger features, as those of a domain that the network knows.

    The norm of every feature vector ``f`` of source and target is drawn a step above what it is
    (Xu et al. 2019, the stepwise variant, SAFN)::

        L = mean_i (|f_i|_0 + step - |f_i|)^2 over the source + the same over the target

    where ``|f|_0`` is the same number without gradient: the value is ``step^2`` a domain, always,
    and only the gradient says something. A row of zeros has no direction to grow in.
    """

    paper: ClassVar[str] = "Xu et al. 2019, ICCV (AFN), arXiv:1811.07456"
    oracle: ClassVar[str] = "pytorch-adapt"
    measured: ClassVar[str] = (
        "-0.005 in the mean of 5 small tasks, 2 seeds, harm on sdss -0.051; published weight "
        "0.05: -0.05 in the mean, 1 seed"
    )
    implementation: ClassVar[str] = ".afn_loss:AFN"
    waives: ClassVar[Mapping[str, str]] = {
        "uses_the_target_as_it_says": "its value never changes: only the gradient speaks"
    }

    name: Literal["afn"] = "afn"
    weight: float = Field(
        0.005,
        ge=0,
        description="Factor of this term in the total loss (published: 0.05, for a ResNet-50).",
    )
    step: float = Field(1.0, gt=0, description="By how much the norms are to grow.")
