"""When to stop before the last epoch: pure functions of what happened so far."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor

from dakit.contracts import Batch, LossTerm, SourceSide, ValidationView, empty_target
from dakit.errors import InputError
from dakit.randomness import generator
from dakit.spec.run import RunSpec
from dakit.spec.training import EarlyStoppingSpec
from dakit.training.objective import Objective

PUBLISHED_BATCH = 64
"""Validation batch size of the published code."""

_PENALTIES = ((0.4, 1.0), (0.3, 0.5), (0.2, 0.25), (0.1, 0.1))


def should_stop(
    spec: EarlyStoppingSpec | None, scores: Sequence[float], validation_losses: Sequence[float]
) -> bool:
    """Return whether training ends after epochs with these selection scores and task losses."""
    if spec is None:
        return False
    if spec.rule == "plateau":
        return plateau_wait(scores, spec.min_delta) >= spec.patience
    return divergence_count(validation_losses) > spec.patience


def plateau_wait(scores: Sequence[float], min_delta: float) -> int:
    """Return for how many epochs no score was better than the best before by ``min_delta``."""
    best, wait = -float("inf"), 0
    for score in scores:
        gain = score - best
        if gain > 0 and gain >= min_delta:
            best, wait = score, 0
        else:
            wait += 1
    return wait


def divergence_count(losses: Sequence[float]) -> float:
    """Return DeepMerge II's counter over the ``losses`` of one random batch an epoch.

    It gains 1, 0.5, 0.25 or 0.1 when a loss exceeds the lowest one so far by 0.4, 0.3, 0.2 or
    0.1 and more, and is never reset: it ends a divergence, and never a plateau.
    """
    best, count = float("inf"), 0.0
    for loss in losses:
        excess = loss - best
        count += next((penalty for bound, penalty in _PENALTIES if excess >= bound), 0.0)
        best = min(best, loss)
    return count


def followed_task(spec: RunSpec, objective: Objective) -> LossTerm | None:
    """Return the term whose validation loss the published rule follows; None under another.

    Raises InputError where the objective has no task.
    """
    stopping, task = spec.training.early_stopping, spec.objective.task
    if stopping is None or stopping.rule != "published":
        return None
    if task is None or task.weight == 0:
        raise InputError(
            "training.early_stopping.rule 'published' follows the task loss, and this "
            "objective has no task; use the rule 'plateau'"
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
