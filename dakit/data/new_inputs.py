"""New inputs to predict on: arrays as they lie in their files, joined, and an id for every row."""

from __future__ import annotations

import zipfile
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, final

import numpy as np
from numpy.typing import NDArray

from dakit.contracts.naming import as_names
from dakit.data.mapping import check_whole, release_pages
from dakit.data.normalization import Normalization
from dakit.errors import InputError, first_few, not_text
from dakit.images.npy import FAULTS, NpzArrays, map_npy, reason

ARRAY_SUFFIXES = (".npy", ".npz")


@final
@dataclass(frozen=True)
class InputPart:
    """The inputs ``(n, ...)`` of one file, and their ids ``(n,)`` where they have any."""

    name: str
    inputs: NDArray[Any]
    ids: NDArray[Any] | None = None
    prefix: str = ""
    """Stands before the row numbers that serve as ids where none are given."""

    def channels_first(self) -> InputPart:
        """Return the part with inputs ``(n, C, H, W)``, where its own are ``(n, H, W, C)``."""
        return replace(self, inputs=self.inputs.transpose(0, 3, 1, 2))

    def some_ids(self, begin: int, end: int) -> list[str]:
        """Return the ids of the rows from ``begin`` to ``end``."""
        if self.ids is None:
            return [f"{self.prefix}{row}" for row in range(begin, end)]
        return list(map(str, as_names(self.ids[begin:end]).tolist()))


@final
class NewInputs:
    """Parts read one after another as if they were one array; nothing is held but what is asked.

    Raises:
        InputError: with all that is wrong: the parts have no rows, another shape than
            ``input_shape`` or another type than real numbers, or two rows have one id.
    """

    def __init__(self, parts: Sequence[InputPart], input_shape: tuple[int, ...]) -> None:
        problems = [p for part in parts for p in _problems(part, input_shape)]
        if problems:
            raise InputError("\n  ".join(problems))
        self.input_shape = input_shape
        self._parts = tuple(parts)
        self._ends = np.cumsum([len(part.inputs) for part in parts]).tolist()
        _check_ids(self._parts)

    def __len__(self) -> int:
        return int(self._ends[-1])

    @property
    def longest_id(self) -> int:
        """The length of the longest id in UTF-8 bytes."""
        return max(_longest_id(part) for part in self._parts)

    def check_types(self, normalization: Normalization) -> None:
        """Raise InputError where a part is of a type too coarse for ``normalization``."""
        for part in self._parts:
            normalization.check_type(part.inputs.dtype, part.name)

    def read_into(self, out: NDArray[Any], begin: int, end: int) -> None:
        """Copy the rows from ``begin`` to ``end`` to the start of ``out``, in its type."""
        at = 0
        with np.errstate(over="ignore"):  # what is too large becomes infinite and is found there
            for part, first, last in self._pieces(begin, end):
                check_whole(part.inputs)
                out[at : at + last - first] = part.inputs[first:last]
                release_pages(part.inputs)
                at += last - first

    def ids(self, begin: int, end: int) -> list[str]:
        """Return the ids of the rows from ``begin`` to ``end``."""
        pieces = self._pieces(begin, end)
        return [name for part, first, last in pieces for name in part.some_ids(first, last)]

    def _pieces(self, begin: int, end: int) -> Iterator[tuple[InputPart, int, int]]:
        for part, stop in zip(self._parts, self._ends, strict=True):
            start = stop - len(part.inputs)
            first, last = max(begin, start), min(end, stop)
            if first < last:
                yield part, first - start, last - start


def read_arrays(
    paths: Sequence[Path], *, channels_last: bool = False, keys: Mapping[str, str] | None = None
) -> list[InputPart]:
    """Map the .npy files and load the .npz files (``inputs``, and ``ids`` if there) of ``paths``.

    ``keys`` are other names of these two, where a file has them. Without ids the row numbers serve,
    after the file's stem and a colon where there are several files. ``channels_last`` says that
    images are ``(N, H, W, C)``.

    Raises:
        InputError: files cannot be read; every one is named.
    """
    parts, problems = [], []
    for path in paths:
        try:
            inputs, ids = _load(path, keys or {})
            part = InputPart(str(path), inputs, ids, f"{path.stem}:" if len(paths) > 1 else "")
            parts.append(part.channels_first() if channels_last and inputs.ndim == 4 else part)
        except InputError as error:
            problems.append(str(error))
    if problems:
        raise InputError("\n  ".join(problems))
    return parts


