"""What the optimizers that average two moments of the gradient share."""

from __future__ import annotations

from typing import Annotated, ClassVar

from pydantic import Field

from dakit import OptimizerSpec

Beta = Annotated[float, Field(ge=0, lt=1)]


class MomentsSpec(OptimizerSpec):
    """The fields of Adam in all its forms."""

    averages: ClassVar[int] = 2

    weight_decay: float = Field(
        0.0, ge=0, le=1e6, description="L2 penalty (adam) or decay (adamw)."
    )
    betas: tuple[Beta, Beta] = Field((0.9, 0.999), description="Decay of the two moments.")
    eps: float = Field(1e-8, gt=0, le=1, description="Added to the root of the second moment.")
    amsgrad: bool = Field(False, description="Use the largest second moment seen so far.")
