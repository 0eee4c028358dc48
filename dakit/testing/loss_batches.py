"""The batches that loss terms are tried on: ordinary ones, and those where losses usually fail."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import replace
from typing import final

import torch
from torch import Tensor, nn

from dakit.contracts import (
    Backbone,
    Batch,
    EpochView,
    Need,
    PartView,
    SourceSide,
    TargetSide,
    View,
    empty_source,
    seeded,
)
from dakit.network import Head, Network
from dakit.spec.run import HeadSpec
from dakit.testing.subject import CLASSES, DOMAINS, FEATURES, SIZE
from dakit.training.passes import Passes
from dakit.training.teacher import MovingAverage

ROWS = 8


def normal(rows: int, columns: int = FEATURES, *, seed: int, scale: float = 1.0) -> Tensor:
    """Return reproducible normal numbers ``(rows, columns)``, float32."""
    generator = torch.Generator().manual_seed(seed)
    return scale * torch.randn(rows, columns, generator=generator)


def make_batch(
    source: Tensor | None = None,
    target: Tensor | None = None,
    *,
    labels: Tensor | None = None,
    dtype: torch.dtype = torch.float32,
    logit_scale: float = 1.0,
    progress: float = 0.5,
) -> Batch:
    """Return a batch of leaves with gradients: the features given, or random shifted ones."""
    source = normal(ROWS, seed=1) if source is None else source
    target = normal(ROWS, seed=2) + 1.0 if target is None else target
    labels = torch.arange(len(source)) % CLASSES if labels is None else labels
    logits = [
        normal(len(rows), CLASSES, seed=seed, scale=logit_scale)
        for seed, rows in ((3, source), (4, target), (7, target), (8, source))
    ]
    logits[1][::2] *= 10  # some predictions are plain, others not
    inputs = [rows.detach().float().requires_grad_() for rows in (source, target)]
    return Batch(
        SourceSide(
            _leaf(source, dtype),
            _leaf(logits[0], dtype),
            labels,
            torch.arange(len(source)),
            domains=torch.arange(len(source)) // CLASSES % DOMAINS,
            inputs=inputs[0],
            second_view=View(_leaf(source.flip(0), dtype), _leaf(logits[3], dtype)),
        ),
        TargetSide(
            _leaf(target, dtype),
            _leaf(logits[1], dtype),
            torch.arange(len(target)),
            View(_leaf(target.flip(0), dtype), _leaf(logits[2], dtype)),
            inputs[1],
        ),
        progress,
        Passes(make_network(), "joint"),
        make_teacher(),
    )


def make_network() -> Network:
    """Return a small network with BatchNorm for inputs ``(B, FEATURES)``, always the same."""
    with seeded(0, "network of the kit"):
        return Network(_Layers(), Head(HeadSpec(), FEATURES, CLASSES))


def make_teacher() -> MovingAverage:
    """Return a teacher that is sure of some inputs, and not of others."""
    network = make_network()
    with torch.no_grad():
        for parameter in network.head.parameters():
            parameter.mul_(20)
    return MovingAverage(network, 0.99, "joint", "float32")


@final
class _Layers(Backbone):
    feature_dim = FEATURES

    def __init__(self) -> None:
        super().__init__()
        self.layer = nn.Linear(FEATURES, FEATURES)
        self.norm = nn.BatchNorm1d(FEATURES)

    def forward(self, inputs: Tensor) -> Tensor:
        features: Tensor = self.norm(self.layer(inputs))
        return features


def make_view(epoch: int = 1) -> EpochView:
    """Return what a term sees between two epochs: random shifted features of both domains."""
    train = _part(make_batch(normal(SIZE, seed=5), normal(SIZE, seed=6) + 1.0))
    held_out = _part(make_batch(normal(SIZE // 2, seed=9), normal(SIZE // 2, seed=10) + 1.0))
    validation = PartView(
        replace(held_out.source, indices=None), replace(held_out.target, indices=None)
    )
    return EpochView(epoch, 0.5, lambda: train.source, lambda: train.target, lambda: validation)


def _part(batch: Batch) -> PartView:
    seen = without(batch.detached(), {"indices", "source_domains"})
    return PartView(seen.source, seen.target)


def without_source(batch: Batch) -> Batch:
    """Return ``batch`` with the empty source side of a run none of whose terms uses it."""
    assert batch.target.inputs is not None  # made above
    empty = empty_source(batch.target.features, batch.target.logits)
    return replace(batch, source=replace(empty, inputs=batch.target.inputs[:0]))


def with_other_source(batch: Batch) -> Batch:
    """Return ``batch`` with noise in place of the source's rows, and other labels."""
    noise = make_batch(normal(ROWS + 2, seed=8, scale=3.0), batch.target.features).source
    return replace(batch, source=replace(noise, labels=noise.labels.flip(0)))


