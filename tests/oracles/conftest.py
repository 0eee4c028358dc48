"""Other libraries, from the folder that ``make oracles`` fills, and how a loss is held to them."""

from __future__ import annotations

import sys
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib import import_module
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest
import torch
from torch import Tensor

from dakit.contracts import Batch, BuildContext, SourceSide, TargetSide

FOLDER = Path(__file__).parents[2] / ".oracles"
DIM, CLASSES = 5, 3
CONTEXT = BuildContext(seed=3, feature_dim=DIM, num_classes=CLASSES)

Oracle = Callable[[str], ModuleType]


@contextmanager
def within_reach() -> Iterator[None]:
    """Let modules be found in the folder last of all, and its libraries warn as they like."""
    sys.path.append(str(FOLDER))
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        sys.path.remove(str(FOLDER))


@pytest.fixture
def oracle(monkeypatch: pytest.MonkeyPatch) -> Iterator[Oracle]:
    """Import a module of another library, or skip the test with the reason why it is not there."""
    monkeypatch.setattr(np, "float", float, raising=False)  # left numpy in 1.24; dalib uses it
    if "torchvision" not in sys.modules:  # beside a CPU build of torch its import fails
        monkeypatch.setitem(sys.modules, "torchvision", None)

    def imported(module: str) -> ModuleType:
        try:
            return import_module(module)
        except ImportError as error:
            pytest.skip(f"{error}: `make oracles` installs what losses are compared with")

    with within_reach():
        yield imported


def make_batch(n: int = 8, m: int = 8, *, progress: float = 0.5) -> Batch:
    """Return a float64 batch whose features ``(n, 5)``, ``(m, 5)`` and logits are leaves."""
    generator = torch.Generator().manual_seed(n + 100 * m)

    def leaf(rows: int, columns: int, offset: float = 0.0) -> Tensor:
        drawn = torch.randn(rows, columns, generator=generator, dtype=torch.float64)
        return (drawn + offset).requires_grad_()

    source = SourceSide(leaf(n, DIM), leaf(n, CLASSES), torch.arange(n) % CLASSES)
    return Batch(source, TargetSide(leaf(m, DIM, 0.5), leaf(m, CLASSES)), progress)


def gradients(value: Tensor, batch: Batch) -> list[Tensor]:
    """Return the gradient of ``value`` in features and logits of both sides, 0 where unused."""
    leaves = [t for side in (batch.source, batch.target) for t in (side.features, side.logits)]
    found = torch.autograd.grad(value, leaves, allow_unused=True, materialize_grads=True)
    return list(found)


def assert_agree(value: Tensor, other: Tensor, batch: Batch) -> None:
    """Hold ``value`` and its gradients to those of ``other``, to 1e-6."""
    near = {"rtol": 1e-6, "atol": 1e-6}
    torch.testing.assert_close(value, other.reshape(()).to(value.dtype), **near)
    mine, its = gradients(value, batch), gradients(other, batch)
    assert any(gradient.abs().max() > 1e-6 for gradient in its)
    torch.testing.assert_close(mine, its, **near)
