"""The state of a training between two epochs: all a resumed run needs besides its spec."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, fields
from typing import final

from torch import Tensor, nn

from dakit.errors import RunError
from dakit.files.writing import remove, write_json_lines
from dakit.runs.epochs import forget_epochs
from dakit.runs.folder import RunFolder
from dakit.runs.records import read_history
from dakit.training.checkpoint import clear_checkpoints, latest_checkpoint, save_checkpoint
from dakit.training.objective import Objective
from dakit.training.optimizer import Optimizers


@final
@dataclass
class TrainingState:
    """How many epochs are done, what they scored, and the weights of the best one so far."""

    epoch: int = 0
    best_epoch: int = 0
    best_score: float = -float("inf")
    best_weights: dict[str, Tensor] = field(default_factory=dict)
    """The model's, on the host."""
    scores: list[float] = field(default_factory=list)
    """Of the selecting validator, one an epoch, the higher the better."""
    validation_losses: list[float] = field(default_factory=list)
    """Of the task on a random source-validation batch; under the published stopping rule only."""

    def note(self, score: float, model: nn.Module) -> bool:
        """Count one more epoch; keep its weights, and return True, where no score was as high."""
        self.epoch += 1
        self.scores.append(score)
        best = self.best_epoch == 0 or score > self.best_score
        if best:
            self.best_epoch, self.best_score = self.epoch, score
            state = model.state_dict()
            self.best_weights = {k: v.detach().to("cpu", copy=True) for k, v in state.items()}
        return best


def begin(folder: RunFolder) -> TrainingState:
    """Return the state before the first epoch; what an earlier training left is removed."""
    clear_checkpoints(folder.checkpoint)
    forget_epochs(folder)
    remove(folder.metrics)
    return TrainingState()


def save(
    folder: RunFolder, state: TrainingState, objective: Objective, optimizers: Optimizers
) -> None:
    """Write the checkpoint of the epoch just finished. Raises RunError."""
    content = {"objective": objective.state_dict(), **optimizers.state_dict(), **vars(state)}
    save_checkpoint(folder.checkpoint, state.epoch, content)


def resume_from(
    folder: RunFolder,
    objective: Objective,
    optimizers: Optimizers,
    warn: Callable[[str], None],
) -> TrainingState:
    """Restore the latest whole checkpoint; without one, begin.

    Rows of the metrics log after the checkpoint's epoch are removed: their epochs run again.
    Raises RunError where the checkpoint is of another network or objective, and InputError where
    rows of the log before it are missing.
    """
    content = latest_checkpoint(folder.checkpoint, warn)
    if content is None:
        return begin(folder)
    try:
        objective.load_state_dict(content["objective"])
        optimizers.load_state_dict(content)
    except (RuntimeError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise RunError(
            f"the checkpoint in {folder.checkpoint} does not fit this run ({error}); "
            "remove the run folder to start over"
        ) from error
    rows = read_history(folder, content["epoch"])
    write_json_lines(folder.metrics, [row.document for row in rows])
    return TrainingState(**{each.name: content[each.name] for each in fields(TrainingState)})
