import os
from pathlib import Path

import numpy as np
import pytest
import torch
from pairs import on_disk

from dakit.contracts import Domain
from dakit.data.batches import Reader
from dakit.data.mapping import MappedFiles, check_whole, chunks, memory_map, release_pages
from dakit.data.new_inputs import NewInputs, read_arrays
from dakit.data.normalization import Normalization
from dakit.errors import RunError

STATUS = Path("/proc/self/status")


def resident_file_bytes():
    """How much of the process's memory are pages of files."""
    line = next(line for line in STATUS.read_text().splitlines() if line.startswith("RssFile"))
    return 1024 * int(line.split()[1])


def test_views_of_a_map_are_recognised(tmp_path):
    mapped = on_disk(tmp_path / "x.npy", np.zeros((4, 2, 2, 3)))
    assert memory_map(mapped.transpose(0, 3, 1, 2)[1:]) is memory_map(mapped) is not None
    assert memory_map(np.array(mapped)) is None


def test_released_pages_are_read_again(tmp_path):
    values = np.random.default_rng(0).normal(size=(50, 100))
    mapped = on_disk(tmp_path / "x.npy", values)
    release_pages(mapped)
    assert np.array_equal(mapped, values)


def test_what_was_written_to_a_private_map_stays(tmp_path):
    np.save(tmp_path / "x.npy", np.zeros((4, 1000)))
    private = np.load(tmp_path / "x.npy", mmap_mode="c")
    private[:] = 7
    release_pages(private)
    assert (private == 7).all()


@pytest.mark.parametrize("rows", [np.arange(10), np.array([1, 2, 3, 7, 9]), np.array([5, 3, 5])])
def test_chunks_hold_every_row_once_and_no_more_than_asked_for(rows):
    inputs = np.arange(40.0).reshape(10, 4)
    pieces = [(p, c.copy()) for p, c in chunks(inputs, rows, chunk_bytes=2 * 4 * 8)]
    assert np.array_equal(np.concatenate([p for p, _ in pieces]), rows)
    assert np.array_equal(np.concatenate([c for _, c in pieces]), inputs[rows])
    assert max(len(c) for _, c in pieces) == 2


@pytest.mark.skipif(not STATUS.exists(), reason="the system does not tell what is resident")
def test_a_scan_of_a_map_leaves_little_of_it_resident(tmp_path):
    mapped = on_disk(tmp_path / "x.npy", np.ones((64, 1 << 17)))  # 64 MiB
    before = resident_file_bytes()
    total = 0.0
    for _, chunk in chunks(mapped, np.arange(64), chunk_bytes=4 << 20):
        total += chunk.sum()
        assert resident_file_bytes() - before < 16 << 20
    assert total == mapped.size
    release_pages(mapped)


NONE = Normalization("none", (1.0,) * 9, (1.0,) * 9, (0.0,) * 9)
READERS = {
    "batches": lambda inputs, _: Reader(
        Domain("d", inputs, None, np.arange(len(inputs))), NONE, torch.device("cpu")
    )(np.array([3])),
    "chunks": lambda inputs, _: list(chunks(inputs, np.arange(len(inputs)))),
    "new inputs": lambda inputs, new: new.read_into(np.empty((9, 9), np.float32), 0, 9),
    "a view": lambda inputs, _: check_whole(inputs.view(np.ndarray)[5:, ::-1]),
}


@pytest.mark.parametrize("left", [0, 100, 2**12, -1])
@pytest.mark.parametrize("read", READERS.values(), ids=list(READERS))
def test_a_file_that_shrinks_is_named_and_not_read(tmp_path, read, left):
    inputs = on_disk(tmp_path / "x.npy", np.ones((3000, 9)))
    new = NewInputs(read_arrays([tmp_path / "x.npy"]), (9,))
    read(inputs, new)
    os.truncate(tmp_path / "x.npy", left if left >= 0 else inputs.nbytes + 128 + left)
    with pytest.raises(RunError, match=r"x\.npy has become shorter .* bytes of 216,128 are left"):
        read(inputs, new)


def test_a_part_of_a_file_is_whole_while_its_own_end_is_there(tmp_path):
    (tmp_path / "x.raw").write_bytes(bytes(20_000))
    part = np.memmap(tmp_path / "x.raw", np.uint8, "r", offset=9_000, shape=(3_000,))
    for size in (20_000, 12_000):
        os.truncate(tmp_path / "x.raw", size)
        check_whole(part)
    os.truncate(tmp_path / "x.raw", 11_999)
    with pytest.raises(RunError, match=r"x\.raw has become shorter"):
        check_whole(part)


def test_a_file_that_was_written_to_has_changed(tmp_path):
    inputs = on_disk(tmp_path / "x.npy", np.ones((30, 9)))
    files = MappedFiles.of(inputs.transpose(), np.zeros(3))
    files.check()
    state = (tmp_path / "x.npy").stat()
    os.utime(tmp_path / "x.npy", ns=(state.st_atime_ns, state.st_mtime_ns + 1))
    with pytest.raises(RunError, match=r"x\.npy has changed since the run began"):
        files.check()


@pytest.mark.parametrize("how", ["removed", "replaced"])
def test_a_file_that_was_removed_or_replaced_is_still_mapped(tmp_path, how):
    inputs = on_disk(tmp_path / "x.npy", np.ones((30, 9)))
    files = MappedFiles.of(inputs)
    if how == "removed":
        (tmp_path / "x.npy").unlink()
    else:
        np.save(tmp_path / "y.npy", np.zeros(1))
        (tmp_path / "y.npy").replace(tmp_path / "x.npy")
    files.check()
    check_whole(inputs)
    assert (inputs == 1).all()
