"""Transfer learning: start from another run's weights, and what of them is held fixed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import final

from torch import Tensor, nn

from dakit.errors import InputError
from dakit.network import Network
from dakit.spec.start import InitFromSpec, Part
from dakit.training.batch_norm import batch_norm_layers


def load_start(network: Network, state: Mapping[str, Tensor], parts: Sequence[Part]) -> None:
    """Load ``parts`` of ``state``, an earlier network's weights, into ``network``.

    The published code loads the whole network and has no choice of parts.

    Raises InputError listing every weight that is missing on either side or differs in shape;
    then nothing is loaded.
    """
    here = {name: tensor for name, tensor in network.state_dict().items() if _in(name, parts)}
    there = {name: tensor for name, tensor in state.items() if _in(name, parts)}
    problems = [_difference(name, here, there) for name in here | there]
    found = [problem for problem in problems if problem]
    if found:
        raise InputError(
            "init_from: the earlier run's weights do not fit this network:\n  "
            + "\n  ".join(found)
            + "\nuse the same backbone and head there and here, or load less with init_from.parts"
        )
    network.load_state_dict({**network.state_dict(), **there})


def _in(name: str, parts: Sequence[Part]) -> bool:
    return name.partition(".")[0] in parts


def _difference(name: str, here: Mapping[str, Tensor], there: Mapping[str, Tensor]) -> str:
    if name not in there:
        return f"{name}: {_shape(here[name])} here, missing there"
    if name not in here:
        return f"{name}: missing here, {_shape(there[name])} there"
    if here[name].shape != there[name].shape:
        return f"{name}: {_shape(here[name])} here, {_shape(there[name])} there"
    return ""


def _shape(tensor: Tensor) -> str:
    return str(tuple(tensor.shape))


@final
class Freezing:
    """Which parts of a network are held fixed in which epoch (the first one is 1).

    A frozen part gets no gradients and its BatchNorm layers keep, and use, their running
    averages. It returns to training after ``freeze_epochs`` epochs.
    """

    def __init__(self, network: Network, spec: InitFromSpec | None) -> None:
        self._parts: tuple[Part, ...] = spec.freeze if spec else ()
        self._epochs = spec.freeze_epochs if spec else None
        self._modules: list[nn.Module] = [getattr(network, part) for part in self._parts]
        self._parameters = [
            parameter
            for module in self._modules
            for parameter in module.parameters()
            if parameter.requires_grad
        ]

    def frozen(self, epoch: int) -> tuple[Part, ...]:
        """Return the parts that are fixed in ``epoch``."""
        return self._parts if self._epochs is None or epoch <= self._epochs else ()

    def lasts(self) -> bool:
        """Return whether something stays fixed for the whole run."""
        return bool(self._parts) and self._epochs is None

    def apply(self, epoch: int) -> None:
        """Fix or release the parts for ``epoch``; call after ``network.train()``."""
        fixed = bool(self.frozen(epoch))
        for parameter in self._parameters:
            parameter.requires_grad_(not fixed)
        if fixed:
            for module in self._modules:
                for layer in batch_norm_layers(module):
                    layer.eval()
