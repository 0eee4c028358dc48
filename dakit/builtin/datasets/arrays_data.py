"""The arrays dataset: a pair of domains from the user's own files."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, final

import numpy as np
from numpy.typing import NDArray

from dakit import InputError
from dakit.builtin.datasets.array_files import read_array
from dakit.builtin.datasets.array_labels import LabelValues, are_indices, class_names, note
from dakit.checksums import file_sha256
from dakit.contracts import Domain, DomainPair, Provenance, no_source
from dakit.contracts.naming import as_names, is_missing

if TYPE_CHECKING:
    from dakit.builtin.datasets.arrays import (  # needs torch, which checking the files does not
        ArrayDomain,
        Arrays,
        ArraySource,
    )
    from dakit.contracts import BuildContext

COLUMNS = ("inputs", "labels", "ids", "groups", "domains")


def load_arrays(spec: Arrays, context: BuildContext) -> DomainPair:
    """Return the domains of ``spec``.

    Raises:
        InputError: a file is not as it must be; names it and what is wrong.
    """
    readers = _readers(spec, context.base_dir)
    pair = _pair(spec, readers)
    checksums = {name: found for each in readers for name, found in each.checksums().items()}
    return replace(pair, provenance=replace(pair.provenance, checksums=checksums))


def outlined(spec: Arrays, base: Path) -> DomainPair:
    """Return what :func:`load_arrays` does, but for the values of inputs, without checksums."""
    return _pair(spec, _readers(spec, base, values=False))


def _readers(spec: Arrays, base: Path, *, values: bool = True) -> list[_DomainFiles]:
    """Return what reads the source, where there is one, and the target."""
    source = [] if spec.source is None else [_DomainFiles("source", spec.source, base, values)]
    return [*source, _DomainFiles("target", spec.target, base, values)]


def _pair(spec: Arrays, readers: Sequence[_DomainFiles]) -> DomainPair:
    values = [reader.labels() for reader in readers]
    names = spec.class_names
    if names is None:
        assert values[0] is not None  # the spec demands them
        names = class_names(values[0])
    by_number = spec.class_names is not None and are_indices(names)
    domains = [
        reader.domain(spec.channels_last, found and found.indices(names, by_number=by_number))
        for reader, found in zip(readers, values, strict=True)
    ]
    source, target = domains if len(domains) > 1 else (no_source(domains[0]), domains[0])
    start = "" if spec.source is None else f"{spec.source.inputs.name} -> "
    notes = () if spec.class_names else note(names)
    provenance = Provenance("files", start + spec.target.inputs.name, notes=notes)
    return DomainPair(source, target, names, provenance, spec.shared_groups)


@final
class _DomainFiles:
    """The files of one domain, and where each of its arrays lies.

    Without ``values`` the inputs of an .npz are not read.
    """

    def __init__(
        self, side: str, spec: ArrayDomain | ArraySource, base: Path, values: bool
    ) -> None:
        self._side = side
        self._spec = spec
        self._base = base
        self._values = values

    def labels(self) -> LabelValues | None:
        """Return the labels' values; None where there are no labels."""
        labels = self._column("labels", len(self._read("inputs")))
        return None if labels is None else LabelValues.of(labels, self.place("labels"))

    def domain(self, channels_last: bool, labels: NDArray[np.int64] | None) -> Domain:
        """Return the domain, its inputs as ``(N, C, ...)``."""
        inputs = self._inputs(channels_last)
        ids = self._column("ids", len(inputs))
        return Domain(
            self._side,
            inputs,
            labels,
            np.arange(len(inputs)) if ids is None else ids,
            self._column("groups", len(inputs)),
            *self._domains(len(inputs)),
        )

    def _domains(self, expected: int) -> tuple[NDArray[np.int64] | None, tuple[str, ...]]:
        """Return the domain of each input as an index, and the domains' names in their order."""
        values = self._column("domains", expected)
        if values is None:
            return None, ()
        names, indices = np.unique(values, return_inverse=True)
        if any(is_missing(str(name)) for name in names):
            raise InputError(f"{self.place('domains')}: a domain is missing; each input is of one")
        return indices.astype(np.int64), tuple(map(str, names))

    def place(self, name: str) -> str:
        """Return where the array ``name`` is read from, in words."""
        key = getattr(self._spec, f"{name}_key")
        return f"{self._path(name)}" + (f" ['{key}']" if key else "")

    def checksums(self) -> dict[str, str]:
        """Return the SHA-256 of the file of each array; files are known by role, not by path."""
        names = [name for name in COLUMNS if self._given(name)]
        known = {path: file_sha256(path) for path in {self._path(name) for name in names}}
        return {f"{self._side} {name}": known[self._path(name)] for name in names}

    def _given(self, name: str) -> bool:
        return any(getattr(self._spec, key, None) for key in (name, f"{name}_key"))

    def _path(self, name: str) -> Path:
        return self._base / (getattr(self._spec, name) or self._spec.inputs)

    def _read(self, name: str) -> NDArray[Any]:
        key = getattr(self._spec, f"{name}_key")
        return read_array(self._path(name), key, values=self._values or name != "inputs")

    def _inputs(self, channels_last: bool) -> NDArray[Any]:
        inputs = self._read("inputs")
        place = self.place("inputs")
        if inputs.dtype.kind not in "fiub":
            raise InputError(f"{place}: inputs of type {inputs.dtype}; real numbers are needed")
        if not 2 <= inputs.ndim <= 4:
            raise InputError(
                f"{place}: inputs of shape {inputs.shape}; expected images (N, C, H, W), "
                "series (N, C, L) or feature vectors (N, D)"
            )
        if not channels_last:
            return inputs
        if inputs.ndim != 4:
            raise InputError(f"{place}: channels_last expects (N, H, W, C), not {inputs.shape}")
        return inputs.transpose(0, 3, 1, 2)

    def _column(self, name: str, expected: int) -> NDArray[Any] | None:
        if not self._given(name):
            return None
        values = as_names(np.array(self._read(name)))
        if values.shape != (expected,):
            raise InputError(
                f"{self.place(name)}: {name} of shape {values.shape}; expected ({expected},), one "
                f"for each of the inputs in {self.place('inputs')}"
            )
        if values.dtype.kind not in "fiubU":
            raise InputError(f"{self.place(name)}: {name} of type {values.dtype} are not usable")
        return values
