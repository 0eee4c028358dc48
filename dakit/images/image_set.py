"""Many images as one mapped array, decoded once, and the ones that cannot be read."""

from __future__ import annotations

import hashlib
import os
import warnings
from collections import Counter
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, Any, Literal, final

import numpy as np
from numpy.typing import NDArray

from dakit.errors import InputError, RunError
from dakit.files.writing import write_json, writing
from dakit.images import cache as store
from dakit.images.decode import Decoded, decode
from dakit.images.entries import FITS, ImageEntry, listed
from dakit.images.settings import ImageReading

WINDOW = 64
"""So many images are decoded at a time and held in memory."""
THREADS = min(8, os.cpu_count() or 1)


@final
@dataclass(frozen=True)
class BadImage:
    """An image that is missing or cannot be used, and why."""

    id: str
    reason: str

    def __str__(self) -> str:
        return f"{self.id}: {self.reason}"


@final
@dataclass(frozen=True)
class ImageSet:
    """The images of a list of entries.

    ``inputs (n, B, H, W)`` float32 is mapped; row i shows entry ``kept[i]``. ``sha256`` is that of
    the contents of the files kept, in order; ``blank_pixels`` in ``blank_images`` were replaced.
    """

    inputs: NDArray[np.float32]
    kept: NDArray[np.int64]
    bad: tuple[BadImage, ...]
    sha256: str
    blank_pixels: int
    blank_images: int


def read_images(
    entries: Sequence[ImageEntry],
    reading: ImageReading,
    *,
    on_bad: Literal["stop", "skip"] = "stop",
    cache: Path | None = None,
    shape: tuple[int, ...] | None = None,
    how_to_skip: str = "",
) -> ImageSet:
    """Return the images of ``entries``, see :func:`decode_images`.

    Raises InputError that lists the bad ones where there are any and ``on_bad`` is ``stop``, or
    where no image is left. ``how_to_skip`` tells the reader what to say for ``skip``.
    """
    images = decode_images(entries, reading, cache=cache, shape=shape)
    if images.bad and (on_bad == "stop" or len(images.kept) == 0):
        lines = listed([str(bad) for bad in images.bad])
        skip = f", or leave them out with {how_to_skip}" if len(images.kept) else ""
        way = f"\nMend them{skip}." if how_to_skip else ""
        raise InputError(f"{len(images.bad)} of {len(entries)} images cannot be used:{lines}{way}")
    return images


def decode_images(
    entries: Sequence[ImageEntry],
    reading: ImageReading,
    *,
    cache: Path | None = None,
    shape: tuple[int, ...] | None = None,
) -> ImageSet:
    """Return the images of ``entries`` and the list of those that cannot be used.

    The files are read once, in constant memory, into the folder ``cache`` (by default that of the
    platform, or DAKIT_CACHE) and mapped from there ever after, until a file changes its size or
    time. An image is bad if it is missing, damaged or of another shape ``(B, H, W)`` than
    ``shape``, by default the most frequent one among the first 64. Raises RunError or InputError
    where the cache cannot be written.
    """
    if not entries:
        raise InputError("there are no images to read")
    folder = store.folder_of(entries, reading, shape, cache)
    found = store.load(folder)
    if found is None:
        with store.replacing(folder) as temporary:
            _Decoding(entries, reading, shape).write_to(temporary)
        found = store.load(folder)
    if found is None:
        raise RunError(f"the images in {folder} were removed while they were being read")
    inputs, about = found
    bad = {int(row): reason for row, reason in about["bad"].items()}
    return ImageSet(
        inputs,
        np.array([row for row in range(len(entries)) if row not in bad], dtype=np.int64),
        tuple(BadImage(entries[row].id, reason) for row, reason in bad.items()),
        about["sha256"],
        about["blank_pixels"],
        about["blank_images"],
    )


@final
class _Decoding:
    """Reads all entries into one array; what is bad is noted and left out."""

    def __init__(
        self,
        entries: Sequence[ImageEntry],
        reading: ImageReading,
        shape: tuple[int, ...] | None,
    ) -> None:
        self._entries = entries
        self._reading = reading
        self._shape = shape
        self._bad: dict[int, str] = {}
        self._digest = hashlib.sha256()
        self._images = self._blank_pixels = self._blank_images = 0

    def write_to(self, folder: Path) -> None:
        """Write the array and what is known of it."""
        with writing(folder / store.ARRAY) as file:
            row = begin = 0
            for results in _decoded(self._entries, self._reading):
                if self._shape is None:
                    self._shape = _most_frequent_shape(results)
                if begin == 0 and self._shape is not None:
                    begin = _write_header(file, len(self._entries), self._shape)
                for result in results:
                    self._take(file, row, result)
                    row += 1
            file.seek(0)
            # the number of images is known only now; numpy leaves room for it in the header
            end = _write_header(file, self._images, self._shape)
            assert begin in (0, end)
        write_json(folder / store.ABOUT, self._about())

    def _take(self, file: IO[bytes], row: int, result: Decoded | str) -> None:
        if isinstance(result, str):
            self._bad[row] = result
        elif result.image.shape != self._shape:
            assert self._shape is not None  # there is a good image
            expected = " x ".join(map(str, self._shape))
            found = " x ".join(map(str, result.image.shape))
            self._bad[row] = f"the image is {found} (bands, height, width) instead of {expected}"
            first = self._entries[row].paths[0]
            if len(result.image) != self._shape[0] and first.name.lower().endswith(FITS):
                self._bad[row] += f"; is it in another HDU of {first}?"
        else:
            file.write(result.image.data)
            self._digest.update(result.sha256.encode())
            self._images += 1
            self._blank_pixels += result.blank
            self._blank_images += result.blank > 0

    def _about(self) -> dict[str, Any]:
        return {
            "made": datetime.now(UTC).isoformat(timespec="seconds"),
            "first": str(self._entries[0].paths[0]),
            "reading": self._reading.model_dump(mode="json"),
            "images": self._images,
            "bad": self._bad,
            "sha256": self._digest.hexdigest(),
            "blank_pixels": self._blank_pixels,
            "blank_images": self._blank_images,
        }


def _decoded(entries: Sequence[ImageEntry], reading: ImageReading) -> Iterator[list[Decoded | str]]:
    """Yield the images in their order, or why one cannot be read, a window at a time."""
    with warnings.catch_warnings(), ThreadPoolExecutor(THREADS) as pool:
        warnings.simplefilter("ignore")  # of astropy and pillow, about headers
        for begin in range(0, len(entries), WINDOW):
            window = entries[begin : begin + WINDOW]
            yield list(pool.map(lambda entry: _try(entry, reading), window))


def _try(entry: ImageEntry, reading: ImageReading) -> Decoded | str:
    try:
        return decode(entry.paths, entry.names, reading)
    except ValueError as error:
        return str(error)


def _most_frequent_shape(results: Sequence[Decoded | str]) -> tuple[int, ...] | None:
    shapes = Counter(r.image.shape for r in results if isinstance(r, Decoded))
    return shapes.most_common(1)[0][0] if shapes else None


def _write_header(file: IO[bytes], images: int, shape: tuple[int, ...] | None) -> int:
    header = {"descr": "<f4", "fortran_order": False, "shape": (images, *(shape or (0, 0, 0)))}
    np.lib.format.write_array_header_1_0(file, header)
    return file.tell()
