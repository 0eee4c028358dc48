"""The training loop."""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Any, final

import torch

from dakit.contracts import EpochView, LossTerm, ValidationView
from dakit.data.batches import InputBatch, TrainingBatches
from dakit.data.prepare import PreparedData
from dakit.errors import InputError
from dakit.runs.folder import RunFolder
from dakit.runs.plugin_changes import versions_in_use
from dakit.runs.writing import append_json_line
from dakit.spec.run import RunSpec
from dakit.training.auxiliary import Auxiliaries
from dakit.training.early_stopping import should_stop, validation_loss
from dakit.training.epoch_view import EpochViews
from dakit.training.gradient_shares import gradient_shares, tapped
from dakit.training.needs import check_needs
from dakit.training.objective import Objective, StepOutput
from dakit.training.optimizer import build_optimizer, set_learning_rate
from dakit.training.reporter import Reporter
from dakit.training.schedule import factor
from dakit.training.seeding import seed_torch
from dakit.training.selection import Judge, Selection
from dakit.training.start import Freezing
from dakit.training.state import TrainingState, begin, resume_from, save
from dakit.training.watch import (
    EpochMeans,
    check_finite,
    check_gradient,
    check_graph,
    check_state,
    check_trainable,
    to_numbers,
)


def train(
    spec: RunSpec,
    data: PreparedData,
    objective: Objective,
    folder: RunFolder,
    *,
    device: torch.device,
    resume: bool,
    reporter: Reporter,
) -> Selection:
    """Train ``objective`` on ``data`` and leave the selected epoch's weights in its network.

    After every epoch a row goes to ``folder.metrics`` and a checkpoint to ``folder.checkpoint``;
    ``resume`` goes on from the latest whole one, bit for bit as if never interrupted. An epoch is
    one pass over the source training images; the published code draws the first batch of a new
    shuffled iterator at every step instead, so that some images are seen twice and others never.

    Raises InputError where the spec does not fit the data, and RunError where a loss is NaN or
    infinite, a term teaches nothing, or a file cannot be written; the last checkpoint stays.
    """
    trainer = Trainer(spec, data, objective, device, reporter)
    state = trainer.restore(folder) if resume else begin(folder)
    reporter.start(spec.training.epochs, trainer.batches.steps_per_epoch)
    try:
        while not trainer.is_done(state):
            row = trainer.run_epoch(state)
            append_json_line(folder.metrics, row)
            save(folder, state, objective, trainer.optimizer, trainer.auxiliaries)
            reporter.epoch(row)
    finally:
        reporter.close()
    objective.network.load_state_dict(state.best_weights)
    return trainer.selection(state)