def without(batch: Batch, needs: Collection[Need]) -> Batch:
    """Return ``batch`` with nothing beyond the first views but what is in ``needs``."""
    source, target = batch.source, batch.target
    indices = (source.indices, target.indices) if "indices" in needs else (None, None)
    domains = source.domains if "source_domains" in needs else None
    second = target.second_view if "second_view" in needs else None
    of_source = source.second_view if "source_second_view" in needs else None
    inputs = (source.inputs, target.inputs) if "inputs" in needs else (None, None)
    return replace(
        batch,
        source=replace(
            source, indices=indices[0], domains=domains, inputs=inputs[0], second_view=of_source
        ),
        target=replace(target, indices=indices[1], second_view=second, inputs=inputs[1]),
        network=batch.network if "network" in needs else None,
        teacher=batch.teacher if "teacher" in needs else None,
    )


def leaves(batch: Batch) -> dict[str, Tensor]:
    """Return the tensors of a batch that a gradient may reach, by name."""
    inputs = (batch.source.inputs, batch.target.inputs)
    assert inputs[0] is not None  # made above, as all else
    assert inputs[1] is not None
    views = {"source": batch.source.second_view, "target": batch.target.second_view}
    seconds = {
        f"{side} {name} of the second view": tensor
        for side, view in views.items()
        if view is not None
        for name, tensor in vars(view).items()
    }
    return {
        "source features": batch.source.features,
        "source logits": batch.source.logits,
        "target features": batch.target.features,
        "target logits": batch.target.logits,
        **seconds,
        "source inputs": inputs[0],
        "target inputs": inputs[1],
        **{f"network's {name}": p for name, p in network_of(batch).named_parameters()},
    }


def network_of(batch: Batch) -> Network:
    """Return the network behind ``batch.network``."""
    assert isinstance(batch.network, Passes)
    return batch.network.network


HARD_CASES: dict[str, Callable[[], Batch]] = {
    "equal sizes": make_batch,
    "more source rows": lambda: make_batch(normal(12, seed=1), normal(5, seed=2)),
    "more target rows": lambda: make_batch(normal(5, seed=1), normal(12, seed=2)),
    "two rows": lambda: make_batch(normal(2, seed=1), normal(2, seed=2)),
    "one class": lambda: make_batch(labels=torch.zeros(ROWS, dtype=torch.int64)),
    "a class is absent": lambda: make_batch(labels=torch.arange(ROWS) % (CLASSES - 1)),
    "identical rows": lambda: make_batch(_constant(0.7), _constant(0.7)),
    "collapsed domains": lambda: make_batch(_constant(0.7), _constant(-3.0)),
    "zeros": lambda: make_batch(_constant(0.0), _constant(0.0)),
    "large": lambda: make_batch(
        normal(ROWS, seed=1, scale=1e3), normal(ROWS, seed=2, scale=1e3), logit_scale=1e3
    ),
    "float64": lambda: make_batch(dtype=torch.float64),
    "bfloat16": lambda: make_batch(dtype=torch.bfloat16),
    "start": lambda: make_batch(progress=0.0),
    "end": lambda: make_batch(progress=1.0),
}


def _constant(value: float) -> Tensor:
    return torch.full((ROWS, FEATURES), value)


def _leaf(tensor: Tensor, dtype: torch.dtype) -> Tensor:
    return tensor.detach().to(dtype, copy=True).requires_grad_()
