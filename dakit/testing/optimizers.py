"""What an optimizer promises: it lowers losses by the rate it is given, and can be resumed."""

from __future__ import annotations

import io
from dataclasses import replace
from typing import Any

import torch
from torch import Tensor, nn

from dakit.testing.check import checks_of, require
from dakit.testing.subject import Subject, loss_context

STEPS = 60


def builds_from_its_spec(subject: Subject) -> None:
    """Its spec builds a torch optimizer that keeps the groups it is given."""
    weights = _weights()
    groups = [{"params": [p], "lr_multiplier": m} for m, p in enumerate(weights)]
    optimizer = subject.build(replace(loss_context(), parameters=groups))
    wanted = isinstance(optimizer, torch.optim.Optimizer)
    require(wanted, f"build returned {type(optimizer).__name__}, not a torch.optim.Optimizer")
    held = [(id(p), g.get("lr_multiplier")) for g in optimizer.param_groups for p in g["params"]]
    require(
        held == [(id(p), m) for m, p in enumerate(weights)],
        "its param_groups are not those of context.parameters, each with its lr_multiplier",
    )


def lowers_a_loss(subject: Subject) -> None:
    """A few steps at its own rate take a convex loss down."""
    weights, optimizer = _made(subject)
    before = _loss(weights).item()
    _steps(optimizer, weights, STEPS)
    after = _loss(weights).item()
    require(after < before, f"{STEPS} steps took the loss from {before:g} to {after:g}")


def follows_the_rate_of_its_groups(subject: Subject) -> None:
    """With a learning rate of 0 in param_groups nothing moves."""
    weights, optimizer = _made(subject)
    for group in optimizer.param_groups:
        group["lr"] = 0.0
    _steps(optimizer, weights, 2)
    moved = any(not torch.equal(*both) for both in zip(weights, _weights(), strict=True))
    require(not moved, "weights move at a rate of 0; take the rate from param_groups at each step")


def leaves_what_has_no_gradient(subject: Subject) -> None:
    """A parameter without a gradient, as of a frozen part, stays as it is."""
    weights, optimizer = _made(subject)
    weights[0].requires_grad_(False)
    _steps(optimizer, weights, 2)
    require(torch.equal(weights[0], _weights()[0]), "it moves a parameter that has no gradient")


def goes_on_from_its_state_dict(subject: Subject) -> None:
    """A new one with its state dict moves the weights as it would, bit for bit."""
    weights, optimizer = _made(subject)
    _steps(optimizer, weights, 3)
    file = io.BytesIO()
    torch.save(optimizer.state_dict(), file)
    file.seek(0)
    copies, other = _made(subject)
    with torch.no_grad():
        for copy, weight in zip(copies, weights, strict=True):
            copy.copy_(weight)
    other.load_state_dict(torch.load(file, weights_only=True))
    for each, moved in ((optimizer, weights), (other, copies)):
        torch.manual_seed(0)  # as the trainer does at each epoch
        _steps(each, moved, 3)
    same = all(torch.equal(*both) for both in zip(weights, copies, strict=True))
    require(same, "with the state dict loaded it goes on otherwise: keep what it knows in state")


def _weights() -> list[nn.Parameter]:
    draw = torch.Generator().manual_seed(0)
    return [nn.Parameter(torch.randn(*shape, generator=draw)) for shape in ((5, 4), (4,), (3, 2))]


def _made(subject: Subject) -> tuple[list[nn.Parameter], Any]:
    weights = _weights()
    groups = [{"params": weights, "lr_multiplier": 1.0}]
    return weights, subject.build(replace(loss_context(), parameters=groups))


def _loss(weights: list[nn.Parameter]) -> Tensor:
    return torch.stack([(p - 3).square().mean() for p in weights]).sum()


def _steps(optimizer: Any, weights: list[nn.Parameter], count: int) -> None:
    for _ in range(count):
        optimizer.zero_grad(set_to_none=True)
        _loss(weights).backward()  # type: ignore[no-untyped-call]
        optimizer.step()


CHECKS = checks_of(
    builds_from_its_spec,
    lowers_a_loss,
    follows_the_rate_of_its_groups,
    leaves_what_has_no_gradient,
    goes_on_from_its_state_dict,
)
