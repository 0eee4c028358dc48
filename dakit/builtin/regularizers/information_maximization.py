"""Information maximisation: target predictions plain each, and all classes used."""

from __future__ import annotations

from typing import ClassVar, Literal, final

from pydantic import Field

from dakit import RegularizerSpec


@final
class InformationMaximizationSpec(RegularizerSpec):
    """Information maximisation: target predictions plain each, and all classes used.

    With ``p_i = softmax(z_i)`` of the target rows and their mean ``q`` (Krause et al. 2010;
    the information maximization loss of SHOT, Liang et al. 2020)::

        L = mean_i H(p_i) - diversity H(q),   H(p) = -sum_c p_c log p_c

    Where the classes of the target are rare, ``diversity`` 1 makes them too frequent.
    """

    paper: ClassVar[str] = "Krause et al. 2010, NeurIPS; Liang et al. 2020, ICML (SHOT)"
    oracle: ClassVar[str] = "torch.distributions and pytorch-adapt"
    measured: ClassVar[str] = "+0.130 in the mean of 5 small tasks, 1 seed"
    implementation: ClassVar[str] = ".information_maximization_loss:InformationMaximization"

    name: Literal["information_maximization"] = "information_maximization"
    diversity: float = Field(
        1.0, ge=0, description="Weight of the entropy of the mean prediction; 0: entropy alone."
    )
