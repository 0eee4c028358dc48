"""How the weights follow their gradients."""

from dakit import OptimizerSpec
from dakit.builtin.optimizers.adam import AdamSpec
from dakit.builtin.optimizers.adamw import AdamWSpec
from dakit.builtin.optimizers.sgd import SGDSpec

SPECS: tuple[type[OptimizerSpec], ...] = (AdamSpec, AdamWSpec, SGDSpec)
