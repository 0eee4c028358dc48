"""Arguments of the Python functions: one value or several of them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from dakit.errors import InputError


def several(given: object, one: tuple[type, ...], name: str, kind: str) -> list[Any]:
    """Return the values in ``given``; one of the types ``one`` stands for itself.

    A text is one value, not its letters.

    Raises:
        InputError: it is neither such a value nor a collection of them; ``NAME must be KIND, not
            ...``.
    """
    if isinstance(given, one):
        return [given]
    if isinstance(given, Iterable) and not isinstance(given, Mapping | bytes):
        values = list(given)
        if all(isinstance(value, one) for value in values):
            return values
    raise InputError(f"{name} must be {kind}, not {given!r}")
