"""A network that no machine holds is refused before any of its memory is taken."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import torch
from torch import nn

import dakit
from dakit.errors import InputError
from dakit.training.memory import MemoryBound
from dakit.training.reporter import SilentReporter

CPU = torch.device("cpu")


@pytest.mark.parametrize(
    ("model", "objective"),
    [
        ({"backbone": {"name": "mlp", "hidden": [100_000, 100_000]}}, {}),
        ({"backbone": {"name": "mlp", "hidden": [2**63]}}, {}),
        ({"backbone": {"name": "small_cnn", "channels": [10**5, 10**6]}}, {}),
        ({"backbone": {"name": "mlp", "hidden": [4]}, "head": {"hidden": [10**10]}}, {}),
        (
            {"backbone": {"name": "mlp", "hidden": [4]}},
            {"transfer": {"name": "dann", "hidden": [10**6, 10**6]}},
        ),
    ],
)
def test_the_plan_refuses_what_does_not_fit(
    model: dict[str, Any], objective: dict[str, Any], tmp_path: Path
) -> None:
    data = {"name": "digits_shift"}
    spec = {"schema_version": 1, "name": "a", "data": data, "model": model, "objective": objective}
    with pytest.raises(InputError, match=r"does not fit: to train it takes [\d,]+ GB or more"):
        dakit.run(spec, out=tmp_path, reporter=SilentReporter())
    assert not any(tmp_path.iterdir())


def test_all_weights_are_counted_once_and_stay_what_they_were() -> None:
    def build() -> nn.Module:
        torch.manual_seed(3)
        return nn.Sequential(nn.Conv2d(3, 5, 3), nn.BatchNorm2d(5), nn.Linear(7, 2, bias=False))

    plain = build()
    with MemoryBound(CPU) as bound:
        counted = build()
    assert all(map(torch.equal, plain.state_dict().values(), counted.state_dict().values()))
    weights = sum(p.numel() for p in counted.parameters())
    averages = 2 * 5 + 1  # of BatchNorm, and its counter of batches
    assert weights <= bound.entries <= weights + averages


def test_sixteen_bytes_a_weight(monkeypatch: pytest.MonkeyPatch) -> None:
    bound = MemoryBound(CPU)
    bound.most = 16 * 1000
    with bound:
        torch.empty(500)
        torch.zeros((20, 25))
        with pytest.raises(InputError):
            torch.empty(size=(1,))
