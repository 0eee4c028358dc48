"""What a loss term promises of its phases: each lowers its loss, and moves what it names."""

from __future__ import annotations

from collections import Counter
from functools import partial

import torch
from torch.optim import SGD

from dakit.data.batches import InputBatch
from dakit.testing.check import Skipped, checks_of, require
from dakit.testing.examples import built_term
from dakit.testing.loss_batches import ROWS, normal
from dakit.testing.modules import objective_of
from dakit.testing.subject import CLASSES, DOMAINS, Subject
from dakit.training.objective import Objective
from dakit.training.optimizer import Optimizers, Update
from dakit.training.phases import Phases

PREFIXES = {"term": "terms.", "backbone": "network.backbone.", "head": "network.head."}


def moves_what_its_phases_name(subject: Subject) -> None:
    """A phase takes a finite scalar down, moves something of what it names, and nothing else."""
    term = built_term(subject)
    if not term.phases:
        raise Skipped("it has no phases")
    (twice, count), *_ = Counter(phase.name for phase in term.phases).most_common()
    require(count == 1, f"{count} phases are called {twice!r}")
    objective = objective_of(subject, term).train()
    optimizers = Optimizers(partial(SGD, lr=0.01, momentum=0.9, nesterov=True), objective)
    phases = Phases(objective, optimizers, None)
    for update in optimizers.updates:
        _steps(objective, phases, update)


def _steps(objective: Objective, phases: Phases, update: Update) -> None:
    name, named = update.phase.name, tuple(PREFIXES[part] for part in update.phase.moves)
    losses, moved = [], set()
    for _ in range(20 if update.phase.optimizer else 1):
        given = objective.see(_inputs(), 0.5)
        given = given if update.phase.graph == "fresh" else given.detached()
        before = {n: tensor.clone() for n, tensor in objective.state_dict().items()}
        torch.manual_seed(0)
        losses.append(phases.take(update, given, f"a step of the phase {name!r}"))
        after = objective.state_dict()
        moved |= {n for n, tensor in before.items() if not torch.equal(after[n], tensor)}
    buffers = {n for n, _ in objective.terms.named_buffers(prefix="terms")}
    others = [n for n in sorted(moved - buffers) if not n.startswith(named)]
    require(not others, f"the phase {name!r} moves {', '.join(others)}, which it does not name")
    require(bool(moved - buffers), f"the phase {name!r} moves nothing")
    require(
        len(losses) == 1 or losses[-1] < losses[0],
        f"20 steps of the phase {name!r} raise its loss: {losses[0]:g} to {losses[-1]:g}",
    )


def _inputs() -> InputBatch:
    source, target, rows = normal(ROWS, seed=1), normal(ROWS, seed=2) + 1.0, torch.arange(ROWS)
    domains = rows // CLASSES % DOMAINS
    views = (target.flip(1), source.flip(1))
    return InputBatch(source, rows % CLASSES, target, rows, domains, rows, *views)


CHECKS = checks_of(moves_what_its_phases_name)
