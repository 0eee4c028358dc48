"""The optimizers: parameter groups by learning-rate multiplier, and those that terms bring."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, final

import torch
from torch import nn

from dakit.contracts import Backbone, Batch, LossTerm
from dakit.errors import RunError
from dakit.network import Head
from dakit.plugins.faults import described, number, returned
from dakit.spec.optimizer import AdamSpec, AdamWSpec, OptimizerSpec
from dakit.training.objective import Objective, scalar

MOST_MULTIPLIED = 1e6
"""What a learning rate is multiplied by at most: beyond it the optimizers' numbers overflow."""


@final
class Optimizers:
    """The main optimizer of an objective and, by the name of their term, the auxiliary ones.

    Every trainable parameter is in exactly one. Raises RunError where one is in none, or an
    auxiliary optimizer holds a parameter that is not its term's.
    """

    def __init__(self, spec: OptimizerSpec, objective: Objective) -> None:
        self._terms = {name: objective.term(name) for name in objective.terms}
        self.auxiliary = dict(_auxiliary(self._terms))
        apart = [p for each in self.auxiliary.values() for p in _held(each)]
        self.main = build_optimizer(spec, objective, apart)
        self.main_parameters = [
            p for p in objective.parameters() if not any(p is other for other in apart)
        ]

    @property
    def all(self) -> tuple[torch.optim.Optimizer, ...]:
        """The main one and the auxiliary ones."""
        return self.main, *self.auxiliary.values()

    def step_auxiliary(self, batch: Batch) -> None:
        """Take the auxiliary steps of each term on ``batch``, without its graphs."""
        for name, optimizer in self.auxiliary.items():
            term, alone = self._terms[name], batch.detached()
            for _ in range(term.auxiliary_steps):
                optimizer.zero_grad(set_to_none=True)
                loss = scalar(term.auxiliary_loss(alone), term, "auxiliary_loss")
                loss.backward()  # type: ignore[no-untyped-call]
                optimizer.step()

    def state_dict(self) -> dict[str, Any]:
        """Return the state of every optimizer."""
        auxiliary = {name: each.state_dict() for name, each in self.auxiliary.items()}
        return {"optimizer": self.main.state_dict(), "auxiliary": auxiliary}

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """Restore what :meth:`state_dict` gave. Raises ValueError where it is another run's."""
        self.main.load_state_dict(state["optimizer"])
        auxiliary = state.get("auxiliary", {})
        if auxiliary.keys() != self.auxiliary.keys():
            raise ValueError(
                f"auxiliary optimizers of {list(auxiliary)}, not {list(self.auxiliary)}"
            )
        for name, each in self.auxiliary.items():
            each.load_state_dict(auxiliary[name])


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


def _multipliers(objective: Objective) -> Iterator[tuple[float, nn.Parameter]]:
    network, terms = objective.network, map(objective.term, objective.terms)
    owners: tuple[Backbone | Head | LossTerm, ...] = (network.backbone, network.head, *terms)
    for owner in owners:
        for name, parameter in owner.named_parameters():
            multiplier = number(owner.lr_multiplier(name), owner, "lr_multiplier")
            if not 0 <= multiplier <= MOST_MULTIPLIED:
                raise RunError(
                    f"'lr_multiplier' of {described(owner)} returned {multiplier:g} for '{name}'; "
                    f"it must be between 0 and {MOST_MULTIPLIED:g}"
                )
            yield multiplier, parameter


def _auxiliary(terms: Mapping[str, LossTerm]) -> Iterator[tuple[str, torch.optim.Optimizer]]:
    for name, term in terms.items():
        made = term.auxiliary_optimizer()
        if made is None:
            continue
        optimizer = returned(made, torch.optim.Optimizer, term, "auxiliary_optimizer")
        own = set(map(id, term.parameters()))
        if any(id(parameter) not in own for parameter in _held(optimizer)):
            raise RunError(
                f"the auxiliary optimizer of '{name}' holds parameters that are not the "
                "term's own; give it the parameters of modules that are the term's attributes"
            )
        yield name, optimizer


def _held(optimizer: torch.optim.Optimizer) -> list[nn.Parameter]:
    return [parameter for group in optimizer.param_groups for parameter in group["params"]]
