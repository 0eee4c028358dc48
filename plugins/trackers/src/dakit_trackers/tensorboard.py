"""The spec of the tracker ``tensorboard``."""

from __future__ import annotations

from typing import ClassVar, Literal, final

from dakit import TrackerSpec


@final
class TensorBoard(TrackerSpec):
    """Event files for TensorBoard, in the folder of the run: ``tensorboard --logdir runs``.

    Losses, scores, diagnostics, weights and the learning rate of each epoch, the run spec as a
    text, and the metrics of every part at the end. A run that goes on purges what came after the
    epoch it goes on from.
    """

    implementation: ClassVar[str] = ".tensorboard_tracker:EventFiles"

    name: Literal["tensorboard"] = "tensorboard"
