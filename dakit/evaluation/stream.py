"""New inputs on their way through a network: read, normalised and predicted a batch at a time."""

from __future__ import annotations

from collections.abc import Iterator

import torch
from torch import Tensor

from dakit.data.new_inputs import NewInputs
from dakit.data.normalization import Normalization
from dakit.errors import InputError, first_few
from dakit.evaluation.averaging import Averaged, Averaging, average
from dakit.network import Network

LARGEST = torch.finfo(torch.float32).max


def stream(
    network: Network,
    normalization: Normalization,
    how: Averaging,
    new: NewInputs,
    *,
    batch_size: int,
    device: torch.device,
) -> Iterator[tuple[int, int, Averaged]]:
    """Yield begin, end and outcome of each batch of ``new``; one batch is held, in one buffer.

    Raises InputError at the end where inputs are NaN, infinite or too large for float32, naming
    them all: after the first of them nothing more is predicted, the rest is only looked through.
    """
    network.to(device)
    rows = min(batch_size, len(new))
    buffer = torch.empty((rows, *new.input_shape), dtype=normalization.dtype)
    broken: list[str] = []
    for number, begin in enumerate(range(0, len(new), rows)):
        end = min(begin + rows, len(new))
        inputs = buffer[: end - begin]
        new.read_into(inputs.numpy(), begin, end)
        broken += [new.ids(begin + row, begin + row + 1)[0] for row in _unfit(inputs)]
        if not broken:
            normalised = normalization.on(device, inputs)
            yield begin, end, average(network, normalised, how, number)
    if broken:
        raise InputError(
            f"{len(broken)} of {len(new)} inputs hold NaN, infinity or values too large for "
            f"float32 (ids {first_few(broken)}); mend them or leave them out"
        )


def _unfit(inputs: Tensor) -> list[int]:
    """Return the rows that hold NaN or what float32 does not reach."""
    low, high = inputs.flatten(1).aminmax(dim=1)  # hands NaN on, and no comparison with it is true
    fit = (high <= LARGEST) & (low >= -LARGEST)
    rows: list[int] = (~fit).nonzero().flatten().tolist()
    return rows
