from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch
from torch import nn

from dakit.contracts import ValidationView
from dakit.errors import InputError
from dakit.runs.epochs import (
    epochs_kept,
    forget_epochs,
    keep_epoch,
    read_epoch,
    read_weights,
    weights_kept,
)
from dakit.runs.folder import RunFolder


def view(epoch: int) -> ValidationView:
    rows = torch.randn(5, 3, generator=torch.Generator().manual_seed(epoch))
    labels = torch.arange(5)
    return ValidationView(
        rows,
        rows + 1,
        labels,
        rows + 2,
        rows + 3,
        target_labels=labels,
        epoch=epoch,
        classifier=rows[:2],
        target_train_features=rows[1:].double(),
        target_inputs=rows,
    )


@pytest.fixture
def folder(tmp_path: Path) -> RunFolder:
    return RunFolder(tmp_path)


def test_what_is_read_is_what_was_seen_but_for_inputs_and_target_labels(folder: RunFolder) -> None:
    keep_epoch(folder, view(12), None)
    seen, read = view(12).tensors(), read_epoch(folder, 12)
    assert read.epoch == 12
    assert seen.keys() - read.tensors().keys() == {"target_labels", "target_inputs"}
    for name, tensor in read.tensors().items():
        assert tensor.dtype == seen[name].dtype
        assert torch.equal(tensor, seen[name])


def test_epochs_are_listed_in_order_and_forgotten_together(folder: RunFolder) -> None:
    layer = nn.Linear(2, 1)
    assert epochs_kept(folder) == []
    for epoch in (10_001, 3):
        keep_epoch(folder, view(epoch), layer if epoch == 3 else None)
    (folder.epochs / "notes.npz").write_text("somebody else's")
    assert epochs_kept(folder) == [3, 10_001]
    assert weights_kept(folder) == [3]
    assert torch.equal(read_weights(folder, 3)["weight"], layer.weight)
    forget_epochs(folder)
    assert [path.name for path in folder.epochs.iterdir()] == ["notes.npz"]


def test_the_same_epoch_is_the_same_file(folder: RunFolder) -> None:
    keep_epoch(folder, view(1), None)
    first = (folder.epochs / "0001.npz").read_bytes()
    keep_epoch(folder, view(1), None)
    assert (folder.epochs / "0001.npz").read_bytes() == first


@pytest.mark.parametrize("damage", ["missing", "cut", "text", "other", "objects"])
def test_a_damaged_epoch_is_told(folder: RunFolder, damage: str) -> None:
    keep_epoch(folder, view(1), None)
    path = folder.epochs / "0001.npz"
    if damage == "missing":
        path.unlink()
    elif damage == "cut":
        path.write_bytes(path.read_bytes()[:-40])
    elif damage == "text":
        path.write_text("no archive")
    elif damage == "other":
        np.savez(path, rows=np.zeros(3))
    else:
        np.savez(path, source_features=np.array([{}], dtype=object))
    with pytest.raises(InputError, match=r"0001\.npz is no kept epoch"):
        read_epoch(folder, 1)


def test_weights_that_are_none_are_told(folder: RunFolder) -> None:
    with pytest.raises(InputError, match="holds no weights"):
        read_weights(folder, 1)
    folder.epochs.mkdir()
    (folder.epochs / "0001.safetensors").write_text("none")
    with pytest.raises(InputError, match="holds no weights"):
        read_weights(folder, 1)
