"""The spec of the transfer method ``jdot``."""

from __future__ import annotations

from typing import ClassVar, Literal, final

from pydantic import Field, PositiveInt

from dakit import TransferLossSpec


@final
class JDOT(TransferLossSpec):
    """Joint distribution optimal transport: a classifier and a transport that agree.

    With source rows ``x_i``, labels ``y_i``, target rows ``z_j`` and a logistic regression ``f``,
    in turns the cheapest coupling ``gamma`` (uniform weights, exact, by POT) and ``f`` are found
    (Courty et al. 2017, algorithm 1)::

        gamma = argmin sum_ij gamma_ij (alpha |x_i - z_j|^2 / h - log f(z_j)_{y_i})
        f     = argmin |f|^2 / (2 C) + m sum_ij gamma_ij (-log f(z_j)_{y_i})

    where ``h`` is the mean squared distance between the domains; in the first turn the coupling
    has the distances alone. It is fitted at the end of an epoch and has no loss: ``weight`` and
    ``ramp`` do nothing. The time grows with the third power of the number of rows at worst.
    """

    paper: ClassVar[str] = "Courty et al. 2017, NeurIPS, arXiv:1705.08848 (JDOT)"
    oracle: ClassVar[str] = "skada's JDOTClassifier; scipy's assignment"
    measured: ClassVar[str] = "45.7 % in the mean of 12 tasks of Office-Caltech10 (SURF)"
    implementation: ClassVar[str] = ".jdot_loss:JDOTMethod"

    name: Literal["jdot"] = "jdot"
    alpha: float = Field(1.0, gt=0, description="Weight of the distance of features.")
    inverse_regularization: float = Field(
        0.001, gt=0, description="C of the logistic regression, the smaller the stronger."
    )
    turns: PositiveInt = Field(5, description="How often coupling and classifier are found.")
