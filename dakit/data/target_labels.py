"""The labels of the target, kept where training cannot reach them."""

from __future__ import annotations

import tempfile
from contextlib import suppress
from dataclasses import replace
from typing import final
from weakref import finalize

import numpy as np

from dakit.contracts import Domain
from dakit.data.prepare import PreparedData
from dakit.errors import RunError

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
