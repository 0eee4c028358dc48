"""What a check is: a name, a promise in one line, and a function that raises where it is broken."""

from __future__ import annotations

import inspect
import unittest
from collections.abc import Callable
from dataclasses import dataclass
from typing import final

from dakit.plugins.sources import is_local
from dakit.testing.subject import Subject


@final
class Skipped(unittest.SkipTest):
    """A check that does not apply, with the reason; pytest and unittest count it as skipped."""


@final
class Waived(unittest.SkipTest):
    """A check that is broken by design, as ``waives`` of the component says, with the reason."""


@final
@dataclass(frozen=True)
class Check:
    """One promise that a component makes."""

    name: str
    promise: str
    function: Callable[[Subject], None]
    """Raises Skipped where the check does not apply, anything else where the promise is broken."""

    @property
    def family(self) -> str:
        """What a waiver calls it: ``is_finite`` for ``is_finite[large]``."""
        return self.name.partition("[")[0]


def checks_of(*functions: Callable[[Subject], None]) -> tuple[Check, ...]:
    """Return the check that each function is: its name, and the first line of its docstring."""
    return tuple(
        Check(f.__name__, inspect.cleandoc(f.__doc__ or "").partition("\n")[0], f)
        for f in functions
    )


def require(condition: bool, message: str) -> None:
    """Raise AssertionError with ``message`` unless ``condition`` holds, under ``python -O`` too."""
    if not condition:
        raise AssertionError(message)


def skip_single_file(subject: Subject) -> None:
    """Raise Skipped for a spec of a single file: pickle names classes by modules to import."""
    if is_local(subject.spec_class.__module__):
        raise Skipped("a file of --plugin-module has no name by which others could import it")
