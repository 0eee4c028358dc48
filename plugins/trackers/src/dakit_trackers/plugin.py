"""Offers the trackers."""

from __future__ import annotations

from dakit import TrackerSpec, hookimpl
from dakit_trackers.mlflow import MLflow
from dakit_trackers.tensorboard import TensorBoard
from dakit_trackers.wandb import WandB


@hookimpl
def dakit_trackers() -> list[type[TrackerSpec]]:
    """Offer ``tensorboard``, ``mlflow`` and ``wandb``."""
    return [TensorBoard, MLflow, WandB]
