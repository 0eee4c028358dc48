"""The training loop. Read :func:`train`, then :meth:`Trainer.run_epoch` and the step below it."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import replace
from math import isfinite
from typing import Any, final

import torch
from torch import Tensor

from dakit.contracts import BuildContext, History, Schedule, StoppingRule, ValidationView
from dakit.data.batches import InputBatch, TrainingBatches
from dakit.data.prepare import PreparedData
from dakit.files.writing import append_json_line
from dakit.plugins.faults import built, returned
from dakit.randomness import derived_seed
from dakit.runs.epochs import keep_epoch
from dakit.runs.folder import RunFolder
from dakit.runs.plugin_changes import versions_in_use
from dakit.spec.run import RunSpec
from dakit.training.early_stopping import followed_task, validation_loss
from dakit.training.gradient_shares import Taps, gradient_shares, tapped
from dakit.training.objective import Objective, StepOutput
from dakit.training.optimizer import Optimizers, clip_gradients
from dakit.training.phases import Phases
from dakit.training.reporter import Reporter
from dakit.training.selection import Judge, Selection
from dakit.training.start import Freezing
from dakit.training.state import TrainingState, begin, resume_from, save
from dakit.training.steps import Step, ends_of, steps_of
from dakit.training.trackers import Trackers
from dakit.training.views import Views
from dakit.training.watch import check_finite, check_graph, check_state, check_trainable


def train(
    spec: RunSpec,
    data: PreparedData,
    objective: Objective,
    folder: RunFolder,
    *,
    device: torch.device,
    resume: bool,
    reporter: Reporter,
    trackers: Trackers | None = None,
) -> Selection:
    """Train ``objective`` on ``data`` and leave the selected epoch's weights in its network.

    After every epoch a row goes to ``folder.metrics`` and a checkpoint to ``folder.checkpoint``;
    ``resume`` goes on from the latest whole one, bit for bit as if never interrupted. An epoch is
    a whole pass, by default over the source training images; the published code draws the first
    batch of a new shuffled iterator at every step instead, so that some images are seen twice and
    others never.

    Raises InputError where the spec does not fit the data, and RunError where a loss is NaN or
    infinite, a term teaches nothing, or a file cannot be written; the last checkpoint stays.
    """
    trainer = Trainer(spec, data, objective, device, reporter)
    state = trainer.restore(folder) if resume else begin(folder)
    if trackers is not None:
        trackers.begin(state.epoch)
    reporter.start(spec.training.epochs, trainer.batches.steps_per_epoch)
    try:
        while not trainer.is_done(state):
            row = trainer.run_epoch(state)
            trainer.keep(folder)
            append_json_line(folder.metrics, row)
            if trackers is not None:  # before the checkpoint: none is missed, one may come twice
                trackers.epoch(row)
            save(folder, state, objective, trainer.optimizers)
            reporter.epoch(row)
    finally:
        reporter.close()
    objective.model.load_state_dict(state.best_weights)
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
        self.spec = spec
        self.objective = objective.to(device)
        if objective.teacher is not None:  # of what the network starts from, loaded or not
            objective.teacher.follow(objective.network, 0)
        self.reporter = reporter
        self.batches = batches_of(spec, data, objective, device)
        self.views = Views(
            data,
            objective.network,
            spec.evaluation.batch_size,
            device,
            with_source=objective.needs_source,
            model=objective.model,
        )
        state = objective.network.state_dict() if objective.may_start_over else {}
        self.start = {name: tensor.clone() for name, tensor in state.items()}
        self.freezing = Freezing(objective.network, spec.init_from)
        context = BuildContext(seed=spec.seed)
        self.schedule = built(spec.schedule, context, Schedule)
        asked = spec.training.early_stopping
        self.stopping = asked and (asked, built(asked.rule, context, StoppingRule))
        self.optimizers = Optimizers(
            lambda groups: built(
                spec.optimizer, replace(context, parameters=groups), torch.optim.Optimizer
            ),
            objective,
        )
        self.phases = Phases(objective, self.optimizers, spec.training.gradient_clip)
        self.judge = Judge(spec, self.views)
        self.followed_task = followed_task(spec, objective)
        self.versions = versions_in_use(spec)
        self.graph_checked = False
        self.gradient_shares: dict[str, float | None] = {}  # of the latest epoch's last step
        self.seen: ValidationView | None = None  # after the latest epoch, where it is to be kept

    def restore(self, folder: RunFolder) -> TrainingState:
        """Return the state of the latest checkpoint in ``folder``, its weights loaded."""
        return resume_from(folder, self.objective, self.optimizers, self.reporter.note)

    def is_done(self, state: TrainingState) -> bool:
        """Return whether all epochs are run or the early-stopping rule says so."""
        if self.stopping is None or state.epoch >= self.spec.training.epochs:
            return state.epoch >= self.spec.training.epochs
        asked, rule = self.stopping
        history = History(
            tuple(state.scores), tuple(state.validation_losses), asked.patience, asked.min_delta
        )
        return returned(rule(history), bool, rule, "__call__")

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

    def keep(self, folder: RunFolder) -> None:
        """Store what the spec asks to keep of the latest epoch. Raises RunError."""
        if self.seen is not None:
            weights = self.spec.training.keep == "weights"
            keep_epoch(folder, self.seen, self.objective.model if weights else None)

    def run_epoch(self, state: TrainingState) -> dict[str, Any]:
        """Train and score one more epoch, note it in ``state`` and return its metrics row."""
        begun = time.perf_counter()
        epoch, seed = state.epoch + 1, self.spec.seed
        steps = steps_of(self.spec, self.schedule, epoch, self.batches.steps_per_epoch)
        first, last = ends_of(steps, epoch)

        # seeded here, dropout is the same in a resumed run, and no generator's state is stored
        torch.manual_seed(derived_seed(seed, "epoch start", epoch))
        self.objective.train()
        self.freezing.apply(epoch)
        self.objective.on_epoch_start(self.views.epoch(epoch, first.progress))

        torch.manual_seed(derived_seed(seed, "torch", epoch))
        log = []
        for step, batch in zip(steps, self.batches.epoch(epoch), strict=True):
            log.append(self.train_step(step, batch))
            losses = {name: log[-1][name] for name in ("total", *self.objective.losing)}
            self.reporter.step(epoch, step.index, losses)
        self.objective.on_epoch_end(self.views.epoch(epoch, last.progress))
        check_state(self.objective, f"epoch {epoch}")

        view = self.views.validation(epoch, self.judge.needs)
        scores = self.judge.scores(view)
        self.seen = view if self.spec.training.keep else None
        best = state.note(scores[self.judge.selection], self.objective.model)
        if self.followed_task is not None:
            state.validation_losses.append(
                validation_loss(
                    self.followed_task, view, seed=seed, epoch=epoch, progress=last.progress
                )
            )
        row = self._row(last, means(log), scores, best)
        return {**row, "seconds": time.perf_counter() - begun}

    def train_step(self, step: Step, batch: InputBatch) -> dict[str, float]:
        """Move the weights by one step; return its losses and diagnostics."""
        optimizer, objective = self.optimizers.main, self.objective
        for group in optimizer.param_groups:
            group["lr"] = step.learning_rate * group["lr_multiplier"]

        last = step.index == step.of  # once an epoch the log tells how each term pulls
        tap: AbstractContextManager[Taps] = tapped(objective.network) if last else nullcontext({})
        with tap as taps:
            if self.optimizers.updates:
                seen, of_phases = self.phases.before(step, batch)
            else:
                seen, of_phases = objective.see(batch, step.progress), {}
            output = objective.losses(seen)  # of features (B, D) and logits (B, C)

        numbers = self._checked(step, output, taps)

        optimizer.zero_grad(set_to_none=True)
        output.total.backward()  # type: ignore[no-untyped-call]
        if self.spec.training.gradient_clip is not None:
            clip = self.spec.training.gradient_clip
            clip_gradients(self.optimizers.main_parameters, clip, str(step))
        optimizer.step()
        if self.optimizers.updates:
            of_phases |= self.phases.after(step, batch, seen)
        if objective.teacher is not None:
            objective.teacher.follow(objective.network, step.number)
        if objective.may_start_over:
            self._start_over_if_asked()
        return {**numbers, **of_phases}

    def _start_over_if_asked(self) -> None:
        """Bring the network back to its start where a term says so after a step."""
        terms = self.objective.may_start_over
        asked = [returned(term.starts_over(), bool, term, "starts_over") for term in terms]
        if any(asked):
            self.objective.network.load_state_dict(self.start)
            self.optimizers.main.state.clear()
            if self.objective.teacher is not None:
                self.objective.teacher.follow(self.objective.network, 0)

    def _checked(self, step: Step, output: StepOutput, taps: Taps) -> dict[str, float]:
        """Return the losses and diagnostics of a step that the weights may follow, or raise."""
        told = self.objective.diagnostics()
        numbers = to_numbers({**output.losses, "total": output.total, **told})
        losses = {name: numbers[name] for name in (*output.losses, "total")}
        if not all(map(isfinite, losses.values())):
            check_finite(losses, self.objective, str(step))
        if not (self.graph_checked and output.total.requires_grad):
            self._check_graph(output, step)
        if taps:
            weights = self.objective.weights(step.progress)
            self.gradient_shares = gradient_shares(output.losses, weights, taps)
        return numbers

    def _check_graph(self, output: StepOutput, step: Step) -> None:
        check_trainable(output.total, str(step))
        # with a part frozen for some epochs, a term may teach nothing until it is released
        if self.freezing.lasts() or not self.freezing.frozen(step.epoch):
            check_graph(output.losses, self.optimizers.all, str(step))
            self.graph_checked = True

    def _row(
        self, last: Step, values: dict[str, float], scores: Mapping[str, float], best: bool
    ) -> dict[str, Any]:
        names = (*self.objective.losing, "total") if values else ()
        return {
            "epoch": last.epoch,
            "step": last.number,
            "learning_rate": last.learning_rate,
            "losses": {name: values.pop(name) for name in names},
            "weights": self.objective.weights(last.progress),
            "gradient_shares": self.gradient_shares,
            "diagnostics": values,
            "scores": dict(scores),
            "best": best,
            "versions": self.versions,
        }


def batches_of(
    spec: RunSpec, data: PreparedData, objective: Objective, device: torch.device
) -> TrainingBatches:
    """Return the batches of a run, with what its terms need of them. Raises InputError."""
    return TrainingBatches(
        data,
        spec.data,
        batch_size=spec.training.batch_size,
        pass_over=spec.training.pass_over if objective.losing else 0,
        seed=spec.seed,
        device=device,
        with_source=objective.needs_source,
        with_target=objective.needs_target,
        needs=objective.needs,
    )


def to_numbers(values: Mapping[str, Tensor]) -> dict[str, float]:
    """Bring scalars to the host together: one synchronisation with the device."""
    device = next(iter(values.values())).device
    scalars = [value.detach().to(device, torch.float32).reshape(()) for value in values.values()]
    return dict(zip(values, torch.stack(scalars).tolist(), strict=True))


def means(log: Sequence[Mapping[str, float]]) -> dict[str, float]:
    """Return the mean of each value over the steps that had it."""
    values: dict[str, list[float]] = {}
    for numbers in log:
        for name, number in numbers.items():
            values.setdefault(name, []).append(number)
    return {name: sum(of) / len(of) for name, of in values.items()}
