"""Auxiliary optimizers: terms that train a part of their own between the steps of the run."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, final

import torch
from torch import nn

from dakit.component_faults import returned
from dakit.contracts import Batch
from dakit.errors import RunError
from dakit.training.objective import Objective, scalar


@final
class Auxiliaries:
    """The auxiliary optimizers of an objective, by the name of their term.

    Raises RunError where one holds a parameter that is not its term's.
    """

    def __init__(self, objective: Objective) -> None:
        self._objective = objective
        terms = {name: objective.term(name) for name in objective.terms}
        made = {name: term.auxiliary_optimizer() for name, term in terms.items()}
        self.optimizers = {
            name: returned(each, torch.optim.Optimizer, terms[name], "auxiliary_optimizer")
            for name, each in made.items()
            if each is not None
        }
        for name, optimizer in self.optimizers.items():
            own = {id(parameter) for parameter in objective.term(name).parameters()}
            if any(id(parameter) not in own for parameter in _held(optimizer)):
                raise RunError(
                    f"the auxiliary optimizer of '{name}' holds parameters that are not the "
                    "term's own; give it the parameters of modules that are the term's attributes"
                )

    @property
    def parameters(self) -> list[nn.Parameter]:
        """All parameters that an auxiliary optimizer trains."""
        return [parameter for each in self.optimizers.values() for parameter in _held(each)]

    def step(self, batch: Batch) -> None:
        """Take the auxiliary steps of each term on ``batch``, without its graphs."""
        for name, optimizer in self.optimizers.items():
            term, alone = self._objective.term(name), batch.detached()
            for _ in range(term.auxiliary_steps):
                optimizer.zero_grad(set_to_none=True)
                loss = scalar(term.auxiliary_loss(alone), term, "auxiliary_loss")
                loss.backward()  # type: ignore[no-untyped-call]
                optimizer.step()

    def state_dict(self) -> dict[str, Any]:
        """Return the state of every auxiliary optimizer."""
        return {name: each.state_dict() for name, each in self.optimizers.items()}

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """Restore what :meth:`state_dict` gave. Raises ValueError where it is another run's."""
        if state.keys() != self.optimizers.keys():
            raise ValueError(f"auxiliary optimizers of {list(state)}, not {list(self.optimizers)}")
        for name, each in self.optimizers.items():
            each.load_state_dict(state[name])


def _held(optimizer: torch.optim.Optimizer) -> list[nn.Parameter]:
    return [parameter for group in optimizer.param_groups for parameter in group["params"]]
