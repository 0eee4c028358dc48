"""What a header claims is held against what is there, before anything is allocated."""

from __future__ import annotations

import gc
import io
import resource
import sys
import time
import zipfile
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dakit.images.npy import FAULTS, NpzArrays, map_npy, npy_of


@pytest.fixture(autouse=True)
def _little_memory() -> Iterator[None]:
    """Whoever allocates what a header claims fails at once, and not the machine."""
    before = resource.getrlimit(resource.RLIMIT_AS)
    resource.setrlimit(resource.RLIMIT_AS, (64 << 30, before[1]))
    yield
    resource.setrlimit(resource.RLIMIT_AS, before)


def claiming(shape: tuple[int, ...], values: int = 6, dtype: str = "<f8") -> bytes:
    """An .npy whose header claims ``shape`` and that holds so many values."""
    file = io.BytesIO()
    header = {"descr": dtype, "fortran_order": False, "shape": shape}
    np.lib.format.write_array_header_2_0(file, header)
    return file.getvalue() + bytes(values * np.dtype(dtype).itemsize)


def mapped(content: bytes, folder: Path) -> np.ndarray:
    (folder / "x.npy").write_bytes(content)
    return map_npy(folder / "x.npy")


def member(content: bytes, folder: Path, compression: int) -> np.ndarray:
    with zipfile.ZipFile(folder / "x.npz", "w", compression) as archive:
        archive.writestr("x.npy", content)
    with NpzArrays(folder / "x.npz") as arrays:
        assert arrays.keys == ("x",)
        return arrays["x"]


WAYS: dict[str, Callable[[bytes, Path], np.ndarray]] = {
    "map": mapped,
    "bytes": lambda content, _: npy_of(content),
    "stored": lambda content, folder: member(content, folder, zipfile.ZIP_STORED),
    "deflated": lambda content, folder: member(content, folder, zipfile.ZIP_DEFLATED),
}
CLAIMS = {
    "rows that are not there": ((10**9, 8), r"cut off.*claims \(1000000000, 8\).*48 are there"),
    "a row too many": ((7,), r"cut off.*56 bytes, and 48 are there"),
    "more than there is in the world": ((2**62, 2**62), "cut off"),
    "fewer than none": ((-1, 6), r"damaged: its header claims the shape \(-1, 6\)"),
    "fewer than none, twice": ((-2, -3), r"damaged: its header claims the shape \(-2, -3\)"),
    "fewer than none of nothing": ((0, -3), r"damaged: its header claims the shape \(0, -3\)"),
}


@pytest.mark.parametrize("way", WAYS.values(), ids=list(WAYS))
@pytest.mark.parametrize(("shape", "message"), CLAIMS.values(), ids=list(CLAIMS))
def test_a_claim_is_refused_before_anything_is_allocated(
    tmp_path: Path,
    way: Callable[[bytes, Path], np.ndarray],
    shape: tuple[int, ...],
    message: str,
) -> None:
    with pytest.raises(ValueError, match=message):
        way(claiming(shape), tmp_path)


@pytest.mark.parametrize("way", WAYS.values(), ids=list(WAYS))
@pytest.mark.parametrize("shape", [(6,), (2, 3), (0, 4), ()])
def test_what_is_there_is_read(
    tmp_path: Path, way: Callable[[bytes, Path], np.ndarray], shape: tuple[int, ...]
) -> None:
    found = way(claiming(shape), tmp_path)
    assert found.shape == shape
    assert not found.any()


def test_an_archive_that_lies_about_its_members_is_refused(tmp_path: Path) -> None:
    content = claiming((10**7,))
    with zipfile.ZipFile(tmp_path / "x.npz", "w") as archive:
        archive.writestr("x.npy", content)
    raw = (tmp_path / "x.npz").read_bytes()
    size = len(content).to_bytes(4, "little")
    (tmp_path / "x.npz").write_bytes(raw.replace(size, (10**9).to_bytes(4, "little")))
    with NpzArrays(tmp_path / "x.npz") as arrays, pytest.raises(FAULTS):
        arrays["x"]


@given(st.binary(max_size=40), st.integers(0, 200))
def test_damage_anywhere_is_an_array_or_a_known_fault(noise: bytes, where: int) -> None:
    whole = bytearray(claiming((3, 2)))
    whole[where : where + len(noise)] = noise
    try:
        found = npy_of(bytes(whole))
    except FAULTS:
        return
    assert found.nbytes <= len(whole)


class _Collected:
    """Garbage in a circle, whose end lets another thread go on in the middle of a collection."""

    def __init__(self) -> None:
        self.itself = self

    def __del__(self) -> None:
        time.sleep(0)


def test_many_threads_read_headers_at_once(request: pytest.FixtureRequest) -> None:
    """CPython 3.11 refused some of them: AST constructor recursion depth mismatch."""
    request.addfinalizer(partial(gc.set_threshold, *gc.get_threshold()))
    request.addfinalizer(partial(sys.setswitchinterval, sys.getswitchinterval()))
    gc.set_threshold(1)
    sys.setswitchinterval(1e-6)
    file = io.BytesIO()
    np.save(file, np.zeros((3, 8, 8), np.float32))

    def read(_: int) -> tuple[int, ...]:
        _Collected()
        return npy_of(file.getvalue()).shape

    with ThreadPoolExecutor(4) as pool:
        assert set(pool.map(read, range(600))) == {(3, 8, 8)}
