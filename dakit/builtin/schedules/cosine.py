"""The spec of the schedule ``cosine``."""

from __future__ import annotations

from typing import ClassVar, Literal, final

from pydantic import Field

from dakit import ScheduleSpec


@final
class CosineSpec(ScheduleSpec):
    """Linear warm-up, then half a cosine down to a floor (Loshchilov & Hutter 2017, no restart)."""

    paper: ClassVar[str] = "Loshchilov & Hutter 2017, arXiv:1608.03983"
    implementation: ClassVar[str] = ".cosine_schedule:Cosine"

    name: Literal["cosine"] = "cosine"
    warmup: float = Field(0.0, ge=0, lt=1, description="Fraction of training spent rising.")
    floor_factor: float = Field(0.0, ge=0, le=1, description="Last rate, as a fraction of lr.")
