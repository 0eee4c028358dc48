"""The spec of the schedule ``triangular``."""

from __future__ import annotations

from typing import ClassVar, Literal, final

from pydantic import Field

from dakit import ScheduleSpec


@final
class TriangularSpec(ScheduleSpec):
    """The repeating triangle that DeepMerge II calls one-cycle: lr/10 -> lr -> lr/10."""

    paper: ClassVar[str] = "Ciprijanovic et al. 2021, arXiv:2103.01373"
    implementation: ClassVar[str] = ".triangular_schedule:Triangular"

    name: Literal["triangular"] = "triangular"
    cycle_length: float = Field(
        5.0, gt=0, description="In epochs; the period is 0.9 of it, as in the published code."
    )
    floor_factor: float = Field(0.1, gt=0, le=1, description="Lowest rate, as a fraction of lr.")
