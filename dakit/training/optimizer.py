"""The optimizer: parameter groups by learning-rate multiplier, and torch's update rules."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import torch
from torch import nn

from dakit.component_faults import number
from dakit.contracts import Backbone, LossTerm
from dakit.errors import RunError
from dakit.network import Head
from dakit.spec.optimizer import AdamSpec, AdamWSpec, OptimizerSpec
from dakit.training.objective import Objective


def build_optimizer(
    spec: OptimizerSpec, objective: Objective, apart: Sequence[nn.Parameter] = ()
) -> torch.optim.Optimizer:
    """Return the optimizer of ``spec`` over everything trainable in ``objective``.

    All but the parameters ``apart``, which an auxiliary optimizer holds.

    Frozen parameters are in it from the start: without a gradient they are skipped, with one
    they learn again. Raises RunError where a trainable parameter is in no group.
    """
    groups = parameter_groups(objective, apart)
    check_complete(objective, [*groups, {"params": apart}])
    common: dict[str, Any] = {"lr": spec.lr, "weight_decay": spec.weight_decay}
    if isinstance(spec, AdamSpec | AdamWSpec):
        rule = torch.optim.Adam if isinstance(spec, AdamSpec) else torch.optim.AdamW
        return rule(groups, betas=spec.betas, eps=spec.eps, amsgrad=spec.amsgrad, **common)
    nesterov = spec.nesterov and spec.momentum > 0
    return torch.optim.SGD(groups, momentum=spec.momentum, nesterov=nesterov, **common)


def parameter_groups(
    objective: Objective, apart: Sequence[nn.Parameter] = ()
) -> list[dict[str, Any]]:
    """Group the trainable parameters by the multiplier their owner gives them.

    The owners are the backbone, the head and each loss term. The published DANN script gives the
    discriminator's multiplier as an option but never hands the discriminator to the optimizer;
    here every owner's parameters are taken, so that cannot happen.
    """
    groups: dict[float, list[nn.Parameter]] = {}
    seen = set(map(id, apart))
    for multiplier, parameter in _multipliers(objective):
        if parameter.requires_grad and id(parameter) not in seen:
            seen.add(id(parameter))
            groups.setdefault(multiplier, []).append(parameter)
    return [{"params": group, "lr_multiplier": m} for m, group in groups.items()]


def check_complete(objective: Objective, groups: Sequence[Mapping[str, Any]]) -> None:
    """Raise RunError naming each trainable parameter of ``objective`` that is in no group."""
    covered = {id(parameter) for group in groups for parameter in group["params"]}
    missing = [
        name
        for name, parameter in objective.named_parameters()
        if parameter.requires_grad and id(parameter) not in covered
    ]
    if missing:
        raise RunError(
            f"these parameters require gradients but no optimizer updates them: "
            f"{', '.join(missing)}; give them to the backbone, the head or a loss term"
        )


def set_learning_rate(optimizer: torch.optim.Optimizer, lr: float) -> None:
    """Set the learning rate of each group to ``lr`` times the group's multiplier."""
    for group in optimizer.param_groups:
        group["lr"] = lr * group["lr_multiplier"]


def _multipliers(objective: Objective) -> Iterator[tuple[float, nn.Parameter]]:
    network, terms = objective.network, map(objective.term, objective.terms)
    owners: tuple[Backbone | Head | LossTerm, ...] = (network.backbone, network.head, *terms)
    for owner in owners:
        for name, parameter in owner.named_parameters():
            yield number(owner.lr_multiplier(name), owner, "lr_multiplier"), parameter
