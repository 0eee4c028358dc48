"""A maker of batches for the tests of the losses."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import torch
from torch import Tensor

from dakit.contracts import Batch, SourceSide, TargetSide

DIM, CLASSES = 5, 3
MakeBatch = Callable[..., Batch]


@pytest.fixture
def make_batch() -> MakeBatch:
    """Make a float64 batch of n source and m shifted target rows whose tensors are leaves."""

    def make(n: int = 7, m: int = 9, *, shift: float = 0.5, dim: int = DIM) -> Batch:
        generator = torch.Generator().manual_seed(n + 100 * m)

        def leaf(rows: int, columns: int, offset: float = 0.0) -> Tensor:
            drawn = torch.randn(rows, columns, generator=generator, dtype=torch.float64)
            return (drawn + offset).requires_grad_()

        labels = torch.arange(n) % CLASSES
        source = SourceSide(leaf(n, dim), leaf(n, CLASSES), labels)
        return Batch(source, TargetSide(leaf(m, dim, shift), leaf(m, CLASSES)), 0.5)

    return make
