"""The classes of arrays: the values of the labels, or the names that a spec gives."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, final

import numpy as np
from numpy.typing import NDArray

from dakit import InputError, did_you_mean, first_few
from dakit.contracts.naming import is_missing

"""So many offenders are named."""


@final
@dataclass(frozen=True)
class LabelValues:
    """The different values ``(V,)`` of an array of labels as texts, and which one each row has."""

    place: str
    names: tuple[str, ...]
    of_row: NDArray[np.int64]
    are_numbers: bool

    @classmethod
    def of(cls, labels: NDArray[Any], place: str) -> LabelValues:
        """Return the values of ``labels``.

        Raises:
            InputError: a label is missing or a fraction; names the ``place``.
        """
        values, of_row = np.unique(labels, return_inverse=True)
        numbers = values.dtype.kind != "U"
        names = _number_names(values, place) if numbers else values.tolist()
        if any(is_missing(name) and name.lower() != "none" for name in names):
            raise InputError(f"{place}: some labels are missing; leave these rows out")
        return cls(place, tuple(names), of_row.astype(np.int64), numbers)

    def indices(self, classes: Sequence[str], *, by_number: bool) -> NDArray[np.int64]:
        """Return the class of each row: its value's place in ``classes``, or the value itself."""
        if by_number and self.are_numbers:
            return np.array([_number(name) for name in self.names], np.int64)[self.of_row]
        unknown = [name for name in self.names if name not in classes]
        if unknown:
            raise InputError(
                f"{self.place}: {len(unknown)} label(s) are none of the classes "
                f"{first_few(classes)}: {first_few(unknown)}{did_you_mean(unknown[0], classes)}; "
                "'class_names' names all classes"
            )
        return np.array([classes.index(name) for name in self.names], np.int64)[self.of_row]


def class_names(source: LabelValues) -> tuple[str, ...]:
    """Return the values that occur, in their order: numbers by size, texts by letters.

    Raises:
        InputError: every row has a value of its own: these are no classes.
    """
    if len(source.names) == len(source.of_row) > 2:
        raise InputError(
            f"{source.place}: {len(source.names)} different labels among as many inputs "
            f"({first_few(source.names)}); are these ids, or quantities?"
        )
    whole = all(name.isdecimal() for name in source.names)
    return tuple(sorted(source.names, key=int)) if whole else source.names


def are_indices(names: Sequence[str]) -> bool:
    """Return whether number labels are places in ``names``: not where these are numbers too."""
    return not all(name.lstrip("-").isdecimal() for name in names)


def note(names: Sequence[str]) -> tuple[str, ...]:
    """Return what must be said of classes that are called by the values of the labels."""
    usual = [str(number) for number in range(len(names))]
    return (
        ()
        if list(names) == usual
        else (f"The classes are the labels' values: {first_few(names)}.",)
    )


def _number_names(values: NDArray[Any], place: str) -> list[str]:
    if values.dtype.kind != "f":
        return [str(value) for value in values.tolist()]
    if not np.isfinite(values).all():
        raise InputError(f"{place}: some labels are missing (NaN) or infinite; leave them out")
    if not (values == np.rint(values)).all():
        raise InputError(
            f"{place}: labels of type {values.dtype} must be whole numbers or texts, one for each "
            f"class; here are {first_few(values.tolist())}"
        )
    return [str(int(value)) for value in values.tolist()]


def _number(name: str) -> int:
    return {"False": 0, "True": 1}[name] if name in ("False", "True") else int(name)
