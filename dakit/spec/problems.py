"""What is wrong with a run spec: each problem with its place, all problems at once."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from typing import Any, final

from dakit.errors import InputError, did_you_mean

Steps = tuple[str | int, ...]
"""Where a value stands in a spec: keys and list indices from the top."""


MOST_TOLD = 100
"""Problems that are listed; of the rest, only their number."""


def dotted(steps: Steps) -> str:
    """Write steps the way users do: ``objective.regularizers.0.weight``."""
    return ".".join(map(str, steps))


@final
@dataclass(frozen=True)
class Problem:
    """One thing that is wrong, where it was written, and what to do about it."""

    message: str
    path: str = ""
    file: str | None = None
    line: int | None = None
    column: int | None = None

    def __str__(self) -> str:
        numbers = [str(n) for n in (self.line, self.column) if n is not None]
        place = ":".join([self.file, *numbers]) if self.file else ""
        return ": ".join(part for part in (place, self.path, self.message) if part)

    def to_dict(self) -> dict[str, Any]:
        """Return the problem as plain JSON data."""
        return asdict(self)


@final
class SpecError(InputError):
    """A run spec, or another file, cannot be used; ``str(error)`` lists every problem."""

    def __init__(self, problems: Iterable[Problem], what: str = "run spec") -> None:
        found = [*dict.fromkeys(problems)]
        rest = [Problem(f"and {len(found) - MOST_TOLD} more problems")]
        self.problems = (*found[:MOST_TOLD], *(rest if len(found) > MOST_TOLD else ()))
        super().__init__(listing(self.problems, what))


def listing(problems: Sequence[Problem], what: str = "run spec") -> str:
    """Return problems as text, one a line, under a count where there are several."""
    if len(problems) == 1:
        return str(problems[0])
    return "\n  ".join([f"{len(problems)} problems in the {what}:", *map(str, problems)])


def unknown(what: str, word: object, known: Sequence[str]) -> str:
    """Say that ``what`` (as ``word``) is unknown, what was perhaps meant, and what there is."""
    near = did_you_mean(word, known) or "."
    return f"unknown {what}{near} Allowed: {', '.join(known)}"
