"""From a pair of domains to data that can be trained on: checked, split, normalised."""

from __future__ import annotations

import hashlib
import json
import tempfile
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import final
from weakref import finalize

import numpy as np

from dakit.components import DatasetSpec
from dakit.contracts import Domain, DomainPair, PairSplit
from dakit.data.augmentation import augmentation
from dakit.data.checks import check_pair
from dakit.data.leakage import LeakageReport, leakage
from dakit.data.mapping import MappedFiles
from dakit.data.normalization import PairNormalization, fit_pair, whole_numbers
from dakit.data.splits import check_split, draw_split
from dakit.errors import InputError, RunError


def fingerprint(pair: DomainPair) -> str:
    """Return 16 hex digits of the origin, the checksums, the shapes and the class names."""
    facts = {
        "origin": pair.provenance.origin,
        "checksums": dict(pair.provenance.checksums),
        "shapes": [list(domain.inputs.shape) for domain in (pair.source, pair.target)],
        "classes": list(pair.class_names),
        "shared_groups": pair.shared_groups,
    }
    return hashlib.sha256(json.dumps(facts, sort_keys=True).encode()).hexdigest()[:16]


@final
@dataclass(frozen=True)
class PreparedData:
    """Two domains with their split and their normalisation."""

    pair: DomainPair
    split: PairSplit
    normalization: PairNormalization
    leakage: LeakageReport
    fingerprint: str
    files: MappedFiles

    @property
    def class_counts(self) -> tuple[int, ...]:
        """Training rows of each class in the source."""
        labels, rows = self.pair.source.labels, self.split.source.train
        assert labels is not None  # a source without them was refused
        return tuple(np.bincount(labels[rows], minlength=self.pair.num_classes).tolist())


def prepare(
    pair: DomainPair,
    spec: DatasetSpec,
    seed: int,
    *,
    split: PairSplit | None = None,
    normalization: PairNormalization | None = None,
    known_as: str = "",
    whole: bool = False,
) -> PreparedData:
    """Check ``pair``, split it and fit its normalisation.

    A ``split`` or ``normalization`` given here, or a split prescribed by the pair's protocol, is
    used instead of a new one; ``known_as`` is the fingerprint, where it was taken before; under
    ``whole`` the inputs are whole numbers and stay so. Raises InputError where the data cannot be
    trained on, or what is given does not fit them.
    """
    check_pair(pair)
    augmentation(spec.augment, pair.source.input_shape)
    stored = "" if split is None else "the stored split.npz does not fit the data: "
    split = split or pair.split or draw_split(pair, spec.split, seed)
    try:
        check_split(pair, split)
    except InputError as error:
        raise InputError(f"{stored}{error}") from error
    if normalization is None:
        fitted = whole_numbers(pair, spec.normalize) if whole else None
        normalization = fitted or fit_pair(pair, split, spec.normalize)
    _check_fit(pair, normalization)
    files = MappedFiles.of(pair.source.inputs, pair.target.inputs)
    known_as = known_as or fingerprint(pair)
    return PreparedData(pair, split, normalization, leakage(pair, split), known_as, files)


def _check_fit(pair: DomainPair, normalization: PairNormalization) -> None:
    channels = pair.source.input_shape[0]
    for side, given in (("source", normalization.source), ("target", normalization.target)):
        if len(given.scale) != channels:
            raise InputError(
                f"the inherited normalisation of the {side} has {len(given.scale)} channels, "
                f"the inputs {pair.source.input_shape} have {channels}"
            )
        given.check_type(getattr(pair, side).inputs.dtype, getattr(pair, side).name)


TELLING = ("labels", "ids", "groups")
"""What may tell the class of an input; ids may hold the name of its folder."""


@final
class SetAside:
    """What tells the classes of a target, in a file without a name and nowhere in this process.

    Code in the process cannot be stopped from reading what is in its memory; so it is not there.
    The file is gone with the object, however the process ends.

    Raises:
        RunError: it cannot be written.
    """

    def __init__(self, target: Domain) -> None:
        self._file = tempfile.TemporaryFile()  # noqa: SIM115  # closed with the object
        finalize(self, self._file.close)
        known = {name: getattr(target, name) for name in TELLING}
        try:
            np.savez(self._file, **{k: v for k, v in known.items() if v is not None})
        except OSError as error:
            with suppress(OSError):  # what is left in its buffer cannot be written either
                self._file.close()
            raise RunError(
                f"cannot write the labels of the target to {tempfile.gettempdir()} (TMPDIR), "
                f"where training does not see them: {error.strerror or error}"
            ) from error

    def back_in(self, data: PreparedData) -> PreparedData:
        """Return ``data``, of :func:`without_target_labels`, as they were."""
        self._file.seek(0)
        with np.load(self._file) as kept:
            return _with_target(data, replace(data.pair.target, **kept))


def without_target_labels(data: PreparedData) -> PreparedData:
    """Return ``data`` whose target has no labels and no groups, and numbers for ids."""
    target = data.pair.target
    return _with_target(data, replace(target, labels=None, groups=None, ids=np.arange(len(target))))


def _with_target(data: PreparedData, target: Domain) -> PreparedData:
    return replace(data, pair=replace(data.pair, target=target))
