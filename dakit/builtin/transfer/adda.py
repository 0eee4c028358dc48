"""The spec of the transfer loss ``adda``."""

from __future__ import annotations

from typing import ClassVar, Literal, final

from pydantic import Field, PositiveFloat, PositiveInt

from dakit import TransferLossSpec


@final
class ADDASpec(TransferLossSpec):
    """ADDA: the target's encoder is trained against the features that a source encoder gave.

    The run starts from a model trained on the source, ``M_s`` and its classifier. What ``M_s``
    gives for the source, in evaluation mode, is kept before the first epoch and stays; the
    backbone, which begins as a copy of it, becomes the target's encoder ``M_t``. A discriminator
    ``D``, the probability of the source, and ``M_t`` learn in turn (Tzeng et al. 2017, section 4,
    inverted labels)::

        D:    -1/2 [mean_i log D(M_s(x_i)) + mean_j log(1 - D(M_t(y_j)))]   ``discriminator``
        M_t:  -mean_j log D(M_t(y_j))                                       this term

    The classifier is held fixed, and there is no task::

        "init_from": {"spec": "source_only.json", "freeze": ["head"]},
        "objective": {"task": null, "transfer": "adda"}, "training": {"batch_norm": "target"}

    What departs: the finished model has one encoder, the target's, so that its numbers on the
    source are those of ``M_t``; of augmented images ``M_s`` saw the plain ones.
    """

    short: ClassVar[str] = "ADDA"
    paper: ClassVar[str] = "Tzeng et al. 2017, CVPR (ADDA)"
    oracle: ClassVar[str] = "a numpy loop over rows"
    measured: ClassVar[str] = "on no task yet: it starts from a model of the source"
    implementation: ClassVar[str] = ".adda_loss:ADDA"

    name: Literal["adda"] = "adda"
    hidden: tuple[PositiveInt, ...] = Field(
        (500, 500), description="Widths of the discriminator's hidden layers."
    )
    discriminator_lr: PositiveFloat = Field(
        1e-3, description="Adam's rate for the discriminator, betas 0.5 and 0.999."
    )
