"""How much a run keeps of its epochs, told before the first."""

from __future__ import annotations

from dakit.data.prepare import PreparedData
from dakit.fetching.reporter import size_text
from dakit.network import Network
from dakit.spec.run import RunSpec
from dakit.training.selection import needed_by

FLOAT = 4


def told_of_keeping(spec: RunSpec, data: PreparedData, network: Network) -> str | None:
    """Return what is kept of the epochs and how large it is at most; None where nothing is."""
    keep = spec.training.keep
    if keep is None:
        return None
    what = "outputs" if keep == "outputs" else "outputs and weights"
    return f"{what} of every epoch, {size_text(kept_bytes(spec, data, network))} at most"


def kept_bytes(spec: RunSpec, data: PreparedData, network: Network) -> int:
    """Return how many bytes the epochs take before they are compressed."""
    width, sides = network.backbone.feature_dim, (data.split.source, data.split.target)
    last = [*network.head.parameters()][-2]  # the weights of the last layer, before its bias
    numbers = sum(len(side.validation) * (width + len(last)) for side in sides) + last.numel()
    if "train_features" in needed_by((spec.training.selection, *spec.training.monitor)):
        numbers += sum(len(side.train) * width for side in sides)
    size = FLOAT * numbers + 8 * len(data.split.source.validation)
    if spec.training.keep == "weights":
        state = network.state_dict().values()
        size += sum(value.numel() * value.element_size() for value in state)
    return spec.training.epochs * size
