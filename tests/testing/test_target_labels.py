"""A term that gets at target labels past the batch is caught; one that finds none is not."""

from __future__ import annotations

import gc
from collections.abc import Callable
from typing import Any, Literal

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from dakit import DatasetSpec, TransferLossSpec
from dakit.contracts import Batch, BuildContext, Domain, LossTerm
from dakit.plugins import catalog

CHECK = "learns_the_same_whatever_the_target_labels"


def _datasets() -> list[DatasetSpec]:
    return [each for each in gc.get_objects() if issubclass(type(each), DatasetSpec)]


def _nothing() -> Any:
    return None


def _rebuilt() -> Any:
    spec = next(each for each in _datasets() if each.name == "kit")
    return spec.build(None).target.labels


def _rebuilt_by_name() -> Any:
    spec = catalog.current().find("dataset", "digits_shift")
    return spec().build(BuildContext(seed=0)).target.labels[:96] % 3


def _read() -> Any:
    spec: Any = next(each for each in _datasets() if each.name == "kit")
    return np.load(spec.labels)


def _domains() -> list[Domain]:
    return [each for each in gc.get_objects() if type(each) is Domain]


class Walked:
    """Looks through all objects but the domains of other tests, which this process may hold."""

    def __init__(self) -> None:
        self.others = _domains()

    def __call__(self) -> Any:
        held = [each for each in _domains() if not any(each is other for other in self.others)]
        found = [d.labels for d in held if d.name == "target" and d.labels is not None]
        return found[0] if found else None


class Leaky(LossTerm):
    needs = frozenset({"indices"})

    def __init__(self, labels: Callable[[], Any]) -> None:
        super().__init__()
        self.find = labels

    def forward(self, batch: Batch) -> Tensor:
        labels = self.find()
        if labels is None:
            return batch.target.features.square().mean()
        known = torch.as_tensor(np.asarray(labels))[batch.target.indices]
        return nn.functional.cross_entropy(batch.target.logits, known)


def leaky(labels: Callable[[], Any]) -> type[TransferLossSpec]:
    class LeakySpec(TransferLossSpec):
        """Reads what it must not."""

        name: Literal["leaky"] = "leaky"

        def build(self, context: BuildContext) -> LossTerm:
            return Leaky(labels)

    return LeakySpec


@pytest.mark.parametrize(
    ("labels", "message"),
    [
        (_rebuilt, r"it builds a dataset \(kit\) while it trains"),
        (_read, "ends differently where the target labels are shuffled"),
        (_rebuilt_by_name, r"it builds a dataset \(digits_shift\) while it trains"),
    ],
)
def test_a_term_that_gets_at_target_labels_is_caught(
    labels: Callable[[], Any], message: str, assert_caught: Callable[..., None]
) -> None:
    assert_caught(leaky(labels), CHECK, message)


@pytest.mark.parametrize("search", [lambda: _nothing, Walked], ids=["nothing", "walked"])
def test_one_that_finds_none_passes(
    search: Callable[[], Callable[[], Any]], run_check: Callable[..., None]
) -> None:
    run_check(leaky(search()), CHECK)
