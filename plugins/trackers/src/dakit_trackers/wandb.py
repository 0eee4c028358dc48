"""The spec of the tracker ``wandb``."""

from __future__ import annotations

from typing import ClassVar, Literal, final

from pydantic import Field

from dakit import TrackerSpec


@final
class WandB(TrackerSpec):
    """A run in Weights & Biases, by default offline: files in the run's folder, sent by you.

    The spec is its configuration, each epoch a step, the metrics its summary. ``wandb sync`` sends
    the folders ``trackers/wandb/wandb/offline-run-*`` of a run. Its id there is that of the run
    here, so that a run that went on is one run.
    """

    implementation: ClassVar[str] = ".wandb_tracker:WandBRun"

    name: Literal["wandb"] = "wandb"
    project: str = Field("dakit", min_length=1, description="The project.")
    entity: str | None = Field(None, description="The team or user; null: your own default.")
    mode: Literal["offline", "online"] = Field(
        "offline", description="online: sent at once, which takes an account and a network."
    )
