"""What a loss term promises that asks for more than a formula: state, hooks, weights, steps."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from itertools import product
from typing import get_args

import torch
from torch import Tensor, nn

from dakit.contracts import SIDES, Batch, EpochView, LossTerm, Need
from dakit.network import Network
from dakit.testing.check import Skipped, checks_of, require
from dakit.testing.examples import answer_of, built_term, losses_of
from dakit.testing.loss_batches import (
    ROWS,
    make_batch,
    make_network,
    make_view,
    network_of,
    normal,
    without,
)
from dakit.testing.subject import Subject, loss_context
from dakit.training.teacher import MovingAverage


def needs_what_it_declares(subject: Subject) -> None:
    """It declares needs that dakit knows, and works with nothing in the batch beyond them."""
    term = built_term(subject)
    unknown = set(term.needs) - set(get_args(Need))
    require(not unknown, f"it needs {sorted(unknown)}; dakit knows {sorted(get_args(Need))}")
    try:
        value = term(without(make_batch(), term.needs))
    except Exception as error:  # a component may break in any way
        raise AssertionError(
            f"with only what it declares ({sorted(term.needs)}) in the batch it fails: {error}; "
            "add what it reads to `needs`"
        ) from error
    require(bool(value.isfinite().all()), "with only what it declares, its value is not finite")


def keeps_its_state_in_evaluation(subject: Subject) -> None:
    """In evaluation mode a call changes none of its buffers."""
    term = built_term(subject)
    if not list(term.buffers()):
        raise Skipped("it has no buffers")
    term(make_batch())
    term.eval()
    before = _copies(term)
    term(make_batch(progress=0.9))
    changed = [
        name for name, tensor in term.state_dict().items() if not _same(tensor, before[name])
    ]
    require(not changed, f"in evaluation mode it changes {', '.join(changed)}; ask self.training")


def leaves_the_view_alone(subject: Subject) -> None:
    """Its epoch hooks change neither what they are shown nor its own parameters."""
    term = _with_hooks(subject)
    view, untouched = make_view(), make_view()
    before = {name: p.detach().clone() for name, p in term.named_parameters()}
    _whole_epoch(term, view)
    parts = ((view, untouched, ""), (view.validation, untouched.validation, "validation "))
    for (seen, before_it, part), side in product(parts, SIDES):
        for name, tensor in vars(getattr(seen, side)).items():
            same = tensor is None or _same(tensor, getattr(getattr(before_it, side), name))
            require(same, f"a hook changes the {part}{side} {name} in place")
    for name, parameter in term.named_parameters():
        require(torch.equal(parameter, before[name]), f"a hook changes the parameter {name}")


def goes_on_after_an_epoch(subject: Subject) -> None:
    """After both hooks a new one with its state dict gives the same finite value."""
    term, fresh = _with_hooks(subject), subject.build()
    _whole_epoch(term, make_view())
    fresh.load_state_dict(term.state_dict())
    values = [_value(each, make_batch()) for each in (term, fresh)]
    require(bool(values[0].isfinite().all()), "after an epoch its value is not finite")
    require(
        torch.allclose(values[0], values[1], rtol=1e-5, atol=1e-6),
        "with the state dict loaded, a new one goes on differently after an epoch; keep what the "
        "hooks find in buffers (register_buffer)",
    )


def weighs_the_source_soundly(subject: Subject) -> None:
    """Its source weights are one a row, finite, not negative and not all zero."""
    term = built_term(subject)
    if not term.weighs_source:
        raise Skipped("it does not declare `weighs_source = True`")
    batch = make_batch()
    weights = term.source_weights(batch.detached())
    rows = (len(batch.source.labels),)
    require(tuple(weights.shape) == rows, f"weights of shape {tuple(weights.shape)}, not {rows}")
    require(bool(weights.isfinite().all()), "a weight is not finite")
    require(bool((weights >= 0).all()), "a weight is negative")
    require(bool(weights.sum() > 0), "all weights are zero: nothing would be learned")


def honours_weights_as_it_says(subject: Subject) -> None:
    """Its value changes with the source weights if and only if ``honours_weights`` says so."""
    batch = make_batch()
    weights = torch.linspace(0.1, 2.0, len(batch.source.labels))
    weighed = replace(batch, source=replace(batch.source, weights=weights))
    values = [_value(built_term(subject), each) for each in (batch, weighed)]
    honours = subject.build().honours_weights
    require(
        bool(values[0] != values[1]) == honours,
        f"honours_weights is {honours}, but the value "
        f"{'does not change' if honours else 'changes'} with batch.source.weights",
    )


def leaves_the_network_alone(subject: Subject) -> None:
    """What it passes through the network changes nothing there, and it keeps no part of it."""
    term, batch = built_term(subject), make_batch()
    if "network" not in term.needs:
        raise Skipped("it does not need the network")
    _untouched(term, batch, network_of(batch), "the network; pass inputs through batch.network")


def leaves_the_teacher_alone(subject: Subject) -> None:
    """What it asks the teacher changes nothing there, and it keeps no part of it."""
    term, batch = built_term(subject), make_batch()
    if "teacher" not in term.needs:
        raise Skipped("it does not need the teacher")
    assert isinstance(batch.teacher, MovingAverage)
    _untouched(term, batch, batch.teacher, "the teacher; it follows the network by itself")


def starts_over_as_it_is_saved(subject: Subject) -> None:
    """Whether it starts over is a bool, and a new one with its state dict says the same."""
    term, fresh = built_term(subject), built_term(subject)
    if type(term).starts_over is LossTerm.starts_over:
        raise Skipped("it never starts over")
    said = [_steps(term, 5)]
    fresh.load_state_dict(term.state_dict())
    said += [_steps(each, 8) for each in (term, fresh)]
    strange = [type(each).__name__ for each in said[0] + said[1] if not isinstance(each, bool)]
    require(not strange, f"starts_over returned a {(*strange, '')[0]}, not a bool")
    require(said[1] == said[2], "with the state dict loaded, a new one starts over at other steps")


def _steps(term: LossTerm, count: int) -> list[object]:
    """Return what a term says after each of so many steps on the same batch."""
    said: list[object] = []
    with torch.no_grad():
        for _ in range(count):
            list(losses_of(term, make_batch()))
            said.append(term.starts_over())
    return said


def predicts_as_it_is_saved(subject: Subject) -> None:
    """Its predictor gives one finite logit a class, and so does that of a new one loaded."""
    term, batch = subject.build(), make_batch()
    predictor = term.predictor()
    if predictor is None:
        raise Skipped("the model's head predicts")
    require(isinstance(predictor, nn.Module), f"predictor returned a {type(predictor).__name__}")
    own = [*term.parameters(), *term.buffers()]
    theirs = [*predictor.named_parameters(), *predictor.named_buffers()]
    strange = [name for name, tensor in theirs if not any(tensor is each for each in own)]
    require(not strange, f"{', '.join(strange)} of its predictor are not registered in the term")
    _whole_epoch(term, make_view())
    list(losses_of(term, batch))
    again = subject.build(loss_context(seed=2)).predictor()
    again.load_state_dict(predictor.state_dict())
    model, loaded = _predicting(predictor), _predicting(again)
    for rows in (normal(ROWS, seed=2), normal(1, seed=3)):
        logits = model(rows)[1]  # which refuses another number of classes
        require(len(logits) == len(rows), f"of {len(rows)} rows it gives {len(logits)}")
        require(bool(logits.isfinite().all()), "it gives logits that are not finite")
        same = torch.allclose(loaded(rows)[1], logits, rtol=1e-5, atol=1e-6)
        require(same, "built again, with its state dict loaded, it predicts something else")


def _predicting(predictor: nn.Module) -> Network:
    network = make_network()
    return Network(network.backbone, network.head, predictor).eval().requires_grad_(False)


def _untouched(term: LossTerm, batch: Batch, module: nn.Module, what: str) -> None:
    before = _copies(module)
    list(losses_of(term, batch))
    changed = [n for n, tensor in module.state_dict().items() if not _same(tensor, before[n])]
    require(not changed, f"it changes {', '.join(changed)} of {what}")
    theirs = set(map(id, module.parameters()))
    kept = [name for name, parameter in term.named_parameters() if id(parameter) in theirs]
    require(not kept, f"it keeps {', '.join(kept)} as its own, of {what}")


def _with_hooks(subject: Subject) -> LossTerm:
    term: LossTerm = subject.build()
    hooks = ("on_epoch_start", "on_epoch_end")
    if all(getattr(type(term), hook) is getattr(LossTerm, hook) for hook in hooks):
        raise Skipped("it has no epoch hooks")
    return term


def _whole_epoch(term: LossTerm, view: EpochView) -> None:
    hooks: tuple[Callable[[EpochView], None], ...] = (term.on_epoch_start, term.on_epoch_end)
    with torch.no_grad():
        for hook in hooks:
            hook(view)


def _value(term: LossTerm, batch: Batch) -> Tensor:
    torch.manual_seed(0)  # the same dropout in every call
    with torch.no_grad():
        return answer_of(term, batch)


def _copies(module: nn.Module) -> dict[str, Tensor]:
    return {name: tensor.clone() for name, tensor in module.state_dict().items()}


def _same(one: object, other: object) -> bool:
    return isinstance(one, Tensor) and isinstance(other, Tensor) and torch.equal(one, other)


CHECKS = checks_of(
    needs_what_it_declares,
    keeps_its_state_in_evaluation,
    leaves_the_view_alone,
    goes_on_after_an_epoch,
    weighs_the_source_soundly,
    honours_weights_as_it_says,
    leaves_the_network_alone,
    leaves_the_teacher_alone,
    starts_over_as_it_is_saved,
    predicts_as_it_is_saved,
)
