"""The optimizers: parameter groups by learning-rate multiplier, and those of terms' phases."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from math import isfinite
from typing import Any, final

import torch
from torch import nn

from dakit.contracts import Backbone, LossTerm, Phase
from dakit.contracts.phases import Moved
from dakit.errors import RunError
from dakit.network import Head
from dakit.plugins.faults import described, number, returned
from dakit.training.objective import Objective
from dakit.training.watch import not_finite

Maker = Callable[[Sequence[dict[str, Any]]], torch.optim.Optimizer]
"""From groups of parameters, each with its ``lr_multiplier``, to an optimizer of them."""

MOST_MULTIPLIED = 1e6
"""What a learning rate is multiplied by at most: beyond it the optimizers' numbers overflow."""


@final
@dataclass(frozen=True)
class Update:
    """A phase of a term, what it moves and by which optimizer; called ``<term>.<phase>``."""

    name: str
    term: LossTerm
    phase: Phase
    optimizer: torch.optim.Optimizer
    parameters: Sequence[nn.Parameter]


@final
class Optimizers:
    """The main optimizer of an objective, and the updates that its terms ask for.

    What a phase's own optimizer holds of its term is in no other. Raises RunError where a trainable
    parameter is in none, an optimizer holds what its phase does not move, or a phase moves nothing.
    """

    def __init__(self, make: Maker, objective: Objective) -> None:
        terms = {name: objective.term(name) for name in objective.terms}
        phases = {f"{t}.{p.name}": (term, p) for t, term in terms.items() for p in term.phases}
        given = {n: _named(objective, term, p.moves) for n, (term, p) in phases.items()}
        self.own = {
            name: _made(name, term, phase.optimizer, given[name])
            for name, (term, phase) in phases.items()
            if phase.optimizer is not None
        }
        of_terms = set(map(id, objective.terms.parameters()))
        apart = [p for each in self.own.values() for p in _held(each) if id(p) in of_terms]
        self.main = build_optimizer(make, objective, apart)
        self.main_parameters = [
            p for p in objective.parameters() if not any(p is other for other in apart)
        ]
        by = {name: self.own.get(name, self.main) for name in phases}
        self.updates = [
            Update(name, term, phase, by[name], _both(_held(by[name]), given[name], name))
            for name, (term, phase) in phases.items()
        ]

    @property
    def all(self) -> tuple[torch.optim.Optimizer, ...]:
        """The main one and those of phases."""
        return self.main, *self.own.values()

    def state_dict(self) -> dict[str, Any]:
        """Return the state of every optimizer."""
        own = {name: each.state_dict() for name, each in self.own.items()}
        return {"optimizer": self.main.state_dict(), "phases": own}

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """Restore what :meth:`state_dict` gave. Raises ValueError where it is another run's."""
        self.main.load_state_dict(state["optimizer"])
        own = state.get("phases", {})
        if own.keys() != self.own.keys():
            raise ValueError(f"optimizers of the phases {list(own)}, not {list(self.own)}")
        for name, each in self.own.items():
            each.load_state_dict(own[name])


def clip_gradients(parameters: Sequence[nn.Parameter], limit: float | None, where: str) -> None:
    """Scale the gradients to the norm ``limit`` at most. Raises RunError where it is not finite."""
    if limit is not None:
        norm = float(torch.nn.utils.clip_grad_norm_(parameters, limit))
        if not isfinite(norm):
            raise not_finite("gradient's norm", norm, where)


def build_optimizer(
    make: Maker, objective: Objective, apart: Sequence[nn.Parameter] = ()
) -> torch.optim.Optimizer:
    """Return what ``make`` makes of everything trainable in ``objective``.

    All but the parameters ``apart``, which the optimizer of a phase holds.

    Frozen parameters are in it from the start: without a gradient they are skipped, with one
    they learn again. Raises RunError where a trainable parameter is in no group, or what is made
    holds other ones, or lost a multiplier.
    """
    groups = parameter_groups(objective, apart)
    check_complete(objective, [*groups, {"params": apart}])
    given = {id(parameter) for group in groups for parameter in group["params"]}
    made = make(groups)
    kept = all({"lr", "lr_multiplier"} <= group.keys() for group in made.param_groups)
    if not kept or given != set(map(id, _held(made))):
        raise RunError(
            f"{described(made)} does not hold the groups that it was given, each with its "
            "parameters, 'lr' and 'lr_multiplier'; make it of context.parameters as they are"
        )
    return made


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


def _named(objective: Objective, term: LossTerm, moves: Collection[Moved]) -> list[nn.Parameter]:
    network = objective.network
    parts = {"term": term, "backbone": network.backbone, "head": network.head}
    return [p for name, part in parts.items() if name in moves for p in part.parameters()]


def _made(
    name: str,
    term: LossTerm,
    maker: Callable[[Sequence[nn.Parameter]], torch.optim.Optimizer],
    given: Sequence[nn.Parameter],
) -> torch.optim.Optimizer:
    if not given:
        raise RunError(f"the phase '{name}' moves what has no parameters")
    made = returned(maker(given), torch.optim.Optimizer, term, f"optimizer of {name}")
    if len(_both(_held(made), given, name)) < len(_held(made)):
        raise RunError(
            f"the optimizer of the phase '{name}' holds parameters that the phase does not move; "
            "make it of those that it is given"
        )
    return made


def _both(
    held: Sequence[nn.Parameter], given: Sequence[nn.Parameter], name: str
) -> list[nn.Parameter]:
    ids = set(map(id, given))
    both = [parameter for parameter in held if id(parameter) in ids]
    if not both:
        raise RunError(f"the phase '{name}' moves nothing that its optimizer holds")
    return both


def _held(optimizer: torch.optim.Optimizer) -> list[nn.Parameter]:
    return [parameter for group in optimizer.param_groups for parameter in group["params"]]
