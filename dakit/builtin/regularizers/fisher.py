"""The spec of the regularizer ``fisher``."""

from __future__ import annotations

from typing import ClassVar, Literal, final

from pydantic import Field

from dakit import RegularizerSpec


@final
class FisherSpec(RegularizerSpec):
    """Fisher loss: compact classes with centres far apart, in the features of the source.

    With source features ``x (B, D)``, labels ``y`` and class centres ``c``::

        S_w = sum_i |x_i - c_{y_i}|^2          (or the mean over the batch)
        S_b = sum_k |c_k - mean_l c_l|^2       (the mean of the centres, unweighted)
        trace_ratio:       within_weight S_w / (between_weight S_b)
        trace_difference:  within_weight S_w - between_weight S_b

    What scales with the batch: with ``reduction = sum`` (as published) ``S_w`` grows in proportion
    to the batch size and ``S_b`` does not, so ``weight`` belongs to one batch size; ``mean`` is
    free of it and equals ``sum`` divided by the batch size.

    A weight that works, with ``reduction = sum``; ``mean`` takes it times the batch size::

        trace_ratio, learned:         0.01
        trace_ratio, batch:           0.001
        trace_difference, both:       0.01 / ((C - 1) D), as 4e-6 with 2 classes, 2592 features

    The difference is not divided by ``S_b``, which is about ``(C - 1) D`` for centres from
    N(0, 1), so it pulls so many times harder. Measured on 400 mock galaxies (the spec
    ``sim_sim_mmd_f``, 8 epochs of 64 rows): at these weights the term has 2 to 9 % of the
    gradient and the source is learned; at ten times that of the difference, or of the ratio in
    the batch, the entropy of the target's predictions falls from 0.68 to 0.23 and less, and all
    of the target to one class.

    The published ``lw = 0.01, lb = 1`` without outer weight is ``weight = 0.01`` here: in the
    ratio only ``weight within_weight / between_weight`` matters. Defaults are as published
    (learned centres from N(0, 1), learning rate times 10).
    """

    paper: ClassVar[str] = "Zhang et al. 2020, arXiv:2003.05636"
    oracle: ClassVar[str] = "a numpy loop over rows and centres"
    measured: ClassVar[str] = (
        "+0.001 in the mean of 5 small tasks, 3 seeds; weight 1: -0.14 on digits_shift"
    )
    implementation: ClassVar[str] = ".fisher_loss:Fisher"

    name: Literal["fisher"] = "fisher"
    weight: float = Field(
        0.01, ge=0, description="Factor of this term in the total loss (DeepMerge II: 0.01)."
    )
    form: Literal["trace_ratio", "trace_difference"] = Field(
        "trace_ratio", description="Ratio or difference of the scatter within and between classes."
    )
    centres: Literal["learned", "batch"] = Field(
        "learned",
        description=(
            "learned: free parameters, as published; batch: the class means of the batch's source "
            "features, leaving out classes that are absent."
        ),
    )
    within_weight: float = Field(1.0, ge=0, description="Factor of the scatter within classes.")
    between_weight: float = Field(1.0, gt=0, description="Factor of the scatter between classes.")
    reduction: Literal["sum", "mean"] = Field(
        "sum", description="Whether S_w is the sum over the batch (as published) or its mean."
    )
    lr_multiplier: float = Field(
        10.0, gt=0, le=1e6, description="Factor on the learning rate of learned centres."
    )
