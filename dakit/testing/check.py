"""What a check is: a name, a promise in one line, and a function that raises where it is broken."""

from __future__ import annotations

import inspect
import unittest
from collections.abc import Callable
from dataclasses import dataclass
from typing import final

from dakit.testing.subject import Subject


@final
class Skipped(unittest.SkipTest):
    """A check that does not apply, with the reason; pytest and unittest count it as skipped."""


@final
@dataclass(frozen=True)
class Check:
    """One promise that a component makes."""

    name: str
    promise: str
    function: Callable[[Subject], None]
    """Raises Skipped where the check does not apply, anything else where the promise is broken."""


def check_of(function: Callable[[Subject], None]) -> Check:
    """Return the check that ``function`` is: its name, and the first line of its docstring."""
    promise = inspect.cleandoc(function.__doc__ or "").partition("\n")[0]
    return Check(function.__name__, promise, function)


def require(condition: bool, message: str) -> None:
    """Raise AssertionError with ``message`` unless ``condition`` holds, under ``python -O`` too."""
    if not condition:
        raise AssertionError(message)
