"""The spec of the task ``logistic``."""

from __future__ import annotations

from typing import ClassVar, Literal, final

from pydantic import Field

from dakit import TaskLossSpec


@final
class Logistic(TaskLossSpec):
    """Logistic regression on the source features, without adaptation.

    Fitted to the end by scikit-learn (multinomial, L2)::

        min_W,b  |W|^2 / (2 C) + sum_i -log softmax(W x_i + b)_{y_i}

    once, at the end of an epoch; it has no loss: ``weight`` and ``ramp`` do nothing.
    """

    paper: ClassVar[str] = "Cox 1958, J. R. Stat. Soc. B 20, 215"
    oracle: ClassVar[str] = "scikit-learn's LogisticRegression"
    measured: ClassVar[str] = "46.2 % in the mean of 12 tasks of Office-Caltech10 (SURF)"
    implementation: ClassVar[str] = ".logistic_loss:LogisticTask"

    name: Literal["logistic"] = "logistic"
    inverse_regularization: float = Field(
        0.01, gt=0, description="C of scikit-learn, the smaller the stronger."
    )
