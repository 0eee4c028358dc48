"""The phases of a step: the updates that terms ask for beside the main one."""

from __future__ import annotations

from typing import Literal, final

from dakit.contracts import Batch
from dakit.data.batches import InputBatch
from dakit.errors import RunError
from dakit.training.objective import Objective, scalar
from dakit.training.optimizer import Optimizers, Update, clip_gradients
from dakit.training.steps import Step
from dakit.training.watch import check_finite


@final
class Phases:
    """Takes the updates of an objective's phases; each gives its loss, the mean over its times."""

    def __init__(self, objective: Objective, optimizers: Optimizers, clip: float | None) -> None:
        self._objective = objective
        self._optimizers = optimizers
        self._clip = clip

    def before(self, step: Step, batch: InputBatch) -> tuple[Batch, dict[str, float]]:
        """Take those before the main update; return what that sees of ``batch``, and the losses."""
        seen, losses = self._run("before", step, batch, None)
        return self._objective.see(batch, step.progress) if seen is None else seen, losses

    def after(self, step: Step, batch: InputBatch, seen: Batch) -> dict[str, float]:
        """Take those after the main update, which saw ``seen``; return the losses."""
        return self._run("after", step, batch, seen)[1]

    def _run(
        self,
        when: Literal["before", "after"],
        step: Step,
        batch: InputBatch,
        seen: Batch | None,
    ) -> tuple[Batch | None, dict[str, float]]:
        losses: dict[str, float] = {}
        for update in self._optimizers.updates:
            phase = update.phase
            if phase.when != when or not any(p.requires_grad for p in update.parameters):
                continue  # another time, or all that it moves is frozen
            for _ in range(phase.times):
                if phase.graph == "fresh":
                    given = self._objective.see(batch, step.progress)
                else:
                    seen = seen or self._objective.see(batch, step.progress)
                    given = seen.detached()
                loss = self.take(update, given, str(step))
                losses[update.name] = losses.get(update.name, 0.0) + loss / phase.times
                if when == "before" and phase.moves != {"term"}:
                    seen = None  # of the network as it was
        return seen, losses

    def take(self, update: Update, given: Batch, where: str) -> float:
        """Move what ``update`` names by one step on ``given``; return the loss before it.

        Raises RunError where the loss is no finite scalar or reaches nothing that is to move.
        """
        loss = scalar(update.term.phase_loss(update.phase.name, given), update.term, "phase_loss")
        value = float(loss.detach())
        check_finite({update.name: value}, self._objective, where)
        moved = [parameter for parameter in update.parameters if parameter.requires_grad]
        update.optimizer.zero_grad(set_to_none=True)
        if loss.requires_grad:
            loss.backward(inputs=moved)  # type: ignore[no-untyped-call]
        if all(parameter.grad is None for parameter in moved):
            raise RunError(
                f"the loss of the phase '{update.name}' in {where} depends on nothing that it "
                f"moves: {', '.join(sorted(update.phase.moves))}"
            )
        clip_gradients(moved, self._clip, where)
        update.optimizer.step()
        return value
