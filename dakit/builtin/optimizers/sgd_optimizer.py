"""Stochastic gradient descent, as torch has it."""

from __future__ import annotations

from torch.optim import SGD

from dakit.builtin.optimizers.sgd import SGDSpec
from dakit.contracts import BuildContext


def sgd(spec: SGDSpec, context: BuildContext) -> SGD:
    """Return torch's SGD with the values of ``spec``; without momentum there is no Nesterov's."""
    settings = spec.model_dump(exclude={"name", "nesterov"})
    nesterov = spec.nesterov and spec.momentum > 0
    return SGD([*context.parameters], nesterov=nesterov, **settings)
