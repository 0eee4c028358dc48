"""Batches: gathered from the arrays, converted once, normalised in place."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, final

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from dakit.components import AugmentSpec, DatasetSpec
from dakit.contracts import Domain
from dakit.data.balance import balanced_rows
from dakit.data.mapping import memory_map, release_pages
from dakit.data.normalization import Normalization
from dakit.data.prepare import PreparedData
from dakit.data.symmetries import SYMMETRIES, apply_symmetries, draw_symmetries, is_image
from dakit.randomness import generator


@final
@dataclass(frozen=True)
class InputBatch:
    """One step's inputs, normalised, on the device; of the target no labels exist here.

    ``source_inputs (B, ...)`` float32, ``source_labels (B,)`` int64, ``target_inputs (B', ...)``
    float32, or None where the run never looks at the target.
    """

    source_inputs: Tensor
    source_labels: Tensor
    target_inputs: Tensor | None


@final
class TrainingBatches:
    """The batches of any epoch, as a pure function of the seed and the epoch.

    An epoch is one pass over the source training rows in a new order; the target training rows
    are shuffled and cycled beside it. A last batch of one row is joined to the one before, since
    batch statistics of one row are none.
    """

    def __init__(
        self,
        data: PreparedData,
        spec: DatasetSpec,
        *,
        batch_size: int,
        seed: int,
        device: torch.device,
        with_target: bool,
    ) -> None:
        self._data = data
        self._augment = spec.augment if is_image(data.pair.source.input_shape) else AugmentSpec()
        self._seed = seed
        self._device = device
        self._with_target = with_target
        self._batch_size = batch_size
        self._rows, self._repeated = _source_rows(data, spec.balance, seed)
        self._slices = _batch_slices(len(self._rows), batch_size)

    @property
    def steps_per_epoch(self) -> int:
        """Number of batches in an epoch."""
        return len(self._slices)

    def epoch(self, epoch: int) -> Iterator[InputBatch]:
        """Yield the batches of ``epoch``; the same ones whenever it is asked for."""
        pair, normalization = self._data.pair, self._data.normalization
        rng = generator(self._seed, "source order", epoch)
        order = rng.permutation(len(self._rows))
        rows = self._rows[order]
        symmetries = self._source_symmetries(self._repeated[order], rng)
        targets = self._target_batches(epoch) if self._with_target else None
        labels = pair.source.labels
        assert labels is not None  # checked when the data were prepared
        for part in self._slices:
            inputs = gather(pair.source, rows[part], normalization.source, self._device)
            if symmetries is not None:
                apply_symmetries(inputs, symmetries[part])
            batch_labels = torch.as_tensor(labels[rows[part]], dtype=torch.int64)
            yield InputBatch(
                inputs,
                batch_labels.to(self._device),
                None if targets is None else targets(part.stop - part.start),
            )

    def _source_symmetries(
        self, repeated: NDArray[np.bool_], rng: np.random.Generator
    ) -> NDArray[np.int64] | None:
        drawn = draw_symmetries(self._augment, len(repeated), rng)
        shape = self._data.pair.source.input_shape
        if not repeated.any() or not is_image(shape) or shape[1] != shape[2]:
            return drawn
        drawn = np.zeros(len(repeated), np.int64) if drawn is None else drawn
        # a repetition is never the same picture twice in a row: any symmetry but none
        drawn[repeated] = rng.integers(1, SYMMETRIES, int(repeated.sum()))
        return drawn

    def _target_batches(self, epoch: int) -> Any:
        rows = self._data.split.target.train
        rng = generator(self._seed, "target order", epoch)
        queue = _cycled(rows, rng)

        def take(n: int) -> Tensor:
            chosen = np.array([next(queue) for _ in range(min(n, len(rows)))])
            pair = self._data.pair
            inputs = gather(pair.target, chosen, self._data.normalization.target, self._device)
            symmetries = draw_symmetries(self._augment, len(chosen), rng)
            if symmetries is not None:
                apply_symmetries(inputs, symmetries)
            return inputs

        return take


def evaluation_batches(
    domain: Domain,
    rows: NDArray[np.int64],
    normalization: Normalization,
    batch_size: int,
    device: torch.device,
) -> Iterator[Tensor]:
    """Yield the normalised inputs of ``rows`` in their order, ``batch_size`` at a time."""
    for begin in range(0, len(rows), batch_size):
        yield gather(domain, rows[begin : begin + batch_size], normalization, device)


def gather(
    domain: Domain, rows: NDArray[np.int64], normalization: Normalization, device: torch.device
) -> Tensor:
    """Return the normalised inputs of ``rows`` as one float32 tensor on ``device``.

    The rows are read from the map and converted in one copy; nothing else is held.
    """
    inputs = torch.empty((len(rows), *domain.input_shape), dtype=torch.float32)
    _fill(inputs.numpy(), domain.inputs, rows)
    return normalization(inputs.to(device))


def _fill(out: NDArray[np.float32], inputs: NDArray[Any], rows: NDArray[np.int64]) -> None:
    if memory_map(inputs) is None and inputs.dtype == np.float32:
        np.take(inputs, rows, axis=0, out=out, mode="clip")
        return
    # row by row: a fancy index would first copy the batch in the type it has on disk
    for position, row in enumerate(rows):
        out[position] = inputs[row]
    release_pages(inputs)


def _source_rows(
    data: PreparedData, balance: bool, seed: int
) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
    rows = data.split.source.train
    if not balance:
        return rows, np.zeros(len(rows), np.bool_)
    assert data.pair.source.labels is not None
    return balanced_rows(rows, data.pair.source.labels[rows], seed)


def _batch_slices(n: int, batch_size: int) -> list[slice]:
    starts = list(range(0, n, batch_size))
    if len(starts) > 1 and n - starts[-1] == 1:
        starts.pop()
    return [slice(a, b) for a, b in zip(starts, [*starts[1:], n], strict=True)]


def _cycled(rows: NDArray[np.int64], rng: np.random.Generator) -> Iterator[np.int64]:
    while True:
        yield from rng.permutation(rows)
