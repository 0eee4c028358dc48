"""The spec of the optimizer ``adam``."""

from __future__ import annotations

from typing import ClassVar, Literal, final

from dakit.builtin.optimizers.moments import MomentsSpec


@final
class AdamSpec(MomentsSpec):
    """Adam (Kingma & Ba 2015) with coupled weight decay."""

    paper: ClassVar[str] = "Kingma & Ba 2015, arXiv:1412.6980"
    implementation: ClassVar[str] = ".adam_optimizer:adam"

    name: Literal["adam"] = "adam"
