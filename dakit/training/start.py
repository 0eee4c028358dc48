"""Transfer learning: start from another run's weights, and what of them is held fixed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import final

from torch import Tensor, nn

from dakit.contracts import SIDES
from dakit.errors import InputError
from dakit.network import DomainBatchNorm, Network
from dakit.spec.start import InitFromSpec, Learner, Part
from dakit.training.batch_norm import batch_norm_layers


def load_start(network: Network, state: Mapping[str, Tensor], parts: Sequence[Part]) -> None:
    """Load ``parts`` of ``state``, an earlier network's weights, into ``network``.

    BatchNorm layers that this network has for each domain begin as copies of the earlier one's. The
    published code loads the whole network and has no choice of parts.

    Raises InputError listing every weight that is missing on either side or differs in shape;
    then nothing is loaded.
    """
    here = {name: tensor for name, tensor in network.state_dict().items() if _in(name, parts)}
    given = _for_each_domain(network, state)
    there = {name: tensor for name, tensor in given.items() if _in(name, parts)}
    problems = [_difference(name, here, there) for name in here | there]
    found = [problem for problem in problems if problem]
    if found:
        raise InputError(
            "init_from: the earlier run's weights do not fit this network:\n  "
            + "\n  ".join(found)
            + "\nuse the same backbone and head there and here, or load less with init_from.parts"
        )
    network.load_state_dict({**network.state_dict(), **there})


def _for_each_domain(network: Network, state: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """Return ``state`` with the one BatchNorm layer it has where ``network`` has two, twice."""
    split = {name for name, each in network.named_modules() if isinstance(each, DomainBatchNorm)}
    found: dict[str, Tensor] = {}
    for name, tensor in state.items():
        layer, _, what = name.rpartition(".")
        names = [f"{layer}.{side}.{what}" for side in SIDES] if layer in split else [name]
        found |= dict.fromkeys(names, tensor)
    return found


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

    What is fixed gets no gradients, and BatchNorm layers in it keep, and use, their running
    averages. It returns to training after ``freeze_epochs`` epochs.
    """

    def __init__(self, network: Network, spec: InitFromSpec | None) -> None:
        parts: dict[Learner, nn.Module] = {"backbone": network.backbone, "head": network.head}
        learns = spec.learns if spec else parts.keys()
        self._parts = tuple(part for part in parts if part not in learns)
        self._epochs = spec.freeze_epochs if spec else None
        of_batch_norm = batch_norm_layers(network) if "batch_norm" in learns else []
        learning: list[nn.Module] = [*(parts[p] for p in parts if p in learns), *of_batch_norm]
        kept = {
            id(each) for module in learning for each in (*module.modules(), *module.parameters())
        }
        self._layers = [layer for layer in batch_norm_layers(network) if id(layer) not in kept]
        self._parameters = [
            p for p in network.parameters() if p.requires_grad and id(p) not in kept
        ]

    def frozen(self, epoch: int) -> tuple[Learner, ...]:
        """Return the parts that are fixed in ``epoch``, but for what learns of them."""
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
            for layer in self._layers:
                layer.eval()
