import hashlib
import json
import pickle

import pytest
import torch

from dakit.errors import InputError, RunError
from dakit.training.checkpoint import clear_checkpoints, latest_checkpoint, save_checkpoint


def names(folder):
    return sorted(path.name for path in folder.iterdir())


@pytest.fixture
def folder(tmp_path):
    path = tmp_path / "checkpoint"
    for epoch in (1, 2, 3):
        save_checkpoint(path, epoch, {"epoch": epoch, "w": torch.full((4,), float(epoch))})
    return path


def refuse(text):
    raise AssertionError(text)


def test_the_last_two_are_kept(folder):
    assert names(folder) == [
        "epoch-0002.json",
        "epoch-0002.pt",
        "epoch-0003.json",
        "epoch-0003.pt",
    ]


def test_the_latest_is_loaded(folder):
    state = latest_checkpoint(folder, refuse)
    assert state["epoch"] == 3
    assert torch.equal(state["w"], torch.full((4,), 3.0))


def test_ten_thousand_epochs_are_sorted_by_number(tmp_path):
    for epoch in (9999, 10000):
        save_checkpoint(tmp_path, epoch, {"epoch": epoch})
    assert latest_checkpoint(tmp_path, refuse)["epoch"] == 10000


def truncate(path):
    path.write_bytes(path.read_bytes()[:-100])


def flip(path):
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(data)


def forget_digest(path):
    path.with_suffix(".json").unlink()


def damage_digest(path):
    path.with_suffix(".json").write_text("{")


@pytest.mark.parametrize("damage", [truncate, flip, forget_digest, damage_digest])
def test_a_damaged_one_is_passed_over_with_a_warning(folder, damage):
    damage(folder / "epoch-0003.pt")
    warnings = []
    assert latest_checkpoint(folder, warnings.append)["epoch"] == 2
    assert len(warnings) == 1
    assert "epoch-0003.pt" in warnings[0]


def test_where_nothing_is_whole_it_is_told_that_training_starts_over(folder):
    truncate(folder / "epoch-0002.pt")
    truncate(folder / "epoch-0003.pt")
    warnings = []
    assert latest_checkpoint(folder, warnings.append) is None
    assert len(warnings) == 3
    assert warnings[0].endswith("epoch-0003.pt is damaged or incomplete; trying the one before")
    assert warnings[1].endswith("epoch-0002.pt is damaged or incomplete")
    assert warnings[2] == "no checkpoint can be read: starting over at epoch 1"


def test_no_folder_is_none(tmp_path):
    assert latest_checkpoint(tmp_path / "none", refuse) is None


def test_clear_leaves_nothing(folder):
    clear_checkpoints(folder)
    assert names(folder) == []


def test_a_pickle_with_code_is_not_executed(tmp_path):
    class Harmful:
        def __reduce__(self):
            return (print, ("executed",))

    save_checkpoint(tmp_path, 1, {"epoch": Harmful()})
    with pytest.raises(InputError, match="might run code"):
        latest_checkpoint(tmp_path, refuse)


def test_the_digest_is_of_the_file(folder):
    digest = json.loads((folder / "epoch-0003.json").read_text())
    assert digest["size"] == (folder / "epoch-0003.pt").stat().st_size


@pytest.mark.parametrize("name", ["epoch-abc.pt", "epoch-.pt", "epoch-1e3.pt", "epoch--1.pt"])
def test_a_foreign_file_beside_them_is_left_alone(folder, name):
    (folder / name).write_bytes(b"somebody's")
    assert latest_checkpoint(folder, refuse)["epoch"] == 3
    save_checkpoint(folder, 4, {"epoch": 4})
    clear_checkpoints(folder)
    assert names(folder) == [name]


def test_a_folder_of_a_checkpoints_name_is_passed_over(folder):
    (folder / "epoch-0009.pt").mkdir()
    assert latest_checkpoint(folder, refuse)["epoch"] == 3
    with pytest.raises(RunError, match=r"cannot write .*epoch-0009\.pt: Is a directory"):
        save_checkpoint(folder, 9, {"epoch": 9})
    clear_checkpoints(folder)
    assert names(folder) == ["epoch-0009.pt"]


def test_a_folder_in_place_of_a_digest_is_told(folder):
    digest = folder / "epoch-0003.json"
    digest.unlink()
    digest.mkdir()
    told = []
    assert latest_checkpoint(folder, told.append)["epoch"] == 2
    assert "epoch-0003.pt is damaged" in told[0]
    with pytest.raises(RunError, match=r"cannot remove .*epoch-0003\.json"):
        clear_checkpoints(folder)


class Code:
    def __reduce__(self):
        return (print, ("run",))


@pytest.mark.parametrize("content", [pickle.dumps(Code()), b"PK\x03\x04", b"no pickle", b""])
def test_what_might_run_code_is_not_loaded_nor_advised(folder, capsys, content):
    path = folder / "epoch-0003.pt"
    path.write_bytes(content)
    digest = {"size": len(content), "sha256": hashlib.sha256(content).hexdigest()}
    path.with_suffix(".json").write_text(json.dumps(digest))
    with pytest.raises(InputError, match=r"epoch-0003\.pt is no checkpoint that dakit") as caught:
        latest_checkpoint(folder, refuse)
    assert "weights_only" not in str(caught.value)
    assert not capsys.readouterr().out


def test_a_list_in_place_of_a_state_is_not_taken_for_one(folder):
    save_checkpoint(folder, 4, [1, 2])
    with pytest.raises(InputError, match=r"epoch-0004\.pt is no checkpoint"):
        latest_checkpoint(folder, refuse)
