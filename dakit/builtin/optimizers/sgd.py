"""The spec of the optimizer ``sgd``."""

from __future__ import annotations

from typing import ClassVar, Literal, final

from pydantic import Field

from dakit import OptimizerSpec


@final
class SGDSpec(OptimizerSpec):
    """Stochastic gradient descent with momentum."""

    implementation: ClassVar[str] = ".sgd_optimizer:sgd"

    name: Literal["sgd"] = "sgd"
    weight_decay: float = Field(0.0, ge=0, le=1e6, description="L2 penalty.")
    momentum: float = Field(0.9, ge=0, lt=1, description="Momentum.")
    nesterov: bool = Field(True, description="Nesterov's form of the momentum.")
