"""Reads JSON and remembers where every value was written.

``json.loads`` tells whether a text is JSON and why not; the walker here then goes over a text
known to be well formed, so it only has to find its way. Duplicate keys, NaN, Infinity and
numbers too large for a float, which ``json.loads`` lets pass, become problems.
"""

from __future__ import annotations

import json
import math
import re
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, final

from dakit.errors import SURROGATE
from dakit.spec.problems import Problem, Steps, dotted

DEEPEST = 50
"""Objects and lists in one another. No spec needs so many, and Python's stack has an end."""

TOO_DEEP = f"nested too deeply: more than {DEEPEST} objects or lists in one another"

_SPACE = re.compile(r"[ \t\n\r]*")
_NESTING = re.compile(r'"(?:[^"\\]|\\.)*"|[][{}]', re.DOTALL)
_DECODER = json.JSONDecoder()


@final
@dataclass(frozen=True)
class Mark:
    """A place: a file (or ``--set ...``), a line and column, the folder its paths start from."""

    file: str | None = None
    line: int | None = None
    column: int | None = None
    folder: Path = field(default_factory=Path.cwd)

    def problem(self, steps: Steps, message: str) -> Problem:
        """Return a problem at this place."""
        return Problem(message, dotted(steps), self.file, self.line, self.column)


@final
@dataclass(frozen=True)
class Node:
    """A JSON value and its marks; ``value`` is a scalar, a list of nodes, or nodes by key."""

    value: Any
    mark: Mark
    key_mark: Mark | None = None

    def plain(self) -> Any:
        """Return the value without marks."""
        if isinstance(self.value, dict):
            return {key: child.plain() for key, child in self.value.items()}
        if isinstance(self.value, list):
            return [child.plain() for child in self.value]
        return self.value

    def children(self) -> Iterator[tuple[str | int, Node]]:
        """Yield the keys or indices of an object or list with their nodes."""
        if isinstance(self.value, dict):
            yield from self.value.items()
        elif isinstance(self.value, list):
            yield from enumerate(self.value)

    def child(self, step: str | int) -> Node | None:
        """Return the node one step down, or none."""
        if isinstance(self.value, dict):
            return self.value.get(step)
        is_item = (
            isinstance(self.value, list) and type(step) is int and step in range(len(self.value))
        )
        return self.value[step] if is_item else None


@final
class _Walker:
    def __init__(self, text: str, source: Mark) -> None:
        self.text, self.source = text, source
        self.line_starts = [0, *(match.end() for match in re.finditer("\n", text))]
        self.problems: list[Problem] = []

    def mark(self, at: int) -> Mark:
        if self.source.file is None or self.source.file.startswith("--set"):
            return self.source
        line = bisect_right(self.line_starts, at)
        column = at - self.line_starts[line - 1] + 1
        return Mark(self.source.file, line, column, self.source.folder)

    def skip(self, at: int) -> int:
        match = _SPACE.match(self.text, at)
        return match.end() if match else at

    def value(self, at: int, steps: Steps) -> tuple[Node, int]:
        at = self.skip(at)
        mark = self.mark(at)
        match self.text[at]:
            case "{":
                members, end = self.members(at + 1, steps)
                return Node(members, mark), end
            case "[":
                items, end = self.items(at + 1, steps)
                return Node(items, mark), end
            case '"':
                text, end = self.string(at, steps)
                return Node(text, mark), end
        return self.literal(at, steps)

    def members(self, at: int, steps: Steps) -> tuple[dict[str, Node], int]:
        found: dict[str, Node] = {}
        at = self.skip(at)
        while self.text[at] != "}":
            at = self.skip(at + (self.text[at] == ","))
            mark = self.mark(at)
            key, at = self.string(at, steps)
            node, at = self.value(self.skip(at) + 1, (*steps, key))
            if key in found:
                first = found[key].key_mark
                where = f" (first on line {first.line})" if first and first.line else ""
                self.problems.append(mark.problem((*steps, key), f"given twice{where}"))
            found[key] = Node(node.value, node.mark, mark)
            at = self.skip(at)
        return found, at + 1

    def items(self, at: int, steps: Steps) -> tuple[list[Node], int]:
        found: list[Node] = []
        at = self.skip(at)
        while self.text[at] != "]":
            node, at = self.value(at + (self.text[at] == ","), (*steps, len(found)))
            found.append(node)
            at = self.skip(at)
        return found, at + 1

    def string(self, at: int, steps: Steps) -> tuple[str, int]:
        text, end = _DECODER.raw_decode(self.text, at)
        return whole(text, self.mark(at), steps, self.problems), end

    def literal(self, at: int, steps: Steps) -> tuple[Node, int]:
        value, end = _DECODER.raw_decode(self.text, at)
        if isinstance(value, float) and not math.isfinite(value):
            message = f"must be a finite number, not {self.text[at:end]}"
            self.problems.append(self.mark(at).problem(steps, message))
        return Node(value, self.mark(at)), end


def whole(text: str, mark: Mark, steps: Steps, problems: list[Problem]) -> str:
    """Return a text without halves of characters (lone surrogates), which are problems."""
    if not SURROGATE.search(text):
        return text
    spelt = text.encode("ascii", "backslashreplace").decode()
    problems.append(mark.problem(steps, f"half a character (a lone surrogate) in {spelt!r}"))
    return text.encode("utf-8", "replace").decode()


def parse(text: str, source: Mark) -> tuple[Node, list[Problem]]:
    """Read JSON into nodes marked with where each value stands in ``source``.

    What is nested deeper than :data:`DEEPEST` is not read: the node is null, and a problem.

    Raises:
        ValueError: The text is not JSON; a ``json.JSONDecodeError`` knows where and why.
    """
    walker = _Walker(text, source)
    too_deep = _too_deep(text)
    if too_deep is not None:
        mark = walker.mark(too_deep)
        return Node(None, mark), [mark.problem((), TOO_DEEP)]
    json.loads(text)
    return walker.value(0, ())[0], walker.problems


def _too_deep(text: str) -> int | None:
    depth = 0
    for match in _NESTING.finditer(text):
        depth += {"{": 1, "[": 1, "}": -1, "]": -1}.get(match[0], 0)
        if depth > DEEPEST:
            return match.start()
    return None
