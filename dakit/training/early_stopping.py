"""The task's loss on validation rows, for a stopping rule that follows it."""

from __future__ import annotations

import torch
from torch import Tensor

from dakit.contracts import Batch, LossTerm, SourceSide, ValidationView, empty_target
from dakit.errors import InputError
from dakit.randomness import generator
from dakit.spec.run import RunSpec
from dakit.training.objective import Objective

PUBLISHED_BATCH = 64
"""Validation batch size of the published code."""


def followed_task(spec: RunSpec, objective: Objective) -> LossTerm | None:
    """Return the term whose validation loss the stopping rule follows; None where it does not.

    Raises InputError where the objective has no task with a loss.
    """
    stopping, task = spec.training.early_stopping, spec.objective.task
    if stopping is None or not stopping.rule.follows_task:
        return None
    if task is None or task.weight == 0 or task.name not in objective.losing:
        raise InputError(
            f"training.early_stopping.rule '{stopping.rule.name}' follows the task loss, and this "
            "objective has no task with a loss; take another rule, or none"
        )
    return objective.term(task.name)  # tasks come first, so their name is never numbered


@torch.no_grad()
def validation_loss(
    task: LossTerm, view: ValidationView, *, seed: int, epoch: int, progress: float
) -> float:
    """Return the task loss on one random batch of the source-validation part."""
    rows = _random_rows(len(view.source_labels), seed, epoch).to(view.source_labels.device)
    features, logits = view.source_features[rows], view.source_logits[rows]
    source = SourceSide(features, logits, view.source_labels[rows])
    return float(task(Batch(source, empty_target(features, logits), progress)))


def _random_rows(count: int, seed: int, epoch: int) -> Tensor:
    order = generator(seed, "early stopping", epoch).permutation(count)
    return torch.from_numpy(order[:PUBLISHED_BATCH])