@final
class Trainer:
    """What stays the same over a training, and how one epoch and one step of it go."""

    def __init__(
        self,
        spec: RunSpec,
        data: PreparedData,
        objective: Objective,
        device: torch.device,
        reporter: Reporter,
    ) -> None:
        check_needs(objective, data, spec)
        self.spec = spec
        self.objective = objective.to(device)
        self.reporter = reporter
        self.batches = TrainingBatches(
            data,
            spec.data,
            batch_size=spec.training.batch_size,
            seed=spec.seed,
            device=device,
            with_target=objective.needs_target,
            needs=objective.needs,
        )
        self.views = EpochViews(data, objective.network, spec.evaluation.batch_size, device)
        self.total_steps = spec.training.epochs * self.batches.steps_per_epoch
        self.freezing = Freezing(objective.network, spec.init_from)
        self.auxiliaries = Auxiliaries(objective)
        apart = self.auxiliaries.parameters
        self.optimizer = build_optimizer(spec.optimizer, objective, apart)
        self.parameters = [p for p in objective.parameters() if not any(p is a for a in apart)]
        self.judge = Judge(spec, data, objective.network, device)
        self.stopping_task = self._stopping_task()
        self.versions = versions_in_use(spec)
        self.graph_checked = False
        self.gradient_shares: dict[str, float | None] = {}  # of the latest epoch's last step

    def restore(self, folder: RunFolder) -> TrainingState:
        """Return the state of the latest checkpoint in ``folder``, its weights loaded."""
        note = self.reporter.note
        return resume_from(folder, self.objective, self.optimizer, self.auxiliaries, note)

    def is_done(self, state: TrainingState) -> bool:
        """Return whether all epochs are run or the early-stopping rule says so."""
        all_run = state.epoch >= self.spec.training.epochs
        return all_run or should_stop(self.spec.training.early_stopping, state.history)

    def selection(self, state: TrainingState) -> Selection:
        """Return which epoch of a finished training was kept."""
        return Selection(
            validator=self.judge.selection,
            epoch=state.best_epoch,
            score=state.best_score,
            used_target_labels=self.judge.uses_target_labels,
            epochs_run=state.epoch,
            stopped_early=state.epoch < self.spec.training.epochs,
        )

    def run_epoch(self, state: TrainingState) -> dict[str, Any]:
        """Train and score one more epoch, note it in ``state`` and return its metrics row."""
        begun = time.perf_counter()
        epoch = state.epoch + 1
        means = self._train_epoch(epoch)
        check_state(self.objective, f"epoch {epoch}")
        view = self.judge.view(self.objective.network)
        scores = self.judge.scores(view, epoch)
        best = state.note(scores[self.judge.selection], self.objective.network)
        if self.stopping_task is not None:
            state.history.validation_losses.append(
                self._validation_loss(self.stopping_task, view, epoch)
            )
        return {**self._row(epoch, means, scores, best), "seconds": time.perf_counter() - begun}

    def _train_epoch(self, epoch: int) -> EpochMeans:
        self._open_epoch(epoch)
        seed_torch(self.spec.seed, "torch", epoch)
        means = EpochMeans()
        for index, batch in enumerate(self.batches.epoch(epoch)):
            numbers = self._train_step(batch, epoch, index)
            means.add(numbers)
            losses = {name: numbers[name] for name in ("total", *self.objective.terms)}
            self.reporter.step(epoch, index + 1, losses)
        self.objective.on_epoch_end(self._view(epoch, self.batches.steps_per_epoch - 1))
        return means

    def _open_epoch(self, epoch: int) -> None:
        seed_torch(self.spec.seed, "epoch start", epoch)
        self.objective.train()
        self.freezing.apply(epoch)
        self.objective.on_epoch_start(self._view(epoch, 0))

    def _view(self, epoch: int, index: int) -> EpochView:
        return self.views.view(epoch, self._progress(self._step(epoch, index)))

    def _train_step(self, batch: InputBatch, epoch: int, index: int) -> dict[str, float]:
        where = f"epoch {epoch}, step {index + 1} of {self.batches.steps_per_epoch}"
        step = self._step(epoch, index)
        set_learning_rate(self.optimizer, self._learning_rate(step))

        last = index + 1 == self.batches.steps_per_epoch
        with tapped(self.objective.network, wanted=last) as taps:
            output = self.objective(batch, self._progress(step), self.auxiliaries.step)
        losses = {**output.losses, "total": output.total}
        numbers = to_numbers({**losses, **self.objective.diagnostics()})
        check_finite({name: numbers[name] for name in losses}, self.objective, where)
        self._check_first_graph(output, epoch, where)
        if last:
            weights = self.objective.weights(self._progress(step))
            self.gradient_shares = gradient_shares(output.losses, weights, taps)

        self.optimizer.zero_grad(set_to_none=True)
        output.total.backward()
        if self.spec.training.gradient_clip is not None:
            clip = self.spec.training.gradient_clip
            norm = torch.nn.utils.clip_grad_norm_(self.parameters, clip)
            check_gradient(float(norm), where)
        self.optimizer.step()
        return numbers

    def _check_first_graph(self, output: StepOutput, epoch: int, where: str) -> None:
        check_trainable(output.total, where)
        # with a part frozen for some epochs, a term may teach nothing until it is released
        if not self.graph_checked and (self.freezing.lasts() or not self.freezing.frozen(epoch)):
            optimizers = (self.optimizer, *self.auxiliaries.optimizers.values())
            check_graph(output.losses, optimizers, where)
            self.graph_checked = True

    def _stopping_task(self) -> LossTerm | None:
        """Return the term whose validation loss the published stopping rule follows."""
        stopping = self.spec.training.early_stopping
        if stopping is None or stopping.rule != "published":
            return None
        task = self.spec.objective.task
        if task is None or task.weight == 0:
            raise InputError(
                "training.early_stopping.rule 'published' follows the task loss, and this "
                "objective has no task; use the rule 'plateau'"
            )
        return self.objective.term(task.name)  # tasks come first, so their name is never numbered

    def _validation_loss(self, task: LossTerm, view: ValidationView, epoch: int) -> float:
        progress = self._progress(epoch * self.batches.steps_per_epoch - 1)
        return validation_loss(task, view, seed=self.spec.seed, epoch=epoch, progress=progress)

    def _step(self, epoch: int, index: int) -> int:
        return (epoch - 1) * self.batches.steps_per_epoch + index

    def _progress(self, step: int) -> float:
        return step / max(1, self.total_steps - 1)

    def _learning_rate(self, step: int) -> float:
        schedule, steps = self.spec.schedule, self.batches.steps_per_epoch
        return self.spec.optimizer.lr * factor(schedule, step, self.total_steps, steps)

    def _row(
        self, epoch: int, means: EpochMeans, scores: Mapping[str, float], best: bool
    ) -> dict[str, Any]:
        values = means.means()
        names = (*self.objective.terms, "total")
        last_step = self._step(epoch, self.batches.steps_per_epoch - 1)
        return {
            "epoch": epoch,
            "step": last_step + 1,
            "learning_rate": self._learning_rate(last_step),
            "losses": {name: values.pop(name) for name in names},
            "weights": self.objective.weights(self._progress(last_step)),
            "gradient_shares": self.gradient_shares,
            "diagnostics": values,
            "scores": dict(scores),
            "best": best,
            "versions": self.versions,
        }
