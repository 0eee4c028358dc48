"""The spec of the transfer loss ``shot``."""

from __future__ import annotations

from typing import ClassVar, Literal, final

from pydantic import Field

from dakit import TransferLossSpec


@final
class SHOTSpec(TransferLossSpec):
    """SHOT: a model trained earlier adapts to the target alone, its head held fixed.

    With the predictions ``p_j = softmax(z_j)`` of the target rows, their mean ``q`` and the entropy
    ``H``::

        L = mean_j H(p_j) - diversity H(q) + labels mean_j -log p_j(l_j)

    The pseudo-labels ``l_j`` are renewed at the start of each epoch: the class of the nearest of
    the target's own class centroids in cosine distance, in two rounds, as ``dakit info
    pseudo_labels`` has it (Liang et al. 2020, information maximisation and self-supervised
    pseudo-labelling). Start from a run on the source and hold its classifier fixed::

        "init_from": {"run": "...", "freeze": ["head"]}, "objective": {"task": null, ...}

    The published code renews the labels fifteen times a training, trains the source model with
    label smoothing and weight normalisation in the last layer, and has ``labels`` 0.1 on digits.
    Where the classes of the target are rare, ``diversity`` 1 makes them too frequent.
    """

    short: ClassVar[str] = "SHOT"
    paper: ClassVar[str] = "Liang et al. 2020, ICML (SHOT)"
    oracle: ClassVar[str] = "a numpy loop from the paper"
    measured: ClassVar[str] = (
        "target accuracy of its start: MNIST -> USPS +.16, back +.13, digits_shift +.06"
    )
    implementation: ClassVar[str] = ".shot_loss:SHOT"

    name: Literal["shot"] = "shot"
    labels: float = Field(0.3, ge=0, description="Weight of the pseudo-labels' cross entropy.")
    diversity: float = Field(1.0, ge=0, description="Weight of the entropy of the mean prediction.")
