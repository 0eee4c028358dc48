"""What backbones and loss terms promise as modules that are trained, in phases too, and saved."""

from __future__ import annotations

import io
import pickle
from collections import Counter
from functools import partial

import torch
from torch import Tensor, nn
from torch.optim import SGD

from dakit.components import LossSpec
from dakit.contracts import Backbone, LossTerm
from dakit.data.batches import InputBatch
from dakit.network import Head, Network
from dakit.spec.run import HeadSpec
from dakit.testing.check import Skipped, checks_of, require, skip_single_file
from dakit.testing.examples import build_seeded, built_term, context_of, try_out
from dakit.testing.loss_batches import ROWS, make_network, normal
from dakit.testing.subject import CLASSES, DOMAINS, Subject
from dakit.training.objective import Objective
from dakit.training.optimizer import Optimizers, Update
from dakit.training.phases import Phases
from dakit.training.watch import graph_leaves


def follows_from_the_seed(subject: Subject) -> None:
    """The same seed gives the same parameters and the same output."""
    context = context_of(subject)
    first, second = (build_seeded(subject, context) for _ in range(2))
    require(_same_state(first, second), "two builds with the same seed have other parameters")
    outputs = [try_out(subject, module).output for module in (first, second)]
    require(torch.equal(*outputs), "two builds with the same seed give other outputs")


def draws_from_the_context_alone(subject: Subject) -> None:
    """A loss term's parameters follow from ``context.seed`` alone, whatever was drawn before."""
    context = context_of(subject)
    if subject.spec_class.kind == "backbone":
        raise Skipped("a run seeds torch before it builds the backbone")
    torch.manual_seed(0)
    first = subject.build(context)
    if not first.state_dict():
        raise Skipped("it has no parameters")
    torch.manual_seed(1)
    second = subject.build(context)
    require(
        _same_state(first, second),
        "its parameters depend on what was drawn before; draw them from a generator with "
        "context.seed",
    )


def parameters_reach_the_optimizer(subject: Subject) -> None:
    """Everything it learns is registered, in an optimizer group, and moves in a step."""
    context = context_of(subject)
    module = build_seeded(subject, context)
    trial = try_out(subject, module)
    known = {id(tensor) for tensor in (*trial.given, *module.parameters())}
    hidden = [tuple(t.shape) for t in graph_leaves(trial.output) if id(t) not in known]
    require(
        not hidden,
        f"it learns tensors of the shapes {hidden} that are not registered; make them attributes "
        "of type nn.Parameter, and lists of modules an nn.ModuleList",
    )
    if not any(parameter.requires_grad for parameter in module.parameters()):
        raise Skipped("it has no parameters")
    _take_a_step(subject, module, trial.output.float().square().mean())


def survives_its_state_dict(subject: Subject) -> None:
    """A new one with its state dict goes on as it would, after steps too."""
    context = context_of(subject)
    used, fresh = build_seeded(subject, context, 1), build_seeded(subject, context, 2)
    for _ in range(2):
        try_out(subject, used)
    file = io.BytesIO()
    torch.save(used.state_dict(), file)
    file.seek(0)
    fresh.load_state_dict(torch.load(file, weights_only=True))
    expected, found = (try_out(subject, module).output for module in (used, fresh))
    require(
        torch.allclose(found, expected, rtol=1e-5, atol=1e-6),
        "with the state dict loaded, a new one gives another output; keep state in parameters "
        "or buffers (register_buffer)",
    )


def survives_pickling_when_built(subject: Subject) -> None:
    """The built module can be sent to a worker process."""
    skip_single_file(subject)
    context = context_of(subject)
    module = build_seeded(subject, context)
    copy = pickle.loads(pickle.dumps(module))
    outputs = [try_out(subject, each).output for each in (module, copy)]
    require(torch.equal(*outputs), "unpickled, it gives another output")


def _take_a_step(subject: Subject, module: nn.Module, loss: Tensor) -> None:
    objective = objective_of(subject, module)
    optimizers = Optimizers(partial(SGD, lr=1.0, momentum=0.9, nesterov=True), objective)
    for group in optimizers.main.param_groups:
        group["lr"] = 0.1
    before = {name: parameter.detach().clone() for name, parameter in module.named_parameters()}
    loss.backward()  # type: ignore[no-untyped-call]
    optimizers.main.step()
    moved_by_it = set(map(id, optimizers.main_parameters))
    for name, parameter in module.named_parameters():
        if id(parameter) not in moved_by_it:
            continue
        learns = parameter.grad is not None and bool(parameter.grad.abs().max() > 1e-3)
        moved = not torch.equal(parameter, before[name])
        require(moved or not learns, f"the optimizer does not move {name}")


def objective_of(subject: Subject, module: nn.Module) -> Objective:
    """Return the objective with a network of the kit and a loss term, or with a backbone."""
    if isinstance(module, Backbone):
        network = Network(module, Head(HeadSpec(), module.feature_dim, CLASSES))
        return Objective(network, {}, {})
    assert isinstance(module, LossTerm)
    spec = subject.spec()
    assert isinstance(spec, LossSpec)
    return Objective(make_network(), {"term": module}, {"term": spec}, batch_norm="joint")


def _same_state(first: nn.Module, second: nn.Module) -> bool:
    states = first.state_dict(), second.state_dict()
    return states[0].keys() == states[1].keys() and all(
        torch.equal(states[0][name], states[1][name]) for name in states[0]
    )


CHECKS = checks_of(
    follows_from_the_seed,
    draws_from_the_context_alone,
    parameters_reach_the_optimizer,
    survives_its_state_dict,
    survives_pickling_when_built,
)


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


PHASES = checks_of(moves_what_its_phases_name)
