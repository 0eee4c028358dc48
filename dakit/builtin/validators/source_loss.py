"""The spec of the validator ``source_loss``."""

from __future__ import annotations

from typing import ClassVar, Literal, final

from dakit import ValidatorSpec


@final
class SourceLossSpec(ValidatorSpec):
    """Minus the cross entropy on the source: ``mean_i log p_i(y_i)``, at most 0."""

    implementation: ClassVar[str] = ".source_loss_score:SourceLoss"

    name: Literal["source_loss"] = "source_loss"
