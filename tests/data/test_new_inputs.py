"""New inputs: mapped, joined, keyed by id, and every mistake told with its file."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from dakit.data.mapping import memory_map
from dakit.data.new_inputs import InputPart, NewInputs, read_arrays, with_ids
from dakit.errors import InputError

SHAPE = (2, 3, 4)


def images(rows: int, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).normal(size=(rows, *SHAPE))


def save(folder: Path, name: str, array: np.ndarray) -> Path:
    np.save(folder / name, array)
    return folder / name


def read(new: NewInputs, begin: int, end: int) -> np.ndarray:
    out = np.full((end - begin, *SHAPE), -1, np.float32)
    new.read_into(out, begin, end)
    return out


def test_npy_files_stay_mapped_and_are_joined_in_order(tmp_path: Path) -> None:
    first, second, third = images(5), images(1, 1), images(4, 2).astype(np.float32)
    paths = [
        save(tmp_path, f"{n}.npy", x) for n, x in zip("bac", (first, second, third), strict=True)
    ]
    parts = read_arrays(paths)
    assert all(memory_map(part.inputs) is not None for part in parts)
    new = NewInputs(parts, SHAPE)
    joined = np.concatenate([first, second, third]).astype(np.float32)
    assert len(new) == 10
    for begin, end in ((0, 10), (4, 7), (5, 6), (9, 10)):
        np.testing.assert_array_equal(read(new, begin, end), joined[begin:end])
    assert new.ids(4, 7) == ["b:4", "a:0", "c:0"]
    assert new.longest_id == 3


def test_one_file_has_row_numbers_as_ids(tmp_path: Path) -> None:
    new = NewInputs(read_arrays([save(tmp_path, "x.npy", images(12))]), SHAPE)
    assert new.ids(9, 11) == ["9", "10"]
    assert new.longest_id == 2


def test_npz_brings_its_ids(tmp_path: Path) -> None:
    np.savez(tmp_path / "x.npz", inputs=images(3), ids=np.array(["NGC 1", "M 31", "é"]))
    new = NewInputs(read_arrays([tmp_path / "x.npz"]), SHAPE)
    assert new.ids(0, 3) == ["NGC 1", "M 31", "é"]
    assert new.longest_id == len("NGC 1")
    np.savez(tmp_path / "cased.npz", Inputs=images(2), IDS=np.array(["a", "b"]))
    assert NewInputs(read_arrays([tmp_path / "cased.npz"]), SHAPE).ids(0, 2) == ["a", "b"]


@pytest.mark.parametrize("name", ["ids.txt", "ids.npy", "ids.npz"])
def test_ids_from_a_file_run_over_all_inputs(tmp_path: Path, name: str) -> None:
    ids = np.array(["p", "q", "r"])
    if name == "ids.txt":
        (tmp_path / name).write_text("p\nq\nr\n")
    elif name == "ids.npy":
        np.save(tmp_path / name, ids)
    else:
        np.savez(tmp_path / name, ids=ids)
    parts = read_arrays([save(tmp_path, f"{n}.npy", images(k)) for n, k in (("a", 1), ("b", 2))])
    new = NewInputs(with_ids(parts, tmp_path / name), SHAPE)
    assert new.ids(0, 3) == ["p", "q", "r"]


def test_a_wrong_number_of_ids(tmp_path: Path) -> None:
    (tmp_path / "ids.txt").write_text("p\nq\n")
    parts = read_arrays([save(tmp_path, "x.npy", images(3))])
    with pytest.raises(InputError, match=r"ids\.txt .*\(2,\).* 3 inputs"):
        with_ids(parts, tmp_path / "ids.txt")


def test_channels_last(tmp_path: Path) -> None:
    array = images(3)
    path = save(tmp_path, "x.npy", array.transpose(0, 2, 3, 1))
    new = NewInputs(read_arrays([path], channels_last=True), SHAPE)
    np.testing.assert_array_equal(read(new, 0, 3), array.astype(np.float32))
    with pytest.raises(InputError, match="--channels-last"):
        NewInputs(read_arrays([path]), SHAPE)


def test_too_large_for_float32_becomes_infinite_without_a_warning(tmp_path: Path) -> None:
    array = images(2)
    array[1, 0, 0, 0] = 1e300
    new = NewInputs(read_arrays([save(tmp_path, "x.npy", array)]), SHAPE)
    assert np.isinf(read(new, 0, 2)[1, 0, 0, 0])


def test_all_that_is_wrong_with_the_files_at_once(tmp_path: Path) -> None:
    parts = [
        InputPart("wide.npy", np.zeros((2, 2, 3, 5))),
        InputPart("empty.npy", np.zeros((0, *SHAPE))),
        InputPart("complex.npy", np.zeros((2, *SHAPE), complex)),
        InputPart("single.npy", np.zeros(SHAPE)),
        InputPart("short.npy", np.zeros((2, *SHAPE)), np.arange(3)),
    ]
    with pytest.raises(InputError) as caught:
        NewInputs(parts, SHAPE)
    said = str(caught.value)
    for name, reason in (
        ("wide.npy", "(2, 3, 5) do not fit the model's (2, 3, 4)"),
        ("empty.npy", "is empty"),
        ("complex.npy", "real numbers"),
        ("single.npy", "one input"),
        ("short.npy", "ids of shape (3,)"),
    ):
        assert any(name in line and reason in line for line in said.splitlines()), said


def test_files_that_cannot_be_read_are_all_named(tmp_path: Path) -> None:
    (tmp_path / "text.npy").write_text("no array")
    np.save(tmp_path / "objects.npy", np.array([{}], object), allow_pickle=True)
    np.savez(tmp_path / "other.npz", images=images(1))
    names = ["text.npy", "objects.npy", "other.npz", "missing.npy"]
    with pytest.raises(InputError) as caught:
        read_arrays([tmp_path / name for name in names])
    for name in names:
        assert name in str(caught.value)


def test_an_empty_file_is_called_empty(tmp_path: Path) -> None:
    parts = read_arrays([save(tmp_path, "x.npy", np.zeros((0, *SHAPE)))])
    with pytest.raises(InputError, match="is empty"):
        NewInputs(parts, SHAPE)


def test_ids_stand_for_one_input_each(tmp_path: Path) -> None:
    twice = [InputPart("x", images(3), np.array(["a", "b", "a"]))]
    with pytest.raises(InputError, match=r"more than one input: a$"):
        NewInputs(twice, SHAPE)
    (tmp_path / "other").mkdir()
    same = [save(tmp_path, "x.npy", images(1)), save(tmp_path / "other", "x.npy", images(1))]
    with pytest.raises(InputError, match="same name"):
        NewInputs(read_arrays(same), SHAPE)


def test_ids_and_names_that_no_table_can_hold_are_refused(tmp_path: Path) -> None:
    strange = InputPart("x", images(2), np.array(["a", "caf\udce9"]))
    with pytest.raises(InputError, match=r"1 id.*cannot be written as UTF-8.*: caf\\udce9"):
        NewInputs([strange], SHAPE)
    paths = [save(tmp_path, name, images(1)) for name in ("a.npy", "caf\udce9.npy")]
    with pytest.raises(InputError, match=r"give --ids: caf\\udce9:"):
        NewInputs(read_arrays(paths), SHAPE)
    assert len(NewInputs(read_arrays(paths[1:]), SHAPE)) == 1, "row numbers are ids enough"
