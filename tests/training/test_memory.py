"""A network that no machine holds is refused before any of its memory is taken."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import torch
from torch import nn

import dakit
from dakit.errors import InputError
from dakit.spec.loading import spec_from_dict
from dakit.training import memory
from dakit.training.memory import MemoryBound, copies
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
    with MemoryBound(CPU, 9) as bound:
        counted = build()
    assert all(map(torch.equal, plain.state_dict().values(), counted.state_dict().values()))
    weights = sum(p.numel() for p in counted.parameters())
    averages = 2 * 5 + 1  # of BatchNorm, and its counter of batches
    assert weights <= bound.entries <= weights + averages


def test_each_entry_is_counted_as_often_as_it_is_held() -> None:
    bound = MemoryBound(CPU, 9)
    bound.most = 36 * 1000
    with bound:
        torch.empty(500)
        torch.zeros((20, 25))
        with pytest.raises(InputError):
            torch.empty(size=(1,))


SMALL: dict[str, Any] = {
    "schema_version": 1,
    "name": "a",
    "data": "digits_shift",
    "model": {"backbone": {"name": "mlp", "hidden": [4]}},
    "objective": {},
}


@pytest.mark.parametrize(
    ("changes", "device", "held"),
    [
        ([], "cpu", 4 + 5),
        (["optimizer=adamw"], "cpu", 4 + 5),
        (["optimizer=sgd"], "cpu", 2 + 3),
        ([], "cuda", 4),
        (["optimizer=sgd"], "cuda", 2),
        (["init_from.run=x", 'init_from.freeze=["backbone"]'], "cpu", 1 + 3),
    ],
)
def test_what_is_held_of_each_weight(changes: list[str], device: str, held: int) -> None:
    assert copies(spec_from_dict(SMALL, changes).spec, torch.device(device)) == held


def test_what_is_free_counts_and_not_what_the_machine_has(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, text in (
        ("MEMORY", "MemTotal: 24000000 kB\nMemAvailable:    7000000 kB\n"),
        ("LIMIT", "6000000000\n"),
        ("TAKEN", "1000000000\n"),
    ):
        (tmp_path / name).write_text(text)
        monkeypatch.setattr(memory, name, tmp_path / name)
    assert memory.free_memory(CPU) == 5e9
    (tmp_path / "LIMIT").write_text("max\n")
    assert memory.free_memory(CPU) == 7_168_000_000
    (tmp_path / "MEMORY").unlink()
    assert memory.free_memory(CPU) > 0


def test_a_network_that_only_the_checkpoint_makes_too_large_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A wide layer: its weights, gradients and averages fit, and the epoch cannot be saved."""
    weights = (64 + 1) * 10_000 + (10_000 + 1) * 10
    monkeypatch.setattr(memory, "free_memory", lambda _: 16 * weights + 1e6)
    spec = {**SMALL, "model": {"backbone": {"name": "mlp", "hidden": [10_000]}}}
    with pytest.raises(InputError, match="does not fit"):
        dakit.run(spec, out=tmp_path, reporter=SilentReporter())
    assert not any(tmp_path.iterdir())
