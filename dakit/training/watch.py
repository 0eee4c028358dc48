"""What goes wrong silently in training, made loud: NaN, and weights that never learn."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

import torch
from torch import Tensor, nn

from dakit.errors import RunError


def check_finite(losses: Mapping[str, float], module: nn.Module, where: str) -> None:
    """Raise RunError naming the first of ``losses`` that is NaN or infinite.

    Where a weight of ``module`` is so already, the gradient of the step before was the cause, of
    whatever term: then the weight is named.
    """
    for name, value in losses.items():
        if not math.isfinite(value):
            _check_tensors(module.named_parameters(), f"the step before {where}")
            raise not_finite(f"term '{name}'", value, where)


def not_finite(what: str, value: float, where: str) -> RunError:
    """Return the error of ``what`` that became NaN or infinite."""
    return RunError(f"the {what} became {value} in {where}; {_WAY_OUT}")


def check_state(module: nn.Module, where: str) -> None:
    """Raise RunError naming the first weight or buffer of ``module`` that is not finite."""
    _check_tensors(module.state_dict().items(), where)


def _check_tensors(tensors: Iterable[tuple[str, Tensor]], where: str) -> None:
    for name, tensor in tensors:
        if tensor.is_floating_point() and not bool(torch.isfinite(tensor).all()):
            raise RunError(f"'{name}' holds NaN or infinite values after {where}; {_WAY_OUT}")


def check_trainable(total: Tensor, where: str) -> None:
    """Raise RunError where no weight at all would change."""
    if not total.requires_grad:
        raise RunError(
            f"nothing to train in {where}: all weights the loss depends on are frozen; "
            "freeze less with init_from.freeze, or let more learn with init_from.train_only"
        )


def check_graph(
    losses: Mapping[str, Tensor], optimizers: Sequence[torch.optim.Optimizer], where: str
) -> None:
    """Raise RunError where a term teaches nothing, or would teach what no optimizer updates.

    A term without a graph changes no weight, however large it is (AdaTime shipped such a loss).
    A graph that ends in a tensor no optimizer holds belongs to a module that torch does
    not see, such as one in a plain Python list; the published DANN discriminator was never
    trained in that way.
    """
    groups = [group for optimizer in optimizers for group in optimizer.param_groups]
    updated = {id(p) for group in groups for p in group["params"]}
    for name, loss in losses.items():
        if not loss.requires_grad:
            raise RunError(
                f"the term '{name}' has no gradient in {where}: it would teach the network "
                "nothing; its features may be detached, or all it could change is frozen"
            )
        for leaf in graph_leaves(loss):
            if id(leaf) not in updated:
                raise RunError(
                    f"the term '{name}' depends on a tensor of shape {tuple(leaf.shape)} that "
                    "requires gradients but is in no optimizer group; make it an nn.Parameter, "
                    "and keep modules as attributes or in an nn.ModuleList"
                )


def graph_leaves(loss: Tensor) -> Iterator[Tensor]:
    """Yield the tensors that ``loss.backward()`` would put gradients into."""
    waiting: list[Any] = [loss.grad_fn]
    seen: set[Any] = set()
    while waiting:
        node = waiting.pop()
        if node is None or node in seen:
            continue
        seen.add(node)
        if hasattr(node, "variable"):
            yield node.variable
        waiting.extend(parent for parent, _ in node.next_functions)


_WAY_OUT = (
    "the checkpoint of the last whole epoch is kept; a lower learning rate, gradient clipping "
    "(training.gradient_clip) or a smaller weight of that term may help"
)
