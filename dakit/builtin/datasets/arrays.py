"""The arrays dataset: .npy files mapped, .npz members loaded, everything checked by name."""

from __future__ import annotations

import hashlib
import zipfile
from difflib import get_close_matches
from pathlib import Path
from typing import Any, final

import numpy as np
from numpy.typing import NDArray

from dakit import InputError
from dakit.builtin.datasets.specs import ArrayDomain, Arrays
from dakit.contracts import BuildContext, Domain, DomainPair, Provenance

CHUNK = 8 << 20


def load_arrays(spec: Arrays, context: BuildContext) -> DomainPair:
    """Return the domains of ``spec``. Raises InputError naming the file and what is wrong."""
    files = Files(context.base_dir)
    source = _domain(files, "source", spec.source, spec.channels_last)
    target = _domain(files, "target", spec.target, spec.channels_last)
    names = spec.class_names or _default_names(source)
    described = f"{spec.source.inputs.name} -> {spec.target.inputs.name}"
    provenance = Provenance("files", described, files.checksums())
    return DomainPair(source, target, names, provenance, spec.shared_groups)


@final
class Files:
    """Opens arrays by path and key, and remembers which files were read."""

    def __init__(self, base: Path) -> None:
        self._base = base
        self._read: dict[str, Path] = {}

    def array(self, path: Path, key: str | None) -> NDArray[Any]:
        """Return a mapped .npy or a loaded .npz member."""
        full = self._base / path
        if not full.is_file():
            raise InputError(f"no such file: {full}")
        self._read[path.name if path.name not in self._read else str(path)] = full
        try:
            if zipfile.is_zipfile(full):
                return _member(full, key)
            array: NDArray[Any] = np.load(full, mmap_mode="r", allow_pickle=False)
        except (OSError, ValueError, EOFError) as error:
            raise InputError(f"{full} is no readable .npy or .npz file: {error}") from error
        if key is not None:
            raise InputError(f"{full} is an .npy file and has no key '{key}'; leave the key out")
        return array

    def checksums(self) -> dict[str, str]:
        """Return the SHA-256 of every file read, by file name."""
        return {name: _sha256(path) for name, path in self._read.items()}


def _domain(files: Files, name: str, spec: ArrayDomain, channels_last: bool) -> Domain:
    inputs = files.array(spec.inputs, spec.inputs_key)
    if inputs.dtype.kind not in "fiu":
        raise InputError(f"{spec.inputs}: inputs of type {inputs.dtype}; real numbers are needed")
    if channels_last:
        if inputs.ndim != 4:
            raise InputError(f"{spec.inputs}: channels_last needs (N, H, W, C), not {inputs.shape}")
        inputs = inputs.transpose(0, 3, 1, 2)
    ids = _column(files, spec, "ids")
    return Domain(
        name,
        inputs,
        _labels(files, spec),
        np.arange(len(inputs)) if ids is None else ids,
        _column(files, spec, "groups"),
    )


def _column(files: Files, spec: ArrayDomain, field: str) -> NDArray[Any] | None:
    path, key = getattr(spec, field), getattr(spec, f"{field}_key")
    if path is None and key is None:
        return None
    return np.array(files.array(path or spec.inputs, key))


def _labels(files: Files, spec: ArrayDomain) -> NDArray[np.int64] | None:
    labels = _column(files, spec, "labels")
    if labels is None:
        return None
    with np.errstate(invalid="ignore"):
        whole = labels.dtype.kind in "fiub" and bool((labels == np.round(labels)).all())
    if not whole:
        raise InputError(f"{spec.labels or spec.inputs}: labels must be whole numbers from 0")
    return labels.astype(np.int64)


def _default_names(source: Domain) -> tuple[str, ...]:
    assert source.labels is not None  # the spec demands them
    largest = int(source.labels.max()) if len(source.labels) else 0
    return tuple(str(label) for label in range(largest + 1))


def _member(path: Path, key: str | None) -> NDArray[Any]:
    with np.load(path, allow_pickle=False) as archive:
        keys = list(archive.keys())
        if key is None and len(keys) == 1:
            key = keys[0]
        if key not in keys:
            close = get_close_matches(key or "", keys, n=1)
            hint = f"; did you mean '{close[0]}'?" if close else ""
            asked = "needs a key" if key is None else f"has no array '{key}'"
            raise InputError(f"{path} {asked}{hint} (it holds: {', '.join(keys)})")
        array: NDArray[Any] = archive[key]
        return array


def _sha256(path: Path) -> str:
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while chunk := file.read(CHUNK):
            digest.update(chunk)
    return digest.hexdigest()
