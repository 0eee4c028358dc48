"""The spec of the stopping rule ``published``."""

from __future__ import annotations

from typing import ClassVar, Literal, final

from dakit import StoppingSpec


@final
class PublishedSpec(StoppingSpec):
    """DeepMerge II's counter of divergence, which never stops on a plateau.

    It follows the task loss on one random source-validation batch an epoch: 1, 0.5, 0.25 or 0.1 is
    added where the loss exceeds the lowest one so far by 0.4, 0.3, 0.2 or 0.1 and more. The
    counter is never reset, and training stops where it exceeds `patience`.
    """

    paper: ClassVar[str] = "Ciprijanovic et al. 2021, arXiv:2103.01373; its published code"
    implementation: ClassVar[str] = ".published_rule:Published"
    follows_task: ClassVar[bool] = True

    name: Literal["published"] = "published"
