"""Batches: read from the arrays, converted once, normalised in place."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass
from itertools import repeat
from typing import Any, final

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from dakit.components import DatasetSpec
from dakit.contracts import Domain, Need, Side
from dakit.data.augmentation import (
    StrongAugmentation,
    apply_symmetries,
    augmentation,
    symmetries_of,
)
from dakit.data.mapping import check_whole, memory_map, release_pages
from dakit.data.normalization import Normalization
from dakit.data.prepare import PreparedData
from dakit.errors import InputError
from dakit.randomness import derived_seed, generator
from dakit.spec.training import PassOver

Indices = NDArray[np.int64]


@final
@dataclass(frozen=True)
class InputBatch:
    """One step's inputs, normalised, on the device; of the target no labels exist here.

    ``source_inputs (B, ...)`` float32, ``source_labels (B,)`` int64, ``target_inputs (B', ...)``
    float32; None where the run never looks at that side. Where a term needs them, all int64:
    ``source_domains (B,)`` and the rows in the training parts, ``source_indices (B,)`` and
    ``target_indices (B',)``; and ``source_second_inputs`` and ``target_second_inputs``, float32,
    the same images strongly augmented.
    """

    source_inputs: Tensor | None = None
    source_labels: Tensor | None = None
    target_inputs: Tensor | None = None
    source_indices: Tensor | None = None
    source_domains: Tensor | None = None
    target_indices: Tensor | None = None
    target_second_inputs: Tensor | None = None
    source_second_inputs: Tensor | None = None


@final
class Reader:
    """Reads rows of a domain as the network gets them: converted once, turned, normalised."""

    def __init__(self, domain: Domain, normalization: Normalization, device: torch.device) -> None:
        self._stored = domain.inputs
        self._is_map = memory_map(domain.inputs) is not None
        self._normalization = normalization
        self._device = device

    def __call__(self, rows: Indices, symmetries: Indices | None = None) -> Tensor:
        """Return the inputs of ``rows`` as one new float32 tensor ``(B, ...)`` on the device.

        They are read from the map and converted in one copy; nothing else is held. Each is turned
        by its entry of ``symmetries``.

        Raises:
            IndexError: a row does not exist.
        """
        stored = self._stored
        if len(rows) and not 0 <= rows.min() <= rows.max() < len(stored):
            raise IndexError(f"rows {rows.min()}..{rows.max()} of {len(stored)} inputs")
        inputs = torch.empty((len(rows), *stored.shape[1:]), dtype=self._normalization.dtype)
        self._read_into(inputs.numpy(), rows)
        if symmetries is not None and symmetries.any():
            apply_symmetries(inputs, symmetries)
        return self._normalization.on(self._device, inputs)

    def batches(self, rows: Indices, batch_size: int) -> Iterator[Tensor]:
        """Yield the inputs of ``rows`` in their order, ``batch_size`` at a time."""
        for begin in range(0, len(rows), batch_size):
            yield self(rows[begin : begin + batch_size])

    def _read_into(self, out: NDArray[Any], rows: Indices) -> None:
        stored = self._stored
        if self._is_map:
            check_whole(stored)
        elif stored.dtype == out.dtype:
            # rows were checked; take writes straight into out only where it does not check them
            np.take(stored, rows, axis=0, out=out, mode="clip")
            return
        # a fancy index would first copy the whole batch in the type it is stored in
        plain = stored.view(np.ndarray)
        for position, row in enumerate(rows):
            out[position] = plain[row]
        if self._is_map:
            release_pages(stored)


def reader_of(data: PreparedData, role: Side, device: torch.device) -> Reader:
    """Return what reads the domain ``role`` of ``data``."""
    return Reader(getattr(data.pair, role), getattr(data.normalization, role), device)


@final
@dataclass(frozen=True)
class _Order:
    """The rows of one domain in the order of one epoch, and how each image is turned."""

    rows: Indices
    symmetries: Indices


@final
class TrainingBatches:
    """The batches of any epoch, as a pure function of the seed and the epoch.

    An epoch is one pass over the training rows of the domain ``pass_over`` (``longer``: the one
    with more of them) in a new order, or so many steps. Rows that it asks for beyond those of a
    domain are drawn again, in whole passes with an order of their own; without the source a pass
    is over the target. A last batch of one row is joined to the one before, since the batch
    statistics of one row are none.

    Raises:
        InputError: there are fewer than two rows to pass over, or symmetries are asked of inputs
            that have none.
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
        with_source: bool = True,
        needs: Collection[Need] = (),
        pass_over: PassOver = "source",
    ) -> None:
        self._data = data
        self._seed = seed
        self._device = device
        self._source = reader_of(data, "source", device)
        self._target = reader_of(data, "target", device)
        self._with_source, self._with_target = with_source, with_target
        self._needs = frozenset(needs)
        self._symmetries = augmentation(spec.augment, data.pair.source.input_shape)
        self._strong = StrongAugmentation(spec.augment.strong)
        rows = {"target": len(data.split.target.train)}
        if with_source:
            self._rows, self._repeated = _source_rows(data, spec.balance, seed)
            rows["source"] = len(self._rows)
        self._sizes = _step_sizes(pass_over, batch_size, rows)

    @property
    def steps_per_epoch(self) -> int:
        """Number of batches in an epoch."""
        return len(self._sizes)

    def epoch(self, epoch: int) -> Iterator[InputBatch]:
        """Yield the batches of ``epoch``; the same ones whenever it is asked for.

        Raises:
            RunError: a file that the data are mapped from has changed.
        """
        self._data.files.check()
        sources = self._source_parts(epoch) if self._with_source else repeat({})
        targets = self._target_parts(epoch) if self._with_target else repeat({})
        for _, source, target in zip(self._sizes, sources, targets, strict=False):
            yield InputBatch(**source, **target)

    def _source_parts(self, epoch: int) -> Iterator[dict[str, Tensor]]:
        data, labels = self._data, self._data.pair.source.labels
        assert labels is not None  # checked when the data were prepared
        parts = self._slices(len(self._rows))
        order = self._source_order(epoch, parts[-1].stop)
        seconds = self._second_views(self._source, epoch, order, "source second view")
        for part in parts:
            rows = order.rows[part]
            fields = {
                "source_inputs": self._source(rows, order.symmetries[part]),
                "source_labels": self._tensor(labels[rows].astype(np.int64)),
            }
            if "indices" in self._needs:
                fields["source_indices"] = self._indices(rows, data.split.source.train)
            if "source_domains" in self._needs:
                domains = data.pair.source.domains
                assert domains is not None  # checked before the first step
                fields["source_domains"] = self._tensor(domains[rows].astype(np.int64))
            if "source_second_view" in self._needs:
                fields["source_second_inputs"] = seconds(part)
            yield fields

    def _target_parts(self, epoch: int) -> Iterator[dict[str, Tensor]]:
        train = self._data.split.target.train
        parts = self._slices(len(train))
        order = self._target_order(epoch, parts[-1].stop)
        seconds = self._second_views(self._target, epoch, order, "second view")
        for part in parts:
            rows = order.rows[part]
            fields = {"target_inputs": self._target(rows, order.symmetries[part])}
            if "indices" in self._needs:
                fields["target_indices"] = self._indices(rows, train)
            if "second_view" in self._needs:
                fields["target_second_inputs"] = seconds(part)
            yield fields

    def _second_views(
        self, read: Reader, epoch: int, order: _Order, purpose: str
    ) -> Callable[[slice], Tensor]:
        """Return what makes the second view of the rows in a part of ``order``, in their turn."""
        turns = generator(self._seed, f"{purpose} symmetries", epoch)
        symmetries = turns.choice(self._symmetries, len(order.rows))
        rng = torch.Generator().manual_seed(derived_seed(self._seed, purpose, epoch))
        return lambda part: self._strong(read(order.rows[part], symmetries[part]), rng)

    def _indices(self, rows: Indices, train: Indices) -> Tensor:
        return self._tensor(np.searchsorted(train, rows))  # a training part is sorted

    def _tensor(self, values: Indices) -> Tensor:
        return torch.from_numpy(values).to(self._device)

    def _slices(self, rows: int) -> list[slice]:
        """Return what each step takes of the order of a domain that has so many ``rows``."""
        sizes = [min(size, rows) for size in self._sizes]
        ends = np.cumsum(sizes).tolist()
        return [slice(end - size, end) for size, end in zip(sizes, ends, strict=True)]

    def _source_order(self, epoch: int, length: int) -> _Order:
        order = self._cycled(np.arange(len(self._rows)), "source order", epoch, length)
        return _Order(self._rows[order], self._source_symmetries(epoch, self._repeated[order]))

    def _source_symmetries(self, epoch: int, repeated: NDArray[np.bool_]) -> Indices:
        rng = generator(self._seed, "source symmetries", epoch)
        drawn = rng.choice(self._symmetries, len(repeated))
        possible = symmetries_of(self._data.pair.source.input_shape)
        if len(possible) > 1:  # a repeated image shows itself from another side
            drawn[repeated] = rng.choice(possible[1:], int(repeated.sum()))
        return drawn

    def _target_order(self, epoch: int, length: int) -> _Order:
        rows = self._cycled(self._data.split.target.train, "target order", epoch, length)
        rng = generator(self._seed, "target symmetries", epoch)
        return _Order(rows, rng.choice(self._symmetries, length))

    def _cycled(self, rows: Indices, purpose: str, epoch: int, length: int) -> Indices:
        """Return the first ``length`` of passes over ``rows``, each in an order of its own."""
        rng = generator(self._seed, purpose, epoch)
        passes = [rng.permutation(rows) for _ in range(-(-length // len(rows)))]
        return np.concatenate(passes)[:length]


def _source_rows(data: PreparedData, balance: bool, seed: int) -> tuple[Indices, NDArray[np.bool_]]:
    rows = data.split.source.train
    if not balance:
        return rows, np.zeros(len(rows), np.bool_)
    assert data.pair.source.labels is not None  # checked when the data were prepared
    return balanced_rows(rows, data.pair.source.labels[rows], seed)


def _step_sizes(pass_over: PassOver, batch_size: int, rows: Mapping[str, int]) -> list[int]:
    """Return how many rows each step of an epoch takes of either domain at most."""
    if isinstance(pass_over, int):
        return [batch_size] * pass_over
    longer = max(rows, key=lambda side: rows[side])
    side = pass_over if pass_over in rows else longer
    if rows[side] < 2:
        raise InputError(f"{rows[side]} {side} training input(s); two or more are needed to train")
    whole, rest = divmod(rows[side], batch_size)
    sizes = [batch_size] * whole
    if rest == 1 and sizes:
        sizes[-1] += 1
    elif rest:
        sizes.append(rest)
    return sizes


def balanced_rows(
    rows: NDArray[np.int64], labels: NDArray[np.int64], seed: int
) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
    """Repeat rows of rarer classes until all classes are as frequent as the most frequent one.

    ``labels`` are those of ``rows``. Each row of a class is repeated as often as any other, give
    or take one. Returns the rows and which of them are repetitions.
    """
    classes, counts = np.unique(labels, return_counts=True)
    rng = generator(seed, "balance")
    repetitions = [
        np.resize(rng.permutation(rows[labels == label]), counts.max() - count)
        for label, count in zip(classes, counts, strict=True)
    ]
    balanced = np.concatenate([rows, *repetitions])
    return balanced, np.arange(len(balanced)) >= len(rows)
