"""The spec of the schedule ``constant``."""

from __future__ import annotations

from typing import ClassVar, Literal, final

from dakit import ScheduleSpec


@final
class ConstantSpec(ScheduleSpec):
    """The learning rate stays as it is."""

    implementation: ClassVar[str] = ".constant_schedule:Constant"

    name: Literal["constant"] = "constant"
