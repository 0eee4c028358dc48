from pathlib import Path

import numpy as np
import pytest
from pairs import on_disk

from dakit.data.mapping import chunks, memory_map, release_pages

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
