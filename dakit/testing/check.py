"""What a check is (a name, a promise, a function that raises) and what came out of all of them."""

from __future__ import annotations

import inspect
import unittest
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Literal, final, get_args

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


State = Literal["passed", "failed", "skipped", "waived", "stale"]


@final
@dataclass(frozen=True)
class Outcome:
    """How one check ended."""

    check: str
    promise: str
    state: State
    reason: str = ""
    """Why it was skipped, waived or stale, or what is wrong, with the place in the plugin."""
    error: BaseException | None = field(default=None, compare=False, repr=False)
    """What was raised where it failed."""


@final
@dataclass(frozen=True)
class Report:
    """The outcomes of all checks of one component."""

    kind: str
    name: str
    outcomes: tuple[Outcome, ...]

    @property
    def ok(self) -> bool:
        """Whether no check failed."""
        return not self.failed

    @property
    def failed(self) -> tuple[Outcome, ...]:
        """The checks that failed."""
        return self._of("failed")

    @property
    def skipped(self) -> tuple[Outcome, ...]:
        """The checks that do not apply, with the reasons."""
        return self._of("skipped")

    @property
    def counts(self) -> Mapping[State, int]:
        """How many checks ended how."""
        return {state: len(self._of(state)) for state in get_args(State)}

    def __str__(self) -> str:
        told = [o for o in self.outcomes if o.state != "passed"]
        lines = [f"  {o.state} {o.check}: {o.reason}" for o in told]
        return "\n".join([f"{self.kind} {self.name}: {counted(self.counts)}", *lines])

    def _of(self, state: State) -> tuple[Outcome, ...]:
        return tuple(outcome for outcome in self.outcomes if outcome.state == state)


def counted(counts: Mapping[State, int]) -> str:
    """Return the counts in words: ``25 checks ran: 24 passed, 1 failed; 2 skipped, 1 waived``."""
    ran = counts["passed"] + counts["failed"]
    stale = counts["stale"]
    rare = {"waived": counts["waived"], f"waiver{'s' if stale > 1 else ''} stale": stale}
    return (
        f"{ran} checks ran: {counts['passed']} passed, {counts['failed']} failed; "
        f"{counts['skipped']} skipped"
    ) + "".join(f", {number} {what}" for what, number in rare.items() if number)
