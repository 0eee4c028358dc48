"""A maker of batches, shared by the tests of the built-in losses."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import torch
from torch import Tensor, nn

from dakit.contracts import Backbone, Batch, SourceSide, TargetSide, View, seeded
from dakit.network import Head, Network
from dakit.spec.run import HeadSpec
from dakit.training.passes import Passes
from dakit.training.teacher import MovingAverage

MakeBatch = Callable[..., Batch]


def _leaf(tensor: Tensor) -> Tensor:
    return tensor.detach().clone().requires_grad_()


def _make_batch(
    n: int = 8,
    m: int = 8,
    *,
    dim: int = 5,
    classes: int = 3,
    seed: int = 0,
    dtype: torch.dtype = torch.float64,
    progress: float = 0.5,
    source: Tensor | None = None,
    target: Tensor | None = None,
    labels: Tensor | None = None,
    domains: Tensor | None = None,
) -> Batch:
    """Return a batch of random leaves, or of the features and labels given."""
    generator = torch.Generator().manual_seed(seed)

    def normal(rows: int, columns: int) -> Tensor:
        return torch.randn(rows, columns, generator=generator, dtype=torch.float64).to(dtype)

    source = normal(n, dim) if source is None else source
    target = normal(m, dim) + 0.5 if target is None else target
    n, m = len(source), len(target)
    labels = torch.arange(n) % classes if labels is None else labels
    domains = torch.arange(n) % 2 if domains is None else domains
    inputs = [_leaf(rows.float()) for rows in (source, target)]
    return Batch(
        SourceSide(
            _leaf(source),
            _leaf(normal(n, classes)),
            labels,
            torch.arange(n),
            domains=domains,
            inputs=inputs[0],
            second_view=View(_leaf(normal(n, dim)), _leaf(normal(n, classes))),
        ),
        TargetSide(
            _leaf(target),
            _leaf(normal(m, classes)),
            torch.arange(m),
            View(_leaf(normal(m, dim)), _leaf(normal(m, classes))),
            inputs[1],
        ),
        progress,
        Passes(_network(dim, classes), "joint"),
        MovingAverage(_network(dim, classes), 0.99, "joint", "float32"),
    )


class _Line(Backbone):
    def __init__(self, dim: int) -> None:
        super().__init__()
        self.feature_dim = dim
        self.line = nn.Linear(dim, dim)

    def forward(self, inputs: Tensor) -> Tensor:
        return torch.relu(self.line(inputs))


def _network(dim: int, classes: int) -> Network:
    with seeded(0, "network"):
        return Network(_Line(dim), Head(HeadSpec(), dim, classes))


@pytest.fixture
def make_batch() -> MakeBatch:
    return _make_batch
