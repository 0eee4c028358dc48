"""The spec of the regularizer ``bbse``."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar, Literal, final

from pydantic import Field

from dakit import RegularizerSpec


@final
class BBSESpec(RegularizerSpec):
    """Label shift: source rows count by how frequent their class is in the target.

    Where classes look alike in both domains and only their shares differ, the classifier's errors
    on held-out source images tell the target's shares. With the confusion ``C_cd``, the share of
    source validation rows that are of class ``d`` and predicted ``c``, and ``m_c`` the share of
    target training rows predicted ``c`` (black box shift estimation, Lipton et al. 2018)::

        C w = m,   w_d = q(d) / p(d)

    with the class shares ``p`` of the source validation rows and ``q`` of the target. Negative
    ``w`` become 0 and ``sum_d p_d w_d`` becomes 1. Where the least singular value of ``C`` is below
    ``least`` times the greatest, classes are confused too much to tell: the weights of the epoch
    before stay. They are found anew after every epoch. A source row of class ``d`` counts ``1 +
    strength (w_d - 1)`` from the share ``begin`` of the training on, 1 before: the estimate from
    few rows is noisy, and a class that counts 0 is forgotten (the regularised form is that of
    Azizzadenesheli et al. 2019; published BBSE has the strength 1). The task must honour weights,
    as ``cross_entropy`` does.

    The estimate ``q`` of the last epoch stands in the results and in the report. It has no loss of
    its own. Departure: published is one estimate by a trained classifier, and then a second
    training with the weights.
    """

    paper: ClassVar[str] = (
        "Lipton et al. 2018, ICML (BBSE), arXiv:1802.03916; Azizzadenesheli et al. 2019, ICLR"
    )
    oracle: ClassVar[str] = "QuaPy 0.2.0 (inversion of ACC); numpy.linalg.solve on counted pairs"
    measured: ClassVar[str] = (
        "-0.029 in the mean of 5 small tasks, 1 seed, harm on digits_shift -0.111; it is for "
        "targets whose class shares alone differ: +0.004 there, 3 seeds"
    )
    implementation: ClassVar[str] = ".bbse_loss:BBSE"
    waives: ClassVar[Mapping[str, str]] = {
        "teaches_the_network": "it weighs the source, for the task, and has no loss of its own"
    }

    name: Literal["bbse"] = "bbse"
    begin: float = Field(
        0.3, ge=0, le=1, description="Share of the training after which the weights are used."
    )
    strength: float = Field(
        0.3, ge=0, le=1, description="How far the weights follow the estimate (published: 1)."
    )
    least: float = Field(
        0.05, ge=0, lt=1, description="Least singular value, in units of the greatest."
    )
    soft: bool = Field(
        False, description="Count by probabilities instead of by the most probable class."
    )
