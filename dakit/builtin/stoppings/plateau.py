"""The spec of the stopping rule ``plateau``."""

from __future__ import annotations

from typing import ClassVar, Literal, final

from dakit import StoppingSpec


@final
class PlateauSpec(StoppingSpec):
    """Stop after `patience` epochs without a selection score better by `min_delta`."""

    implementation: ClassVar[str] = ".plateau_rule:Plateau"

    name: Literal["plateau"] = "plateau"
