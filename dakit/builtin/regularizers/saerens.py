"""The spec of the regularizer ``saerens``."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar, Literal, final

from pydantic import Field, PositiveInt

from dakit import RegularizerSpec


@final
class SaerensSpec(RegularizerSpec):
    """Label shift: predictions are corrected for the class shares of the target.

    Where classes look alike in both domains and only their shares differ, Bayes' rule corrects the
    probabilities ``f_c(x)`` of a classifier that learned from shares ``p``. The shares ``q`` of the
    target maximise the likelihood of its training rows, found by expectation maximisation from ``q
    = p`` on (Saerens et al. 2002)::

        g_jc = (q_c / p_c) f_c(x_j) / sum_d (q_d / p_d) f_d(x_j),    q_c <- 1/m sum_j g_jc

    until ``q`` changes by less than ``tolerance`` in sum. What predicts is ``z / T + strength
    log(q / p)`` in place of the head's logits ``z``: where looks change with the domain, ``q`` is
    off, and half of the correction does half of the harm. ``T`` is fitted to the source's
    validation part, as the method takes probabilities at their word and those of networks are too
    sure (Alexandari et al. 2020); ``calibrate`` false leaves it at 1, as published.

    Both are found anew after every epoch. ``q`` of the chosen epoch stands in the results and in
    the report. It has no loss of its own and changes nothing in training. Corrected are the
    predictions of both domains, so that those of the source, and a validator that judges by them,
    get worse where the shares differ; to choose the epoch by the target's shares take ``bbse``.
    """

    paper: ClassVar[str] = (
        "Saerens et al. 2002, Neural Computation 14, 21; Alexandari et al. 2020, ICML"
    )
    oracle: ClassVar[str] = "QuaPy 0.2.0 (EMQ); a numpy loop of expectation and maximisation"
    measured: ClassVar[str] = (
        "-0.032 in the mean of 5 small tasks, 1 seed, harm on digits_shift -0.122, "
        "caltech_amazon -0.099; it is for targets whose class shares alone differ: +0.009 "
        "there, 3 seeds"
    )
    implementation: ClassVar[str] = ".saerens_loss:Saerens"
    waives: ClassVar[Mapping[str, str]] = {
        "teaches_the_network": "it corrects predictions and has no loss of its own"
    }

    name: Literal["saerens"] = "saerens"
    strength: float = Field(
        0.5, ge=0, le=1, description="How much of the correction is made (published: 1)."
    )
    calibrate: bool = Field(True, description="Whether a temperature is fitted first.")
    tolerance: float = Field(1e-6, gt=0, lt=1, description="Where the iteration ends.")
    iterations: PositiveInt = Field(1000, description="How many there are at most.")
