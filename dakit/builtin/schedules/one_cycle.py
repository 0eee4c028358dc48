"""The spec of the schedule ``one_cycle``."""

from __future__ import annotations

from typing import ClassVar, Literal, final

from pydantic import Field

from dakit import ScheduleSpec


@final
class OneCycleSpec(ScheduleSpec):
    """One cycle over the whole training (Smith & Topin 2019): up, down, then far down."""

    paper: ClassVar[str] = "Smith & Topin 2019, arXiv:1708.07120"
    implementation: ClassVar[str] = ".one_cycle_schedule:OneCycle"

    name: Literal["one_cycle"] = "one_cycle"
    warmup: float = Field(0.3, gt=0, lt=1, description="Fraction of training spent rising.")
    start_factor: float = Field(0.04, gt=0, le=1, description="Start, as a fraction of the peak.")
    final_factor: float = Field(1e-4, gt=0, le=1, description="End, as a fraction of the start.")