def with_ids(parts: Sequence[InputPart], path: Path) -> list[InputPart]:
    """Return ``parts`` with the ids in ``path``: an .npy, an .npz (``ids``) or a text, one a line.

    Raises:
        InputError: it cannot be read or holds another number of ids than there are rows.
    """
    ids = _read_ids(path)
    rows = [len(part.inputs) for part in parts]
    if ids.ndim != 1 or len(ids) != sum(rows):
        raise InputError(f"{path} holds ids of shape {ids.shape}, but there are {sum(rows)} inputs")
    ends = np.cumsum(rows)
    pieces = np.split(ids, ends[:-1])
    return [
        InputPart(part.name, part.inputs, piece) for part, piece in zip(parts, pieces, strict=True)
    ]


def _load(path: Path, keys: Mapping[str, str]) -> tuple[NDArray[Any], NDArray[Any] | None]:
    if not path.is_file():
        raise InputError(f"no such file: {path}")
    try:
        if path.suffix.lower() == ".npy":
            return map_npy(path), None
        with NpzArrays(path) as archive:
            named = {key.casefold(): key for key in archive.keys} | {k: k for k in archive.keys}
            known = {what: key for what, key in keys.items() if key in archive.keys}
            inputs = known.get("inputs") or named.get("inputs")
            ids = known.get("ids") or named.get("ids")
            if inputs is None:
                held = ", ".join(archive.keys) or "nothing"
                raise InputError(f"{path} has no array 'inputs' (it holds: {held})")
            return archive[inputs], None if ids is None else archive[ids]
    except FAULTS as error:
        raise InputError(f"{path} cannot be read as {path.suffix}: {reason(error)}") from error


def _read_ids(path: Path) -> NDArray[Any]:
    if not path.is_file():
        raise InputError(f"no such file: {path}")
    try:
        if path.suffix.lower() not in ARRAY_SUFFIXES:
            return np.array(path.read_text(encoding="utf-8-sig").splitlines(), dtype=np.str_)
        if not zipfile.is_zipfile(path):
            return map_npy(path)
        with NpzArrays(path) as archive:
            return archive["ids"]
    except KeyError as error:
        raise InputError(f"{path} has no array 'ids'") from error
    except FAULTS as error:
        raise InputError(f"{path} cannot be read as ids: {reason(error)}") from error


def _problems(part: InputPart, expected: tuple[int, ...]) -> Iterator[str]:
    shape = part.inputs.shape[1:]
    if part.inputs.dtype.kind not in "fiub":
        yield f"{part.name}: inputs of type {part.inputs.dtype}; real numbers are needed"
    if part.inputs.shape == expected:
        yield f"{part.name}: one input {expected}; inputs must be (N, ...), here (1, ...)"
    elif part.inputs.ndim == 0 or shape != expected:
        hint = _turned(shape, expected)
        yield f"{part.name}: inputs {shape} do not fit the model's {expected}{hint}"
    elif len(part.inputs) == 0:
        yield f"{part.name} is empty: it holds no inputs"
    if part.ids is not None and part.ids.shape != part.inputs.shape[:1]:
        yield f"{part.name}: ids of shape {part.ids.shape} for inputs {part.inputs.shape}"
    elif part.ids is not None and part.ids.dtype.kind not in "iubSU":
        yield f"{part.name}: ids of type {part.ids.dtype}; numbers or texts are needed"


def _turned(shape: tuple[int, ...], expected: tuple[int, ...]) -> str:
    last = len(shape) == 3 and (shape[2], *shape[:2]) == expected
    return "; are the channels last? Then say --channels-last" if last else ""


def _check_ids(parts: Sequence[InputPart]) -> None:
    prefixes = [part.prefix for part in parts if part.ids is None]
    if len(set(prefixes)) < len(prefixes):
        raise InputError(
            "two files have the same name, so their rows would have the same ids; give --ids"
        )
    named = [part for part in parts if part.ids is not None]
    given = [name for part in named for name in part.some_ids(0, len(part.inputs))]
    strange = not_text([*prefixes, *given])
    if strange:
        raise InputError(
            f"{len(strange)} id(s) or names of files cannot be written as UTF-8; rename them or "
            f"give --ids: {first_few(strange)}"
        )
    twice = [name for name, times in Counter(given).items() if times > 1]
    if twice:
        raise InputError(f"{len(twice)} id(s) stand for more than one input: {first_few(twice)}")


def _longest_id(part: InputPart) -> int:
    if part.ids is None:
        return len(f"{part.prefix}{len(part.inputs) - 1}".encode())
    return max(len(name.encode()) for name in part.some_ids(0, len(part.ids)))
