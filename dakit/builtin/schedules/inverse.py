"""The spec of the schedule ``inverse``."""

from __future__ import annotations

from typing import ClassVar, Literal, final

from pydantic import Field

from dakit import ScheduleSpec


@final
class InverseSpec(ScheduleSpec):
    """lr (1 + gamma i)^-power with i the step (Ganin et al. 2016 use 10 p for gamma i)."""

    paper: ClassVar[str] = "Ganin et al. 2016, arXiv:1505.07818"
    implementation: ClassVar[str] = ".inverse_schedule:Inverse"

    name: Literal["inverse"] = "inverse"
    gamma: float = Field(1e-3, gt=0, description="Decay per step.")
    power: float = Field(0.75, gt=0, description="Exponent.")
