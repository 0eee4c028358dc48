"""The spec of the optimizer ``adamw``."""

from __future__ import annotations

from typing import ClassVar, Literal, final

from dakit.builtin.optimizers.moments import MomentsSpec


@final
class AdamWSpec(MomentsSpec):
    """Adam with decoupled weight decay (Loshchilov & Hutter 2019)."""

    paper: ClassVar[str] = "Loshchilov & Hutter 2019, arXiv:1711.05101"
    implementation: ClassVar[str] = ".adamw_optimizer:adamw"

    name: Literal["adamw"] = "adamw"
